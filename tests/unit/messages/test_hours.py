"""When messages may leave, minute by minute."""

from datetime import date, datetime
from itertools import product

import pytest

from portal.core.clock import KST
from portal.messages.hours import (
    USUAL_HOURS,
    Hours,
    digest_moment,
    is_market_day,
    next_digest_day,
    next_open,
)
from portal.messages.vocabulary import QUIET_FROM_CHOICES, QUIET_UNTIL_CHOICES, MarketDays, Pace


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23T07:59:59", "2026-11-23T08:00"),
        ("2026-11-23T08:00", "2026-11-23T08:00"),
        ("2026-11-23T20:59:59", "2026-11-23T20:59:59"),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-23T23:30", "2026-11-24T08:00"),
        ("2026-11-24T00:10", "2026-11-24T08:00"),
        ("2026-12-31T22:00", "2027-01-01T08:00"),
    ],
)
def test_nothing_leaves_between_nine_and_eight(moment: str, opens: str) -> None:
    assert next_open(at(moment), USUAL_HOURS) == at(opens)


@pytest.mark.parametrize(
    ("moment", "hours", "opens"),
    [
        ("2026-11-23T09:00", Hours(market_days=MarketDays.THREE), "2026-11-23T18:00"),
        ("2026-11-23T18:00", Hours(market_days=MarketDays.THREE), "2026-11-23T18:00"),
        ("2026-11-23T09:00", Hours(market_days=MarketDays.ONE), "2026-11-23T09:00"),
        ("2026-11-22T22:00", Hours(market_days=MarketDays.THREE), "2026-11-23T18:00"),
        # Quiet from six on a market day leaves no hour of it.
        ("2026-11-23T09:00", Hours(18, 8, MarketDays.THREE), "2026-11-24T08:00"),
        # The 31st and the 1st are market days both.
        ("2026-12-31T09:00", Hours(18, 12, MarketDays.ONE), "2027-01-02T12:00"),
        ("2026-11-23T11:00", Hours(21, 12), "2026-11-23T12:00"),
    ],
)
def test_a_market_day_is_quiet_until_six(moment: str, hours: Hours, opens: str) -> None:
    assert next_open(at(moment), hours) == at(opens)


def test_every_choice_leaves_hours_open_on_every_day_of_a_year() -> None:
    for quiet_from, quiet_until, days in product(QUIET_FROM_CHOICES, QUIET_UNTIL_CHOICES, MarketDays):
        hours = Hours(quiet_from, quiet_until, days)
        for day in range(1, 32):
            opens = next_open(at(f"2026-12-{day:02}T00:00"), hours)
            assert quiet_until <= opens.hour < quiet_from
            assert 8 <= opens.hour < 21  # news may not come at night
            assert next_open(opens, hours) == opens


@pytest.mark.parametrize(
    ("day", "days", "is_one"),
    [
        (date(2026, 11, 5), MarketDays.FIVE, True),
        (date(2026, 11, 30), MarketDays.FIVE, True),
        (date(2026, 11, 10), MarketDays.ONE, False),
        (date(2026, 11, 26), MarketDays.ONE, True),
        (date(2026, 12, 31), MarketDays.ONE, True),
        (date(2026, 11, 24), MarketDays.FOUR, True),
        (date(2026, 11, 24), MarketDays.NONE, False),
    ],
)
def test_market_days_go_by_the_last_digit(day: date, days: MarketDays, is_one: bool) -> None:
    assert is_market_day(day, days) is is_one


@pytest.mark.parametrize(
    ("moment", "pace", "day"),
    [
        ("2026-11-24T08:29:59", Pace.DAILY, date(2026, 11, 24)),
        ("2026-11-24T08:30", Pace.DAILY, date(2026, 11, 25)),
        ("2026-11-24T10:00", Pace.WEEKLY, date(2026, 11, 30)),
        ("2026-11-30T08:00", Pace.WEEKLY, date(2026, 11, 30)),
        ("2026-11-30T09:00", Pace.WEEKLY, date(2026, 12, 7)),
    ],
)
def test_a_digest_is_the_next_half_past_eight_or_the_next_monday(moment: str, pace: Pace, day: date) -> None:
    assert next_digest_day(at(moment), pace) == day
    assert digest_moment(day) == at(f"{day}T08:30")
