"""English as people read it: dates, hours and money, in Korean time and won."""

from datetime import date, datetime, timedelta

from portal.core.clock import KST

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def won(amount: int) -> str:
    """Return ``31,447 won``."""
    return f"{amount:,} won"


def day(moment: date | datetime) -> str:
    """Return ``Sat, November 21, 2026`` in Korean time."""
    local = _local_date(moment)
    return f"{_WEEKDAYS[local.weekday()]}, {plain_day(local)}"


def plain_day(moment: date | datetime) -> str:
    """Return ``November 21, 2026``."""
    local = _local_date(moment)
    return f"{_MONTHS[local.month - 1]} {local.day}, {local.year}"


def clock_time(moment: datetime) -> str:
    """Return ``10:30 a.m.``, ``12 noon`` or ``3 p.m.`` in Korean time; midnight is ``12 midnight``."""
    local = moment.astimezone(KST)
    if local.hour % 12 == 0 and not local.minute:
        return "12 noon" if local.hour else "12 midnight"
    minutes = f":{local.minute:02d}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes} {'a.m.' if local.hour < 12 else 'p.m.'}"


def day_and_time(moment: datetime, *, now: datetime) -> str:
    """Return when it is in words: ``today, 3 p.m.``, ``tomorrow, 10 a.m.``, ``Tue, November 24, 10 a.m.``."""
    local, today = moment.astimezone(KST).date(), now.astimezone(KST).date()
    named = {0: "today", 1: "tomorrow", -1: "yesterday"}.get((local - today).days)
    return f"{named or _short_day(local, today)}, {clock_time(moment)}"


def dated_time(moment: datetime, *, now: datetime) -> str:
    """Return ``Tue, November 24, 10 a.m.``: the date itself, the same words whichever day they are read."""
    local, today = moment.astimezone(KST).date(), now.astimezone(KST).date()
    return f"{_short_day(local, today)}, {clock_time(moment)}"


def ago(moment: datetime, *, now: datetime) -> str:
    """Return how long ago it was: ``just now``, ``5 min ago``, ``3 h ago``, ``yesterday``, a day."""
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    local, today = moment.astimezone(KST).date(), now.astimezone(KST).date()
    if local == today:
        return f"{passed // timedelta(hours=1)} h ago"
    return "yesterday" if local == today - timedelta(days=1) else _short_day(local, today)


def _short_day(local: date, today: date) -> str:
    year = "" if local.year == today.year else f", {local.year}"
    return f"{_WEEKDAYS[local.weekday()]}, {_MONTHS[local.month - 1]} {local.day}{year}"


def _local_date(moment: date | datetime) -> date:
    return moment.astimezone(KST).date() if isinstance(moment, datetime) else moment
