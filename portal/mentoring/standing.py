"""Whether a mentor takes shops, rests or is gone: said by the mentor, or by deadlines that passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import MentorProfile, User
from portal.core import db
from portal.core.errors import ConflictError, NotFoundError
from portal.mentoring import circles, offers
from portal.mentoring.models import Engagement, EngagementState
from portal.messages.operations import mark_path_read


class State(StrEnum):
    """How a mentor stands to new shops."""

    ACTIVE = "active"
    PAUSED = "paused"
    LEFT = "left"


@dataclass(frozen=True)
class Shop:
    """A shop a mentor still looks after."""

    engagement_id: int
    who: str


@dataclass(frozen=True)
class Standing:
    """What a mentor's own page shows."""

    state: State
    #: Deadlines that passed one after the other without an answer, when they led to the pause.
    misses: int
    shops: Sequence[Shop]


def state_of(profile: MentorProfile) -> State:
    """Return how a mentor stands to new shops."""
    if profile.left_at is not None:
        return State.LEFT
    return State.ACTIVE if profile.paused_at is None else State.PAUSED


def get_standing(session: Session, mentor: User) -> Standing:
    """Return how a mentor stands. Raises NotFoundError for one without a profile."""
    profile = session.get(MentorProfile, mentor.id)
    if profile is None:
        raise NotFoundError("멘토 소개가 아직 없어요. 운영자에게 전화해 주세요.")
    state, misses = state_of(profile), offers.misses_in_a_row(session, profile)
    is_by_misses = state == State.PAUSED and misses >= offers.MISSES_MAX
    return Standing(state, misses if is_by_misses else 0, _list_shops(session, mentor))


def pause(session: Session, mentor: User, *, now: datetime) -> None:
    """Take no new shops and questions for a while; what was asked goes on. A second press does nothing."""
    profile = db.lock(session, MentorProfile, mentor.id)
    if profile.paused_at is None:
        profile.paused_at = now
        offers.let_go(session, mentor.id, now=now)


def come_back(session: Session, mentor: User, *, path: str, now: datetime) -> None:
    """Take shops and questions again, after a pause or a goodbye; what was missed before counts no more."""
    profile = db.lock(session, MentorProfile, mentor.id)
    if state_of(profile) != State.ACTIVE:
        profile.paused_at, profile.left_at, profile.resumed_at = None, None, now
    mark_path_read(session, user_id=mentor.id, path=path, now=now)


def say_goodbye(session: Session, mentor: User, *, now: datetime) -> None:
    """Be no mentor any more; what was written and held stays. A second press does nothing.

    Raises ConflictError while shops are looked after or groups taught: they are handed over or ended first.
    Holds the profile.
    """
    profile = db.lock(session, MentorProfile, mentor.id)
    if profile.left_at is not None:
        return
    shops = len(_list_shops(session, mentor))
    if circles.count_led(session, mentor):
        raise ConflictError("아직 이끄는 모임이 있어요. 모임을 마친 뒤에 인사해 주세요.")
    if shops:
        raise ConflictError(
            f"아직 함께하는 가게가 {shops}곳 있어요. 다른 멘토님께 넘기거나 마친 뒤에 인사해 주세요."
        )
    profile.left_at, profile.paused_at = now, profile.paused_at or now
    offers.let_go(session, mentor.id, now=now)


def _list_shops(session: Session, mentor: User) -> Sequence[Shop]:
    rows = session.scalars(
        select(Engagement)
        .where(Engagement.mentor_id == mentor.id, Engagement.state != EngagementState.ENDED)
        .options(joinedload(Engagement.merchant))
        .order_by(Engagement.id)
    )
    return [Shop(row.id, f"{row.merchant.name} 사장님") for row in rows]
