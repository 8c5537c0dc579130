"""Reading groups: one's own, those one could join, and one with its people and meetings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.accounts.models import MentorProfile, RoleGrant, User
from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES
from portal.core.errors import ForbiddenError
from portal.core.roles import Role
from portal.mentoring import appointment, policy
from portal.mentoring.circle_models import Circle, CircleMeeting, CircleMember, CirclePresence, MeetingState
from portal.mentoring.circles import NO_CIRCLE
from portal.mentoring.queries import PAGE_SIZE, found

OWN_MAX = 50
MEETINGS_MAX = 50
LEADERS_MAX = 500


@dataclass(frozen=True)
class CircleCard:
    """A group in a list."""

    id: int
    name: str
    region: str
    topic: str
    goal: str
    mentor: str
    places: int
    free: int
    is_ended: bool
    #: When and where it meets next, for those who belong; empty otherwise.
    next_words: str = ""


@dataclass(frozen=True)
class MemberLine:
    """Somebody of a group, as the others see them."""

    user_id: int
    name: str
    shop_name: str


@dataclass(frozen=True)
class MeetingCard:
    """A meeting as somebody of the group sees it."""

    id: int
    words: str
    plan: str
    link: str
    log: str
    is_planned: bool
    has_begun: bool
    is_held: bool
    was_there: bool
    present: int
    #: Who was there, for the mentor and operators.
    names: tuple[str, ...]


@dataclass(frozen=True)
class CirclePage:
    """A group with its people and what this reader may do."""

    card: CircleCard
    members: Sequence[MemberLine]
    coming: Sequence[MeetingCard]
    past: Sequence[MeetingCard]
    is_mentor: bool
    is_member: bool
    can_manage: bool


def list_own(session: Session, user: User, *, now: datetime) -> list[CircleCard]:
    """Return the groups ``user`` teaches or belongs to, those that last first."""
    has_ended = Circle.ended_at.is_not(None)
    return _list_cards(
        session, policy.is_in_circle(user), now=now, order=(has_ended, Circle.id.desc()), most=OWN_MAX
    )


def list_open(session: Session, user: User, *, before_id: int | None, now: datetime) -> list[CircleCard]:
    """Return the groups of one's region that one does not belong to, newest first; one more than a page.

    Somebody who has not said where the shop is sees those of every region.
    """
    near = Circle.region == user.region if user.region else Circle.id.is_not(None)
    wanted = and_(Circle.ended_at.is_(None), near, ~policy.is_in_circle(user), _before(before_id))
    return _list_cards(
        session, wanted, now=now, order=(Circle.id.desc(),), most=PAGE_SIZE + 1, with_next=False
    )


def list_all(session: Session, user: User, *, before_id: int | None, now: datetime) -> list[CircleCard]:
    """Return every group for operators, newest first; one more than a page. Others see none."""
    may_see = policy.may_view_circle(user) if user.has_role(Role.OPERATOR) else false()
    wanted = and_(may_see, _before(before_id))
    return _list_cards(session, wanted, now=now, order=(Circle.id.desc(),), most=PAGE_SIZE + 1)


def list_leaders(session: Session) -> list[tuple[int, str]]:
    """Return the mentors a group may be given to, by name; for operators."""
    statement = (
        select(User)
        .join(MentorProfile, MentorProfile.user_id == User.id)
        .join(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.role == Role.MENTOR))
        .where(MentorProfile.left_at.is_(None))
        .order_by(User.name, User.id)
        .limit(LEADERS_MAX)
    )
    return [
        (user.id, f"{user.name} 멘토님" + (f" ({REGION_NAMES[user.region]})" if user.region else ""))
        for user in session.scalars(statement)
    ]


def get_circle(
    session: Session, user: User, circle_id: int, *, lead: bool = False, manage: bool = False
) -> Circle:
    """Return a group one may see; ``lead`` asks for its mentor, ``manage`` for its mentor or an operator.

    Raises NotFoundError for strangers, ForbiddenError for those who may only look.
    """
    row = session.execute(
        select(Circle, policy.may_lead_circle(user), policy.may_manage_circle(user)).where(
            Circle.id == circle_id, policy.may_view_circle(user)
        )
    ).one_or_none()
    circle, may_lead, may_manage = found(row, NO_CIRCLE)
    if (lead and not may_lead) or (manage and not may_manage):
        raise ForbiddenError("이 모임을 이끄는 멘토님만 할 수 있어요.")
    return circle


def get_meeting(session: Session, user: User, meeting_id: int) -> CircleMeeting:
    """Return a meeting, with its group, for the mentor. Raises as `get_circle` does."""
    row = session.execute(
        select(CircleMeeting, policy.may_lead_circle(user))
        .join(CircleMeeting.circle)
        .where(CircleMeeting.id == meeting_id, policy.may_view_circle(user))
        .options(contains_eager(CircleMeeting.circle))
    ).one_or_none()
    meeting, may_lead = found(row, "찾는 모임 날이 없어요. 모임 화면에서 다시 골라 주세요.")
    if not may_lead:
        raise ForbiddenError("이 모임을 이끄는 멘토님만 할 수 있어요.")
    return meeting


def get_page(session: Session, user: User, circle_id: int, *, now: datetime) -> CirclePage:
    """Return a group with its people and meetings. Raises NotFoundError for strangers."""
    circle = get_circle(session, user, circle_id)
    (card,) = _list_cards(session, Circle.id == circle_id, now=now, order=(Circle.id,), most=1)
    is_member = bool(session.scalar(select(policy.is_member(user)).where(Circle.id == circle_id)))
    is_mentor = user.id == circle.mentor_id
    can_manage = is_mentor or user.has_role(Role.OPERATOR)
    cards = _list_meetings(session, user, circle_id, with_names=can_manage, now=now)
    coming = [each for each in cards if each.is_planned]
    return CirclePage(
        card=card,
        members=_list_members(session, circle_id),
        coming=sorted(coming, key=lambda each: each.has_begun),
        past=[each for each in reversed(cards) if not each.is_planned],
        is_mentor=is_mentor,
        is_member=is_member,
        can_manage=can_manage,
    )


def list_feed(session: Session, user: User, *, since: datetime, limit: int) -> list[CircleMeeting]:
    """Return the meetings a person's calendar shows, with their groups, the earliest first."""
    statement = (
        select(CircleMeeting)
        .join(CircleMeeting.circle)
        .where(
            policy.is_in_circle(user),
            CircleMeeting.state != MeetingState.CANCELLED,
            CircleMeeting.starts_at > since,
        )
        .options(contains_eager(CircleMeeting.circle))
        .order_by(CircleMeeting.starts_at.desc(), CircleMeeting.id.desc())
        .limit(limit)
    )
    return list(reversed(session.scalars(statement).all()))


