"""When somebody has time, in words."""

import pytest

from portal.mentoring.vocabulary import DayPart
from portal.mentoring.wishes import times_in_words

WHOLE_WEEK = [(weekday, part) for weekday in range(7) for part in DayPart]


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ([], "언제든"),
        (WHOLE_WEEK, "언제든"),
        (
            [(2, DayPart.EVENING), (0, DayPart.MORNING), (2, DayPart.AFTERNOON)],
            "월요일 오전, 수요일 오후·저녁",
        ),
        ([(6, part) for part in DayPart], "일요일 언제든"),
        (WHOLE_WEEK[1:4], "월요일 오후·저녁, 화요일 오전"),
    ],
)
def test_times_are_told_by_the_day(times: list[tuple[int, DayPart]], words: str) -> None:
    assert times_in_words(times) == words
