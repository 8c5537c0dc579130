"""Pure rules of booking: half hours, answers by a number, when to remind, and calendar files by RFC 5545."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.core.clock import KST
from portal.mentoring import appointment, slots
from portal.mentoring.appointment import Appointment, Guest
from portal.mentoring.reminders import next_moment
from portal.mentoring.text_messages import read_number
from tests import calendar_file

TEN = datetime(2026, 11, 26, 10, tzinfo=KST)
HALF = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("starts_at", "minutes", "count"),
    [(TEN, 60, 2), (TEN, 30, 1), (TEN, 90, 3), (TEN, 10, 1), (TEN + timedelta(minutes=10), 60, 3)],
)
def test_an_appointment_touches_every_half_hour_until_its_end(
    starts_at: datetime, minutes: int, count: int
) -> None:
    assert slots.half_hours(starts_at, minutes) == [TEN + HALF * number for number in range(count)]


def test_the_way_is_the_half_hour_before_and_the_one_after() -> None:
    assert slots.way_of(TEN, 60) == [TEN - HALF, TEN + 2 * HALF]


@pytest.mark.parametrize(
    "text",
    [
        "2",
        "２",
        " 2 ",
        "2.",
        "2번",
        "2번이요",
        "2 번이요",
        "2번요",
        "2번으로 할게요",
        "2번 부탁드려요",
        "②",
        "2번째요",
        "2!",
        "2번 좋아요",
        "2로 해 주세요",
        "2입니다",
    ],
)
def test_a_plain_answer_is_the_number_it_says(text: str) -> None:
    """K17."""
    assert read_number(text) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "네",
        "2시에 봐요",
        "오후 2시",
        "2, 3 다 돼요",
        "2번 말고 3번",
        "안 돼요",
        "2번은 안 돼요",
        "222",
        "2" + "가" * 60,
        "-",
    ],
)
def test_what_is_not_plain_is_no_number(text: str) -> None:
    """K17: an hour or two numbers are for a person to understand."""
    assert read_number(text) is None


def test_another_number_is_read_as_what_it_is() -> None:
    assert (read_number("9"), read_number("0번"), read_number("12")) == (9, 0, 12)


def test_reminders_come_the_evening_before_and_two_hours_before() -> None:
    evening = datetime(2026, 11, 25, 18, tzinfo=KST)

    assert next_moment(TEN, now=evening - timedelta(days=3)) == evening
    assert next_moment(TEN, now=evening) == TEN - timedelta(hours=2)
    assert next_moment(TEN, now=TEN - timedelta(hours=2)) is None
    # Agreed at nine in the evening for the next morning: only the later one is left.
    assert next_moment(TEN, now=evening + timedelta(hours=3)) == TEN - timedelta(hours=2)


def make(**changes: Any) -> Appointment:
    values: dict[str, Any] = {
        "visit_id": 12,
        "starts_at": TEN,
        "place": "순자네 반찬; 2층, 안쪽\n끝집 " + "긴 골목 " * 20,
        "agreed_at": datetime(2026, 11, 23, 1, tzinfo=UTC),
        "other": "박정호 멘토님",
    }
    return Appointment(**(values | changes))


def test_a_feed_is_read_by_the_rules_of_rfc_5545() -> None:
    made = [make(), make(visit_id=15, minutes=30, sequence=4, link="https://call.example/a,b")]

    read = calendar_file.read(appointment.feed(made, host="jangteo.example"))

    first, second = read.events
    assert (first.one("UID"), second.one("UID")) == ("visit-12@jangteo.example", "visit-15@jangteo.example")
    assert first.moment("DTSTART") == TEN
    assert first.text("LOCATION") == make().place
    assert second.moment("DTEND") == TEN + HALF
    assert second.one("SEQUENCE") == "4"
    assert second.text("DESCRIPTION") == "https://call.example/a,b"


@pytest.mark.parametrize("is_off", [False, True])
def test_an_invitation_and_its_end_are_read_by_the_rules_of_rfc_5546(is_off: bool) -> None:
    guest = Guest(organizer="jangteo@jangteo.example", attendee="sunja@example.com")

    made = appointment.invitation(make(), guest, host="jangteo.example", is_off=is_off)

    read = calendar_file.read(made.encode())
    assert read.one("METHOD") == ("CANCEL" if is_off else "REQUEST")
    assert read.events[0].one("ATTENDEE") == "mailto:sunja@example.com"


def test_an_empty_feed_is_still_a_calendar() -> None:
    assert calendar_file.read(appointment.feed([], host="jangteo.example")).events == []
