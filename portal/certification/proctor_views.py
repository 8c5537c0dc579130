"""The exam room: who sits the exam, and what a proctor does about it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.accounts.queries import get_user
from portal.certification import attempts, exam_queries, proctoring
from portal.certification.marking_models import IncidentKind, ProctorAct
from portal.certification.policy import ISSUERS
from portal.certification.proctor_forms import ACTS, KINDS, ActForm, NoteForm
from portal.core import clock, db
from portal.web.access import access
from portal.web.form import SelectChoice

bp = Blueprint("rooms", __name__, url_prefix="/desk/exams", template_folder="templates")


@bp.route("/<int:exam_id>/room", methods=["GET", "POST"])
@access(*ISSUERS)
def room(exam_id: int) -> ResponseReturnValue:
    """Show who sits an exam, and take a note about the room."""
    session, now = db.session(), clock.now()
    exam = exam_queries.get_exam(session, exam_id)
    form = NoteForm(request.form)
    if form.submitted() and _act(form, exam_id, None, ProctorAct.NOTED):
        flash("적어 두었어요.", "ok")
        return redirect(url_for(".room", exam_id=exam_id))
    tried = exam_queries.list_attempts_in(session, exam)
    begun = {attempt.user_id for attempt in tried}
    page = render_template(
        "certification/room.html",
        form=form,
        exam=exam,
        title=exam_queries.title_of(exam),
        attempts=tried,
        over={attempt.id for attempt in tried if attempts.is_over(attempt, exam, now)},
        absent=[user for _, user in exam_queries.list_candidates_in(session, exam) if user.id not in begun],
        incidents=proctoring.list_incidents(session, exam),
        acts=ACTS,
        kinds=KINDS,
        now=now,
    )
    return page, form.status


@bp.route("/<int:exam_id>/room/<int:attempt_id>/", methods=["GET", "POST"])
@access(*ISSUERS)
def person(exam_id: int, attempt_id: int) -> ResponseReturnValue:
    """Show one attempt as a proctor sees it, and do something about it."""
    session = db.session()
    exam = exam_queries.get_exam(session, exam_id)
    attempt = proctoring.get_attempt(session, exam, attempt_id)
    name = get_user(session, attempt.user_id).name
    form = ActForm(request.form)
    if form.submitted() and _act(
        form, exam_id, attempt_id, ProctorAct(form.what.data), minutes=form.minutes.data or 0
    ):
        flash(f"‘{ACTS[ProctorAct(form.what.data)]}’ 적어 두었어요.", "ok")
        return redirect(url_for(".person", exam_id=exam_id, attempt_id=attempt_id))
    possible = proctoring.list_acts(exam, attempt, now=clock.now())
    form.what.choices = [SelectChoice(act.value, ACTS[act]) for act in possible]
    page = render_template(
        "certification/room_person.html",
        form=form,
        may_extend=ProctorAct.EXTENDED in possible,
        exam=exam,
        title=exam_queries.title_of(exam),
        attempt=attempt,
        name=name,
        incidents=proctoring.list_incidents(session, exam, attempt_id),
        acts=ACTS,
        kinds=KINDS,
    )
    return page, form.status


def _act(form: NoteForm, exam_id: int, attempt_id: int | None, what: ProctorAct, *, minutes: int = 0) -> bool:
    """Do what the form says; tell whether it was done."""
    with form.show_refusal(), db.transaction() as session:
        proctoring.act(
            session,
            exam_queries.get_exam(session, exam_id),
            me(),
            attempt_id=attempt_id,
            what=what,
            why=proctoring.Why(IncidentKind(form.kind.data), form.cause.data or ""),
            minutes=minutes,
            now=clock.now(),
        )
    return not form.errors and not form.form_errors
