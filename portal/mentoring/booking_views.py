"""Pages of one visit: offering times, changing them, and saying that it did not come about."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.core.working_time import is_working_day
from portal.mentoring import (
    appointment,
    booked,
    calendars,
    changing,
    engagement_page,
    hours,
    operations,
    queries,
)
from portal.mentoring.booking_forms import MissedForm, MoveForm
from portal.mentoring.forms import ProposeForm
from portal.mentoring.models import Engagement
from portal.mentoring.operations import Plan
from portal.mentoring.visit_models import MissedBy
from portal.mentoring.vocabulary import VisitKind
from portal.mentoring.wishes import times_in_words
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("booking", __name__, url_prefix="/mentoring", template_folder="templates")

PLACES = {VisitKind.PHONE: "전화", VisitKind.VIDEO: "영상통화"}
"""Where a visit takes place that is held nowhere."""
USUAL_MINUTES = 60


@bp.route("/engagements/<int:engagement_id>/propose", methods=["GET", "POST"])
@access(Role.MENTOR)
def propose(engagement_id: int) -> ResponseReturnValue:
    """Offer one to three times to meet; the next free ones stand there ready."""
    shared = queries.get_engagement(db.session(), me(), engagement_id, lead=True)
    form, has_free_times = _propose_form(shared)
    shop, other = engagement_page.shop_of(shared), queries.other_side(shared, me())
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            operations.propose(
                session,
                queries.get_engagement(session, me(), engagement_id, lead=True),
                _plan(form, shop),
                times=form.times(),
                form_key=form.key.data or "",
                path=_page_of(engagement_id),
                now=clock.now(),
            )
        if not form.errors:
            _flash_sent(form)
            return redirect(_page_of(engagement_id))
    page = render_template(
        "mentoring/propose.html",
        form=form,
        shop=shop,
        engagement_id=engagement_id,
        other=other,
        has_free_times=has_free_times,
        wanted=times_in_words(hours.list_wanted(db.session(), shared)),
    )
    return page, form.status


@bp.route("/visits/<int:visit_id>/move", methods=["GET", "POST"])
@access(Role.MERCHANT, Role.MENTOR)
def move(visit_id: int) -> ResponseReturnValue:
    """Ask whether to let go of an appointment, to make another, and do it."""
    visit, now = queries.get_visit(db.session(), me(), visit_id), clock.now()
    back, form = _page_of(visit.engagement_id), MoveForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            changing.move(
                session,
                queries.get_visit(session, me(), visit_id),
                me(),
                wish=form.wish.data or "",
                reason=form.reason.data or "",
                path=back,
                now=now,
            )
        if not form.errors:
            flash("약속을 비웠어요. 상대방께도 알렸어요.", "ok")
            return redirect(back)
    elif why_not := appointment.why_not_moved(visit, now=now):
        return _turn_back(why_not, back)
    price = changing.price_of(db.session(), visit, me(), now=now)
    if me().id == visit.mentor_id:
        del form.wish
    if not price.needs_reason:
        del form.reason
    current = engagement_page.list_words(db.session(), visit, now=now)
    act = "move" if visit.starts_at else "offer"
    page = render_template("mentoring/sure.html", act=act, current=current, back=back, form=form, price=price)
    return page, form.status


@bp.route("/visits/<int:visit_id>/missed", methods=["GET", "POST"])
@access(Role.MERCHANT, Role.MENTOR)
def note_missed(visit_id: int) -> ResponseReturnValue:
    """Ask who could not come, and note it."""
    visit, now = queries.get_visit(db.session(), me(), visit_id), clock.now()
    back, form = _page_of(visit.engagement_id), MissedForm(request.form)
    why_not = appointment.why_not_over(visit, now=now)
    if why_not and request.method == "POST" and not booked.is_missed(visit):
        raise ConflictError(why_not)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            changing.note_missed(
                session,
                queries.get_visit(session, me(), visit_id),
                me(),
                missed_by=None if form.who.data == "nobody" else MissedBy(form.who.data),
                path=back,
                now=now,
            )
        if not form.errors:
            flash("만나지 못했다고 적었어요. 약속을 다시 잡을 수 있어요.", "ok")
            return redirect(back)
    elif why_not:
        return _turn_back(why_not, back)
    current = engagement_page.list_words(db.session(), visit, now=now)
    page = render_template("mentoring/missed.html", current=current, back=back, form=form)
    return page, form.status


@bp.post("/visits/<int:visit_id>/heard")
@access(Role.OPERATOR)
def choose_for(visit_id: int) -> ResponseReturnValue:
    """Agree on the time a merchant named on the telephone."""
    with db.transaction() as session:
        visit = booked.get_visit_to_choose_for(session, me(), visit_id)
        operations.choose(
            session,
            visit,
            time_id=request.form.get("time", 0, type=row_id),
            path=_page_of(visit.engagement_id),
            now=clock.now(),
            by_id=me().id,
        )
    flash("들으신 대로 약속을 정했어요. 두 분께 알렸어요.", "ok")
    return redirect(_page_of(visit.engagement_id))


@bp.get("/visits/<int:visit_id>/calendar.ics")
@access(Role.MERCHANT, Role.MENTOR)
def calendar(visit_id: int) -> ResponseReturnValue:
    """Give an agreed visit to the calendar of one's telephone."""
    agreed = booked.get_appointment(db.session(), me(), visit_id)
    content = appointment.calendar(agreed, host=calendars.host())
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="visit-{visit_id}.ics"'
    return response


def _propose_form(shared: Engagement) -> tuple[ProposeForm, bool]:
    """Return the form with the mentor's next free times in it, and whether there are any to begin with."""
    free = hours.suggest(db.session(), shared, minutes=USUAL_MINUTES, now=clock.now())
    data: dict[str, object] = {"kind": shared.need.wants.value}
    for position, moment in enumerate((time.astimezone(KST) for time in free), start=1):
        data |= {f"date_{position}": moment.date(), f"time_{position}": f"{moment:%H:%M}"}
    return ProposeForm(request.form, data=data), bool(free)


def _plan(form: ProposeForm, shop: str) -> Plan:
    kind = VisitKind(form.kind.data)
    return Plan(
        kind=kind,
        place=PLACES.get(kind) or form.place.data or shop,
        remark=form.remark.data or "",
        minutes=int(form.minutes.data or USUAL_MINUTES),
        link=(form.link.data or "") if kind == VisitKind.VIDEO else "",
    )


def _page_of(engagement_id: int) -> str:
    return url_for("mentoring.engagement", engagement_id=engagement_id)


def _turn_back(why_not: str, back: str) -> ResponseReturnValue:
    """Say why a page has nothing to do any more, where things stand."""
    flash(why_not)
    return redirect(back)


def _flash_sent(form: ProposeForm) -> None:
    flash("만날 시간을 보냈어요. 사장님이 고르면 알려 드려요.", "ok")
    if not all(is_working_day(moment.date()) for moment in form.times().values()):
        flash("쉬는 날이 들어 있어요. 사장님이 다른 시간을 바랄 수 있어요.")
