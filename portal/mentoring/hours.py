"""A mentor's week: hours of every week, days off, holidays with hours, and what is free of all that."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.core import db
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.korean import clock_time
from portal.core.working_time import holiday_name
from portal.mentoring import slots
from portal.mentoring.models import Engagement, NeedTime
from portal.mentoring.visit_models import Availability, DayOff, OpenHoliday, Visit, VisitState, VisitTime
from portal.mentoring.vocabulary import DAY_PART_MINUTES, WEEKDAY_NAMES, DayPart, VisitKind

EARLIEST, LATEST = 6 * 60, 22 * 60
"""Minutes of the day in Korea between which hours may lie; the database refuses others."""
HOLIDAYS_SHOWN_DAYS, SUGGESTED_WITHIN_DAYS = 120, 28
SUGGESTIONS = 3
DAYS_OFF_MAX = 20
AHEAD = timedelta(days=365)
NOTICE_TIME = timedelta(hours=24)
"""A time nearer than this could no longer be changed without being late."""


@dataclass(frozen=True)
class Holiday:
    """A public holiday to come, and whether the mentor meets people on it."""

    day: date
    name: str
    is_open: bool


@dataclass(frozen=True)
class Week:
    """What a mentor has said about their time."""

    hours: Sequence[Availability]
    days_off: Sequence[DayOff]
    holidays: Sequence[Holiday]


def words(row: Availability) -> str:
    """Return ``월요일 오전 10시부터 오후 4시까지``."""
    return f"{WEEKDAY_NAMES[row.weekday]}요일 {_clock(row.starts_minute)}부터 {_clock(row.ends_minute)}까지"


def add_hours(session: Session, mentor: User, *, weekday: int, starts: int, ends: int) -> None:
    """Meet people in these minutes of a weekday; what touches hours of that day becomes one with them.

    Raises DomainError (field ``ends``) when they end before they begin. Holds the mentor's profile.
    """
    if starts >= ends:
        raise DomainError("끝나는 시각이 시작보다 빨라요. 시각을 바꿔 주세요.", field="ends")
    _hold(session, mentor)
    same_day = select(Availability).where(
        Availability.mentor_id == mentor.id, Availability.weekday == weekday
    )
    for row in session.scalars(same_day).all():
        if row.starts_minute <= ends and starts <= row.ends_minute:
            starts, ends = min(starts, row.starts_minute), max(ends, row.ends_minute)
            session.delete(row)
    session.flush()  # the row below may have the key of one just deleted
    session.add(Availability(mentor_id=mentor.id, weekday=weekday, starts_minute=starts, ends_minute=ends))


def remove_hours(session: Session, mentor: User, *, weekday: int, starts: int) -> None:
    """Meet nobody in these hours any more; a second press changes nothing. What is agreed stays agreed."""
    row = session.get(Availability, (mentor.id, weekday, starts))
    if row is not None:
        session.delete(row)


def take_days_off(session: Session, mentor: User, *, starts_on: date, ends_on: date, now: datetime) -> None:
    """Meet nobody on these days; the same first day again changes the last one. What is agreed stays agreed.

    Raises DomainError for days that are over, in the wrong order or too far ahead, ConflictError for too
    many. Holds the mentor's profile.
    """
    today = now.astimezone(KST).date()
    if ends_on < starts_on:
        raise DomainError("마지막 날이 첫날보다 빨라요. 날짜를 바꿔 적어 주세요.", field="ends_on")
    if ends_on < today:
        raise DomainError("지난 날이에요. 오늘이나 그다음 날을 적어 주세요.", field="ends_on")
    if ends_on > today + AHEAD:
        raise DomainError("1년 안의 날을 적어 주세요.", field="ends_on")
    _hold(session, mentor)
    coming = _list_days_off(session, mentor.id, today)
    same = next((row for row in coming if row.starts_on == starts_on), None)
    if same is not None:
        same.ends_on = ends_on
        return
    if len(coming) >= DAYS_OFF_MAX:
        raise ConflictError("쉬는 날이 너무 많아요. 하나를 지우고 다시 적어 주세요.")
    session.add(DayOff(mentor_id=mentor.id, starts_on=starts_on, ends_on=ends_on))


def cancel_day_off(session: Session, mentor: User, day_off_id: int) -> None:
    """Meet people on these days after all. Raises NotFoundError for anybody else's."""
    row = session.scalar(select(DayOff).where(DayOff.id == day_off_id, DayOff.mentor_id == mentor.id))
    if row is None:
        raise NotFoundError("찾는 날이 없어요. 목록에서 다시 골라 주세요.")
    session.delete(row)


def open_holiday(session: Session, mentor: User, day: date, *, is_open: bool) -> None:
    """Keep the usual hours on a public holiday, or keep it free again. Raises DomainError for other days."""
    if not holiday_name(day):
        raise DomainError("공휴일이 아니에요. 목록에서 다시 골라 주세요.")
    _hold(session, mentor)
    row = session.get(OpenHoliday, (mentor.id, day))
    if is_open and row is None:
        session.add(OpenHoliday(mentor_id=mentor.id, day=day))
    elif not is_open and row is not None:
        session.delete(row)


