"""Pages of the promise: what waits, when a mentor rests, and how well promises are kept."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.community import absences, promises, queries, response_times, waiting
from portal.community.forms import AwayForm
from portal.community.response_times import Standing
from portal.core import clock, db, korean
from portal.core.errors import NotFoundError
from portal.core.roles import STAFF, Role
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("promises", __name__, url_prefix="/community", template_folder="templates")

LISTS = {
    "kept": (Standing.KEPT, "약속한 시간 안에 답한 질문"),
    "late": (Standing.LATE, "약속한 시간이 지나서 답한 질문"),
    "waiting": (Standing.WAITING, "아직 약속한 시간이 남은 질문"),
    "overdue": (Standing.OVERDUE, "약속한 시간이 지나도록 답이 없는 질문"),
    "answered": (None, "답이 온 질문, 오래 걸린 것부터"),
}
"""The lists behind the numbers, by the word in their address."""


@bp.get("/waiting")
@access(*STAFF)
def queue() -> ResponseReturnValue:
    """List the questions that wait: one's own, then everybody's."""
    session, now = db.session(), clock.now()
    after_id = request.args.get("after", type=row_id)
    own = [] if after_id else waiting.list_waiting(session, me(), is_own=True, now=now)
    others = waiting.list_waiting(session, me(), is_own=False, after_id=after_id, now=now)
    page, has_more = others[: queries.PAGE_SIZE], len(others) > queries.PAGE_SIZE
    return render_template(
        "community/waiting.html",
        own=own[: queries.PAGE_SIZE],
        others=page,
        taken=waiting.list_taken_ids(session, page),
        is_first=after_id is None,
        is_mentor=me().has_role(Role.MENTOR),
        next_href=url_for(".queue", after=page[-1].id) if has_more else "",
    )


@bp.post("/questions/<int:question_id>/take")
@access(*STAFF)
def take(question_id: int) -> ResponseReturnValue:
    """Take a question that waits."""
    now = clock.now()
    with db.transaction() as session:
        question = queries.get_question(session, me(), question_id, answer=True)
        question = promises.take(session, question, me(), paths=_paths(question_id), now=now)
    by = korean.day_and_time(question.promised_at, now=now)
    flash(f"이 질문을 맡았어요. {by}까지 답해 주세요.", "ok")
    return redirect(_paths(question_id).question)


@bp.post("/questions/<int:question_id>/hand-over")
@access(Role.OPERATOR)
def hand_over(question_id: int) -> ResponseReturnValue:
    """Give a late question, or one without a mentor, to the next mentor."""
    paths = _paths(question_id)
    with db.transaction() as session:
        question = queries.get_question(session, me(), question_id, hand_over=True)
        promises.hand_over(session, question, me(), paths=paths, now=clock.now())
    flash("다른 멘토님께 넘겼어요. 두 멘토님과 질문한 분께 알렸어요.", "ok")
    return redirect(paths.question)


@bp.route("/rest", methods=["GET", "POST"])
@access(Role.MENTOR)
def rest() -> ResponseReturnValue:
    """Show whether a mentor takes questions, and take days on which they do not."""
    form, now = AwayForm(request.form), clock.now()
    resting = absences.get_rest(db.session(), me(), now=now)
    if form.submitted() and form.first_day.data and form.last_day.data:
        with form.show_refusal(), db.transaction() as session:
            absences.go_away(
                session, me(), first_day=form.first_day.data, last_day=form.last_day.data, now=now
            )
        if not form.errors:
            flash("쉬는 날을 적었어요. 그동안 질문은 다른 멘토님께 가요.", "ok")
            return redirect(url_for(".rest"))
        resting = absences.get_rest(db.session(), me(), now=now)
    return render_template("community/rest.html", form=form, rest=resting), form.status


@bp.post("/rest/<int:away_id>/cancel")
@access(Role.MENTOR)
def cancel_away(away_id: int) -> ResponseReturnValue:
    """Take questions on these days after all."""
    with db.transaction() as session:
        absences.cancel_away(absences.get_away(session, me(), away_id), now=clock.now())
    flash("쉬는 날을 지웠어요. 그날도 질문을 받아요.", "ok")
    return redirect(url_for(".rest"))


@bp.post("/rest/end")
@access(Role.MENTOR)
def come_back() -> ResponseReturnValue:
    """End a pause at once."""
    with db.transaction() as session:
        absences.come_back(session, me(), path=url_for(".rest"), now=clock.now())
    flash("다시 시작했어요. 이제 새 질문이 와요. 고맙습니다.", "ok")
    return redirect(url_for(".queue"))


@bp.get("/promises/")
@access(Role.OPERATOR)
def numbers() -> ResponseReturnValue:
    """Show how the promises of four weeks were kept, and who takes no questions now."""
    session, now = db.session(), clock.now()
    times = response_times.get_response_times(session, me(), now=now)
    return render_template(
        "community/promises.html",
        asked=len(times.waits),
        days=response_times.WITHIN.days,
        lists=[(title, which, len(times.of(standing))) for which, (standing, title) in LISTS.items()],
        kept=len(times.of(Standing.KEPT)),
        median=korean.hours_and_minutes(times.median) if times.median is not None else "",
        resting=absences.list_resting(session, now=now),
    )


@bp.get("/promises/<which>")
@access(Role.OPERATOR)
def list_of(which: str) -> ResponseReturnValue:
    """List the questions behind one of the numbers."""
    if which not in LISTS:
        raise NotFoundError("찾는 목록이 없어요. 숫자를 다시 눌러 주세요.")
    standing, title = LISTS[which]
    found = response_times.get_response_times(db.session(), me(), now=clock.now()).of(standing)
    begin = request.args.get("after", 0, type=row_id)
    end = begin + queries.PAGE_SIZE
    return render_template(
        "community/promise_list.html",
        title=title,
        count=len(found),
        waits=found[begin:end],
        next_href=url_for(".list_of", which=which, after=end) if len(found) > end else "",
    )


def _paths(question_id: int) -> promises.Paths:
    return promises.Paths(
        question=url_for("community.question", question_id=question_id), rest=url_for(".rest")
    )