def _list_cards(
    session: Session,
    wanted: ColumnElement[bool],
    *,
    now: datetime,
    order: Sequence[Any],
    most: int,
    with_next: bool = True,
) -> list[CircleCard]:
    taken = (
        select(func.count(CircleMember.id))
        .where(CircleMember.circle_id == Circle.id, CircleMember.left_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        select(Circle, taken).where(wanted).options(joinedload(Circle.mentor)).order_by(*order).limit(most)
    )
    rows = session.execute(statement).all()
    coming = _next_words(session, [circle.id for circle, _ in rows], now=now) if with_next else {}
    return [
        CircleCard(
            id=circle.id,
            name=circle.name,
            region=REGION_NAMES[circle.region],
            topic=TOPIC_NAMES[circle.topic],
            goal=circle.goal,
            mentor=f"{circle.mentor.name} 멘토님",
            places=circle.places,
            free=max(circle.places - count, 0),
            is_ended=circle.ended_at is not None,
            next_words=coming.get(circle.id, ""),
        )
        for circle, count in rows
    ]


def _next_words(session: Session, circle_ids: Sequence[int], *, now: datetime) -> dict[int, str]:
    """Return when and where each group meets next, for those who may see the groups."""
    meetings = session.scalars(
        select(CircleMeeting)
        .where(
            CircleMeeting.circle_id.in_(circle_ids),
            CircleMeeting.state == MeetingState.PLANNED,
            CircleMeeting.starts_at > now,
        )
        .order_by(CircleMeeting.starts_at.desc())
    )
    return {
        meeting.circle_id: appointment.words(meeting.starts_at, meeting.place, now=now)
        for meeting in meetings
    }


def _list_members(session: Session, circle_id: int) -> list[MemberLine]:
    rows = session.scalars(
        select(CircleMember)
        .where(CircleMember.circle_id == circle_id, CircleMember.left_at.is_(None))
        .options(joinedload(CircleMember.user))
        .order_by(CircleMember.place_no)
    )
    return [MemberLine(row.user_id, f"{row.user.name} 사장님", row.user.shop_name) for row in rows]


def _list_meetings(
    session: Session, user: User, circle_id: int, *, with_names: bool, now: datetime
) -> list[MeetingCard]:
    """Return the meetings that were not cancelled, the earliest first."""
    meetings = session.scalars(
        select(CircleMeeting)
        .where(CircleMeeting.circle_id == circle_id, CircleMeeting.state != MeetingState.CANCELLED)
        .order_by(CircleMeeting.starts_at.desc(), CircleMeeting.id.desc())
        .limit(MEETINGS_MAX)
    ).all()
    there: dict[int, list[User]] = {}
    for meeting_id, person in session.execute(
        select(CirclePresence.meeting_id, User)
        .join(User, User.id == CirclePresence.user_id)
        .where(CirclePresence.meeting_id.in_([meeting.id for meeting in meetings]))
        .order_by(User.name, User.id)
    ):
        there.setdefault(meeting_id, []).append(person)
    return [
        MeetingCard(
            id=meeting.id,
            words=appointment.words(meeting.starts_at, meeting.place, now=now),
            plan=meeting.plan,
            link=meeting.link,
            log=meeting.log,
            is_planned=meeting.state == MeetingState.PLANNED,
            has_begun=meeting.starts_at <= now,
            is_held=meeting.state == MeetingState.HELD,
            was_there=any(person.id == user.id for person in there.get(meeting.id, ())),
            present=len(there.get(meeting.id, ())),
            names=tuple(f"{person.name} 사장님" for person in there.get(meeting.id, ()) if with_names),
        )
        for meeting in reversed(meetings)
    ]


def _before(before_id: int | None) -> ColumnElement[bool]:
    return Circle.id < before_id if before_id is not None else Circle.id.is_not(None)
