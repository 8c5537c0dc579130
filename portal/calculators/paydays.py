"""The days money comes in: by a channel's way of paying, over Korean weekends and holidays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from portal.core.working_time import add_working_days, working_day_from
from portal.courses.facts import Fact


class Stage(StrEnum):
    """How far an order has come."""

    ORDERED = "ordered"
    SENT = "sent"
    CONFIRMED = "confirmed"


class Counts(StrEnum):
    """What is counted until the money comes."""

    BUSINESS_DAYS = "business_days"
    MONTHS = "months"


class After(StrEnum):
    """What has to be over before the counting begins: the day, its week (to Sunday) or its month."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class Part:
    """One share of the money; how long it takes is the number of its fact."""

    percent: int
    counts: Counts
    after: After
    fact: Fact

    def pay_day(self, counted_from: date) -> date:
        """Return the day this part comes in."""
        number = int(self.fact.number or 0)
        end = _end(counted_from, self.after)
        if self.counts is Counts.BUSINESS_DAYS:
            return add_working_days(end, number)
        return working_day_from(_first_of_month(end, number))


@dataclass(frozen=True)
class Way:
    """How a channel pays."""

    id: str
    label: str
    about: str
    #: The stage whose day the counting begins with.
    counted_from: Stage
    parts: tuple[Part, ...]
    #: After how many days an order counts as confirmed by itself; None where we know no number.
    confirm_after: Fact | None

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Return the facts the days are worked out from."""
        confirm = (self.confirm_after,) if self.confirm_after and self.counted_from is Stage.CONFIRMED else ()
        return (*(part.fact for part in self.parts), *confirm)


@dataclass(frozen=True)
class Pace:
    """Working days until an order is sent and until it arrives, and days until it is confirmed."""

    send: int = 1
    arrive: int = 1
    confirm: int = 7


@dataclass(frozen=True)
class Order:
    """Money to come for one order, and the day of it that is known."""

    day: date
    won: int
    stage: Stage = Stage.ORDERED


@dataclass(frozen=True)
class Payment:
    """Money that comes in for an order."""

    day: date
    won: int
    percent: int


@dataclass(frozen=True)
class Journey:
    """The days of one order, as far as the way of paying needs them."""

    order: Order
    sent: date | None
    arrived: date | None
    confirmed: date | None
    payments: tuple[Payment, ...]


@dataclass(frozen=True)
class Cost:
    """Money that goes out every month on the same day."""

    won: int
    day_of_month: int


@dataclass(frozen=True)
class Entry:
    """A day on which money moves; ``balance`` is what is there afterwards."""

    day: date
    text: str
    won: int
    balance: int


@dataclass(frozen=True)
class Month:
    """What one month comes to; ``shortest`` is the entry with the least left, if below nothing."""

    first: date
    money_in: int
    money_out: int
    balance: int
    shortest: Entry | None


def follow(way: Way, order: Order, pace: Pace) -> Journey:
    """Work out the days of an order from the one that is known."""
    sent = arrived = confirmed = None
    if order.stage is Stage.ORDERED:
        sent = add_working_days(order.day, pace.send)
    elif order.stage is Stage.SENT:
        sent = order.day
    if way.counted_from is Stage.CONFIRMED:
        if sent is not None:
            arrived = add_working_days(sent, pace.arrive)
        confirmed = arrived + timedelta(days=pace.confirm) if arrived else order.day
    counted_from = confirmed if way.counted_from is Stage.CONFIRMED else sent
    if counted_from is None:
        raise ValueError("This way counts from the day of sending, which is not known.")
    return Journey(order, sent, arrived, confirmed, tuple(_pay(way.parts, order.won, counted_from)))


def _pay(parts: Sequence[Part], won: int, counted_from: date) -> Iterator[Payment]:
    """Split the money: a fraction of a won is dropped in each part but the last, which takes what is left."""
    left = won
    for part in parts[:-1]:
        share = won * part.percent // 100
        left -= share
        yield Payment(part.pay_day(counted_from), share, part.percent)
    yield Payment(parts[-1].pay_day(counted_from), left, parts[-1].percent)


def list_entries(journeys: Sequence[Journey], cost: Cost | None, *, in_hand: int) -> tuple[Entry, ...]:
    """Return every movement by day, from the first day known to the month of the last payment."""
    if not journeys:
        return ()
    moves = [
        (payment.day, 0, _words(number, payment), payment.won)
        for number, journey in enumerate(journeys, start=1)
        for payment in journey.payments
    ]
    first = min(journey.order.day for journey in journeys)
    last = _end(max(day for day, *_ in moves), After.MONTH)
    if cost:
        moves += [(day, 1, "매달 나가는 돈", -cost.won) for day in _cost_days(cost, first, last)]
    entries, balance = [], in_hand
    for day, _, text, won in sorted(moves):
        balance += won
        entries.append(Entry(day, text, won, balance))
    return tuple(entries)


def list_months(entries: Iterable[Entry]) -> tuple[Month, ...]:
    """Return the sum of each month in which money moves."""
    return tuple(
        _month(first, list(group))
        for first, group in groupby(entries, lambda entry: entry.day.replace(day=1))
    )


def _month(first: date, entries: list[Entry]) -> Month:
    least = min(entries, key=lambda entry: entry.balance)
    return Month(
        first,
        sum(entry.won for entry in entries if entry.won > 0),
        -sum(entry.won for entry in entries if entry.won < 0),
        entries[-1].balance,
        least if least.balance < 0 else None,
    )


def _words(number: int, payment: Payment) -> str:
    return f"{number}번 주문" + (f"의 {payment.percent}%" if payment.percent < 100 else "")


def _cost_days(cost: Cost, first: date, last: date) -> Iterator[date]:
    """Return the cost's day in each month; in a shorter month its last day."""
    month = first.replace(day=1)
    while month <= last:
        day = month.replace(day=min(cost.day_of_month, _end(month, After.MONTH).day))
        if day >= first:
            yield day
        month = _first_of_month(month, 1)


def _end(day: date, after: After) -> date:
    if after is After.WEEK:
        return day + timedelta(days=6 - day.weekday())
    if after is After.MONTH:
        return _first_of_month(day, 1) - timedelta(days=1)
    return day


def _first_of_month(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
