"""Reading notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import work
from portal.core.errors import NotFoundError
from portal.messages import policy
from portal.messages.models import Notice

PAGE_SIZE = 20


@dataclass(frozen=True)
class Delivery:
    """What leaves the house for one notice."""

    phone: str | None
    email: str | None
    sentence: str
    path: str
    message_id: str


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


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the notices that have not left the house."""
    return work.list_due(session, Notice, now=now)
