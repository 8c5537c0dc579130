"""Korean time is nine hours ahead: the day changes at 15:00 UTC."""

from datetime import UTC, date, datetime, timedelta

import pytest

from portal.core import korean

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""Tuesday, ten in the morning in Korea."""


def at(text: str) -> datetime:
    """Return a moment written in Korean time."""
    return datetime.fromisoformat(f"{text}+09:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24T00:00", "오전 0시"),
        ("2026-11-24T00:30", "오전 0시 30분"),
        ("2026-11-24T09:05", "오전 9시 5분"),
        ("2026-11-24T11:59", "오전 11시 59분"),
        ("2026-11-24T12:00", "낮 12시"),
        ("2026-11-24T12:30", "낮 12시 30분"),
        ("2026-11-24T13:00", "오후 1시"),
        ("2026-11-24T15:00", "오후 3시"),
        ("2026-11-24T23:59", "오후 11시 59분"),
    ],
)
def test_a_clock_time_cannot_be_misread(moment: str, words: str) -> None:
    assert korean.clock_time(at(moment)) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-24T15:00", "오늘 오후 3시"),
        ("2026-11-24T00:00", "오늘 오전 0시"),
        ("2026-11-25T00:00", "내일 오전 0시"),
        ("2026-11-26T10:30", "모레 오전 10시 30분"),
        ("2026-11-23T23:59", "어제 오후 11시 59분"),
        ("2026-11-22T12:00", "11월 22일(일) 낮 12시"),
        ("2026-11-27T10:00", "11월 27일(금) 오전 10시"),
        ("2027-01-01T09:00", "2027년 1월 1일(금) 오전 9시"),
        ("2025-12-31T18:00", "2025년 12월 31일(수) 오후 6시"),
    ],
)
def test_a_day_is_named_when_it_is_near(moment: str, words: str) -> None:
    assert korean.day_and_time(at(moment), now=NOW) == words


def test_a_dated_time_says_the_same_on_every_day() -> None:
    visit = at("2026-11-26T15:00")

    said = {korean.dated_time(visit, now=visit - timedelta(days=days)) for days in range(-3, 4)}

    assert said == {"11월 26일(목) 오후 3시"}


def test_another_year_is_written_out() -> None:
    new_year, eve = at("2027-01-01T00:00"), at("2026-12-31T23:59")

    assert korean.dated_time(new_year, now=eve) == "2027년 1월 1일(금) 오전 0시"
    assert korean.day_and_time(new_year, now=eve) == "내일 오전 0시"
    assert korean.day_and_time(eve, now=new_year) == "어제 오후 11시 59분"


def test_the_day_changes_at_midnight_in_korea_not_in_utc() -> None:
    before, after = datetime(2026, 11, 24, 14, 59, tzinfo=UTC), datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

    assert korean.day(before) == "2026년 11월 24일(화)"
    assert korean.day(after) == "2026년 11월 25일(수)"
    assert korean.plain_day(after) == "2026년 11월 25일"
    assert korean.plain_day(date(2028, 2, 29)) == "2028년 2월 29일"


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "방금"),
        (timedelta(0), "방금"),
        (timedelta(seconds=59), "방금"),
        (timedelta(minutes=1), "1분 전"),
        (timedelta(minutes=59, seconds=59), "59분 전"),
        (timedelta(hours=1), "1시간 전"),
        (timedelta(hours=10), "10시간 전"),
        (timedelta(hours=10, seconds=1), "어제"),
        (timedelta(days=1, hours=10), "어제"),
        (timedelta(days=1, hours=10, seconds=1), "11월 22일(일)"),
        (timedelta(days=330), "2025년 12월 29일(월)"),
    ],
)
def test_ago_counts_hours_today_and_days_before(passed: timedelta, words: str) -> None:
    assert korean.ago(NOW - passed, now=NOW) == words


def test_just_before_midnight_is_minutes_ago_just_after_it() -> None:
    midnight = at("2026-11-25T00:00")

    assert korean.ago(midnight - timedelta(minutes=5), now=midnight) == "5분 전"


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("홍길동", "홍*동"),
        ("김순", "김*"),
        ("남궁민수", "남궁*수"),
        ("남궁민", "남*민"),
        ("황보라", "황*라"),
        ("제갈공명이", "제갈**이"),
        ("John Smith", "J********h"),
        ("김", "*"),
        ("", "*"),
        ("  홍길동 ", "홍*동"),
    ],
)
def test_a_masked_name_keeps_the_surname(name: str, masked: str) -> None:
    assert korean.masked_name(name) == masked


@pytest.mark.parametrize(
    ("word", "pair", "read"),
    [
        ("박정호 멘토님", "이/가", "박정호 멘토님이"),
        ("순자", "이/가", "순자가"),
        ("시장", "으로/로", "시장으로"),
        ("가게", "으로/로", "가게로"),
        ("서울", "으로/로", "서울로"),
        ("서울", "을/를", "서울을"),
        ("3", "은/는", "3은"),
        ("7", "으로/로", "7로"),
        ("2", "과/와", "2와"),
        ("Kim", "이/가", "Kim이"),
        ("Lee", "이/가", "Lee가"),
        ("Paul", "으로/로", "Paul로"),
        ("‘첫걸음’", "을/를", "‘첫걸음’을"),
        ("순자네 반찬(서울)", "이에요/예요", "순자네 반찬(서울)이에요"),
        ("!", "이/가", "!가"),
    ],
)
def test_a_particle_follows_the_last_sound(word: str, pair: str, read: str) -> None:
    assert korean.with_particle(word, pair) == read


def test_won_has_thousands() -> None:
    assert korean.won(31447) == "31,447원"
    assert korean.won(0) == "0원"


@pytest.mark.parametrize(("count", "said"), [(1, "한 분"), (10, "열 분"), (11, "11분"), (0, "0분")])
def test_people_are_counted_as_said_aloud_up_to_ten(count: int, said: str) -> None:
    assert korean.people(count) == said
