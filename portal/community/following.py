"""Following a thread: by writing in it, or by wondering the same without a post of one's own."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import closing, policy
from portal.community.models import Follow, Question, Thread
from portal.core import db
from portal.messages.operations import notify_all, resume_conversation


def follow(
    session: Session, thread: Thread, user: User, *, is_same_question: bool = False, now: datetime
) -> None:
    """Let somebody know how a thread goes on; a second press changes nothing.

    ``is_same_question`` counts them among those who wonder the same; the asker wonders already. Raises
    ConflictError for a closed question. Holds the thread, so that the count is right.
    """
    thread = db.lock(session, Thread, thread.id)
    if isinstance(thread, Question):
        closing.refuse_if_closed(thread)
    row = find_follow(session, thread.id, user)
    if row is None:
        row = Follow(thread_id=thread.id, user_id=user.id, is_same_question=False, created_at=now)
        session.add(row)
    row.ended_at = None
    resume_conversation(session, user.id, about(thread))
    if is_same_question and not row.is_same_question and thread.author_id != user.id:
        row.is_same_question = True
        thread.same_count += 1


def stop(session: Session, thread: Thread, user: User, *, now: datetime) -> None:
    """Tell somebody nothing more about a thread; writing in it does not begin it again. Holds the thread."""
    thread = db.lock(session, Thread, thread.id)
    row = find_follow(session, thread.id, user)
    if row is None:
        # Who asked before there were follows is told without one: the row says that they want no more.
        row = Follow(thread_id=thread.id, user_id=user.id, is_same_question=False, created_at=now)
        session.add(row)
    row.ended_at = row.ended_at or now
    if row.is_same_question:
        row.is_same_question = False
        thread.same_count -= 1


def follow_by_writing(session: Session, thread: Thread, user_id: int, *, now: datetime) -> None:
    """Let whoever writes follow what they wrote in, unless they ended it; the caller holds the thread."""
    if session.get(Follow, (thread.id, user_id)) is None:
        session.add(Follow(thread_id=thread.id, user_id=user_id, is_same_question=False, created_at=now))


def find_follow(session: Session, thread_id: int, user: User) -> Follow | None:
    """Return the person's follow of a thread, ended or not."""
    return session.get(Follow, (thread_id, user.id), populate_existing=True)


def about(thread: Thread) -> str:
    """Return the name of the conversation, by which its messages are stopped."""
    return f"thread:{thread.id}"


def tell(
    session: Session,
    thread: Thread,
    *,
    cause: str,
    message: str,
    values: Mapping[str, str],
    path: str,
    besides: Collection[int],
    now: datetime,
) -> None:
    """Tell whoever follows the thread, and whoever began it, once for this cause; not those ``besides``."""
    told = [user_id for user_id in list_told_ids(session, thread) if user_id not in besides]
    notify_all(
        session,
        sorted(told, key=lambda user_id: user_id != thread.author_id),  # whoever began it is told first
        cause=cause,
        message=message,
        values=values,
        about=about(thread),
        path=path,
        now=now,
    )


def list_told_ids(session: Session, thread: Thread) -> list[int]:
    """Return who is to be told: followers who may still read the thread, and its author.

    Nobody who has ended it.
    """
    rows = session.execute(
        select(Follow.user_id, Follow.ended_at)
        .join(Thread, Thread.id == Follow.thread_id)
        .where(Thread.id == thread.id, or_(policy.may_be_told(), Follow.user_id == thread.author_id))
        .order_by(Follow.user_id)
    ).all()
    following = {row.user_id: row.ended_at is None for row in rows}
    following.setdefault(thread.author_id, True)
    return [user_id for user_id, is_told in following.items() if is_told]
