"""Telling the two people of an engagement what became of their visits."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.mentoring.visit_models import Visit
from portal.messages.operations import NOTHING, Beside, notify


def mentor_of(session: Session, visit: Visit) -> str:
    """Return the visit's mentor as a notice names them."""
    name = session.scalars(select(User.name).where(User.id == visit.mentor_id)).one()
    return f"{name} 멘토님"


def about(engagement_id: int) -> str:
    """Return the name of the conversation, by which its messages are stopped."""
    return f"engagement:{engagement_id}"


def tell(
    session: Session,
    visit: Visit,
    user_id: int,
    message: str,
    values: Mapping[str, str],
    *,
    path: str,
    now: datetime,
    beside: Beside = NOTHING,
) -> None:
    """Tell one of the two; each message about a visit once."""
    notify(
        session,
        user_id=user_id,
        cause=f"visit:{visit.id}:{message.removeprefix('visit-')}",
        message=message,
        values=values,
        about=about(visit.engagement_id),
        path=path,
        now=now,
        beside=beside,
    )
