"""Who could help whom: open needs for mentors, mentors for merchants, the nearest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, selectinload

from portal.accounts.models import MentorProfile, MentorTopic, RoleGrant, User
from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES, Region
from portal.core.errors import ConflictError
from portal.core.korean import masked_name
from portal.core.personal_numbers import mask_numbers
from portal.core.roles import Role
from portal.mentoring import policy
from portal.mentoring.models import Engagement, EngagementState, MatchProfile, Need, NeedState, Offer
from portal.mentoring.queries import PAGE_SIZE, found
from portal.mentoring.training import is_trained
from portal.mentoring.visit_models import Visit
from portal.mentoring.vocabulary import KIND_NAMES

#: A place in a list ordered by how near and then by age: (rank, id) of the last row shown.
Cursor = tuple[int, int]


@dataclass(frozen=True)
class NeedCard:
    """A need as a mentor sees it before taking it: no name, no telephone."""

    id: int
    who: str
    topic: str
    detail: str
    kind: str
    created_at: datetime
    is_near: bool
    fits_topic: bool
    cursor: Cursor


@dataclass(frozen=True)
class MentorCard:
    """A mentor as anybody signed in sees them."""

    id: int
    name: str
    introduction: str
    region: str
    topics: tuple[str, ...]
    #: What the mentor sells for money, which everybody may know before they agree; empty for nothing.
    services: str
    room: int
    is_near: bool
    #: When the mentor last did something for a shop; null for one who has not yet.
    last_active_at: datetime | None
    #: Whether the mentors' own course is completed.
    is_trained: bool
    cursor: Cursor


@dataclass(frozen=True)
class Room:
    """How many shops a mentor may and does look after."""

    capacity: int
    taken: int
    is_paused: bool

    @property
    def has_room(self) -> bool:
        """Tell whether one more shop may be taken."""
        return not self.is_paused and self.taken < self.capacity


def get_need_to_accept(session: Session, user: User, need_id: int) -> Need:
    """Return a need a mentor may take, in any state: the operation says what became of it."""
    need = session.scalar(select(Need).where(Need.id == need_id, policy.may_accept(user)))
    return found(need, "찾는 부탁이 없어요.")


def list_open_needs(session: Session, user: User, *, after: Cursor | None = None) -> list[NeedCard]:
    """Return open needs, those of the mentor's own region and topics first, then the longest waiting.

    One more than a page, so that the caller sees whether there is a next one.
    """
    topics = select(MentorTopic.topic).where(MentorTopic.mentor_id == user.id)
    far = _elsewhere(Need.region, user.region)
    unfit = case((Need.topic.in_(topics), 0), else_=1)
    statement = (
        select(Need, far, unfit)
        .join(User, User.id == Need.merchant_id)
        .where(policy.may_view_need(user), Need.state == NeedState.OPEN, Need.merchant_id != user.id)
        .options(contains_eager(Need.merchant))
        .order_by(far + unfit, Need.id)
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        statement = statement.where(_after(far + unfit, Need.id, after))
    return [
        NeedCard(
            id=need.id,
            who=_masked_shop(need),
            topic=TOPIC_NAMES[need.topic],
            detail=mask_numbers(need.detail),
            kind=KIND_NAMES[need.wants],
            created_at=need.created_at,
            is_near=not is_far,
            fits_topic=not is_unfit,
            cursor=(is_far + is_unfit, need.id),
        )
        for need, is_far, is_unfit in session.execute(statement)
    ]


def list_mentors(session: Session, user: User, *, after: Cursor | None = None) -> list[MentorCard]:
    """Return mentors who take shops, those of the reader's region first; one more than a page."""
    taken = _count_taken(MentorProfile.user_id)
    far = _elsewhere(User.region, user.region)
    statement = (
        select(MentorProfile, taken, far, MatchProfile.services, is_trained(User.id), *_last_deeds())
        .join(User, User.id == MentorProfile.user_id)
        .outerjoin(MatchProfile, MatchProfile.mentor_id == User.id)
        .join(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.role == Role.MENTOR))
        .where(MentorProfile.paused_at.is_(None))
        .options(contains_eager(MentorProfile.user), selectinload(MentorProfile.topics))
        .order_by(far, User.id)
        .limit(PAGE_SIZE + 1)
    )
    if after is not None:
        statement = statement.where(_after(far, User.id, after))
    return [
        MentorCard(
            id=profile.user_id,
            name=profile.user.name,
            introduction=profile.introduction,
            region=REGION_NAMES[profile.user.region] if profile.user.region else "",
            topics=tuple(TOPIC_NAMES[topic.topic] for topic in profile.topics),
            services=services or "",
            room=max(profile.capacity - count, 0),
            is_near=not is_far,
            last_active_at=max((deed for deed in deeds if deed), default=None),
            is_trained=trained,
            cursor=(is_far, profile.user_id),
        )
        for profile, count, is_far, services, trained, *deeds in session.execute(statement)
    ]


