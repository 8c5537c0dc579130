"""Pages on which a trainer puts an answer into a lesson."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.community import lifting
from portal.community.forms import LiftForm
from portal.core import clock, db
from portal.core.roles import Role
from portal.courses import catalogue, dependents
from portal.web.access import access
from portal.web.form import SelectChoice

bp = Blueprint("lifting", __name__, url_prefix="/community", template_folder="templates")


@bp.get("/questions/<int:question_id>/lift/")
@access(Role.TRAINER, Role.OPERATOR)
def choose(question_id: int) -> ResponseReturnValue:
    """Show the courses, or the steps of the chosen one, to put the answer into."""
    solved = lifting.get_solved(db.session(), me(), question_id)
    course = catalogue.current().find_course(request.args.get("course", ""))
    courses = catalogue.current().courses
    return render_template("community/lift.html", question=solved.question, courses=courses, course=course)


@bp.route("/questions/<int:question_id>/lift/<course_id>/<lesson_id>/<step_id>", methods=["GET", "POST"])
@access(Role.TRAINER, Role.OPERATOR)
def lift(question_id: int, course_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    """Ask on what the answer rests and until when it is right, then put it into the step."""
    solved = lifting.get_solved(db.session(), me(), question_id)
    place = catalogue.current().place(course_id, lesson_id, step_id)
    form = LiftForm(request.form)
    form.facts.choices = [
        SelectChoice(key, dependents.name_of(catalogue.current(), key)) for key in dependents.rests_on(place)
    ]
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            lifting.lift(
                session,
                me(),
                question_id,
                place,
                facts=form.facts.data or [],
                check_by=form.check_by.data,
                path=url_for("community.question", question_id=question_id),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("수업에 넣었어요.", "ok")
            step = url_for("courses.lesson", course_id=course_id, lesson_id=lesson_id, step=step_id)
            return redirect(f"{step}#step")
    return render_template("community/lift_into.html", solved=solved, place=place, form=form), form.status
