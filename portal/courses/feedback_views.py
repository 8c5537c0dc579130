"""Pages on which learners say something about a lesson, and trainers answer."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db, i18n
from portal.core.i18n import gettext as _
from portal.core.roles import Role
from portal.courses import catalogue, feedback
from portal.courses.forms import CloseTaskForm, OpinionForm, ReportForm
from portal.courses.models import Ending
from portal.web.access import SIGNED_IN, access
from portal.web.language import in_english

bp = Blueprint("feedback", __name__, template_folder="templates")


@bp.route("/courses/<course_id>/<lesson_id>/opinion", methods=["GET", "POST"])
@access(SIGNED_IN)
@in_english
def opinion(course_id: str, lesson_id: str) -> ResponseReturnValue:
    """Take whether a lesson helped, at once; then ask why, which may be left empty."""
    course = catalogue.spoken().course(course_id)
    lesson = course.lesson(lesson_id)
    i18n.speak(lesson.language)
    form = OpinionForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            feedback.give_opinion(
                session,
                me(),
                course,
                lesson,
                helped=form.helped.data == "yes",
                reason=form.reason.data if "reason" in request.form else None,
                now=clock.now(),
            )
        if not form.form_errors and form.reason.data:
            flash(_("고맙습니다. 적어 주신 말을 수업을 만든 분들께 전했어요."), "ok")
            return redirect(url_for("courses.course", course_id=course_id))
        if not form.form_errors:
            return redirect(url_for(".opinion", course_id=course_id, lesson_id=lesson_id))
    given = feedback.find_opinion(db.session(), me(), course, lesson)
    if given is not None and request.method == "GET":
        form = OpinionForm(helped="yes" if given.helped else "no", reason=given.reason)
    page = render_template("courses/opinion.html", course=course, lesson=lesson, form=form, given=given)
    return page, form.status


@bp.route("/courses/<course_id>/<lesson_id>/<step_id>/report", methods=["GET", "POST"])
@access(SIGNED_IN)
@in_english
def report(course_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    """Take what differs between a step and somebody's screen."""
    place = catalogue.spoken().place(course_id, lesson_id, step_id)
    i18n.speak(place.lesson.language)
    step = url_for("courses.lesson", course_id=course_id, lesson_id=lesson_id, step=step_id)
    form = ReportForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            feedback.report(session, me(), place, seen=form.seen.data or "", now=clock.now())
        if not form.form_errors:
            flash(_("알려 주셔서 고맙습니다. 살펴보고 알림으로 답해 드릴게요."), "ok")
            return redirect(step)
    return render_template("courses/report.html", place=place, step=step, form=form), form.status


@bp.get("/desk/lessons/")
@access(Role.TRAINER, Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List the steps to look at and what learners say of lessons."""
    session = db.session()
    return render_template(
        "courses/feedback.html",
        tasks=feedback.list_tasks(session),
        opinions=feedback.list_opinions(session),
    )


@bp.route("/desk/lessons/<int:task_id>", methods=["GET", "POST"])
@access(Role.TRAINER, Role.OPERATOR)
def task(task_id: int) -> ResponseReturnValue:
    """Show what learners saw, and take the answer to them."""
    form = CloseTaskForm(request.form)
    shown = feedback.get_task(db.session(), task_id)
    place = feedback.find_place(shown)
    path = (
        url_for("courses.lesson", course_id=shown.course_id, lesson_id=shown.lesson_id, step=shown.step_id)
        if place
        else url_for("courses.index")
    )
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            feedback.close(
                session,
                task_id,
                me(),
                ending=Ending(form.ending.data),
                answer=form.answer.data or "",
                path=path,
                now=clock.now(),
            )
        if not form.form_errors:
            flash("알려 주신 분들께 답했어요.", "ok")
            return redirect(url_for(".index"))
    page = render_template(
        "courses/task.html",
        task=feedback.get_task(db.session(), task_id),
        place=place,
        path=path,
        has_changed=feedback.has_changed(shown),
        form=form,
    )
    return page, form.status
