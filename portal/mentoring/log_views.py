"""Pages on which a mentor writes what came of a visit, and both tick what is to do."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import appointment, journey, logs, queries
from portal.mentoring.log_forms import IN_BETWEEN, MINUTES, LogForm, ReturnForm, from_draft
from portal.mentoring.visit_models import Visit
from portal.mentoring.vocabulary import VisitStep
from portal.web.access import access, safe_next

bp = Blueprint("logs", __name__, url_prefix="/mentoring", template_folder="templates")


@bp.route("/visits/<int:visit_id>/log", methods=["GET", "POST"])
@access(Role.MENTOR)
def write_log(visit_id: int) -> ResponseReturnValue:
    """Write down what was done and what to do next."""
    visit = queries.get_visit(db.session(), me(), visit_id, lead=True)
    back, other = _page_of(visit.engagement_id), queries.other_side(visit.engagement, me())
    words = queries.when_and_where(visit, now=clock.now())
    if request.method == "GET" and (why_not := appointment.why_not_over(visit, now=clock.now())):
        flash(why_not)
        return redirect(back)
    form = _form_of(visit)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            held = queries.get_visit(session, me(), visit_id, lead=True)
            logs.write_log(session, held, _written(form), path=back, now=clock.now())
        if not form.errors:
            flash("적어 주셔서 고맙습니다. 사장님께도 알렸어요.", "ok")
            return redirect(back)
    page = render_template("mentoring/log.html", form=form, visit=visit, other=other, words=words)
    return page, form.status


@bp.post("/visits/<int:visit_id>/draft")
@access(Role.MENTOR)
def keep_draft(visit_id: int) -> ResponseReturnValue:
    """Keep a half-written log, for a connection that breaks."""
    form = LogForm(request.form)
    with db.transaction() as session:
        visit = queries.get_visit(session, me(), visit_id, lead=True)
        logs.keep_draft(session, visit, draft=form.to_draft())
    return "", 204


@bp.post("/items/<int:item_id>/done")
@access(Role.MERCHANT, Role.MENTOR)
def finish_item(item_id: int) -> ResponseReturnValue:
    """Tick a thing to do; ``next`` brings the person back to where they pressed."""
    return _set_done(item_id, is_done=True)


@bp.post("/items/<int:item_id>/undone")
@access(Role.MERCHANT, Role.MENTOR)
def reopen_item(item_id: int) -> ResponseReturnValue:
    """Take the tick back."""
    return _set_done(item_id, is_done=False)


@bp.route("/items/<int:item_id>/return", methods=["GET", "POST"])
@access(Role.MENTOR)
def send_back(item_id: int) -> ResponseReturnValue:
    """Ask a little more of something that was done, in a sentence."""
    item = queries.get_item_to_return(db.session(), me(), item_id)
    back, form = _page_of(item.visit.engagement_id), ReturnForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            held = queries.get_item_to_return(session, me(), item_id)
            logs.send_back(session, held, words=form.words.data or "", path=back, now=clock.now())
        if not form.errors:
            flash("사장님께 조금만 더 부탁드렸어요.", "ok")
            return redirect(back)
    return render_template("mentoring/send_back.html", form=form, item=item, back=back), form.status


def _form_of(visit: Visit) -> LogForm:
    """Return the form with what was sent, else what was typed before, else what fits the visit."""
    step = visit.step or journey.next_step(db.session(), visit.engagement)
    lasted = min(MINUTES, key=lambda minutes: abs(minutes - visit.minutes))
    usual = {"step": step.value, "minutes": str(lasted)}
    if request.method == "POST":
        return LogForm(request.form, data=usual)
    draft = from_draft(visit.draft)
    form = LogForm(MultiDict(draft) if draft else None, data=usual)
    form.clear_errors()
    return form


def _written(form: LogForm) -> logs.Written:
    step = form.step.data
    return logs.Written(
        log=form.log.data or "",
        mentor_note=form.mentor_note.data or "",
        operator_note=form.operator_note.data or "",
        items=[
            logs.Todo(what.data, is_mentors=who.data == "mentor", due_on=due.data)
            for what, who, due in form.items()
        ],
        step=None if step == IN_BETWEEN else VisitStep(step),
        minutes=int(form.minutes.data),
    )


def _set_done(item_id: int, *, is_done: bool) -> ResponseReturnValue:
    with db.transaction() as session:
        item = queries.get_item(session, me(), item_id)
        back, other = _page_of(item.visit.engagement_id), "사장님" if item.is_mentors else "멘토님"
        logs.set_done(session, item, me(), is_done=is_done, now=clock.now())
    if is_done:
        flash(f"잘하셨어요! {other}도 볼 수 있어요.", "ok")
    return redirect(safe_next(request.form.get("next")) or back)


def _page_of(engagement_id: int) -> str:
    return url_for("mentoring.engagement", engagement_id=engagement_id)
