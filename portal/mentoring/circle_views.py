"""Pages of the groups of a market that one mentor teaches together."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.accounts.vocabulary import Region, Topic
from portal.core import clock, db, pace, settings
from portal.core.qr import draw_qr
from portal.core.roles import Role
from portal.mentoring import circle_meetings, circle_queries, circles
from portal.mentoring.circle_forms import CircleForm, JoinForm, MeetingForm, MeetingLogForm
from portal.mentoring.circle_models import CircleMeeting
from portal.mentoring.circle_queries import CircleCard
from portal.mentoring.queries import PAGE_SIZE
from portal.mentoring.vocabulary import VisitKind
from portal.web.access import SIGNED_IN, access
from portal.web.addresses import row_id
from portal.web.form import SelectChoice

TRIES_A_MINUTE = 5

bp = Blueprint("circles", __name__, url_prefix="/mentoring/circles", template_folder="templates")

INK = "#1e2124"
PLACES = {VisitKind.PHONE: "전화", VisitKind.VIDEO: "영상통화"}
"""Where a meeting takes place that is held nowhere."""


@bp.get("/")
@access(SIGNED_IN)
def index() -> ResponseReturnValue:
    """List one's own groups and those one could join; operators see all."""
    session, user, now = db.session(), me(), clock.now()
    before_id = request.args.get("before", type=row_id)
    is_operator = user.has_role(Role.OPERATOR)
    list_further = circle_queries.list_all if is_operator else circle_queries.list_open
    further = list_further(session, user, before_id=before_id, now=now)
    return render_template(
        "mentoring/circles.html",
        own=[] if before_id else circle_queries.list_own(session, user, now=now),
        further=further[:PAGE_SIZE],
        next_href=_next_href(further),
        is_operator=is_operator,
        may_open=is_operator or user.has_role(Role.MENTOR),
        may_join=user.has_role(Role.MERCHANT),
        has_region=user.region is not None,
    )


