"""The calendar around the payments: costs, balances, months that fall short."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from portal.calculators.paydays import (
    After,
    Cost,
    Counts,
    Order,
    Pace,
    Part,
    Stage,
    Way,
    follow,
    list_entries,
    list_months,
)
from portal.courses.facts import Fact

NEXT_DAY = Fact(
    "shop.day", "날", "1일", Decimal(1), date(2026, 1, 1), "", "", "", date(2027, 1, 1), True, "", 0
)
WAY = Way("usual", "보통", "", Stage.CONFIRMED, (Part(100, Counts.BUSINESS_DAYS, After.DAY, NEXT_DAY),), None)


def confirmed(day: date, won: int) -> Order:
    return Order(day, won, Stage.CONFIRMED)


def test_a_cost_before_the_money_leaves_the_month_short() -> None:
    journeys = [follow(WAY, confirmed(date(2026, 11, 26), 50_000), Pace())]

    entries = list_entries(journeys, Cost(30_000, 26), in_hand=10_000)
    (month,) = list_months(entries)

    assert [(entry.day.day, entry.won, entry.balance) for entry in entries] == [
        (26, -30_000, -20_000),
        (27, 50_000, 30_000),
    ]
    assert month.shortest == entries[0]
    assert (month.money_in, month.money_out, month.balance) == (50_000, 30_000, 30_000)


def test_money_of_the_same_day_comes_before_the_cost() -> None:
    journeys = [follow(WAY, confirmed(date(2026, 11, 25), 50_000), Pace())]

    entries = list_entries(journeys, Cost(30_000, 26), in_hand=0)

    assert [entry.won for entry in entries] == [50_000, -30_000]
    assert list_months(entries)[0].shortest is None


def test_a_cost_on_the_31st_goes_out_on_the_last_day_of_a_short_month() -> None:
    journeys = [follow(WAY, confirmed(day, 1_000), Pace()) for day in (date(2027, 1, 28), date(2027, 2, 23))]

    entries = list_entries(journeys, Cost(100, 31), in_hand=0)

    assert [entry.day for entry in entries if entry.won < 0] == [date(2027, 1, 31), date(2027, 2, 28)]


def test_months_go_over_the_year() -> None:
    journeys = [
        follow(WAY, confirmed(day, 1_000), Pace()) for day in (date(2026, 12, 28), date(2026, 12, 31))
    ]

    months = list_months(list_entries(journeys, None, in_hand=0))

    assert [month.first for month in months] == [date(2026, 12, 1), date(2027, 1, 1)]


def test_no_orders_move_no_money() -> None:
    assert list_entries([], Cost(1, 1), in_hand=5) == ()


def test_a_way_that_counts_from_sending_cannot_begin_with_the_confirmation() -> None:
    with pytest.raises(ValueError, match="day of sending"):
        follow(replace(WAY, counted_from=Stage.SENT), confirmed(date(2026, 11, 25), 1), Pace())
