"""Reading an iCalendar file by the letter of RFC 5545, by nothing of ours: what breaks it fails the test."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

LINE = re.compile(
    r"(?P<name>[A-Z][A-Z0-9-]*)(?P<params>(?:;[A-Z-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(?P<value>.*)\Z"
)
ONCE_IN_EVENT = (
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "SUMMARY",
    "SEQUENCE",
    "STATUS",
    "LOCATION",
    "ORGANIZER",
)


@dataclass
class Component:
    """A component with its lines by name and the components in it."""

    name: str
    lines: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    inner: list["Component"] = field(default_factory=list)

    def one(self, name: str) -> str:
        """Return the value of a line that stands there exactly once."""
        ((_, value),) = self.lines[name]
        return value

    def moment(self, name: str) -> datetime:
        """Return a moment in UTC, the one form that needs no zone."""
        return datetime.strptime(self.one(name), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    def text(self, name: str) -> str:
        """Return a TEXT value with its marks read."""
        return re.sub(r"\\(.)", lambda mark: "\n" if mark[1] in "nN" else mark[1], self.one(name))

    @property
    def events(self) -> list["Component"]:
        """Return the events of a calendar."""
        return [each for each in self.inner if each.name == "VEVENT"]


def read(content: bytes) -> Component:
    """Return the calendar; an AssertionError says which rule of RFC 5545 or 5546 it breaks."""
    assert content.endswith(b"\r\n"), "§3.1: every line ends in CRLF"
    physical = content.removesuffix(b"\r\n").split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in physical), "§3.1: CRLF and nothing else"
    assert max(map(len, physical)) <= 75, "§3.1: no line is longer than 75 octets"
    assert all(line.decode("utf-8") for line in physical), "no syllable is torn, no line is empty"
    (calendar,) = _parse(content.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n"))
    assert calendar.name == "VCALENDAR"
    assert calendar.one("VERSION") == "2.0", "§3.7.4"
    assert calendar.one("PRODID"), "§3.7.3"
    method = calendar.one("METHOD")
    assert not any(each.name == "VTIMEZONE" for each in calendar.inner), "moments in UTC need none"
    for event in calendar.events:
        _check(event, method)
    return calendar


def _parse(lines: list[str]) -> list[Component]:
    top = Component("")
    stack = [top]
    for line in lines:
        found = LINE.match(line)
        assert found, f"§3.1: no content line: {line!r}"
        name, params, value = found["name"], found["params"], found["value"]
        if name == "BEGIN":
            stack.append(Component(value))
            stack[-2].inner.append(stack[-1])
        elif name == "END":
            assert stack.pop().name == value, "§3.6: components are nested"
        else:
            stack[-1].lines.setdefault(name, []).append((params, value))
    assert stack == [top], "§3.6: every component ends"
    return top.inner


def _check(event: Component, method: str) -> None:
    for name in ONCE_IN_EVENT:
        assert len(event.lines.get(name, [])) <= 1, f"§3.6.1: {name} at most once"
    assert event.one("UID")
    assert event.moment("DTSTAMP")
    assert event.moment("DTEND") > event.moment("DTSTART"), "§3.8.2.2"
    assert int(event.one("SEQUENCE")) >= 0, "§3.8.7.4"
    assert not re.search(r"(?<!\\)[,;]", event.one("SUMMARY")), "§3.3.11: commas and semicolons are escaped"
    if method in {"REQUEST", "CANCEL"}:
        assert re.match(r"mailto:\S+@\S+", event.one("ORGANIZER")), "RFC 5546 §3.2.2: one organizer"
        assert re.match(r"mailto:\S+@\S+", event.one("ATTENDEE")), "RFC 5546 §3.2.2: who is invited"
        assert event.one("STATUS") == ("CANCELLED" if method == "CANCEL" else "CONFIRMED")
