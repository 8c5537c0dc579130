"""Pages of those who keep the boards safe: what waits to be looked at, and what may be done with a text."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.accounts.vocabulary import TOPIC_NAMES, Topic
from portal.community import merging, moderation, moving, places, reviews, splitting, texts
from portal.community.models import Board, Thread
from portal.community.moderation import Decision, Paths
from portal.community.moderation_forms import DecisionForm, HideForm, MergeForm, MoveForm, SplitForm
from portal.community.moderation_models import ReviewState
from portal.community.texts import Text
from portal.core import clock, db
from portal.core.errors import NotFoundError
from portal.core.roles import STAFF, Role
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("review", __name__, url_prefix="/desk", template_folder="templates")

MODERATORS = (Role.TRAINER, Role.OPERATOR)
FIRST_POST_STATES = {"approved": "보이게 하기", "hidden": "가리기"}
REPORTED_STATES = {"approved": "보이게 두기", "hidden": "가리기", "ignored": "신고 무시하기"}


@bp.get("/review/")
@access(*STAFF)
def index() -> ResponseReturnValue:
    """List what waits to be looked at, the oldest first."""
    chosen = request.args.get("topic", "")
    topic = Topic(chosen) if chosen in {each.value for each in Topic} else None
    after = request.args.get("after", default=0, type=row_id)
    lines = reviews.list_waiting(db.session(), me(), topic=topic, after_id=after)
    page, has_more = lines[: reviews.PAGE_SIZE], len(lines) > reviews.PAGE_SIZE
    filters = [("전체", url_for(".index"), topic is None)]
    filters += [
        (name, url_for(".index", topic=each.value), each == topic) for each, name in TOPIC_NAMES.items()
    ]
    return render_template(
        "community/review_index.html",
        lines=page,
        filters=filters,
        next_href=url_for(".index", topic=chosen or None, after=page[-1].id) if has_more else "",
    )


@bp.route("/review/<int:waiting_id>", methods=["GET", "POST"])
@access(*STAFF)
def item(waiting_id: int) -> ResponseReturnValue:
    """Show a text that waits, and take one decision about it."""
    shown = reviews.get_review(db.session(), me(), waiting_id)
    states = FIRST_POST_STATES if shown.is_first_post else REPORTED_STATES
    form = DecisionForm(request.form, states=states)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            loaded = reviews.get_review(session, me(), waiting_id)
            moderation.decide(
                session,
                loaded.item,
                loaded.text,
                me(),
                Decision(ReviewState(form.state.data), form.reason.data or "", form.stamp.data or ""),
                paths=_paths(loaded.thread, loaded.text),
                now=clock.now(),
            )
        if not form.errors:
            flash("정했어요. 글을 쓴 분과 알려 준 분께 알렸어요.", "ok")
            return redirect(url_for(".index"))
        shown = reviews.get_review(db.session(), me(), waiting_id)
    form.stamp.data = shown.stamp
    path = places.path_of_text(shown.thread, shown.text)
    return render_template("community/review_item.html", item=shown, form=form, path=path), form.status


@bp.route("/texts/thread/<int:thread_id>", methods=["GET", "POST"])
@bp.route("/texts/post/<int:post_id>", methods=["GET", "POST"])
@access(*MODERATORS)
def text(thread_id: int | None = None, post_id: int | None = None) -> ResponseReturnValue:
    """Hide a text with a reason, or show it again; with what was done to it so far."""
    session = db.session()
    shown = texts.get_text(session, me(), thread_id=thread_id, post_id=post_id)
    thread = texts.thread_of(session, shown)
    form = HideForm(request.form)
    is_hidden = shown.hidden_at is not None
    if form.submitted():
        act = moderation.show if request.form.get("do") == "show" else moderation.hide
        with form.show_refusal(), db.transaction() as session:
            held = texts.get_text(session, me(), thread_id=thread_id, post_id=post_id)
            paths = _paths(thread, held)
            act(session, held, me(), reason=form.reason.data or "", paths=paths, now=clock.now())
        if not form.errors:
            flash(
                "글을 다시 보이게 했어요." if act is moderation.show else "글을 가렸어요. 쓴 분께 알렸어요.",
                "ok",
            )
            return redirect(url_for(".text", thread_id=thread_id, post_id=post_id))
    page = render_template(
        "community/text.html",
        text=shown,
        thread=thread,
        is_thread=isinstance(shown, Thread),
        is_hidden=is_hidden or shown.held_at is not None,
        form=form,
        path=places.path_of_text(thread, shown),
        log=[
            (moderation.ACTION_NAMES[line.action], line, name)
            for line, name in moderation.list_log(db.session(), shown)
        ],
    )
    return page, form.status


@bp.route("/texts/thread/<int:thread_id>/move", methods=["GET", "POST"])
@access(*MODERATORS)
def move(thread_id: int) -> ResponseReturnValue:
    """Put a thread on another board."""
    thread = _get_thread(thread_id)
    boards = {board.value: name for board, name in moving.BOARD_NAMES.items() if board != thread.board}
    form = MoveForm(request.form, boards=boards)
    if form.submitted():
        topic = Topic(form.topic.data) if form.topic.data else None
        wish = moving.Move(Board(form.board.data), topic, form.reason.data or "")
        with form.show_refusal(), db.transaction() as session:
            loaded = texts.thread_of(session, texts.get_text(session, me(), thread_id=thread_id))
            thread = moving.move(session, loaded, me(), wish, path_of=places.path_of, now=clock.now())
        if not form.errors:
            flash("옮겼어요. 쓴 분께 알렸어요.", "ok")
            return redirect(url_for(".text", thread_id=thread_id))
    return render_template("community/move.html", thread=thread, form=form), form.status


@bp.route("/texts/thread/<int:thread_id>/merge", methods=["GET", "POST"])
@access(*MODERATORS)
def merge(thread_id: int) -> ResponseReturnValue:
    """Put a thread and its posts under another one."""
    thread = _get_thread(thread_id)
    form = MergeForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            loaded = texts.thread_of(session, texts.get_text(session, me(), thread_id=thread_id))
            into = merging.merge(
                session,
                loaded,
                form.into_id(),
                me(),
                reason=form.reason.data or "",
                path_of=places.path_of,
                now=clock.now(),
            )
        if not form.errors:
            flash("합쳤어요. 옛 주소로 들어와도 이 글이 열려요.", "ok")
            return redirect(places.path_of(into))
    return render_template("community/merge.html", thread=thread, form=form), form.status


@bp.route("/texts/thread/<int:thread_id>/split", methods=["GET", "POST"])
@access(*MODERATORS)
def split(thread_id: int) -> ResponseReturnValue:
    """Make a thread of its own out of some posts."""
    thread = _get_thread(thread_id)
    form = SplitForm(request.form, posts=splitting.list_posts(db.session(), thread))
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            made = splitting.split(
                session,
                texts.thread_of(session, texts.get_text(session, me(), thread_id=thread_id)),
                form.posts.data or [],
                me(),
                title=form.title.data or "",
                reason=form.reason.data or "",
                path_of=places.path_of,
                now=clock.now(),
            )
        if not form.errors:
            flash("새 글로 나눴어요. 쓴 분께 알렸어요.", "ok")
            return redirect(places.path_of(made))
    return render_template("community/split.html", thread=thread, form=form), form.status


def _get_thread(thread_id: int) -> Thread:
    found = texts.get_text(db.session(), me(), thread_id=thread_id)
    if not isinstance(found, Thread):
        raise NotFoundError(texts.NO_TEXT)
    return found


def _paths(thread: Thread, text: Text) -> Paths:
    return Paths(text=places.path_of_text(thread, text), elsewhere=url_for("community.index"))
