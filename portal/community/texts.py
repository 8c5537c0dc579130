"""A text of the boards, thread or post, wherever a rule is the same for both: found, named, counted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Label, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import User
from portal.community import policy
from portal.community.models import Board, Post, Thread
from portal.community.moderation_models import ModerationAction, ModerationLine
from portal.core import db
from portal.core.errors import NotFoundError
from portal.messages.operations import notify

Text: TypeAlias = Thread | Post

TITLE_CHARS = 30
"""As much of a title as a text message has room for beside its sentence."""

REASON_CHARS = 80
"""As much of a reason; the whole of it stands on the text's page."""

NO_TEXT = "찾는 글이 없어요. 지워졌거나 주소가 바뀌었을 수 있어요."


@dataclass(frozen=True)
class Beside:
    """What stands beside a text for one reader: whether others see it, its picture, what may be done."""

    is_hidden: bool
    is_held: bool
    is_mine: bool
    has_picture: bool
    #: Changes with the picture, so that no browser shows the one from before it was covered.
    picture_mark: str
    can_see_picture: bool
    is_picture_open: bool
    can_cover: bool
    can_open_picture: bool
    can_moderate: bool
    can_report: bool


def beside(text: Text, reader: User | None, *, rights: Any) -> Beside:
    """Return what stands beside ``text`` for this reader; ``rights`` is a row with those of `rights_of`."""
    is_mine, has_picture = reader is not None and reader.id == text.author_id, text.picture_key is not None
    return Beside(
        is_hidden=text.hidden_at is not None,
        is_held=text.held_at is not None,
        is_mine=is_mine,
        has_picture=has_picture,
        picture_mark=(text.picture_key or "")[:8],
        can_see_picture=has_picture and bool(rights.can_see_picture),
        is_picture_open=text.picture_opened_at is not None,
        can_cover=has_picture and bool(rights.can_cover),
        can_open_picture=has_picture and bool(rights.can_open_picture),
        can_moderate=bool(rights.can_moderate),
        can_report=reader is not None and not is_mine,
    )


def rights_of(reader: User | None, kind: type[Thread] | type[Post]) -> tuple[Label[bool], ...]:
    """Return the columns that say what the policy lets ``reader`` do with each row of ``kind``."""
    return (
        policy.may_see_picture(reader, kind).label("can_see_picture"),
        policy.may_cover(reader, kind).label("can_cover"),
        policy.may_open_picture(reader).label("can_open_picture"),
        policy.may_moderate(reader).label("can_moderate"),
    )


def get_text(
    session: Session, reader: User | None, *, thread_id: int | None = None, post_id: int | None = None
) -> Text:
    """Return the thread, or the post if one is named, that ``reader`` may read. Raises NotFoundError."""
    found: Text | None
    if post_id is None:
        found = session.scalar(select(Thread).where(Thread.id == thread_id, policy.may_read(reader)))
    else:
        found = session.scalar(
            select(Post)
            .join(Thread, Thread.id == Post.thread_id)
            .where(Post.id == post_id, policy.may_read(reader), policy.may_read_post(reader))
        )
    if found is None:
        raise NotFoundError(NO_TEXT)
    return found


def find_elsewhere(session: Session, thread_id: int, *, is_question: bool) -> Thread | None:
    """Return the thread an old address leads to: the one it was merged into, or itself on another board.

    None for a thread that stands where its address says; who may read it is for its own page to say.
    """
    former = aliased(Thread)
    was_moved = exists().where(
        ModerationLine.thread_id == former.id, ModerationLine.action == ModerationAction.MOVED
    )
    is_elsewhere = former.board != Board.QUESTIONS if is_question else former.board == Board.QUESTIONS
    leads_there = or_(
        former.moved_to_id == Thread.id,
        and_(former.moved_to_id.is_(None), former.id == Thread.id, was_moved, is_elsewhere),
    )
    return session.scalar(select(Thread).join(former, leads_there).where(former.id == thread_id))


def lock_text(session: Session, text: Text) -> Text:
    """Return the text fresh from the database, locked until the transaction ends.

    Of a post the thread is held first: merging holds threads and then moves their posts.
    """
    if isinstance(text, Thread):
        return db.lock(session, Thread, text.id)
    db.lock(session, Thread, text.thread_id)
    return db.lock(session, Post, text.id)


def thread_of(session: Session, text: Text) -> Thread:
    """Return the thread a text is or stands under."""
    return text if isinstance(text, Thread) else session.get_one(Thread, text.thread_id)


def about(text: Text) -> dict[str, int]:
    """Return the column that names ``text`` in a row about it."""
    return {"thread_id": text.id} if isinstance(text, Thread) else {"post_id": text.id}


def key(text: Text) -> str:
    """Return a word for ``text`` in the causes of notices."""
    return f"{'thread' if isinstance(text, Thread) else 'post'}:{text.id}"


def tell_author(
    session: Session, text: Text, message: str, *, reason: str = "", path: str, now: datetime, **values: str
) -> None:
    """Tell the author what became of a text, and why; each time is a cause of its own."""
    title, why = _shortened(thread_of(session, text).title, TITLE_CHARS), _shortened(reason, REASON_CHARS)
    notify(
        session,
        user_id=text.author_id,
        cause=f"{message}:{key(text)}:{now:%Y%m%d%H%M%S}",
        message=message,
        values={"title": title, "reason": why, **values},
        about=f"thread:{text.id if isinstance(text, Thread) else text.thread_id}",
        path=path,
        now=now,
    )


def _shortened(words: str, length: int) -> str:
    return words if len(words) <= length else words[: length - 1].rstrip() + "…"


def recount(session: Session, thread_id: int) -> None:
    """Count the visible posts of a thread anew, and note when the last one came. Holds the thread."""
    thread = db.lock(session, Thread, thread_id)
    posts, last = session.execute(
        select(func.count(), func.max(Post.created_at)).where(
            Post.thread_id == thread_id, Post.hidden_at.is_(None), Post.held_at.is_(None)
        )
    ).one()
    thread.posts_count, thread.last_post_at = posts, last or thread.created_at
