"""The time, once for every entry point; rules get it as an argument."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)
