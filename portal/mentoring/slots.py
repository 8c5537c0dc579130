"""Half hours of a mentor: which are free, and which an appointment takes.

An appointment takes every half hour it touches, so that two never overlap: the primary key of `VisitSlot`
refuses the second. One at a shop also takes the half hour before and the one after, for the way, but only
where they are free. Refusing it where they are not would keep two shops of one market apart, which stand
side by side, and the mentor who offered both times knows that; once taken, the way is kept against whatever
is chosen later.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core.errors import ConflictError, DomainError
from portal.mentoring.visit_models import VisitSlot

HALF_HOUR = timedelta(minutes=30)
PROPOSAL_REACHES = timedelta(days=90)
"""A date further away is more likely a slip of the finger."""
TAKEN = "그 시간에는 멘토님이 다른 약속이 있어요. 다른 시간을 골라 주세요."


def half_hours(starts_at: datetime, minutes: int) -> list[datetime]:
    """Return every half hour that an appointment touches, the first one first."""
    half, ends_at = _floor(starts_at), starts_at + timedelta(minutes=minutes)
    found = []
    while half < ends_at:
        found.append(half)
        half += HALF_HOUR
    return found


def way_of(starts_at: datetime, minutes: int) -> list[datetime]:
    """Return the half hour before an appointment and the one after it."""
    halves = half_hours(starts_at, minutes)
    return [halves[0] - HALF_HOUR, halves[-1] + HALF_HOUR]


def list_taken(session: Session, mentor_id: int, halves: Iterable[datetime]) -> set[datetime]:
    """Return which of these half hours are taken; for callers that may know the mentor's day."""
    statement = select(VisitSlot.starts_at).where(
        VisitSlot.mentor_id == mentor_id, VisitSlot.starts_at.in_(list(halves))
    )
    return set(session.scalars(statement))


def is_free(session: Session, mentor_id: int, starts_at: datetime, minutes: int) -> bool:
    """Tell whether an appointment could take its half hours."""
    return not list_taken(session, mentor_id, half_hours(starts_at, minutes))


def take(
    session: Session,
    *,
    mentor_id: int,
    visit_id: int | None = None,
    meeting_id: int | None = None,
    needed: Iterable[datetime],
    wanted: Iterable[datetime] = (),
) -> None:
    """Take the half hours needed and, of those wanted, the free ones. Raises ConflictError if one is taken.

    They go to a visit or to the meeting of a group; the database refuses both and neither. For callers that
    hold the mentor's profile; the constraint decides where one does not.
    """
    needed, wanted = set(needed), set(wanted)
    taken = list_taken(session, mentor_id, needed | wanted)
    if needed & taken:
        raise ConflictError(TAKEN)
    for half in sorted(needed | (wanted - taken)):
        session.add(VisitSlot(mentor_id=mentor_id, starts_at=half, visit_id=visit_id, meeting_id=meeting_id))
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError(TAKEN) from error


def release(session: Session, visit_id: int) -> None:
    """Give the half hours of a visit back."""
    session.execute(delete(VisitSlot).where(VisitSlot.visit_id == visit_id))


def release_meeting(session: Session, meeting_id: int) -> None:
    """Give the half hours of a group's meeting back."""
    session.execute(delete(VisitSlot).where(VisitSlot.meeting_id == meeting_id))


def check_offered(
    session: Session, mentor_id: int, times: Mapping[int, datetime], *, minutes: int, now: datetime
) -> None:
    """Refuse a moment a mentor cannot offer. Raises DomainError at ``date_1`` to ``date_3``."""
    touched = [half for moment in times.values() for half in half_hours(moment, minutes)]
    taken, seen = list_taken(session, mentor_id, touched), set[datetime]()
    for position, moment in times.items():
        refusal = _why_not(moment, minutes, taken, now)
        if moment in seen:
            refusal = refusal or "같은 시간이 두 번 있어요. 하나를 바꿔 주세요."
        if refusal:
            raise DomainError(refusal, field=f"date_{position}")
        seen.add(moment)


def check_planned(
    session: Session, mentor_id: int, starts_at: datetime, *, minutes: int, field: str, now: datetime
) -> None:
    """Refuse a moment at which a mentor cannot meet a group. Raises DomainError at ``field``."""
    taken = list_taken(session, mentor_id, half_hours(starts_at, minutes))
    if refusal := _why_not(starts_at, minutes, taken, now):
        raise DomainError(refusal, field=field)


def _why_not(moment: datetime, minutes: int, taken: set[datetime], now: datetime) -> str:
    """Return why a mentor cannot begin something then, in a sentence; empty if they can."""
    if moment <= now:
        return "이미 지난 시간이에요. 앞으로 만날 시간을 골라 주세요."
    if moment > now + PROPOSAL_REACHES:
        return "너무 먼 날이에요. 석 달 안의 날짜를 골라 주세요."
    if moment != _floor(moment):
        return "시각은 정각이나 30분으로 골라 주세요."
    if not taken.isdisjoint(half_hours(moment, minutes)):
        return "그 시간에는 다른 약속이 있어요. 다른 시간을 골라 주세요."
    return ""


def _floor(moment: datetime) -> datetime:
    """Return the full half hour at or before a moment, which is the same one in Korea and in UTC."""
    return moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)
