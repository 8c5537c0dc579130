from collections.abc import Callable
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region
from portal.core import clock
from portal.core.clock import KST
from portal.mentoring.models import Engagement
from portal.messages.models import Notice
from tests.factories import make_engagement, make_mentor, make_user


def in_days(days: int, hour: int = 15) -> datetime:
    """Return a full hour of a coming (or past) day in Korea."""
    day = clock.now().astimezone(KST).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), KST)


@pytest.fixture
def merchant(session: Session) -> User:
    return make_user(
        session, name="김순자", shop_name="순자네 반찬", business_type="반찬", region=Region.SEOUL
    )


@pytest.fixture
def mentor(session: Session) -> User:
    return make_mentor(session, name="박정호")


@pytest.fixture
def engagement(session: Session, merchant: User, mentor: User) -> Engagement:
    return make_engagement(session, merchant, mentor)


@pytest.fixture
def told(session: Session) -> Callable[[User], list[str]]:
    """Return a function that says what somebody was told, oldest first."""

    def told(user: User) -> list[str]:
        statement = select(Notice.sentence).where(Notice.user_id == user.id).order_by(Notice.id)
        return list(session.scalars(statement))

    return told
