"""The boards beside the questions: beginning something, and commenting under it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.community import holding, limits, policy, texts, writing
from portal.community.activity import Place, by_activity
from portal.community.models import (
    Association,
    AssociationMember,
    Board,
    Follow,
    GroupTalk,
    Post,
    PostKind,
    Promotion,
    Talk,
    Thread,
)
from portal.core import db, korean, personal_numbers
from portal.core.clock import KST
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError
from portal.messages.operations import mark_path_read, notify

PAGE_SIZE = 20
COMMENTS_MAX = 100
"""What is longer is begun anew, so that a page stays readable."""

PROMOTION_EVERY = timedelta(days=7)

KINDS: Mapping[Board, type[Thread]] = {
    Board.TALK: Talk,
    Board.PROMOTION: Promotion,
    Board.GROUP: GroupTalk,
}

NO_THREAD = "찾는 글이 없어요. 지워졌거나 주소가 바뀌었을 수 있어요."

PathOf = Callable[[int], str]
"""Gives the path of the place on the thread's page, by the comment's id; the view makes it."""


@dataclass(frozen=True)
class Draft:
    """Something to begin, as it was typed; the form's key stands for one press."""

    board: Board
    title: str
    text: str
    form_key: str
    picture_key: str | None = None
    association_id: int | None = None


@dataclass(frozen=True)
class ThreadLine:
    """A thread in a list."""

    id: int
    title: str
    author: str
    created_at: datetime
    last_post_at: datetime
    comments: int

    @property
    def place(self) -> Place:
        """Return where a page that ends with this thread goes on."""
        return self.last_post_at, self.id


@dataclass(frozen=True)
class CommentLine:
    """Something written under a thread."""

    id: int
    author: str
    text_html: str
    created_at: datetime
    edited_at: datetime | None
    can_edit: bool
    beside: texts.Beside


@dataclass(frozen=True)
class ThreadPage(ThreadLine):
    """A thread with what this reader may do."""

    board: Board
    text_html: str
    association_id: int | None
    association: str
    is_author: bool
    edited_at: datetime | None
    can_edit: bool
    beside: texts.Beside
    can_comment: bool
    comments_below: Sequence[CommentLine]


def begin(session: Session, author: User, draft: Draft, *, mask: bool, now: datetime) -> Thread:
    """Put something on a board; its author follows it. The same form twice is the same thread.

    Raises PersonalNumberError for a telephone or account number unless it is to be masked, ConflictError
    for a second promotion within a week. Holds the author's account, so that two presses come in turn.
    """
    texts = personal_numbers.check_texts({"title": draft.title, "text": draft.text}, mask=mask)
    html = writing.render(texts["text"], field="text")
    session.execute(select(User.id).where(User.id == author.id).with_for_update())
    made = find_by_key(session, author, draft.form_key)
    if made is not None and (made.title, made.text_markdown) == (texts["title"], texts["text"]):
        return made
    if draft.board == Board.PROMOTION:
        _refuse_often(session, author, now=now)
    limits.check(session, author.id, limits.THREADS, now=now)
    thread = KINDS[draft.board](
        author_id=author.id,
        form_key=draft.form_key if made is None else writing.fresh_key(),
        title=texts["title"],
        text_markdown=texts["text"],
        text_html=html,
        picture_key=draft.picture_key,
        association_id=draft.association_id,
        created_at=now,
        last_post_at=now,
    )
    session.add(thread)
    session.flush()  # who follows it names its id
    holding.hold_newcomers(session, thread, now=now)
    follow(session, thread, author, now=now)
    return thread


def find_by_key(session: Session, author: User, form_key: str) -> Thread | None:
    """Return the thread this very form has made."""
    return session.scalar(select(Thread).where(Thread.author_id == author.id, Thread.form_key == form_key))