@bp.route("/new", methods=["GET", "POST"])
@access(Role.MENTOR, Role.OPERATOR)
def new() -> ResponseReturnValue:
    """Open a group: an operator for any mentor, a mentor for themself."""
    form = CircleForm(request.form)
    if me().has_role(Role.OPERATOR):
        leaders = [SelectChoice(str(each), name) for each, name in circle_queries.list_leaders(db.session())]
        form.mentor.choices = [SelectChoice("", "골라 주세요"), *leaders]
    else:
        del form.mentor
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            circle = circles.open_circle(
                session,
                me(),
                _described(form),
                mentor_id=row_id(form.mentor.data) if form.mentor else me().id,
                form_key=form.key.data or "",
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("모임을 열었어요. 번호가 적힌 종이를 뽑아 시장에 붙여 주세요.", "ok")
            return redirect(_page_of(circle.id))
    return render_template("mentoring/circle_new.html", form=form), form.status


@bp.route("/join", methods=["GET", "POST"])
@access(Role.MERCHANT)
def join() -> ResponseReturnValue:
    """Take the number of a group, typed or out of the QR code of a poster."""
    form = JoinForm(request.form, data={"code": request.args.get("code", "")})
    if form.submitted():
        pace.check(
            "group by person", str(me().id), most=TRIES_A_MINUTE, within_s=60
        )  # numbers can be guessed
        with form.show_refusal(), db.transaction() as session:
            circle = circles.join(session, me(), code=form.code.data or "", path_of=_page_of, now=clock.now())
        if not form.errors and not form.form_errors:
            flash(f"‘{circle.name}’에 들어왔어요.", "ok")
            return redirect(_page_of(circle.id))
    return render_template("mentoring/circle_join.html", form=form), form.status


@bp.get("/<int:circle_id>/")
@access(SIGNED_IN)
def circle(circle_id: int) -> ResponseReturnValue:
    """Show a group to those who belong to it."""
    page = circle_queries.get_page(db.session(), me(), circle_id, now=clock.now())
    return render_template("mentoring/circle.html", group=page)


@bp.get("/<int:circle_id>/poster")
@access(Role.MENTOR, Role.OPERATOR)
def poster(circle_id: int) -> ResponseReturnValue:
    """Show the number and its QR code on one sheet to put up at the market."""
    group = circle_queries.get_circle(db.session(), me(), circle_id, manage=True)
    page = circle_queries.get_page(db.session(), me(), circle_id, now=clock.now())
    address = settings.current().public_url + url_for(".join")
    return render_template(
        "mentoring/circle_poster.html", group_card=page.card, code=circles.spaced(group.code), address=address
    )


@bp.get("/<int:circle_id>/code.svg")
@access(Role.MENTOR, Role.OPERATOR)
def code(circle_id: int) -> ResponseReturnValue:
    """Give the QR code that opens the page of joining with the number filled in."""
    group = circle_queries.get_circle(db.session(), me(), circle_id, manage=True)
    address = settings.current().public_url + url_for(".join", code=group.code)
    return Response(draw_qr(address, ink=INK), mimetype="image/svg+xml")


@bp.post("/<int:circle_id>/leave")
@access(SIGNED_IN)
def leave(circle_id: int) -> ResponseReturnValue:
    """Give one's place back."""
    with db.transaction() as session:
        circles.leave(session, circle_id, me(), path=_page_of(circle_id), now=clock.now())
    flash("모임에서 나왔어요. 번호가 있으면 다시 들어올 수 있어요.", "ok")
    return redirect(url_for(".index"))


@bp.post("/<int:circle_id>/put-out")
@access(Role.MENTOR, Role.OPERATOR)
def put_out(circle_id: int) -> ResponseReturnValue:
    """Take somebody out who does not belong."""
    with db.transaction() as session:
        group = circle_queries.get_circle(session, me(), circle_id, manage=True)
        circles.put_out(session, group, request.form.get("member", 0, type=row_id), now=clock.now())
    flash("내보냈어요. 모임 번호가 바뀌었으니 종이를 새로 붙여 주세요.", "ok")
    return redirect(_page_of(circle_id))


@bp.post("/<int:circle_id>/end")
@access(Role.MENTOR, Role.OPERATOR)
def end(circle_id: int) -> ResponseReturnValue:
    """End a group."""
    with db.transaction() as session:
        group = circle_queries.get_circle(session, me(), circle_id, manage=True)
        circles.end(session, group, path=_page_of(circle_id), now=clock.now())
    flash("모임을 마쳤어요. 함께한 분들께 알렸어요.", "ok")
    return redirect(_page_of(circle_id))


@bp.route("/<int:circle_id>/meetings/new", methods=["GET", "POST"])
@access(Role.MENTOR)
def plan_meeting(circle_id: int) -> ResponseReturnValue:
    """Plan the next meeting."""
    group = circle_queries.get_circle(db.session(), me(), circle_id, lead=True)
    form = MeetingForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            circle_meetings.plan(
                session,
                circle_queries.get_circle(session, me(), circle_id, lead=True),
                _planned(form),
                form_key=form.key.data or "",
                path=_page_of(circle_id),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("모임 날을 정했어요. 함께하는 분들께 알렸어요.", "ok")
            return redirect(_page_of(circle_id))
    return render_template("mentoring/circle_meeting.html", form=form, group=group), form.status


@bp.post("/meetings/<int:meeting_id>/cancel")
@access(Role.MENTOR)
def cancel_meeting(meeting_id: int) -> ResponseReturnValue:
    """Let go of a meeting."""
    with db.transaction() as session:
        meeting = circle_queries.get_meeting(session, me(), meeting_id)
        back = _page_of(meeting.circle_id)
        circle_meetings.cancel(session, meeting, path=back, now=clock.now())
    flash("모임 날을 취소했어요. 함께하는 분들께 알렸어요.", "ok")
    return redirect(back)


@bp.route("/meetings/<int:meeting_id>/log", methods=["GET", "POST"])
@access(Role.MENTOR)
def write_log(meeting_id: int) -> ResponseReturnValue:
    """Tick who was there and write down what was done, for the whole group."""
    meeting = circle_queries.get_meeting(db.session(), me(), meeting_id)
    back, name = _page_of(meeting.circle_id), meeting.circle.name
    if request.method == "GET" and (why_not := circle_meetings.why_not_written(meeting, now=clock.now())):
        flash(why_not)
        return redirect(back)
    form = _log_form(meeting)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            circle_meetings.write_log(
                session,
                circle_queries.get_meeting(session, me(), meeting_id),
                log=form.log.data or "",
                present_ids={int(value) for value in form.present.data or () if value.isdecimal()},
                path=back,
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("적어 주셔서 고맙습니다. 모임 모두에게 알렸어요.", "ok")
            return redirect(back)
    page = render_template("mentoring/circle_log.html", form=form, meeting=meeting, name=name, back=back)
    return page, form.status


def _described(form: CircleForm) -> circles.Described:
    return circles.Described(
        name=form.name.data or "",
        region=Region(form.region.data),
        topic=Topic(form.topic.data),
        goal=form.goal.data or "",
        places=form.places.data or 0,
    )


def _planned(form: MeetingForm) -> circle_meetings.Planned:
    kind = VisitKind(form.kind.data)
    return circle_meetings.Planned(
        kind=kind,
        starts_at=form.starts_at(),
        minutes=int(form.minutes.data),
        place=PLACES.get(kind) or form.place.data or "",
        plan=form.plan.data or "",
        link=form.link.data or "" if kind == VisitKind.VIDEO else "",
    )


def _log_form(meeting: CircleMeeting) -> MeetingLogForm:
    form = MeetingLogForm(request.form)
    people = circle_meetings.list_who_may_have_come(db.session(), meeting)
    form.present.choices = [
        SelectChoice(str(user.id), f"{user.name} 사장님" + (f" ({user.shop_name})" if user.shop_name else ""))
        for user in people
    ]
    return form


def _page_of(circle_id: int) -> str:
    return url_for("circles.circle", circle_id=circle_id)


def _next_href(rows: list[CircleCard]) -> str | None:
    has_more = len(rows) > PAGE_SIZE
    return url_for(".index", before=rows[PAGE_SIZE - 1].id) if has_more else None
