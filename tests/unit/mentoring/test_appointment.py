from datetime import UTC, datetime

from portal.mentoring.appointment import LINE_OCTETS, Appointment, calendar, words

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
STARTS = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)


def make(place: str = "순자네 반찬(서울)") -> Appointment:
    return Appointment(12, STARTS, place, agreed_at=NOW, other="박정호 멘토님")


def unfolded(body: bytes) -> list[str]:
    return body.replace(b"\r\n ", b"").decode().split("\r\n")


def test_the_words_of_an_appointment() -> None:
    assert words(STARTS, "순자네 반찬(서울)", now=NOW) == "11월 26일(목) 오후 3시, 순자네 반찬(서울)"


def test_a_calendar_file_is_in_utc_and_ends_every_line_as_asked() -> None:
    body = calendar(make(), host="jangteo.example")

    lines = unfolded(body)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    assert "UID:visit-12@jangteo.example" in lines
    assert "DTSTAMP:20261123T010000Z" in lines
    assert "DTSTART:20261126T060000Z" in lines
    assert "DTEND:20261126T070000Z" in lines
    assert "LOCATION:순자네 반찬(서울)" in lines
    assert b"\n" not in body.replace(b"\r\n", b"")


def test_marks_with_a_meaning_are_escaped() -> None:
    body = calendar(make("중앙시장; 2층, 12\\3호\n안쪽"), host="jangteo.example")

    assert "LOCATION:중앙시장\\; 2층\\, 12\\\\3호\\n안쪽" in unfolded(body)


def test_no_line_is_longer_than_75_octets_and_no_syllable_is_torn() -> None:
    place = "아주 긴 이름을 가진 전통시장 안쪽 골목의 반찬 가게 " * 4

    body = calendar(make(place.strip()), host="jangteo.example")

    parts = body.split(b"\r\n")
    assert max(map(len, parts)) <= LINE_OCTETS
    assert all(part.decode() for part in parts[:-1])
    assert f"LOCATION:{place.strip()}" in unfolded(body)
