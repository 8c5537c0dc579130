"""Pages on which somebody applies for an exam and sits it, one question on each page."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import answering, attempts, exam_queries, grading, marking, sessions
from portal.certification.attempt_forms import ApplyForm
from portal.certification.exam_models import Exam, ExamKind, ItemKind, Medium
from portal.certification.exam_queries import Question, Sheet
from portal.certification.qualifications import Blueprint as ExamBlueprint
from portal.core import clock, db, korean
from portal.core.errors import ConflictError, NotFoundError
from portal.core.markdown import render_item
from portal.web.access import SIGNED_IN, access
from portal.web.addresses import row_id

bp = Blueprint("exams", __name__, url_prefix="/certification/exams", template_folder="templates")

ANOTHER_ATTEMPT = "이 답은 앞서 푼 시험의 답이라 저장하지 않았어요. 시험 화면에서 지금 문제를 봐 주세요."


@bp.get("/")
@access(SIGNED_IN)
def index() -> ResponseReturnValue:
    """List the sessions somebody may sit, or has sat."""
    now = clock.now()
    lines = exam_queries.list_for(db.session(), me(), now=now)
    return render_template("certification/exams.html", lines=lines, now=now)


@bp.route("/<int:exam_id>/", methods=["GET", "POST"])
@access(SIGNED_IN)
def exam(exam_id: int) -> ResponseReturnValue:
    """Show a session, and take an application for it or another choice in it."""
    now = clock.now()
    standing = exam_queries.get_standing(db.session(), me(), exam_id, now=now)
    form = ApplyForm(request.form, obj=standing.application)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            found = exam_queries.get_exam(session, exam_id)
            sessions.apply(
                session,
                found,
                me(),
                medium=Medium(form.medium.data),
                wants_more_time=bool(form.wants_more_time.data),
                now=now,
            )
        if not form.errors and not form.form_errors:
            flash("고른 대로 바꿨어요." if standing.application else "접수했어요.", "ok")
            return redirect(url_for(".exam", exam_id=exam_id))
    page = render_template(
        "certification/exam.html",
        standing=standing,
        exam=standing.exam,
        blueprint=ExamBlueprint.of(standing.exam.blueprint),
        form=form,
        now=now,
        would_end=standing.terms.deadline(now),
        more_minutes=_more_minutes(standing.exam),
        marking_rule=marking.RULE if standing.exam.kind is ExamKind.PRACTICAL else "",
        needs_written=sessions.needs_written(standing.exam),
    )
    return page, form.status


def _more_minutes(exam: Exam) -> int:
    return -(-exam.minutes * ExamBlueprint.of(exam.blueprint).more_time_percent // 100)


@bp.post("/<int:exam_id>/cancel")
@access(SIGNED_IN)
def cancel(exam_id: int) -> ResponseReturnValue:
    """Call an application off."""
    with db.transaction() as session:
        sessions.cancel(session, exam_queries.get_exam(session, exam_id), me(), now=clock.now())
    flash("접수를 취소했어요. 접수를 받는 동안에는 다시 접수할 수 있어요.", "ok")
    return redirect(url_for(".exam", exam_id=exam_id))


@bp.post("/<int:exam_id>/start")
@access(SIGNED_IN)
def start(exam_id: int) -> ResponseReturnValue:
    """Start the exam, or go on with the attempt that is open."""
    with db.transaction() as session:
        attempts.start(session, exam_queries.get_exam(session, exam_id), me(), now=clock.now())
    return redirect(url_for(".attempt", exam_id=exam_id))


@bp.route("/<int:exam_id>/attempt/", methods=["GET", "POST"])
@access(SIGNED_IN)
def attempt(exam_id: int) -> ResponseReturnValue:
    """Show one question, without a number the one answered last; any button saves the answer on the page."""
    if request.method == "POST":
        return _save_and_go(exam_id, request.args.get("q", 1, type=row_id))
    sheet, now = _open_sheet(exam_id), clock.now()
    if sheet is None:
        return redirect(url_for(".exam", exam_id=exam_id))
    if attempts.is_over(sheet.attempt, sheet.exam, now):
        return redirect(url_for(".exam", exam_id=exam_id))
    question = sheet.question(request.args.get("q", sheet.last_saved, type=row_id))
    case = question.item.content.get("case")
    return render_template(
        "certification/attempt.html",
        sheet=sheet,
        question=question,
        stem=render_item(question.stem),
        case_text=render_item(case["text"]) if case else "",
        **_time_left(sheet, now),
    )


def _time_left(sheet: Sheet, now: datetime) -> dict[str, object]:
    """Return what a page says about the time: when it ends, and whether that has gone by."""
    deadline = sheet.attempt.deadline_at
    return {
        "ends_at": deadline,
        "seconds_left": max(deadline - now, timedelta()) // timedelta(seconds=1),
        "left": korean.hours_and_minutes(max(deadline - now, timedelta())),
        "is_late": now > deadline,
        "last_moment": attempts.ends_at(sheet.attempt, sheet.exam),
    }


def _save_and_go(exam_id: int, number: int) -> ResponseReturnValue:
    """Save what the page holds and go where the pressed button says."""
    question = _save(exam_id, number)
    if question.item.kind is ItemKind.NUMERIC and not _is_number():
        flash("숫자로 읽지 못했어요. 12500처럼 숫자로 적어 주세요. 적은 것은 저장했어요.", "warn")
        return redirect(url_for(".attempt", exam_id=exam_id, q=number))
    to = request.form.get("to", "")
    if to.isdecimal():
        return redirect(url_for(".attempt", exam_id=exam_id, q=to))
    return redirect(url_for(".review", exam_id=exam_id))


def _is_number() -> bool:
    typed = request.form.get("answer", "").strip()
    return not typed or grading.read_number(typed) is not None


def _save(exam_id: int, number: int) -> Question:
    """Save what a form sent as the answer to a question of the open attempt.

    Raises ConflictError with a plain sentence once the time is over, and NotFoundError for another attempt's
    page.
    """
    with db.transaction() as session:
        try:
            sheet = exam_queries.get_open_sheet(session, me(), exam_id)
        except NotFoundError as error:
            attempts.get_last(session, exam_id, me().id)
            raise ConflictError(attempts.OVER) from error
        if request.form.get("attempt_no", type=int) != sheet.attempt.attempt_no:
            raise NotFoundError(ANOTHER_ATTEMPT)
        question = sheet.question(number)
        response = answering.read_response(question.item, request.form.getlist)
        answering.save(
            session, sheet.attempt, question.item.id, response, client_at=_client_at(), now=clock.now()
        )
    return question


def _client_at() -> datetime | None:
    """Return when the device says it was answered; a log only, so anything unreadable is none."""
    try:
        said = datetime.fromisoformat(request.form.get("client_at", ""))
    except ValueError:
        return None
    return said if said.tzinfo and 2020 < said.year < 2200 else None


@bp.post("/<int:exam_id>/attempt/answer")
@access(SIGNED_IN)
def autosave(exam_id: int) -> ResponseReturnValue:
    """Save an answer while somebody types. Too late is 404, so that the device gives up sending it."""
    try:
        _save(exam_id, request.args.get("q", 0, type=row_id) or 0)
    except ConflictError as error:
        if error.message == answering.HELD:
            raise
        raise NotFoundError(error.message) from error
    return "", 204


@bp.get("/<int:exam_id>/attempt/review")
@access(SIGNED_IN)
def review(exam_id: int) -> ResponseReturnValue:
    """List every question with whether it has an answer, before handing in."""
    sheet, now = _open_sheet(exam_id), clock.now()
    if sheet is None or attempts.is_over(sheet.attempt, sheet.exam, now):
        return redirect(url_for(".exam", exam_id=exam_id))
    return render_template("certification/attempt_review.html", sheet=sheet, **_time_left(sheet, now))


def _open_sheet(exam_id: int) -> Sheet | None:
    """Return the attempt that is open; None where it was handed in, for whoever presses back.

    Raises NotFoundError for who has begun none.
    """
    try:
        return exam_queries.get_open_sheet(db.session(), me(), exam_id)
    except NotFoundError:
        attempts.get_last(db.session(), exam_id, me().id)
        return None


@bp.post("/<int:exam_id>/attempt/submit")
@access(SIGNED_IN)
def submit(exam_id: int) -> ResponseReturnValue:
    """Hand in the open attempt; pressed again, it says that it is in."""
    with db.transaction() as session:
        attempts.submit(session, attempts.get_last(session, exam_id, me().id), now=clock.now())
    flash("답안을 냈어요. 수고하셨어요.", "ok")
    return redirect(url_for(".exam", exam_id=exam_id))