def get_week(session: Session, mentor: User, *, now: datetime) -> Week:
    """Return the mentor's hours, the days off to come and the holidays of the next months."""
    today = now.astimezone(KST).date()
    opened = _list_opened(session, mentor.id, today)
    days = (today + timedelta(days=ahead) for ahead in range(HOLIDAYS_SHOWN_DAYS))
    return Week(
        hours=_list_hours(session, mentor.id),
        days_off=_list_days_off(session, mentor.id, today),
        holidays=[Holiday(day, holiday_name(day), day in opened) for day in days if holiday_name(day)],
    )


def free_times(
    session: Session, mentor_id: int, *, days: int, minutes: int, now: datetime, with_way: bool = False
) -> list[datetime]:
    """Return the half hours of the next days at which the mentor could begin something so long.

    ``with_way`` asks for a free half hour before and after it, too. For rules that know the mentor's id.
    """
    today = now.astimezone(KST).date()
    hours, off = _list_hours(session, mentor_id), _list_days_off(session, mentor_id, today)
    opened = _list_opened(session, mentor_id, today)
    found = []
    for day in (today + timedelta(days=ahead) for ahead in range(days)):
        is_off = any(row.starts_on <= day <= row.ends_on for row in off)
        if is_off or (holiday_name(day) and day not in opened):
            continue
        for row in hours:
            if row.weekday == day.weekday():
                last = row.ends_minute - minutes
                found += [_moment(day, at) for at in range(row.starts_minute, last + 1, 30)]
    return _without_taken(session, mentor_id, found, minutes=minutes, with_way=with_way, now=now)


def suggest(session: Session, engagement: Engagement, *, minutes: int, now: datetime) -> list[datetime]:
    """Return the next free times of three days to offer, in the parts of the week the merchant has time.

    Where the two have no such time in common, the mentor's next free ones. What is offered to another shop
    is left out, so that nobody chooses a time that is gone. For callers that loaded the engagement and its
    need by their policy.
    """
    free = free_times(
        session,
        engagement.mentor_id,
        days=SUGGESTED_WITHIN_DAYS,
        minutes=minutes,
        now=now,
        with_way=engagement.need.wants == VisitKind.VISIT,
    )
    offered = _list_offered(session, engagement.mentor_id)
    free = [
        moment
        for moment in free
        if moment >= now + NOTICE_TIME and offered.isdisjoint(slots.half_hours(moment, minutes))
    ]
    wanted = list_wanted(session, engagement)
    common = [moment for moment in free if any(_lies_in(moment, minutes, *part) for part in wanted)]
    first_of_day = {moment.astimezone(KST).date(): moment for moment in reversed(common or free)}
    return sorted(first_of_day.values())[:SUGGESTIONS]


def list_wanted(session: Session, engagement: Engagement) -> list[tuple[int, DayPart]]:
    """Return the parts of the week, by their weekday, in which the merchant said to have time.

    For callers that loaded the engagement by its policy.
    """
    wanted = select(NeedTime.weekday, NeedTime.part).where(NeedTime.need_id == engagement.need_id)
    return [(weekday, part) for weekday, part in session.execute(wanted)]


def _without_taken(
    session: Session,
    mentor_id: int,
    moments: Sequence[datetime],
    *,
    minutes: int,
    with_way: bool,
    now: datetime,
) -> list[datetime]:
    def touched(moment: datetime) -> list[datetime]:
        way = slots.way_of(moment, minutes) if with_way else []
        return [*slots.half_hours(moment, minutes), *way]

    coming = sorted(moment for moment in moments if moment > now)
    taken = slots.list_taken(session, mentor_id, {half for moment in coming for half in touched(moment)})
    return [moment for moment in coming if taken.isdisjoint(touched(moment))]


def _list_offered(session: Session, mentor_id: int) -> set[datetime]:
    """Return the half hours somebody may still choose."""
    rows = session.execute(
        select(VisitTime.starts_at, Visit.minutes)
        .join(Visit, Visit.id == VisitTime.visit_id)
        .where(Visit.mentor_id == mentor_id, Visit.state == VisitState.PROPOSED)
    )
    return {half for starts_at, minutes in rows for half in slots.half_hours(starts_at, minutes)}


def _lies_in(moment: datetime, minutes: int, weekday: int, part: DayPart) -> bool:
    local = moment.astimezone(KST)
    begins, ends = DAY_PART_MINUTES[part]
    at = local.hour * 60 + local.minute
    return local.weekday() == weekday and begins <= at and at + minutes <= ends


def _list_hours(session: Session, mentor_id: int) -> Sequence[Availability]:
    statement = select(Availability).where(Availability.mentor_id == mentor_id)
    return session.scalars(statement.order_by(Availability.weekday, Availability.starts_minute)).all()


def _list_days_off(session: Session, mentor_id: int, today: date) -> Sequence[DayOff]:
    statement = select(DayOff).where(DayOff.mentor_id == mentor_id, DayOff.ends_on >= today)
    return session.scalars(statement.order_by(DayOff.starts_on).limit(DAYS_OFF_MAX)).all()


def _list_opened(session: Session, mentor_id: int, today: date) -> set[date]:
    statement = select(OpenHoliday.day).where(OpenHoliday.mentor_id == mentor_id, OpenHoliday.day >= today)
    return set(session.scalars(statement))


def _hold(session: Session, mentor: User) -> MentorProfile:
    return db.lock(session, MentorProfile, mentor.id)


def _moment(day: date, minute: int) -> datetime:
    return datetime.combine(day, time(), KST) + timedelta(minutes=minute)


def _clock(minute: int) -> str:
    return clock_time(_moment(date(2000, 1, 1), minute))
