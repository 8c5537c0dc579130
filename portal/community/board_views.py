"""Pages of the boards beside the questions."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.community import boards, groups, photos, stories, unread
from portal.community.activity import read_place, write_place
from portal.community.board_forms import BeginForm, CommentForm
from portal.community.boards import ThreadPage
from portal.community.models import Board
from portal.community.visits import note_visit
from portal.core import clock, db
from portal.web.access import ANYONE, SIGNED_IN, access

bp = Blueprint("boards", __name__, url_prefix="/community", template_folder="templates")

NAMES = {Board.TALK: "자유 이야기", Board.PROMOTION: "가게·상품 알리기", Board.STORIES: "성공 이야기"}
LEADS = {
    Board.TALK: "장사하며 있었던 일을 편하게 나눠요.",
    Board.PROMOTION: "내 가게와 상품은 여기에서 알려요. 한 분이 일주일에 한 번 올려요.",
}
BUTTONS = {Board.TALK: "이야기 쓰기", Board.PROMOTION: "가게 알리기"}


@bp.get("/talk/", defaults={"board": Board.TALK.value})
@bp.get("/promotion/", defaults={"board": Board.PROMOTION.value})
@access(ANYONE)
def board(board: str) -> ResponseReturnValue:
    """List what stands on a board, the newest activity first."""
    shown, reader = Board(board), me_or_nobody()
    lines = boards.list_threads(
        db.session(), reader, shown, before=request.args.get("before", type=read_place)
    )
    page, has_more = lines[: boards.PAGE_SIZE], len(lines) > boards.PAGE_SIZE
    return render_template(
        "community/board.html",
        board=board,
        name=NAMES[shown],
        lead=LEADS[shown],
        button=BUTTONS[shown],
        lines=page,
        new_ids=unread.find_new_ids(db.session(), reader, [line.id for line in page], now=clock.now()),
        next_href=url_for(".board", board=board, before=write_place(page[-1].place)) if has_more else "",
    )


@bp.route("/talk/new", methods=["GET", "POST"], defaults={"board": Board.TALK.value})
@bp.route("/promotion/new", methods=["GET", "POST"], defaults={"board": Board.PROMOTION.value})
@access(SIGNED_IN)
def begin(board: str) -> ResponseReturnValue:
    """Begin something on a board."""
    shown = Board(board)
    again_at = None
    if shown == Board.PROMOTION and request.method == "GET":
        again_at = boards.find_next_promotion(db.session(), me(), now=clock.now())
    return begin_on(shown, name=NAMES[shown], back=url_for(".board", board=board), again_at=again_at)


def begin_on(
    board: Board,
    *,
    name: str,
    back: str,
    association_id: int | None = None,
    again_at: datetime | None = None,
) -> ResponseReturnValue:
    """Show the form of a new thread and take it in; ``again_at`` says from when it will be taken."""
    form = BeginForm(request.form)
    is_well_shaped = form.submitted()
    if request.method == "POST":
        with form.show_refusal():
            photos.keep(form)
    if is_well_shaped and not form.errors:
        with form.show_refusal(), db.transaction() as session:
            if association_id is not None:
                groups.get_association(session, me(), association_id, write=True)
            draft = _draft(form, board, association_id)
            begun = boards.begin(session, me(), draft, mask=_wants_mask(), now=clock.now())
        if not form.errors and not form.form_errors:
            flash("글을 올렸어요.", "ok")
            return redirect(url_for("boards.thread", thread_id=begun.id))
    page = render_template(
        "community/begin.html", form=form, board=board.value, name=name, back=back, again_at=again_at
    )
    return page, form.status


def _draft(form: BeginForm, board: Board, association_id: int | None) -> boards.Draft:
    return boards.Draft(
        board=board,
        title=form.title.data or "",
        text=form.text.data or "",
        form_key=form.form_key.data or "",
        picture_key=photos.kept_key(form),
        association_id=association_id,
    )


@bp.get("/threads/<int:thread_id>/")
@access(ANYONE)
def thread(thread_id: int) -> ResponseReturnValue:
    """Show a thread with its comments."""
    answer = _show(thread_id, CommentForm())
    note_visit(thread_id)
    return answer


@bp.post("/threads/<int:thread_id>/")
@access(SIGNED_IN)
def comment(thread_id: int) -> ResponseReturnValue:
    """Write under a thread."""
    boards.get_thread(db.session(), me(), thread_id, comment=True)
    form = CommentForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            written = boards.comment(
                session,
                boards.get_thread(session, me(), thread_id, comment=True),
                me(),
                text=form.text.data or "",
                form_key=form.form_key.data or "",
                mask=_wants_mask(),
                path_of=lambda comment_id: _path_of(thread_id, comment_id),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("댓글을 남겼어요.", "ok")
            return redirect(_path_of(thread_id, written.id))
    return _show(thread_id, form)


@bp.get("/threads/<int:thread_id>/picture")
@access(ANYONE)
def picture(thread_id: int) -> ResponseReturnValue:
    """Give a thread's picture to those who may see it; never kept, since it may be taken back."""
    return photos.send(boards.get_picture_key(db.session(), me_or_nobody(), thread_id))


@bp.post("/read")
@access(SIGNED_IN)
def mark_all_read() -> ResponseReturnValue:
    """Let everything count as read."""
    with db.transaction() as session:
        unread.mark_all(session, me(), now=clock.now())
    flash("모두 읽은 것으로 했어요.", "ok")
    return redirect(url_for("community.index"))


def _show(thread_id: int, form: CommentForm) -> ResponseReturnValue:
    reader = me_or_nobody()
    page = boards.get_thread_page(db.session(), reader, thread_id)
    story = stories.find_story(db.session(), reader, thread_id) if page.board == Board.STORIES else None
    return render_template(
        "community/thread.html", thread=page, story=story, form=form, crumbs_to=_crumbs(page)
    ), form.status


def _crumbs(page: ThreadPage) -> list[tuple[str, str]]:
    if page.association_id is not None:
        return [(page.association, url_for("groups.board", association_id=page.association_id))]
    if page.board == Board.STORIES:
        return [(NAMES[page.board], url_for("stories.index"))]
    return [(NAMES[page.board], url_for("boards.board", board=page.board.value))]


def _path_of(thread_id: int, comment_id: int) -> str:
    return url_for("boards.thread", thread_id=thread_id, _anchor=f"comment-{comment_id}")


def _wants_mask() -> bool:
    return request.form.get("do") == "mask"
