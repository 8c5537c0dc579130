"""Reading notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import work
from portal.core.errors import NotFoundError
from portal.messages import policy
from portal.messages.models import Notice

PAGE_SIZE = 20
WAITS_LONG = timedelta(minutes=10)


@dataclass(frozen=True)
class Delivery:
    """What leaves the house for one notice."""

    phone: str | None
    email: str | None
    sentence: str
    path: str
    message_id: str


@dataclass(frozen=True)
class Unsent:
    """A notice that has not left the house, for the operator."""

    id: int
    to_name: str
    sentence: str
    attempts: int
    last_error: str | None
    due_at: datetime | None


def list_notices(
    session: Session, user: User, *, before_id: int | None = None, limit: int = PAGE_SIZE + 1
) -> Sequence[Notice]:
    """Return the person's notices, newest first, those older than ``before_id`` if given."""
    statement = select(Notice).where(policy.may_view(user))
    if before_id is not None:
        statement = statement.where(Notice.id < before_id)
    return session.scalars(statement.order_by(Notice.id.desc()).limit(limit)).all()


def get_notice(session: Session, user: User, notice_id: int) -> Notice:
    """Return the person's notice. Raises NotFoundError for anybody else's."""
    notice = session.scalar(select(Notice).where(Notice.id == notice_id, policy.may_view(user)))
    if notice is None:
        raise NotFoundError("찾는 알림이 없어요.")
    return notice


def count_unread(session: Session, user: User) -> int:
    """Return how many notices the person has not opened."""
    statement = select(func.count()).select_from(Notice)
    return session.scalar(statement.where(policy.may_view(user), Notice.read_at.is_(None))) or 0


def get_delivery(session: Session, notice_id: int) -> Delivery:
    """Return what to send for a notice, for the worker."""
    row = session.execute(
        select(User.phone, User.email, Notice.sentence, Notice.path)
        .join(User, User.id == Notice.user_id)
        .where(Notice.id == notice_id)
    ).one()
    return Delivery(*row, message_id=f"notice-{notice_id}")


def list_unsent(session: Session, *, now: datetime, limit: int = PAGE_SIZE) -> list[Unsent]:
    """Return notices that failed to leave or have waited for a while, the longest waiting first.

    For the operator's page of jobs.
    """
    rows = session.execute(
        select(Notice.id, User.name, Notice.sentence, Notice.attempts, Notice.last_error, Notice.due_at)
        .join(User, User.id == Notice.user_id)
        .where(
            Notice.due_at.is_not(None),
            or_(Notice.last_error.is_not(None), Notice.created_at < now - WAITS_LONG),
        )
        .order_by(Notice.id)
        .limit(limit)
    )
    return [Unsent(*row) for row in rows]


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the notices that have not left the house."""
    return work.list_due(session, Notice, now=now)