def find_next_promotion(session: Session, author: User, *, now: datetime) -> datetime | None:
    """Return from when this person may show their shop again, or None if they may now."""
    latest = session.scalar(
        select(Promotion.created_at)
        .where(Promotion.author_id == author.id, Promotion.created_at > now - PROMOTION_EVERY)
        .order_by(Promotion.created_at.desc())
        .limit(1)
    )
    return latest + PROMOTION_EVERY if latest else None


def _refuse_often(session: Session, author: User, *, now: datetime) -> None:
    again_at = find_next_promotion(session, author, now=now)
    if again_at is not None:
        raise ConflictError(
            f"알리는 글은 모두를 위해 일주일에 한 번 올려요. {korean.dated_time(again_at, now=now)}부터 "
            "다시 올릴 수 있어요. 그때까지는 올린 글에 댓글로 덧붙여 주세요."
        )


def comment(
    session: Session,
    thread: Thread,
    author: User,
    *,
    text: str,
    form_key: str,
    mask: bool,
    path_of: PathOf,
    now: datetime,
    picture_key: str | None = None,
) -> Post:
    """Write under a thread; the writer follows it, and those who follow are told once a day.

    A newcomer's is held, and nobody is told. The same form twice is the same comment. Raises as `begin` does,
    and ConflictError under a thread that has grown too long. Holds the thread.
    """
    texts = personal_numbers.check_texts({"text": text}, mask=mask)
    html = writing.render(texts["text"], field="text")
    thread = db.lock(session, Thread, thread.id)
    made = session.scalar(select(Post).where(Post.author_id == author.id, Post.form_key == form_key))
    if made is not None and (made.thread_id, made.text_markdown) == (thread.id, texts["text"]):
        return made
    _refuse_too_many(session, thread, author, now=now)
    written = Post(
        thread_id=thread.id,
        author_id=author.id,
        form_key=form_key if made is None else writing.fresh_key(),
        kind=PostKind.COMMENT,
        text_markdown=texts["text"],
        text_html=html,
        picture_key=picture_key,
        created_at=now,
    )
    _add(session, thread, written, author, now=now)
    if written.held_at is None:
        _tell_followers(session, thread, written, path=path_of(written.id), now=now)
    mark_path_read(session, user_id=author.id, path=path_of(written.id), now=now)
    return written


def _add(session: Session, thread: Thread, written: Post, author: User, *, now: datetime) -> None:
    session.add(written)
    thread.last_post_at, thread.posts_count = now, thread.posts_count + 1
    session.flush()  # the notice names the comment's id
    holding.hold_newcomers(session, written, now=now)
    follow(session, thread, author, now=now)


def _refuse_too_many(session: Session, thread: Thread, author: User, *, now: datetime) -> None:
    if thread.posts_count >= COMMENTS_MAX:
        raise ConflictError("댓글이 많아졌어요. 이어서 할 이야기는 새 글로 써 주세요.")
    limits.check(session, author.id, limits.POSTS, now=now)


def follow(session: Session, thread: Thread, user: User, *, now: datetime) -> None:
    """Let the person know how a thread goes on; whoever had stopped and writes again follows again."""
    kept = session.get(Follow, (thread.id, user.id))
    if kept is None:
        session.add(Follow(thread_id=thread.id, user_id=user.id, created_at=now))
    else:
        kept.ended_at = None


def _tell_followers(session: Session, thread: Thread, written: Post, *, path: str, now: datetime) -> None:
    followers = select(Follow.user_id).where(
        Follow.thread_id == thread.id, Follow.ended_at.is_(None), Follow.user_id != written.author_id
    )
    if thread.association_id is not None:
        members = select(AssociationMember.user_id).where(
            AssociationMember.association_id == thread.association_id, AssociationMember.left_at.is_(None)
        )
        followers = followers.where(Follow.user_id.in_(members))
    for user_id in session.scalars(followers.order_by(Follow.user_id)).all():
        notify(
            session,
            user_id=user_id,
            # Notices go out as text messages: the first of a day says it, the page has the rest.
            cause=f"comments:{thread.id}:{now.astimezone(KST):%Y%m%d}",
            message="comment",
            values={"title": writing.short_title(thread.title)},
            about=f"thread:{thread.id}",
            path=path,
            now=now,
        )


