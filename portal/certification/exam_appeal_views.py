"""Asking to look again at one's exam, and answering that."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import exam_appeals, result_page
from portal.certification.exam_appeal_forms import ExamAnswerForm, ExamAppealForm
from portal.certification.policy import ISSUERS
from portal.certification.qualification_models import AppealState
from portal.core import clock, db
from portal.web.access import SIGNED_IN, access

bp = Blueprint("exam_appeals", __name__, template_folder="templates")


@bp.route("/certification/exams/attempts/<int:attempt_id>/appeal", methods=["GET", "POST"])
@access(SIGNED_IN)
def file(attempt_id: int) -> ResponseReturnValue:
    """Ask to look again at one's own exam."""
    shown = result_page.get_own(db.session(), me(), attempt_id)
    form = ExamAppealForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            exam_appeals.file(
                session,
                me(),
                result_page.get_own(session, me(), attempt_id),
                text=form.text.data or "",
                path=url_for(".index"),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("이의를 신청했어요. 살펴보고 알려 드려요.", "ok")
            return redirect(url_for("results.show", attempt_id=attempt_id))
    return render_template("certification/exam_appeal.html", shown=shown, form=form), form.status


@bp.get("/desk/exam-appeals/")
@access(*ISSUERS)
def index() -> ResponseReturnValue:
    """List the appeals this person may answer."""
    rows = exam_appeals.list_open(db.session(), me(), now=clock.now())
    return render_template("certification/exam_appeals.html", rows=rows)


@bp.route("/desk/exam-appeals/<int:appeal_id>", methods=["GET", "POST"])
@access(*ISSUERS)
def answer(appeal_id: int) -> ResponseReturnValue:
    """Show the answers of an attempt, and answer its appeal."""
    case = exam_appeals.get_case(db.session(), me(), appeal_id)
    form = ExamAnswerForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            case = exam_appeals.get_case(session, me(), appeal_id)
            exam_appeals.answer(
                session,
                case,
                me(),
                is_upheld=form.verdict.data == "upheld",
                words=form.answer.data or "",
                points=form.changes(),
                path=url_for("results.show", attempt_id=case.appeal.attempt_id),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("답했어요. 신청하신 분께 알려 드려요.", "ok")
            return redirect(url_for(".index"))
    answers, subjects = result_page.by_subject(case.answers, request.args.get("subject", ""))
    page = render_template(
        "certification/exam_appeal_answer.html",
        case=case,
        answers=answers,
        subjects=[
            (title, url_for(".answer", appeal_id=appeal_id, subject=title) + "#answers", is_shown)
            for title, is_shown in subjects
        ],
        is_open=case.appeal.state is AppealState.OPEN,
        form=form,
    )
    return page, form.status
