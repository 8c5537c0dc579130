"""The page of a mentor's own hours."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.errors import DomainError
from portal.core.roles import Role
from portal.mentoring import hours
from portal.mentoring.booking_forms import DayOffForm, HoursForm
from portal.web.access import access

bp = Blueprint("hours", __name__, url_prefix="/mentoring/me/hours", template_folder="templates")


@bp.route("", methods=["GET", "POST"])
@access(Role.MENTOR)
def index() -> ResponseReturnValue:
    """Show the mentor's week, and add hours to it."""
    form = HoursForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            hours.add_hours(
                session,
                me(),
                weekday=int(form.weekday.data),
                starts=int(form.starts.data),
                ends=int(form.ends.data),
            )
        if not form.errors and not form.form_errors:
            flash("만날 수 있는 시간을 적었어요.", "ok")
            return redirect(url_for(".index"))
    return _page(form, DayOffForm()), form.status


@bp.post("/remove")
@access(Role.MENTOR)
def remove() -> ResponseReturnValue:
    """Take hours out of the week."""
    weekday, starts = (request.form.get(name, -1, type=int) for name in ("weekday", "starts"))
    with db.transaction() as session:
        hours.remove_hours(session, me(), weekday=weekday, starts=starts)
    flash("그 시간을 지웠어요. 이미 정한 약속은 그대로 있어요.", "ok")
    return redirect(url_for(".index"))


@bp.post("/days-off")
@access(Role.MENTOR)
def take_days_off() -> ResponseReturnValue:
    """Keep some days free."""
    form = DayOffForm(request.form)
    if form.submitted() and form.starts_on.data:
        with form.show_refusal(), db.transaction() as session:
            hours.take_days_off(
                session,
                me(),
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data or form.starts_on.data,
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("쉬는 날을 적었어요. 이미 정한 약속은 그대로 있어요.", "ok")
            return redirect(url_for(".index"))
    return _page(HoursForm(), form), form.status


@bp.post("/days-off/<int:day_off_id>/cancel")
@access(Role.MENTOR)
def cancel_day_off(day_off_id: int) -> ResponseReturnValue:
    """Meet people on these days after all."""
    with db.transaction() as session:
        hours.cancel_day_off(session, me(), day_off_id)
    flash("쉬는 날을 지웠어요.", "ok")
    return redirect(url_for(".index"))


@bp.post("/holidays")
@access(Role.MENTOR)
def holiday() -> ResponseReturnValue:
    """Keep the usual hours on one public holiday, or keep it free again."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise DomainError("공휴일을 목록에서 다시 골라 주세요.") from error
    is_open = request.form.get("open") == "1"
    with db.transaction() as session:
        hours.open_holiday(session, me(), day, is_open=is_open)
    flash("그날도 만나요." if is_open else "그날은 쉬어요.", "ok")
    return redirect(url_for(".index"))


def _page(form: HoursForm, off: DayOffForm) -> str:
    week = hours.get_week(db.session(), me(), now=clock.now())
    rows = [(hours.words(row), row) for row in week.hours]
    return render_template("mentoring/hours.html", form=form, off=off, week=week, rows=rows)
