"""Pages on which a mentor sees what came of the work, and asks for it on paper."""

import io
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import codes, impact, statements
from portal.certification.impact import Line, Span, What
from portal.certification.statement_forms import SpanForm
from portal.core import clock, db, korean
from portal.core.clock import KST
from portal.core.errors import NotFoundError
from portal.core.roles import Role
from portal.core.storage import storage
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("impact", __name__, template_folder="templates")

TITLES = {
    What.QUESTIONS: "답한 질문",
    What.PROMISES: "답하기로 한 약속",
    What.VISITS: "가게와 만남",
    What.GROUPS: "여럿이 만남",
    What.ITEMS: "가게가 해낸 일",
    What.FIRST_ORDERS: "첫 주문을 받은 가게",
}
FIRST_YEAR = 2020
"""Before the portal; calendars need an end."""


@bp.get("/mentoring/me/impact/")
@access(Role.MENTOR)
def index() -> ResponseReturnValue:
    """Show what came of a month or a year, every number with its list behind it."""
    now = clock.now()
    day, is_year = _asked_day(now.astimezone(KST).date())
    span = impact.year_of(day) if is_year else impact.month_of(day)
    numbers = impact.count(db.session(), me(), span, now=now)
    return render_template(
        "certification/impact.html",
        span=span,
        is_year=is_year,
        title=f"{day.year}년" if is_year else f"{day.year}년 {day.month}월",
        numbers=numbers,
        rows=[(TITLES[what], words, _list_of(what, span)) for what, words in _words(numbers)],
        month_href=url_for(".index", month=f"{day:%Y-%m}"),
        year_href=url_for(".index", year=day.year),
        before_href=_beside(span.first_day - timedelta(days=1), is_year=is_year),
        after_href=_beside(span.last_day + timedelta(days=1), is_year=is_year)
        if span.last_day < now.astimezone(KST).date()
        else "",
    )


@bp.get("/mentoring/me/impact/<what>")
@access(Role.MENTOR)
def lines(what: str) -> ResponseReturnValue:
    """Show the list a number is counted from."""
    if what not in {each.value for each in What}:
        raise NotFoundError("찾는 목록이 없어요. 내 활동 화면에서 다시 골라 주세요.")
    now, counted = clock.now(), What(what)
    this_month = impact.month_of(now.astimezone(KST).date())
    span = Span(
        _day(request.args.get("from", "")) or this_month.first_day,
        _day(request.args.get("until", "")) or this_month.last_day,
    )
    before_id = request.args.get("before", type=row_id)
    rows = impact.list_lines(db.session(), me(), counted, span, now=now, before_id=before_id)
    shown, has_more = rows[: impact.PAGE_SIZE], len(rows) > impact.PAGE_SIZE
    return render_template(
        "certification/impact_list.html",
        title=TITLES[counted],
        is_promises=counted == What.PROMISES,
        days=f"{korean.plain_day(span.first_day)}부터 {korean.plain_day(span.last_day)}까지",
        rows=[(line, _page_of(counted, line), _length_of(line)) for line in shown],
        next_href=_list_of(counted, span, before=shown[-1].id) if has_more else None,
    )


@bp.route("/mentoring/me/statements/", methods=["GET", "POST"])
@access(Role.MENTOR)
def order() -> ResponseReturnValue:
    """Ask for a statement of some days, and list those there are."""
    now = clock.now()
    today = now.astimezone(KST).date()
    form = SpanForm(
        request.form,
        first_day=_day(request.args.get("from", "")) or today.replace(month=1, day=1),
        last_day=min(_day(request.args.get("until", "")) or today, today),
    )
    if form.submitted() and form.first_day.data and form.last_day.data:
        with form.show_refusal(), db.transaction() as session:
            span = Span(form.first_day.data, form.last_day.data)
            made = statements.order(session, me(), span, now=now)
        if not form.errors and not form.form_errors:
            return redirect(url_for(".statement", code=made.code))
    own = statements.list_own(db.session(), me())
    return render_template("certification/statements.html", form=form, own=own), form.status


@bp.get("/mentoring/me/statements/<code>/")
@access(Role.MENTOR)
def statement(code: str) -> ResponseReturnValue:
    """Show one's own statement."""
    found = statements.get_own(db.session(), me(), code)
    return render_template(
        "certification/statement.html",
        statement=found,
        facts=statements.facts_of(found),
        shown_code=codes.shown(found.code),
    )


@bp.get("/mentoring/me/statements/<code>.pdf")
@access(Role.MENTOR)
def download(code: str) -> ResponseReturnValue:
    """Hand out the document, the very bytes that were stored, to its mentor."""
    found = statements.get_own(db.session(), me(), code)
    if found.document_key is None or found.pdf_sha256 is None:
        return redirect(url_for(".statement", code=code))
    response = send_file(
        io.BytesIO(storage().get(found.document_key)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{statements.KIND} {found.number} {found.holder_name}.pdf",
        etag=found.pdf_sha256,
        last_modified=found.rendered_at,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/desk/statements/<int:statement_id>/retry")
@access(Role.OPERATOR)
def retry(statement_id: int) -> ResponseReturnValue:
    """Let a worker draw the document now."""
    with db.transaction() as session:
        statements.retry(session, statements.get_unfinished(session, statement_id), now=clock.now())
    flash("다시 만들고 있어요. 잠시 뒤에 이 화면을 새로 열어 보세요.", "ok")
    return redirect(url_for("desk.jobs"))


def _words(numbers: impact.Numbers) -> list[tuple[What, str]]:
    """Return every number in words; groups and first orders only for those who have any."""
    words = dict(statements.facts_of(numbers))
    return [(what, words[title]) for what, title in TITLES.items() if title in words]


def _asked_day(today: date) -> tuple[date, bool]:
    """Return a day of the month or year asked for, and whether it is a year; this month without any."""
    year, month = request.args.get("year", ""), request.args.get("month", "")
    asked = _day(f"{year}-01-01") if year else _day(f"{month}-01")
    return (asked, bool(year)) if asked and asked <= today else (today, bool(year))


def _day(text: str) -> date | None:
    """Return the day of an address, ``2026-11-22``; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year < date.max.year else None


def _beside(day: date, *, is_year: bool) -> str:
    if day.year < FIRST_YEAR:
        return ""
    return url_for(".index", year=day.year) if is_year else url_for(".index", month=f"{day:%Y-%m}")


def _list_of(what: What, span: Span, *, before: int | None = None) -> str:
    values: dict[str, Any] = {"from": span.first_day, "until": span.last_day, "before": before}
    return url_for(".lines", what=what.value, **values)


def _page_of(what: What, line: Line) -> str:
    """Return the page of what stands behind a line; empty where there is none to open."""
    if what in (What.QUESTIONS, What.PROMISES):
        return url_for("community.question", question_id=line.target_id)
    if what in (What.VISITS, What.ITEMS):
        return url_for("mentoring.engagement", engagement_id=line.target_id)
    return url_for("boards.thread", thread_id=line.target_id) if what == What.FIRST_ORDERS else ""


def _length_of(line: Line) -> str:
    return korean.hours_and_minutes(timedelta(minutes=line.minutes)) if line.minutes else ""
