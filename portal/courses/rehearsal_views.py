"""Pages on which a cue sheet is rehearsed: the clock beside each part, and what came of it."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.core import clock, db
from portal.courses import catalogue, queries, rehearsals
from portal.courses.catalogue import Place
from portal.courses.forms import RehearsalForm, RehearseForm
from portal.courses.rehearsal_models import Rehearsal
from portal.courses.rehearsals import Timed
from portal.practice import kinds
from portal.practice.cue_sheet import CueSheet
from portal.web.access import SIGNED_IN, access
from portal.web.form import SelectChoice

bp = Blueprint("rehearsals", __name__, template_folder="templates")


@dataclass(frozen=True)
class Rehearsing:
    """How often somebody has rehearsed at a step, and how often the step asks for; 0 if it does not."""

    logged: int
    needed: int

    @property
    def left(self) -> int:
        """Return how many rehearsals are still missing."""
        return max(0, self.needed - self.logged)


@bp.app_template_global("rehearsing")
def rehearsing(place: Place) -> Rehearsing | None:
    """Return how often the visitor has rehearsed at the step of a cue sheet; None at all others."""
    user = me_or_nobody()
    if user is None or not isinstance(place.step.practice, CueSheet):
        return None
    logged = queries.count_rehearsals(db.session(), user, place)
    return Rehearsing(logged, kinds.rehearsals_needed(place.step.practice))


@bp.route("/courses/<course_id>/<lesson_id>/<step_id>/rehearse", methods=["GET", "POST"])
@access(SIGNED_IN)
def sheet(course_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    """Show the finished cue sheet with the rehearsals so far; a press begins one from that moment."""
    place = catalogue.current().place(course_id, lesson_id, step_id)
    tried = rehearsals.find_sheet(db.session(), me(), place)
    parts = rehearsals.time_parts(place, tried) if tried else ()
    if not parts:
        flash("순서표를 먼저 다 짜 주세요. 그다음에 연습할 수 있어요.", "info")
        return redirect(_step_address(place))
    form = RehearseForm(request.form)
    if form.submitted():
        with db.transaction() as session:
            begun = rehearsals.start(session, me(), place, form_key=form.key.data or "", now=clock.now())
        return redirect(url_for(".rehearsal", rehearsal_id=begun.id))
    logged = rehearsals.list_own(db.session(), me(), place)
    page = render_template(
        "courses/cue_sheet.html",
        place=place,
        step=_step_address(place),
        parts=parts,
        logged=logged,
        state=rehearsing(place),
        form=form,
    )
    return page, form.status


@bp.route("/rehearsals/<int:rehearsal_id>/", methods=["GET", "POST"])
@access(SIGNED_IN)
def rehearsal(rehearsal_id: int) -> ResponseReturnValue:
    """Show until when each part goes, and take what came of the rehearsal."""
    begun = rehearsals.get_own(db.session(), me(), rehearsal_id)
    place = rehearsals.place_of(begun)
    parts = rehearsals.time_parts(place, begun.tried, begun.started_at)
    form = RehearsalForm(request.form)
    form.over.choices = [SelectChoice(timed.number, f"{timed.number}. {timed.part.title}") for timed in parts]
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            rehearsals.log(
                session,
                me(),
                rehearsals.get_own(session, me(), rehearsal_id),
                over=form.over.data or [],
                mend=form.mend.data or "",
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            return _after(place)
    return _show(begun, place, parts, form), form.status


def _after(place: Place) -> ResponseReturnValue:
    """Say what the rehearsal was good for, and show the sheet with all of them."""
    state = rehearsing(place)
    if state and state.left:
        flash(f"잘하셨어요! 적어 두었어요. {state.left}번 더 연습하면 이 단계가 완료돼요.", "ok")
    else:
        flash("잘하셨어요! 연습을 적어 두었어요.", "ok")
    return redirect(
        url_for(
            ".sheet",
            course_id=place.course.id,
            lesson_id=place.lesson.id,
            step_id=place.step.id,
            _anchor="logged",
        )
    )


def _show(begun: Rehearsal, place: Place, parts: tuple[Timed, ...], form: RehearsalForm) -> str:
    logged = {each.rehearsal.id: each for each in rehearsals.list_own(db.session(), me(), place)}
    return render_template(
        "courses/rehearsal.html",
        begun=begun,
        begins_at=rehearsals.to_the_minute(begun.started_at),
        place=place,
        step=_step_address(place),
        parts=parts,
        form=form,
        done=logged.get(begun.id),
    )


def _step_address(place: Place) -> str:
    return url_for(
        "courses.lesson",
        course_id=place.course.id,
        lesson_id=place.lesson.id,
        step=place.step.id,
        _anchor="step",
    )
