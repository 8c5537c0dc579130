"""Somebody's own exam, after its release."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import exam_appeals, marking, result_page
from portal.certification.exam_models import ExamKind
from portal.core import clock, db
from portal.web.access import SIGNED_IN, access

bp = Blueprint("results", __name__, url_prefix="/certification/exams", template_folder="templates")


@bp.get("/<int:exam_id>/result")
@access(SIGNED_IN)
def own(exam_id: int) -> ResponseReturnValue:
    """Go to one's own last attempt at a session."""
    attempt_id = result_page.find_last(db.session(), me(), exam_id)
    return redirect(url_for(".show", attempt_id=attempt_id))


@bp.get("/attempts/<int:attempt_id>/")
@access(SIGNED_IN)
def show(attempt_id: int) -> ResponseReturnValue:
    """Show what one's own attempt came to."""
    shown = result_page.get_own(db.session(), me(), attempt_id)
    answers, subjects = result_page.by_subject(shown.answers, request.args.get("subject", ""))
    return render_template(
        "certification/exam_result.html",
        shown=shown,
        answers=answers,
        subjects=[
            (title, url_for(".show", attempt_id=attempt_id, subject=title) + "#answers", is_shown)
            for title, is_shown in subjects
        ],
        marking_rule=marking.RULE if shown.exam.kind is ExamKind.PRACTICAL else "",
        appeal=exam_appeals.find(db.session(), attempt_id),
        can_appeal=exam_appeals.can_file(db.session(), shown, now=clock.now()),
        appeal_until=exam_appeals.until(shown.exam),
    )