def list_threads(
    session: Session,
    reader: User | None,
    board: Board,
    *,
    association_id: int | None = None,
    before: Place | None = None,
) -> list[ThreadLine]:
    """Return a page of a board and one more, the newest activity first, those after ``before`` if given."""
    statement = select(Thread).options(joinedload(Thread.author))
    statement = statement.where(Thread.board == board, Thread.moved_to_id.is_(None), policy.may_read(reader))
    if association_id is not None:
        statement = statement.where(Thread.association_id == association_id)
    rows = session.scalars(by_activity(statement, before).limit(PAGE_SIZE + 1))
    return [_line(row, reader) for row in rows]


def get_thread(session: Session, user: User, thread_id: int, *, comment: bool = False) -> Thread:
    """Return a thread of a board. Raises NotFoundError, and ForbiddenError if it may only be read."""
    row = session.execute(
        select(Thread, policy.may_comment(user).label("can_comment")).where(
            Thread.id == thread_id, Thread.board != Board.QUESTIONS, policy.may_read(user)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_THREAD)
    thread, can_comment = row
    if comment and not can_comment:
        raise ForbiddenError("지금은 이 글에 댓글을 쓸 수 없어요.")
    found: Thread = thread
    return found


def get_thread_page(session: Session, reader: User | None, thread_id: int) -> ThreadPage:
    """Return everything a thread's page shows to this reader. Raises NotFoundError if there is none."""
    row = session.execute(
        select(
            Thread,
            Association.name,
            policy.may_comment(reader).label("can_comment"),
            policy.may_edit(reader).label("can_edit"),
            *texts.rights_of(reader, Thread),
        )
        .outerjoin(Association, Association.id == Thread.association_id)
        .where(Thread.id == thread_id, Thread.board != Board.QUESTIONS, policy.may_read(reader))
        .options(joinedload(Thread.author))
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_THREAD)
    thread, association, can_comment = row[:3]
    return ThreadPage(
        **vars(_line(thread, reader)),
        board=thread.board,
        text_html=thread.text_html,
        association_id=thread.association_id,
        association=association or "",
        is_author=reader is not None and reader.id == thread.author_id,
        edited_at=thread.edited_at,
        can_edit=bool(row.can_edit),
        beside=texts.beside(thread, reader, rights=row),
        can_comment=bool(can_comment) and thread.posts_count < COMMENTS_MAX,
        comments_below=_list_comments(session, thread, reader),
    )


def author_name(author: User, reader: User | None) -> str:
    """Return how a reader sees who wrote something: masked for strangers."""
    return f"{korean.masked_name(author.name) if reader is None else author.name} 님"


def _line(thread: Thread, reader: User | None) -> ThreadLine:
    return ThreadLine(
        id=thread.id,
        title=thread.title,
        author=author_name(thread.author, reader),
        created_at=thread.created_at,
        last_post_at=thread.last_post_at,
        comments=thread.posts_count,
    )


def _list_comments(session: Session, thread: Thread, reader: User | None) -> list[CommentLine]:
    rows = session.execute(
        select(Post, policy.may_edit_post(reader).label("can_edit"), *texts.rights_of(reader, Post))
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.thread_id == thread.id, policy.may_read_post(reader))
        .options(joinedload(Post.author))
        .order_by(Post.created_at, Post.id)  # merged ones stand where their time is
        .limit(COMMENTS_MAX)
    )
    return [
        CommentLine(
            post.id,
            author_name(post.author, reader),
            post.text_html,
            post.created_at,
            post.edited_at,
            bool(row.can_edit),
            texts.beside(post, reader, rights=row),
        )
        for row in rows
        for post in [row[0]]
    ]
