"""Rows with believable defaults, one function for each kind. The session is flushed, not committed."""

from datetime import datetime, timedelta
from itertools import count

from sqlalchemy.orm import Session

from portal.accounts import operations
from portal.accounts.models import MentorProfile, MentorTopic, RoleGrant, User
from portal.accounts.vocabulary import Region, Topic
from portal.core import clock
from portal.core.roles import Role

_numbers = count(1)
_SURNAMES = "김이박최정강조윤장임"


def make_user(session: Session, *roles: Role, name: str | None = None, **columns: object) -> User:
    """Return an account with ``roles``, a merchant's unless given."""
    number = next(_numbers)
    now = clock.now()
    user = User(
        name=name or f"{_SURNAMES[number % 10]}하나",
        phone=f"0107{number:07d}",
        created_at=now,
        grants=[RoleGrant(role=role, granted_at=now) for role in roles or (Role.MERCHANT,)],
        **columns,
    )
    session.add(user)
    session.flush()
    return user


def make_mentor(
    session: Session,
    *,
    name: str | None = None,
    topics: tuple[Topic, ...] = tuple(Topic),
    region: Region = Region.SEOUL,
    capacity: int = 3,
    paused_at: datetime | None = None,
) -> User:
    """Return a mentor who takes every topic unless told otherwise."""
    user = make_user(session, Role.MENTOR, name=name, region=region)
    session.add(
        MentorProfile(
            user_id=user.id,
            introduction="온라인에서 3년째 팔고 있어요.",
            capacity=capacity,
            paused_at=paused_at,
            topics=[MentorTopic(topic=topic) for topic in topics],
        )
    )
    session.flush()
    return user


def make_sign_in(session: Session, user: User, *, at: datetime | None = None) -> str:
    """Return the token of a session opened for ``user``."""
    token = operations.open_sign_in(
        session, user, device="test", now=at or clock.now() - timedelta(minutes=1)
    )
    session.commit()
    return token