def find_mentor_id(session: Session, user_id: int | None) -> int | None:
    """Return the id again if it is a mentor's, else None."""
    return session.scalar(select(MentorProfile.user_id).where(MentorProfile.user_id == user_id))


def find_mentor_name(session: Session, user_id: int | None) -> str:
    """Return how the mentor is called; empty for those who are none."""
    statement = select(User.name).join(MentorProfile, MentorProfile.user_id == User.id)
    name = session.scalar(statement.where(User.id == user_id))
    return f"{name} 멘토님" if name else ""


def find_room(session: Session, user: User) -> Room | None:
    """Return how full the mentor is; None for those without a mentor's profile."""
    row = session.execute(
        select(MentorProfile.capacity, _count_taken(MentorProfile.user_id), MentorProfile.paused_at).where(
            MentorProfile.user_id == user.id
        )
    ).one_or_none()
    return Room(row[0], row[1], row[2] is not None) if row else None


def get_free_seat(session: Session, profile: MentorProfile) -> int:
    """Return the mentor's lowest free seat, for callers that hold the profile.

    Raises ConflictError when the mentor rests or has no room.
    """
    if profile.paused_at is not None or profile.left_at is not None:
        raise ConflictError("지금은 쉬는 중이라 새 가게를 맡을 수 없어요.")
    taken = session.scalars(
        select(Engagement.seat_no).where(
            Engagement.mentor_id == profile.user_id, Engagement.state != EngagementState.ENDED
        )
    ).all()
    # Both: after the capacity was lowered a low seat may be free while more shops than that are looked after.
    if len(taken) >= profile.capacity:
        raise ConflictError(
            f"맡을 수 있는 가게 {profile.capacity}곳이 모두 찼어요. 한 곳을 마치면 맡을 수 있어요."
        )
    return min(set(range(1, profile.capacity + 1)) - set(taken))


def may_ask(session: Session, user: User) -> bool:
    """Tell whether the person is a merchant who has no mentor and has not asked for one."""
    if not user.has_role(Role.MERCHANT):
        return False
    helped = exists().where(policy.may_choose(user), Engagement.state != EngagementState.ENDED)
    asked = exists().where(policy.may_withdraw(user), Need.state == NeedState.OPEN)
    return not session.scalar(select(or_(helped, asked)))


def _masked_shop(need: Need) -> str:
    region = REGION_NAMES[need.region] if need.region else ""
    parts = (f"{masked_name(need.merchant.name)} 사장님", need.merchant.business_type, region)
    return ", ".join(part for part in parts if part)


def _count_taken(mentor_id: InstrumentedAttribute[int]) -> ColumnElement[int]:
    statement = select(func.count(Engagement.id)).where(
        Engagement.mentor_id == mentor_id, Engagement.state != EngagementState.ENDED
    )
    return statement.scalar_subquery()


def _last_deeds() -> list[ScalarSelect[datetime | None]]:
    """Return when a `MentorProfile`'s mentor last answered, took a shop, offered times, wrote a log."""
    deeds: list[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[int]]] = [
        (Offer.answered_at, Offer.mentor_id),
        (Engagement.started_at, Engagement.mentor_id),
        (Visit.created_at, Visit.mentor_id),
        (Visit.log_written_at, Visit.mentor_id),
    ]
    return [
        select(func.max(at)).where(mentor_id == MentorProfile.user_id).scalar_subquery()
        for at, mentor_id in deeds
    ]


def _elsewhere(column: InstrumentedAttribute[Region | None], region: Region | None) -> ColumnElement[int]:
    """Return 0 for rows in ``region``, else 1; nothing is near somebody who has not said where they are."""
    return literal(1) if region is None else case((column == region, 0), else_=1)


def _after(rank: ColumnElement[int], key: InstrumentedAttribute[int], cursor: Cursor) -> ColumnElement[bool]:
    return or_(rank > cursor[0], and_(rank == cursor[0], key > cursor[1]))
