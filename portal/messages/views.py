"""The page of notices."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.messages import operations, queries
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
    """List the person's notices."""
    notices = queries.list_notices(db.session(), me(), before_id=request.args.get("before", type=row_id))
    return render_template(
        "messages/index.html", notices=notices[: queries.PAGE_SIZE], has_more=len(notices) > queries.PAGE_SIZE
    )


@bp.post("/<int:notice_id>/open")
@access(SIGNED_IN)
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Mark a notice read and go to the page it is about."""
    with db.transaction() as session:
        notice = queries.get_notice(session, me(), notice_id)
        operations.mark_read(session, notice, now=clock.now())
    return redirect(notice.path)


@bp.post("/<int:notice_id>/retry")
@access(Role.OPERATOR)
def retry(notice_id: int) -> ResponseReturnValue:
    """Send an undelivered notice now."""
    with db.transaction() as session:
        operations.retry_delivery(session, notice_id, now=clock.now())
    flash("다시 보내 볼게요. 잠시 뒤에 이 화면을 다시 열어 주세요.", "ok")
    return redirect(url_for("desk.jobs"))


@bp.post("/read-all")
@access(SIGNED_IN)
def read_all() -> ResponseReturnValue:
    """Mark every notice read."""
    with db.transaction() as session:
        operations.mark_all_read(session, me(), now=clock.now())
    return redirect(url_for("messages.index"))
