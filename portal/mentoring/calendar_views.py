"""Appointments in one's own calendar."""

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db, settings
from portal.core.roles import Role
from portal.mentoring import calendars
from portal.web.access import ANYONE, access

bp = Blueprint("calendars", __name__, url_prefix="/mentoring/calendar", template_folder="templates")

_SHOWN_ONCE = "calendar_token"
"""The address is kept in nobody's database: it is shown on the page after the press and then no more."""


@bp.get("/")
@access(Role.MERCHANT, Role.MENTOR)
def index() -> ResponseReturnValue:
    """Explain in three steps how appointments come into one's calendar."""
    feed = calendars.find_feed(db.session(), me())
    token = session.pop(_SHOWN_ONCE, None) if feed else None
    address = settings.current().public_url + url_for(".feed", token=token) if token else ""
    return render_template(
        "mentoring/calendar.html",
        address=address,
        webcal=address.replace("https://", "webcal://", 1).replace("http://", "webcal://", 1),
        feed=feed,
        has_email=bool(me().email),
    )


@bp.post("/address")
@access(Role.MERCHANT, Role.MENTOR)
def make() -> ResponseReturnValue:
    """Make a new address; the one before is dead."""
    with db.transaction() as current:
        token = calendars.make_address(current, me(), now=clock.now())
    session[_SHOWN_ONCE] = token
    flash("달력 주소를 만들었어요. 아래 주소를 달력에 넣어 주세요.", "ok")
    return redirect(url_for(".index"))


@bp.post("/address/drop")
@access(Role.MERCHANT, Role.MENTOR)
def drop() -> ResponseReturnValue:
    """Let no calendar read one's appointments any more."""
    with db.transaction() as current:
        calendars.drop_address(current, me())
    session.pop(_SHOWN_ONCE, None)
    flash("달력 주소를 없앴어요. 이제 그 주소로는 아무것도 보이지 않아요.", "ok")
    return redirect(url_for(".index"))


@bp.get("/<token>.ics")
@access(ANYONE)
def feed(token: str) -> ResponseReturnValue:
    """Give somebody's appointments to whoever holds the secret address."""
    response = Response(
        calendars.get_feed(db.session(), token, now=clock.now()), content_type="text/calendar; charset=utf-8"
    )
    response.add_etag()
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response.make_conditional(request)
