"""When a holder is told that a certificate runs out: 60, 30 and 7 days before its end, and after it."""

from datetime import date, datetime, time, timedelta

from portal.core.clock import KST

DAYS_BEFORE = (60, 30, 7)
DAYS_AFTER = 1
"""The first day on which it does not hold: its last day counts."""
AT_HOUR = 10
"""Ten in the morning: shops are open and nobody is at lunch."""


def first_at(valid_until: date | None, *, now: datetime) -> datetime | None:
    """Return when the holder of one that ends on ``valid_until`` is next told, or None."""
    if valid_until is None:
        return None
    moments = (
        datetime.combine(valid_until - timedelta(days=days), time(AT_HOUR), KST)
        for days in (*DAYS_BEFORE, -DAYS_AFTER)
    )
    return next((moment for moment in moments if moment > now), None)
