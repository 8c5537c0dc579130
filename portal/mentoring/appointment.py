"""An appointment: what may be done with it now, and its words, the same for both people.

Also as a file their calendars take (RFC 5545), and as an invitation or its end in a mail (RFC 5546).
Every moment stands in UTC, so that no calendar needs to know the zone of Korea.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from portal.core import korean
from portal.mentoring.visit_models import OPEN_VISIT_STATES, Visit, VisitState

LINE_OCTETS = 75
"""RFC 5545 §3.1: longer lines are folded."""
REFRESHED_EVERY = "PT1H"
"""How often a calendar is asked to look at a feed again; many take their own time all the same."""


class Method(StrEnum):
    """What a calendar is to do with what it reads (RFC 5546)."""

    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Appointment:
    """When and where one meets whom."""

    #: The first visit of those that were moved into each other: the same to a calendar; or a group's meeting.
    visit_id: int
    starts_at: datetime
    place: str
    agreed_at: datetime
    other: str
    minutes: int = 60
    #: Grows with every change, so that a calendar knows the newest.
    sequence: int = 0
    #: Where a video call is opened; empty for other kinds.
    link: str = ""
    #: The name of the group that meets; empty for a visit.
    group: str = ""


@dataclass(frozen=True)
class Guest:
    """Who invites whom, by e-mail."""

    organizer: str
    attendee: str


def why_not_moved(visit: Visit, *, now: datetime) -> str:
    """Return why a visit can no longer be moved, in the sentence the person reads; empty if it can."""
    if visit.state not in OPEN_VISIT_STATES:
        return "그사이에 약속이 바뀌었어요. 여기에서 다시 확인해 주세요."
    if visit.starts_at is not None and visit.starts_at <= now:
        return "이미 지난 약속이라 바꿀 수 없어요. 새 약속을 잡아 주세요."
    return ""


def why_not_over(visit: Visit, *, now: datetime) -> str:
    """Return why nothing can be written down about a visit yet or any more; empty if it can."""
    if visit.state == VisitState.HELD:
        return "만난 이야기를 이미 적었어요. 멘토 화면에서 볼 수 있어요."
    if visit.state != VisitState.AGREED or visit.starts_at is None:
        return "그사이에 약속이 바뀌었어요. 멘토 화면에서 다시 확인해 주세요."
    if visit.starts_at > now:
        return "아직 만나기 전이에요. 만난 뒤에 적어 주세요."
    return ""


def words(starts_at: datetime, place: str, *, now: datetime) -> str:
    """Return ``11월 26일(목) 오후 3시, 순자네 반찬(서울)``."""
    return f"{korean.dated_time(starts_at, now=now)}, {place}"


def calendar(appointment: Appointment, *, host: str) -> bytes:
    """Return one appointment as an iCalendar file; ``host`` makes its id one in the world."""
    return _file(Method.PUBLISH, _event(appointment, host))


def feed(appointments: Sequence[Appointment], *, host: str) -> bytes:
    """Return all appointments of a person; a calendar drops what is no longer among them."""
    named = ["X-WR-CALNAME:장터배움 약속", f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESHED_EVERY}"]
    events = [line for appointment in appointments for line in _event(appointment, host)]
    return _file(Method.PUBLISH, [*named, f"X-PUBLISHED-TTL:{REFRESHED_EVERY}", *events])


def invitation(appointment: Appointment, guest: Guest, *, host: str, is_off: bool) -> str:
    """Return the appointment as a mail carries it: an invitation, or that it is off."""
    people = [
        f"ORGANIZER;CN=장터배움:mailto:{guest.organizer}",
        f"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{guest.attendee}",
        f"STATUS:{'CANCELLED' if is_off else 'CONFIRMED'}",
    ]
    method = Method.CANCEL if is_off else Method.REQUEST
    return _file(method, _event(appointment, host, *people)).decode()


def _file(method: Method, content: Sequence[str]) -> bytes:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Jangteo Baeum//mentoring//KO",
        f"METHOD:{method}",
        *content,
        "END:VCALENDAR",
    ]
    return b"".join(part + b"\r\n" for line in lines for part in _folded(line))


def _event(appointment: Appointment, host: str, *further: str) -> list[str]:
    ends_at = appointment.starts_at + timedelta(minutes=appointment.minutes)
    what = appointment.group or f"{appointment.other} 만나기"
    return [
        "BEGIN:VEVENT",
        f"UID:{'meeting' if appointment.group else 'visit'}-{appointment.visit_id}@{host}",
        f"DTSTAMP:{_utc(appointment.agreed_at)}",
        f"SEQUENCE:{appointment.sequence}",
        f"DTSTART:{_utc(appointment.starts_at)}",
        f"DTEND:{_utc(ends_at)}",
        f"SUMMARY:{_escape(f'{what} (장터배움)')}",
        f"LOCATION:{_escape(appointment.place)}",
        *([f"DESCRIPTION:{_escape(appointment.link)}"] if appointment.link else []),
        *further,
        "END:VEVENT",
    ]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escape(text: str) -> str:
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return "\\n".join(text.splitlines())


def _folded(line: str) -> Iterator[bytes]:
    """Cut a line between letters, so that no part is longer than allowed and no Hangul syllable is torn."""
    part = b""
    for letter in line:
        octets = letter.encode()
        if len(part) + len(octets) > LINE_OCTETS:
            yield part
            part = b" "
        part += octets
    yield part
