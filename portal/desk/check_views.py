"""Pages on which mentors and trainers read what learners wrote, and say something to it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db, korean
from portal.core.roles import STAFF
from portal.courses import rehearsals as rehearsing
from portal.courses import replies as reply_reviews
from portal.desk import checks
from portal.desk.check_forms import RehearsalCheckForm, ReplyForm
from portal.desk.queries import LIMIT
from portal.web.access import access
from portal.web.addresses import row_id
from portal.web.form import SelectChoice

bp = Blueprint("checks", __name__, url_prefix="/desk", template_folder="templates")


@bp.get("/replies/")
@access(*STAFF)
def replies() -> ResponseReturnValue:
    """List the replies to customers that somebody should read."""
    rows = checks.list_replies(db.session(), me(), after_id=request.args.get("after", 0, type=row_id))
    next_href = url_for(".replies", after=rows[-1].id) if len(rows) == LIMIT else ""
    return render_template("desk/replies.html", replies=rows, next_href=next_href)


@bp.route("/replies/<int:review_id>", methods=["GET", "POST"])
@access(*STAFF)
def reply(review_id: int) -> ResponseReturnValue:
    """Show a reply with what it answers, and take what its writer is told."""
    shown = checks.get_reply(db.session(), me(), review_id)
    form = ReplyForm(request.form, seen=str(shown.try_id))
    step = url_for("courses.lesson", course_id=shown.course_id, lesson_id=shown.lesson_id, step=shown.step_id)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            reply_reviews.comment(
                session,
                checks.get_reply(session, me(), review_id).id,
                me(),
                seen_try_id=form.seen_try_id,
                words=form.comment.data or "",
                is_best=form.is_best.data,
                path=f"{step}#step",
                now=clock.now(),
            )
        if not form.form_errors:
            flash(f"{shown.learner_name} 님께 알렸어요.", "ok")
            return redirect(url_for(".replies"))
        shown = checks.get_reply(db.session(), me(), review_id)
        form.seen.data = str(shown.try_id)
    return render_template("desk/reply.html", reply=shown, step=step, form=form), form.status


@bp.get("/rehearsals/")
@access(*STAFF)
def rehearsals() -> ResponseReturnValue:
    """List who has rehearsed a broadcast and should hear something, a page at a time."""
    lines = checks.list_rehearsals(db.session(), me(), after_id=request.args.get("after", 0, type=row_id))
    next_href = url_for(".rehearsals", after=lines[-1].id) if len(lines) == LIMIT else ""
    return render_template("desk/rehearsals.html", lines=lines, next_href=next_href)


@bp.route("/rehearsals/<int:rehearsal_id>", methods=["GET", "POST"])
@access(*STAFF)
def rehearsal(rehearsal_id: int) -> ResponseReturnValue:
    """Show what a learner wrote down of their rehearsals, and take what they are told of one."""
    shown, now = checks.get_rehearsals(db.session(), me(), rehearsal_id), clock.now()
    form = RehearsalCheckForm(request.form, which=str(rehearsal_id))
    form.which.choices = [
        SelectChoice(str(each.rehearsal.id), korean.day_and_time(each.rehearsal.started_at, now=now))
        for each in shown.logged
    ]
    step = url_for("courses.lesson", course_id=shown.course_id, lesson_id=shown.lesson_id, step=shown.step_id)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            rehearsing.check(
                session,
                checks.get_rehearsal(session, me(), int(form.which.data)),
                me(),
                comment=form.comment.data or "",
                path=url_for(
                    "rehearsals.sheet",
                    course_id=shown.course_id,
                    lesson_id=shown.lesson_id,
                    step_id=shown.step_id,
                ),
                now=now,
            )
        if not form.form_errors:
            flash(f"{shown.learner_name} 님께 알렸어요.", "ok")
            return redirect(url_for(".rehearsals"))
        shown = checks.get_rehearsals(db.session(), me(), rehearsal_id)
    return render_template("desk/rehearsal.html", shown=shown, step=step, form=form), form.status
