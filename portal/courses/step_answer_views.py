"""Pages of the answers that were lifted into steps, and of what rests on a fact."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.core import clock, db
from portal.core.errors import NotFoundError
from portal.core.roles import Role
from portal.courses import catalogue, dependents, step_answers
from portal.courses.catalogue import Place
from portal.courses.forms import CheckAnswerForm
from portal.courses.step_answers import AnswerLine
from portal.web.access import SIGNED_IN, access

bp = Blueprint("step_answers", __name__, template_folder="templates")


@bp.app_template_global("step_answers")
def at_step(place: Place) -> list[AnswerLine]:
    """Return what shop owners often ask at a step, for the page of the step."""
    return step_answers.list_at_step(db.session(), me_or_nobody(), place, now=clock.now())


@bp.post("/step-answers/<int:answer_id>/vote")
@access(SIGNED_IN)
def vote(answer_id: int) -> ResponseReturnValue:
    """Take whether an answer is still right."""
    is_right = request.form.get("right") == "yes"
    with db.transaction() as session:
        step_answers.vote(session, me(), answer_id, is_right=is_right, now=clock.now())
    flash("고맙습니다." if is_right else "알려 주셔서 고맙습니다. 강사님이 다시 확인해요.", "ok")
    return redirect(_address_of(step_answers.get_line(db.session(), me(), answer_id, now=clock.now())))


@bp.get("/desk/answers/")
@access(Role.TRAINER, Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List the lifted answers, those in doubt first."""
    lines = step_answers.list_lifted(db.session(), me(), now=clock.now())
    return render_template("courses/lifted_answers.html", lines=lines)


@bp.route("/desk/answers/<int:answer_id>", methods=["GET", "POST"])
@access(Role.TRAINER, Role.OPERATOR)
def check(answer_id: int) -> ResponseReturnValue:
    """Say until when an answer is right, or take it out of its step."""
    form = CheckAnswerForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            if form.decision.data == "remove":
                step_answers.remove(session, answer_id, now=clock.now())
            else:
                step_answers.confirm(session, answer_id, check_by=form.check_by.data, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("수업에서 뺐어요." if form.decision.data == "remove" else "다시 확인했다고 적었어요.", "ok")
            return redirect(url_for(".index"))
    line = step_answers.get_line(db.session(), me(), answer_id, now=clock.now())
    return render_template("courses/lifted_answer.html", line=line, form=form), form.status


@bp.get("/desk/facts/<key>")
@access(Role.TRAINER, Role.OPERATOR)
def fact(key: str) -> ResponseReturnValue:
    """List every step and every lifted answer that rests on a fact or a set of rules."""
    if key not in dependents.hashes(catalogue.current()):
        raise NotFoundError("찾는 사실이 없어요. 이름이 바뀌었을 수 있어요.")
    return render_template(
        "courses/dependents.html",
        name=dependents.name_of(catalogue.current(), key),
        fact=next((fact for fact in catalogue.current().facts if fact.id == key), None),
        places=dependents.list_places(catalogue.current(), key),
        lines=step_answers.list_lifted(db.session(), me(), now=clock.now(), key=key),
    )


def _address_of(line: AnswerLine) -> str:
    if line.place is None:
        return url_for("courses.index")
    course, lesson, step = line.place.course, line.place.lesson, line.place.step
    return url_for(
        "courses.lesson", course_id=course.id, lesson_id=lesson.id, step=step.id, _anchor=f"asked-{line.id}"
    )
