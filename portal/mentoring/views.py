"""Pages of mentoring."""

import logging

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import (
    booked,
    circle_queries,
    engagement_page,
    match_answers,
    nearby,
    offered,
    offers,
    operations,
    queries,
    referral_queries,
    specialists,
    training,
)
from portal.mentoring.forms import OtherTimeForm
from portal.mentoring.models import NeedState
from portal.web.access import ANYONE, SIGNED_IN, access
from portal.web.addresses import row_id

bp = Blueprint("mentoring", __name__, url_prefix="/mentoring", template_folder="templates")
log = logging.getLogger(__name__)

NEEDS_ON_INDEX = 3


@bp.get("/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Show where one's mentoring stands and what to press next."""
    user = me_or_nobody()
    if user is None:
        return render_template("mentoring/welcome.html")
    session, now = db.session(), clock.now()
    is_operator, is_mentor = user.has_role(Role.OPERATOR), user.has_role(Role.MENTOR)
    cards = [] if is_operator else queries.list_engagements(session, user, is_active=True, now=now)
    return render_template(
        "mentoring/index.html",
        is_mentor=is_mentor,
        is_operator=is_operator,
        may_ask=user.has_role(Role.MERCHANT),
        shops=[card for card in cards if card.is_mentor],
        own=next((card for card in cards if not card.is_mentor), None),
        need=queries.find_open_need(session, user) if user.has_role(Role.MERCHANT) else None,
        match=match_answers.find_own_match(session, user) if user.has_role(Role.MERCHANT) else None,
        offers=offered.list_open(session, user, now=now),
        track=training.find_track(session, user) if is_mentor else None,
        room=nearby.find_room(session, user) if is_mentor else None,
        field=specialists.find_field(session, user) if is_mentor else None,
        open_count=queries.count_open_needs(session, user),
        needs=nearby.list_open_needs(session, user)[:NEEDS_ON_INDEX] if is_mentor else [],
        groups=[group for group in circle_queries.list_own(session, user, now=now) if not group.is_ended],
    )


@bp.get("/mentors/")
@access(SIGNED_IN)
def mentors() -> ResponseReturnValue:
    """Show who the mentors are."""
    session, user = db.session(), me()
    page = _page("mentoring.mentors", nearby.list_mentors(session, user, after=_cursor()))
    may_ask, match = nearby.may_ask(session, user), match_answers.find_own_match(session, user)
    return render_template("mentoring/mentors.html", may_ask=may_ask, match=match, **page)


@bp.get("/needs/")
@access(Role.MENTOR, Role.OPERATOR)
def needs() -> ResponseReturnValue:
    """Show the needs that wait for a mentor."""
    session, user = db.session(), me()
    rows = nearby.list_open_needs(session, user, after=_cursor())
    room = nearby.find_room(session, user) if user.has_role(Role.MENTOR) else None
    return render_template("mentoring/needs.html", room=room, **_page("mentoring.needs", rows))


@bp.route("/needs/<int:need_id>/withdraw", methods=["GET", "POST"])
@access(Role.MERCHANT)
def withdraw(need_id: int) -> ResponseReturnValue:
    """Ask whether to take one's need back, and do it."""
    back = url_for("mentoring.index")
    if request.method == "POST":
        with db.transaction() as session:
            operations.withdraw(session, queries.get_need(session, me(), need_id), now=clock.now())
        flash("부탁을 거두었어요. 언제든 다시 부탁할 수 있어요.", "ok")
        return redirect(back)
    need = queries.get_need(db.session(), me(), need_id)
    if need.state != NeedState.OPEN:
        return _turn_back("기다리는 부탁이 아니에요. 여기에서 다시 확인해 주세요.", back)
    return render_template("mentoring/sure.html", act="withdraw", current=[need.detail], back=back, form=None)


@bp.post("/needs/<int:need_id>/accept")
@access(Role.MENTOR)
def accept(need_id: int) -> ResponseReturnValue:
    """Take a need."""
    with db.transaction() as session:
        need = nearby.get_need_to_accept(session, me(), need_id)
        engagement = operations.accept_need(session, need, me(), link=_page_of, now=clock.now())
        offers.let_others_go_on(session, me().id, now=clock.now())
    flash("맡아 주셔서 고맙습니다. 이제 만날 시간을 보내 주세요.", "ok")
    return redirect(_page_of(engagement.id))


@bp.get("/engagements/")
@access(SIGNED_IN)
def engagements() -> ResponseReturnValue:
    """List the engagements one may see: those that last, or those that have ended."""
    is_active = request.args.get("state") != "ended"
    rows = queries.list_engagements(
        db.session(),
        me(),
        is_active=is_active,
        now=clock.now(),
        before_id=request.args.get("before", type=row_id),
    )
    shown, has_more = rows[: queries.PAGE_SIZE], len(rows) > queries.PAGE_SIZE
    state = None if is_active else "ended"
    next_href = url_for("mentoring.engagements", state=state, before=shown[-1].id) if has_more else None
    return render_template("mentoring/engagements.html", rows=shown, is_active=is_active, next_href=next_href)


@bp.get("/engagements/<int:engagement_id>/")
@access(SIGNED_IN)
def engagement(engagement_id: int) -> ResponseReturnValue:
    """Show the page a merchant and a mentor share."""
    before_id = request.args.get("before", type=row_id)
    shared = engagement_page.read(db.session(), me(), engagement_id, now=clock.now(), before_id=before_id)
    if not (shared.is_mentor or shared.is_merchant):
        log.info("Staff %s read engagement %s.", me().id, engagement_id)
    return render_template(
        "mentoring/engagement.html",
        shared=shared,
        booking=booked.read(db.session(), me(), engagement_id, now=clock.now()),
        referrals=referral_queries.list_shared(db.session(), me(), engagement_id, now=clock.now()),
        is_first=before_id is None,
    )


@bp.post("/visits/<int:visit_id>/choose")
@access(Role.MERCHANT)
def choose(visit_id: int) -> ResponseReturnValue:
    """Agree on one of the times offered."""
    with db.transaction() as session:
        visit = queries.get_visit(session, me(), visit_id, choose=True)
        operations.choose(
            session,
            visit,
            time_id=request.form.get("time", 0, type=row_id),
            path=_page_of(visit.engagement_id),
            now=clock.now(),
        )
    flash("약속을 정했어요. 멘토님께도 알렸어요.", "ok")
    return redirect(_page_of(visit.engagement_id))


@bp.route("/visits/<int:visit_id>/other-time", methods=["GET", "POST"])
@access(Role.MERCHANT)
def other_time(visit_id: int) -> ResponseReturnValue:
    """Say that another time would suit better."""
    visit = queries.get_visit(db.session(), me(), visit_id, choose=True)
    form = OtherTimeForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            operations.ask_other_time(
                session,
                queries.get_visit(session, me(), visit_id, choose=True),
                me(),
                wish=form.wish.data or "",
                path=_page_of(visit.engagement_id),
                now=clock.now(),
            )
        if not form.errors:
            flash("멘토님께 전했어요. 새 시간이 오면 알려 드려요.", "ok")
            return redirect(_page_of(visit.engagement_id))
    return render_template("mentoring/other_time.html", form=form, visit=visit), form.status


def _page_of(engagement_id: int) -> str:
    return url_for("mentoring.engagement", engagement_id=engagement_id)


def _turn_back(why_not: str, back: str) -> ResponseReturnValue:
    """Say why a page has nothing to do any more, where things stand."""
    flash(why_not)
    return redirect(back)


def _cursor() -> nearby.Cursor | None:
    """Return where the page before ended, e.g. ``?after=1-25``; None for anything else."""
    rank, _, last_id = request.args.get("after", "").partition("-")
    try:
        return int(rank[:1]), row_id(last_id)
    except ValueError:
        return None


def _page(endpoint: str, rows: list[nearby.NeedCard] | list[nearby.MentorCard]) -> dict[str, object]:
    shown = rows[: queries.PAGE_SIZE]
    has_more = len(rows) > queries.PAGE_SIZE
    after = "-".join(map(str, shown[-1].cursor)) if has_more else ""
    return {"rows": shown, "next_href": url_for(endpoint, after=after) if has_more else None}
