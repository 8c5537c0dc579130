"""Which mentors may be asked to take a need now."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, RoleGrant, User
from portal.core.clock import KST
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring.match_models import Conflict
from portal.mentoring.models import Engagement, EngagementState, Need, Offer, OfferState
from portal.mentoring.visit_models import DayOff
from portal.messages.operations import mark_cause_read, withdraw


def first_able_id(
    session: Session, need: Need, mentor_ids: Sequence[int], *, answer_by: datetime, now: datetime
) -> int | None:
    """Return the first of these mentors who may be asked to take ``need``; None when nobody may."""
    if not mentor_ids:
        return None
    able = set(
        session.scalars(
            select(MentorProfile.user_id).where(
                MentorProfile.user_id.in_(mentor_ids),
                MentorProfile.user_id != need.merchant_id,
                is_there(),
                has_room(),
                may_meet(need),
                ~_is_away(now=now, until=answer_by),
            )
        )
    )
    return next((mentor_id for mentor_id in mentor_ids if mentor_id in able), None)


def is_there() -> ColumnElement[bool]:
    """Return the condition that a `MentorProfile` is of a mentor who takes shops: not paused, not gone."""
    is_mentor = exists().where(RoleGrant.user_id == MentorProfile.user_id, RoleGrant.role == Role.MENTOR)
    return and_(is_mentor, MentorProfile.paused_at.is_(None), MentorProfile.left_at.is_(None))


def has_room() -> ColumnElement[bool]:
    """Return the condition that a `MentorProfile` has a seat that is neither taken nor offered."""
    offered = (
        select(func.count(Offer.id))
        .where(Offer.mentor_id == MentorProfile.user_id, Offer.state == OfferState.OPEN)
        .scalar_subquery()
    )
    return MentorProfile.capacity > _taken() + offered


def has_free_seat() -> ColumnElement[bool]:
    """Return the condition that a `MentorProfile` has a seat nobody has taken."""
    return MentorProfile.capacity > _taken()


def may_meet(need: Need) -> ColumnElement[bool]:
    """Return the condition that nothing keeps a `MentorProfile` from this need's merchant.

    Neither a conflict an operator noted, nor that the merchant asked for somebody else after this mentor.
    """
    clashes = exists().where(
        Conflict.mentor_id == MentorProfile.user_id,
        Conflict.merchant_id == need.merchant_id,
        Conflict.ended_at.is_(None),
    )
    next_need = select(Need.follows_id).where(
        Need.merchant_id == need.merchant_id, Need.follows_id.is_not(None)
    )
    was_before = exists().where(
        Engagement.mentor_id == MentorProfile.user_id,
        Engagement.merchant_id == need.merchant_id,
        Engagement.need_id.in_(next_need),
    )
    return and_(~clashes, ~was_before)


def is_allowed(session: Session, mentor_id: int, need: Need) -> bool:
    """Tell whether nothing keeps a mentor from a need's merchant, for callers that hold the profile."""
    meets = select(MentorProfile.user_id).where(MentorProfile.user_id == mentor_id, may_meet(need))
    return session.scalar(meets) is not None


def _is_away(*, now: datetime, until: datetime) -> ColumnElement[bool]:
    """Return the condition that a `MentorProfile`'s days off cover a day on which the answer is due."""
    days = [moment.astimezone(KST).date() for moment in (now, until)]
    on_a_day = [and_(DayOff.starts_on <= day, DayOff.ends_on >= day) for day in days]
    return exists().where(DayOff.mentor_id == MentorProfile.user_id, or_(*on_a_day))


def take_offer(session: Session, need: Need, mentor: User, *, now: datetime) -> None:
    """Mark the offer of a need its mentor takes, for callers that hold the need.

    Raises ConflictError while another mentor is asked.
    """
    offer = _find_open(session, need)
    if offer is None:
        return
    if offer.mentor_id != mentor.id:
        raise ConflictError("지금은 다른 멘토님께 먼저 부탁해 두었어요. 다른 부탁을 골라 주세요.")
    offer.state, offer.answered_at, offer.due_at = OfferState.ACCEPTED, now, None
    mark_cause_read(session, user_id=mentor.id, cause=f"offer:{offer.id}", now=now)


def withdraw_offer(session: Session, need: Need, *, now: datetime) -> None:
    """Ask nobody any more about a need that is taken back, for callers that hold the need."""
    offer = _find_open(session, need)
    if offer is not None:
        offer.state, offer.due_at = OfferState.WITHDRAWN, None
        withdraw(session, user_id=offer.mentor_id, cause=f"offer:{offer.id}", now=now)


def _find_open(session: Session, need: Need) -> Offer | None:
    return session.scalar(select(Offer).where(Offer.need_id == need.id, Offer.state == OfferState.OPEN))


def _taken() -> ColumnElement[int]:
    return (
        select(func.count(Engagement.id))
        .where(Engagement.mentor_id == MentorProfile.user_id, Engagement.state != EngagementState.ENDED)
        .scalar_subquery()
    )
