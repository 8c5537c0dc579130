"""Promises in Korean working hours: 9:00 to 18:00, Monday to Friday, public holidays left out."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

import holidays

from portal.core.clock import KST

OPENS, CLOSES = time(9), time(18)


def add_working_hours(start: datetime, hours: float) -> datetime:
    """Return the moment ``hours`` working hours after ``start``, in the zone of Korea."""
    at = _into_working_time(start.astimezone(KST))
    left = timedelta(hours=hours)
    while True:
        until_close = datetime.combine(at.date(), CLOSES, KST) - at
        if left <= until_close:
            return at + left
        left -= until_close
        at = _into_working_time(datetime.combine(at.date() + timedelta(days=1), OPENS, KST))


def working_time_between(start: datetime, end: datetime) -> timedelta:
    """Return how much working time lies between two moments; none if ``end`` is the earlier one."""
    at, end = _into_working_time(start.astimezone(KST)), end.astimezone(KST)
    passed = timedelta(0)
    while at < end:
        closing = datetime.combine(at.date(), CLOSES, KST)
        passed += min(end, closing) - at
        at = _into_working_time(closing)
    return passed


def working_day_at(moment: datetime) -> date:
    """Return the day on which offices work at ``moment``, or next after it."""
    return _into_working_time(moment.astimezone(KST)).date()


def up_to_the_hour(moment: datetime) -> datetime:
    """Return the full hour at or after ``moment``: people keep "오전 11시", not "오전 10시 23분".

    A working hour stays one, since offices open and close on the hour.
    """
    full = moment.replace(minute=0, second=0, microsecond=0)
    return full if full == moment else full + timedelta(hours=1)


def is_working_day(day: date) -> bool:
    """Tell whether offices work on ``day`` in Korea."""
    return day.weekday() < 5 and day not in _holidays(day.year)


def holiday_name(day: date) -> str:
    """Return what the public holiday of ``day`` is called in Korea; empty on any other day."""
    return _holidays(day.year).get(day, "")


def add_working_days(day: date, days: int) -> date:
    """Return the working day that is ``days`` working days after ``day``, which itself is not counted."""
    while days > 0:
        day += timedelta(days=1)
        days -= is_working_day(day)
    return day


def working_day_from(day: date) -> date:
    """Return ``day``, or the next working day if offices are closed on it."""
    return day if is_working_day(day) else add_working_days(day, 1)


def _into_working_time(moment: datetime) -> datetime:
    day = moment.date()
    if is_working_day(day) and moment.time() < CLOSES:
        return max(moment, datetime.combine(day, OPENS, KST))
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, KST)


@lru_cache(maxsize=8)
def _holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("KR", years=year, language="ko"))
