"""The page of notices, and what their reader chooses about them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import STAFF, Role
from portal.messages import operations, queries
from portal.messages.forms import HoursForm, settings_form
from portal.messages.hours import Hours
from portal.messages.outgoing import TEXTS_A_DAY
from portal.messages.vocabulary import (
    CHANNEL_NAMES,
    KIND_HINTS,
    KIND_NAMES,
    PACE_NAMES,
    Kind,
    MarketDays,
    Pace,
)
from portal.messages.wishes import Wishes
from portal.web.access import SIGNED_IN, access
from portal.web.addresses import row_id
from portal.web.plain import is_page_plain

bp = Blueprint("messages", __name__, url_prefix="/messages", template_folder="templates")


@bp.app_context_processor
def give_unread_count() -> dict[str, int]:
    """Give every page the number of unread notices."""
    if is_page_plain() or not current_user.is_authenticated:
        return {"unread_count": 0}
    return {"unread_count": queries.count_unread(db.session(), me())}


@bp.get("/")
@access(SIGNED_IN)
def index() -> ResponseReturnValue:
    """List the person's notices, those of today first."""
    notices = queries.list_notices(db.session(), me(), before_id=request.args.get("before", type=row_id))
    shown, has_more = notices[: queries.PAGE_SIZE], len(notices) > queries.PAGE_SIZE
    return render_template(
        "messages/index.html",
        groups=queries.by_day(shown, now=clock.now()),
        next_href=url_for(".index", before=shown[-1].id) if has_more else "",
        kind_names=KIND_NAMES,
    )


@bp.post("/<int:notice_id>/open")
@access(SIGNED_IN)
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark a notice read and go to the page it is about."""
    with db.transaction() as session:
        notice = queries.get_notice(session, me(), notice_id)
        operations.mark_read(session, notice, now=clock.now())
    return redirect(notice.path)


@bp.route("/settings", methods=["GET", "POST"])
@access(SIGNED_IN)
def settings() -> ResponseReturnValue:
    """Show and change what the person is told, where and when."""
    wishes = queries.get_wishes(db.session(), me().id)
    kinds = _kinds(wishes)
    form = settings_form(kinds, wishes.channels)(request.form, data=_chosen(wishes, kinds))
    if form.submitted():
        _keep(form, wishes, kinds)
        flash("저장했어요. 이제 이렇게 알려 드려요.", "ok")
        return redirect(url_for(".settings"))
    return render_template(
        "messages/settings.html",
        form=form,
        wishes=wishes,
        rows=[
            (kind, KIND_NAMES[kind], [form[f"{kind}_{channel}"] for channel in wishes.channels])
            for kind in kinds
        ],
        hints=KIND_HINTS,
        texts_a_day=TEXTS_A_DAY,
        summary=[(KIND_NAMES[kind], _said(wishes, kind)) for kind in kinds],
    ), form.status


@bp.post("/deliveries/<int:delivery_id>/retry")
@access(Role.OPERATOR)
def retry(delivery_id: int) -> ResponseReturnValue:
    """Send an undelivered notice now."""
    with db.transaction() as session:
        operations.retry_delivery(session, delivery_id, now=clock.now())
    flash("다시 보내 볼게요. 잠시 뒤에 이 화면을 다시 열어 주세요.", "ok")
    return redirect(url_for("desk.jobs"))


@bp.post("/deliveries/<int:delivery_id>/arrived")
@access(Role.OPERATOR)
def arrived(delivery_id: int) -> ResponseReturnValue:
    """Note that a message nobody was sure of has arrived."""
    with db.transaction() as session:
        operations.note_arrived(session, delivery_id, now=clock.now())
    flash("도착한 것으로 적었어요.", "ok")
    return redirect(url_for("desk.jobs"))


@bp.post("/read-all")
@access(SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark every notice read."""
    with db.transaction() as session:
        operations.mark_all_read(session, me(), now=clock.now())
    return redirect(url_for("messages.index"))


def _kinds(wishes: Wishes) -> list[Kind]:
    """Return what this person can be told about: work is for staff, news for those who agreed."""
    hidden = set() if me().roles & STAFF else {Kind.WORK}
    if not wishes.has_news:
        hidden.add(Kind.NEWS)
    return [kind for kind in Kind if kind not in hidden]


def _chosen(wishes: Wishes, kinds: list[Kind]) -> dict[str, str]:
    """Return what the form shows at first."""
    hours = wishes.hours
    return {
        "quiet_from": str(hours.quiet_from),
        "quiet_until": str(hours.quiet_until),
        "market_days": hours.market_days.value,
        **{
            f"{kind}_{channel}": wishes.pace(kind, channel).value
            for kind in kinds
            for channel in wishes.channels
        },
    }


def _keep(form: HoursForm, wishes: Wishes, kinds: list[Kind]) -> None:
    hours = Hours(
        quiet_from=int(form.quiet_from.data),
        quiet_until=int(form.quiet_until.data),
        market_days=MarketDays(form.market_days.data),
    )
    paces = {
        (kind, channel): Pace(form[f"{kind}_{channel}"].data) for kind in kinds for channel in wishes.channels
    }
    with db.transaction() as session:
        operations.set_paces(session, me(), paces)
        operations.set_hours(session, me(), hours)


def _said(wishes: Wishes, kind: Kind) -> str:
    """Return in words where and how soon a kind is told."""
    paces = [(CHANNEL_NAMES[channel], wishes.pace(kind, channel)) for channel in wishes.channels]
    wanted = [f"{name} {PACE_NAMES[pace]}" for name, pace in paces if pace is not Pace.NEVER]
    return ", ".join(wanted) or "이 화면에서만 봐요"
