"""Pages of the associations: their boards, their members, and the number by which others join."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import queries as accounts
from portal.accounts.login import me
from portal.accounts.vocabulary import Region
from portal.community import boards, groups, unread
from portal.community.activity import read_place, write_place
from portal.community.board_forms import AssociationForm, JoinForm
from portal.community.board_views import begin_on
from portal.community.models import Board
from portal.core import clock, db, settings
from portal.core.errors import DomainError
from portal.core.qr import draw_qr
from portal.core.roles import Role
from portal.web.access import SIGNED_IN, access

bp = Blueprint("groups", __name__, template_folder="templates")

INK = "#1e2124"


@bp.get("/community/groups/<int:association_id>/")
@access(SIGNED_IN)
def board(association_id: int) -> ResponseReturnValue:
    """List what the members of an association talk about."""
    session, reader = db.session(), me()
    page = groups.get_association_page(session, reader, association_id)
    lines = boards.list_threads(
        session,
        reader,
        Board.GROUP,
        association_id=association_id,
        before=request.args.get("before", type=read_place),
    )
    shown, has_more = lines[: boards.PAGE_SIZE], len(lines) > boards.PAGE_SIZE
    further = (
        url_for(".board", association_id=association_id, before=write_place(shown[-1].place))
        if has_more
        else ""
    )
    return render_template(
        "community/group.html",
        group=page,
        lines=shown,
        new_ids=unread.find_new_ids(session, reader, [line.id for line in shown], now=clock.now()),
        next_href=further,
    )


@bp.route("/community/groups/<int:association_id>/new", methods=["GET", "POST"])
@access(SIGNED_IN)
def begin(association_id: int) -> ResponseReturnValue:
    """Begin something for the members of an association."""
    association = groups.get_association(db.session(), me(), association_id, write=True)
    back = url_for(".board", association_id=association_id)
    return begin_on(Board.GROUP, name=association.name, back=back, association_id=association_id)


@bp.route("/community/join", methods=["GET", "POST"])
@access(SIGNED_IN)
def join() -> ResponseReturnValue:
    """Take the number of an association, typed or out of the QR code of a poster."""
    form = JoinForm(request.form, data={"code": request.args.get("code", "")})
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            association = groups.join(
                session, me(), code=form.code.data or "", path_of=_members_path, now=clock.now()
            )
        if not form.errors and not form.form_errors:
            flash(f"{association.name}에 들어왔어요.", "ok")
            return redirect(url_for(".board", association_id=association.id))
    return render_template("community/join.html", form=form), form.status


@bp.get("/community/groups/<int:association_id>/members")
@access(SIGNED_IN)
def members(association_id: int) -> ResponseReturnValue:
    """Show the manager who belongs, and the number to give out."""
    association = groups.get_association(db.session(), me(), association_id, manage=True)
    return render_template(
        "community/members.html",
        group=association,
        code=groups.spaced(association.join_code),
        members=groups.list_members(db.session(), association),
        own_id=me().id,
    )


@bp.get("/community/groups/<int:association_id>/poster")
@access(SIGNED_IN)
def poster(association_id: int) -> ResponseReturnValue:
    """Show the number and its QR code on one sheet to put up."""
    association = groups.get_association(db.session(), me(), association_id, manage=True)
    code = groups.spaced(association.join_code)
    address = settings.current().public_url + url_for(".join")
    return render_template("community/poster.html", group=association, code=code, address=address)


@bp.get("/community/groups/<int:association_id>/join-code.svg")
@access(SIGNED_IN)
def join_code(association_id: int) -> ResponseReturnValue:
    """Give the QR code that opens the page of joining with the number filled in."""
    association = groups.get_association(db.session(), me(), association_id, manage=True)
    address = settings.current().public_url + url_for(".join", code=association.join_code)
    return Response(draw_qr(address, ink=INK), mimetype="image/svg+xml")


@bp.post("/community/groups/<int:association_id>/join-code")
@access(SIGNED_IN)
def renew_code(association_id: int) -> ResponseReturnValue:
    """Make a new number; the old one lets nobody in any more."""
    with db.transaction() as session:
        association = groups.get_association(session, me(), association_id, manage=True)
        groups.renew_code(session, association, old_code=request.form.get("old_code", ""))
    flash("가입 번호를 새로 만들었어요. 붙여 둔 종이도 바꿔 주세요.", "ok")
    return redirect(_members_path(association_id))


@bp.post("/community/groups/<int:association_id>/members/<int:user_id>/out")
@access(SIGNED_IN)
def let_out(association_id: int, user_id: int) -> ResponseReturnValue:
    """Take a member out."""
    with db.transaction() as session:
        association = groups.get_association(session, me(), association_id, manage=True)
        groups.let_out(session, association, user_id, now=clock.now())
    flash("내보냈어요. 가입 번호도 새로 만들었으니 붙여 둔 종이를 바꿔 주세요.", "ok")
    return redirect(_members_path(association_id))


@bp.post("/community/groups/<int:association_id>/members/<int:user_id>/manager")
@access(SIGNED_IN)
def entrust(association_id: int, user_id: int) -> ResponseReturnValue:
    """Let a member manage the association too."""
    with db.transaction() as session:
        association = groups.get_association(session, me(), association_id, manage=True)
        groups.entrust(session, association, user_id)
    flash("함께 관리하게 됐어요.", "ok")
    return redirect(_members_path(association_id))


@bp.post("/community/groups/<int:association_id>/leave")
@access(SIGNED_IN)
def leave(association_id: int) -> ResponseReturnValue:
    """Leave an association."""
    with db.transaction() as session:
        association = groups.get_association(session, me(), association_id, write=True)
        groups.leave(session, association, me(), now=clock.now())
    flash(f"{association.name}에서 나왔어요. 번호가 있으면 다시 들어올 수 있어요.", "ok")
    return redirect(url_for("community.index"))


@bp.route("/desk/associations/", methods=["GET", "POST"])
@access(Role.OPERATOR)
def associations() -> ResponseReturnValue:
    """List every association, and make a new one."""
    form = AssociationForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            manager = accounts.find_by_contact(session, form.identifier.data or "")
            if manager is None:
                raise DomainError("가입한 분이 아니에요. 먼저 가입하시라고 알려 주세요.", field="identifier")
            groups.make(
                session,
                name=form.name.data or "",
                region=Region(form.region.data) if form.region.data else None,
                manager=manager,
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("상인회를 만들었어요. 관리하는 분의 질문 화면에 상인회가 보여요.", "ok")
            return redirect(url_for(".associations"))
    lines = groups.list_associations(db.session())
    return render_template("community/associations.html", form=form, lines=lines), form.status


def _members_path(association_id: int) -> str:
    return url_for("groups.members", association_id=association_id)
