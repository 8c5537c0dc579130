"""Letting go of an agreed visit, and writing down that the two did not meet.

Either side may move an agreed visit once without saying why; from the second time on, since they last met,
the other one reads a sentence. Nearer than a day before it counts as late. That somebody did not come is
written by a person, never by the clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, korean
from portal.core.errors import ConflictError, DomainError
from portal.mentoring import appointment, calendars, slots
from portal.mentoring.models import Engagement
from portal.mentoring.telling import tell
from portal.mentoring.visit_models import MissedBy, Visit, VisitState
from portal.messages.operations import mark_path_read

LATE = timedelta(hours=24)
"""Nearer than this the other one has already kept the day free."""


@dataclass(frozen=True)
class Price:
    """What moving a visit takes, said before it is pressed."""

    needs_reason: bool
    is_late: bool


def price_of(session: Session, visit: Visit, user: User, *, now: datetime) -> Price:
    """Return what moving this visit takes from this person; nothing while no time is agreed."""
    if visit.starts_at is None:
        return Price(needs_reason=False, is_late=False)
    last_met = (
        select(func.coalesce(func.max(Visit.id), 0))
        .where(Visit.engagement_id == visit.engagement_id, Visit.state == VisitState.HELD)
        .scalar_subquery()
    )
    moved = select(func.count(Visit.id)).where(
        Visit.engagement_id == visit.engagement_id,
        Visit.id > last_met,
        Visit.state == VisitState.CANCELLED,
        Visit.agreed_at.is_not(None),
        Visit.closed_by_id == user.id,
    )
    return Price(needs_reason=bool(session.scalar(moved)), is_late=now > visit.starts_at - LATE)


def move(
    session: Session, visit: Visit, user: User, *, wish: str, reason: str = "", path: str, now: datetime
) -> None:
    """Let go of a visit that has not begun, so that new times are offered.

    ``wish`` is when the merchant would rather meet. A second press does nothing. Raises DomainError (field
    ``reason``) where a sentence is needed, ConflictError once it has begun.
    """
    visit = db.lock(session, Visit, visit.id)
    if visit.state == VisitState.CANCELLED:
        return
    if why_not := appointment.why_not_moved(visit, now=now):
        raise ConflictError(why_not)
    price = price_of(session, visit, user, now=now)
    if price.needs_reason and not reason:
        raise DomainError("두 번째 바꾸실 때는 까닭을 한 줄 적어 주세요. 상대방께 보여요.", field="reason")
    visit.state, visit.closed_by_id = VisitState.CANCELLED, user.id
    visit.change_reason, visit.is_late_cancel, visit.remind_at = reason, price.is_late, None
    slots.release(session, visit.id)
    by_mentor = user.id == visit.mentor_id
    visit.wish = "" if by_mentor else wish
    _tell_moved(session, visit, user, path=path, now=now)
    mark_path_read(session, user_id=user.id, path=path, now=now)


def note_missed(
    session: Session, visit: Visit, user: User, *, missed_by: MissedBy | None, path: str, now: datetime
) -> None:
    """Note that the two did not meet and who did not come; null when it was nobody's doing.

    Whoever is meant is told so and may explain. A second press does nothing. Raises ConflictError before its
    time.
    """
    visit = db.lock(session, Visit, visit.id)
    if visit.state == VisitState.MISSED:
        return
    if why_not := appointment.why_not_over(visit, now=now):
        raise ConflictError(why_not)
    visit.state, visit.closed_by_id, visit.missed_by = VisitState.MISSED, user.id, missed_by
    other_id = _other_side(session, visit, user)
    meant_id = who_is_meant(session.get_one(Engagement, visit.engagement_id), missed_by)
    message = "visit-missed-by-you" if meant_id == other_id else "visit-missed"
    title = "멘토님" if user.id == visit.mentor_id else "사장님"
    values = {"who": f"{user.name} {title}", "when": _day_of(visit, now)}
    tell(session, visit, other_id, message, values, path=path, now=now)


def who_is_meant(engagement: Engagement, missed_by: MissedBy | None) -> int | None:
    """Return whose account is meant by a side of an engagement."""
    ids = {MissedBy.MERCHANT: engagement.merchant_id, MissedBy.MENTOR: engagement.mentor_id}
    return ids[missed_by] if missed_by else None


def _tell_moved(session: Session, visit: Visit, user: User, *, path: str, now: datetime) -> None:
    by_mentor = user.id == visit.mentor_id
    what = f"{korean.dated_time(visit.starts_at, now=now)} 약속" if visit.starts_at else "만날 시간"
    side = "mentor" if by_mentor else "merchant"
    values = {side: f"{user.name} {'멘토님' if by_mentor else '사장님'}", "what": what}
    other_id, message = _other_side(session, visit, user), f"visit-moved-by-{side}"
    beside = calendars.invite(session, visit, other_id, now=now, is_off=True)
    tell(session, visit, other_id, message, values, path=path, now=now, beside=beside)
    own = calendars.invite(session, visit, user.id, now=now, is_off=True)
    if own.calendar:  # the calendar that took the invitation has to hear of it, whoever pressed
        tell(session, visit, user.id, "visit-let-go", {"what": what}, path=path, now=now, beside=own)


def _other_side(session: Session, visit: Visit, user: User) -> int:
    engagement = session.get_one(Engagement, visit.engagement_id)
    return engagement.merchant_id if user.id == engagement.mentor_id else engagement.mentor_id


def _day_of(visit: Visit, now: datetime) -> str:
    return korean.dated_time(visit.starts_at, now=now) if visit.starts_at else "정한 날"
