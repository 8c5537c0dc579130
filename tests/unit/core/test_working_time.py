from datetime import date, datetime, timedelta

import pytest

from portal.core.clock import KST
from portal.core.working_time import (
    CLOSES,
    OPENS,
    add_working_hours,
    is_working_day,
    up_to_the_hour,
    working_day_at,
    working_time_between,
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-23 10:00", 8, "2026-11-23 18:00"),
        ("2026-11-23 11:00", 8, "2026-11-24 10:00"),
        ("2026-11-23 07:12", 8, "2026-11-23 17:00"),
        ("2026-11-23 18:00", 8, "2026-11-24 17:00"),
        ("2026-11-23 23:59", 1, "2026-11-24 10:00"),
        ("2026-11-20 17:30", 1, "2026-11-23 09:30"),
        ("2026-11-21 12:00", 8, "2026-11-23 17:00"),
        ("2026-11-23 10:00", 30, "2026-11-26 13:00"),
        # Seollal 2027: 6 to 8 February, the 7th is a Sunday, so the 9th is off too.
        ("2027-02-05 17:00", 2, "2027-02-10 10:00"),
        # Liberation Day 2026 is a Saturday, the 17th stands in for it.
        ("2026-08-14 17:00", 2, "2026-08-18 10:00"),
        # 31 December, then New Year's Day and a weekend: over the end of the year.
        ("2026-12-31 17:00", 2, "2027-01-04 10:00"),
    ],
)
def test_working_hours_leave_out_nights_weekends_and_holidays(start: str, hours: int, end: str) -> None:
    assert add_working_hours(at(start), hours) == at(end)


@pytest.mark.parametrize("day", ["2026-09-24", "2026-10-05", "2026-05-25", "2027-02-09", "2027-05-13"])
def test_a_holiday_is_no_working_day(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


def test_a_promise_is_always_in_working_time_and_after_the_start() -> None:
    start = at("2026-11-01 00:07")
    while start < at("2027-11-01 00:00"):
        for hours in (1, 8, 20):
            exact = add_working_hours(start, hours)
            promise = up_to_the_hour(exact)
            assert start + timedelta(hours=hours) <= exact <= promise < exact + timedelta(hours=1)
            assert is_working_day(promise.date())
            assert OPENS <= promise.time() <= CLOSES
            assert promise.minute == promise.second == promise.microsecond == 0
        start += timedelta(hours=5, minutes=17)


def test_a_later_start_is_never_promised_earlier() -> None:
    start = at("2027-02-01 00:00")
    promises = [add_working_hours(start + timedelta(minutes=37 * step), 8) for step in range(800)]

    assert promises == sorted(promises)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-23 10:00", "2026-11-23 10:40", 40 / 60),
        ("2026-11-23 08:00", "2026-11-23 20:00", 9),
        ("2026-11-20 17:00", "2026-11-23 10:00", 2),
        ("2026-11-21 12:00", "2026-11-22 12:00", 0),
        ("2027-02-05 17:00", "2027-02-10 10:00", 2),
        ("2026-11-23 12:00", "2026-11-23 11:00", 0),
    ],
)
def test_time_between_counts_what_offices_work(start: str, end: str, hours: float) -> None:
    assert working_time_between(at(start), at(end)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-23 17:59", "2026-11-23"),
        ("2026-11-23 18:00", "2026-11-24"),
        ("2026-11-21 10:00", "2026-11-23"),
    ],
)
def test_a_closed_office_works_on_its_next_day(moment: str, day: str) -> None:
    assert working_day_at(at(moment)) == date.fromisoformat(day)
