"""The time, once for every entry point; rules get it as an argument."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def day_began(moment: datetime) -> datetime:
    """Return the midnight before ``moment`` in Korea."""
    return datetime.combine(moment.astimezone(KST).date(), time(), KST)
