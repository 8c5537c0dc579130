"""When messages may leave: not at night, not while the market is on, and digests at half past eight."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.core.clock import KST
from portal.messages.vocabulary import QUIET_FROM, QUIET_UNTIL, MarketDays, Pace

MARKET_UNTIL = 18
"""On a market day a stall is busy until six."""
DIGEST_AT = time(8, 30)
LOOK_AHEAD_DAYS = 7
"""Of so many days at least one is no market day, and every other day has hours that are open."""


@dataclass(frozen=True)
class Hours:
    """The quiet hours of one person, in Korean time, and the days of their market."""

    quiet_from: int = QUIET_FROM
    quiet_until: int = QUIET_UNTIL
    market_days: MarketDays = MarketDays.NONE


USUAL_HOURS = Hours()


def is_market_day(day: date, market_days: MarketDays) -> bool:
    """Tell whether the market is held on ``day``: 1·6 on every date that ends in 1 or 6."""
    return market_days is not MarketDays.NONE and day.day % 5 == int(market_days[0]) % 5


def next_open(moment: datetime, hours: Hours) -> datetime:
    """Return ``moment`` if a message may leave then, else the first moment after it at which one may."""
    at = moment.astimezone(KST)
    for days in range(LOOK_AHEAD_DAYS):
        day = at.date() + timedelta(days=days)
        is_market = is_market_day(day, hours.market_days)
        opens = max(hours.quiet_until, MARKET_UNTIL) if is_market else hours.quiet_until
        begins = max(at, _hour(day, opens))
        if begins < _hour(day, hours.quiet_from):
            return begins
    raise ValueError(f"{hours} leave no hour open.")


def digest_moment(day: date) -> datetime:
    """Return when the digest of a day leaves, unless its reader's quiet lasts longer."""
    return datetime.combine(day, DIGEST_AT, KST)


def next_digest_day(moment: datetime, pace: Pace) -> date:
    """Return the day of the first digest after ``moment``: any day, or the next Monday."""
    day = moment.astimezone(KST).date()
    while digest_moment(day) <= moment or (pace is Pace.WEEKLY and day.weekday() != 0):
        day += timedelta(days=1)
    return day


def _hour(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(), KST) + timedelta(hours=hour)
