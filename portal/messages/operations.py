"""Telling people things, once."""

from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, queue
from portal.core.errors import ConflictError
from portal.messages import policy, queries
from portal.messages.models import Notice

DELIVER_WITHIN_S = 30
DELIVER = queue.register(
    "messages.deliver",
    run="portal.messages.jobs.deliver",
    timeout_s=DELIVER_WITHIN_S,
    due=queries.list_due_ids,
)


def notify(session: Session, *, user_id: int, cause: str, sentence: str, path: str, now: datetime) -> None:
    """Tell a person something in the portal and by text message or e-mail; the same cause only once.

    Call it inside the transaction that holds the row which caused it: that row's lock is what keeps two
    writers from telling the same thing, and the unique constraint stands behind it.
    """
    told = session.scalar(select(Notice.id).where(Notice.user_id == user_id, Notice.cause == cause))
    if told is not None:
        return
    notice = Notice(user_id=user_id, cause=cause, sentence=sentence, path=path, created_at=now, due_at=now)
    session.add(notice)
    session.flush()  # the job needs the row's id
    queue.enqueue(session, DELIVER, notice.id)


def withdraw(session: Session, *, user_id: int, cause: str, now: datetime) -> None:
    """Let a notice of what is no longer so wait for nobody: it is not sent any more and counts as read."""
    session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.cause == cause)
        .values(due_at=None, lease=None, read_at=func.coalesce(Notice.read_at, now))
    )


def retry_delivery(session: Session, notice_id: int, *, now: datetime) -> None:
    """Try now instead of at the next try; a worker that is at it loses its lease.

    Raises NotFoundError for no such notice, ConflictError for one that has left.
    """
    notice = db.lock(session, Notice, notice_id)
    if notice.due_at is None:
        raise ConflictError("이미 보낸 알림이에요.")
    notice.due_at, notice.lease = now, None
    queue.enqueue(session, DELIVER, notice_id)


def mark_read(session: Session, notice: Notice, *, now: datetime) -> None:
    """Note that the person opened the notice; a second opening changes nothing."""
    session.execute(
        update(Notice).where(Notice.id == notice.id, Notice.read_at.is_(None)).values(read_at=now)
    )


def mark_path_read(session: Session, *, user_id: int, path: str, now: datetime) -> None:
    """Note that a person has dealt with what their notices of a page tell; call it where they acted on it.

    ``path`` is the page's, with or without the place on it (``#answer-12``); places on the page count too.
    """
    page = path.partition("#")[0]
    session.execute(
        update(Notice)
        .where(
            Notice.user_id == user_id,
            Notice.read_at.is_(None),
            or_(Notice.path == page, Notice.path.startswith(f"{page}#", autoescape=True)),
        )
        .values(read_at=now)
    )


def mark_all_read(session: Session, user: User, *, now: datetime) -> None:
    """Note that the person has seen all their notices."""
    session.execute(update(Notice).where(policy.may_view(user), Notice.read_at.is_(None)).values(read_at=now))
