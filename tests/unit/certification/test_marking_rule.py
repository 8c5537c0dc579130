"""E16: what the points of two or three markers come to."""

from random import Random

import pytest

from portal.certification import marking
from tests.marking_factories import PRACTICAL, points_of


def subjects(*given: int) -> dict[str, int]:
    return dict(zip((subject.key for subject in PRACTICAL.subjects), given, strict=True))


def test_half_points_go_up_and_down_by_turns() -> None:
    assert marking.average(subjects(60, 61, 60, 61), subjects(61, 60, 60, 60)) == subjects(61, 60, 60, 61)


def test_two_who_are_near_and_agree_need_no_third() -> None:
    assert marking.settle(PRACTICAL, [subjects(70, 70, 70, 70), subjects(74, 74, 74, 73)]) == subjects(
        72, 72, 72, 72
    )


def test_nobody_is_settled_by_one() -> None:
    assert marking.settle(PRACTICAL, [subjects(70, 70, 70, 70)]) is None
    assert marking.settle(PRACTICAL, []) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (subjects(70, 70, 70, 70), subjects(74, 74, 74, 74)),  # 16 points apart
        (subjects(60, 60, 60, 60), subjects(60, 60, 60, 59)),  # one lets pass, the other does not
        (subjects(39, 80, 80, 80), subjects(40, 80, 80, 80)),  # the same by a subject that is too low
        (subjects(39, 85, 60, 60), subjects(85, 39, 60, 60)),  # both fail, and their average would pass
    ],
)
def test_a_third_one_marks(one: marking.Points, other: marking.Points) -> None:
    assert marking.needs_third(PRACTICAL, one, other)
    assert marking.settle(PRACTICAL, [one, other]) is None


def test_fifteen_points_apart_is_near_enough() -> None:
    assert not marking.needs_third(PRACTICAL, subjects(70, 70, 70, 70), subjects(74, 74, 74, 73))


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ((260, 300, 310), 305),  # the last two are closest
        ((260, 280, 300), 290),  # equally close: the higher pair
        ((300, 260, 280), 290),  # in whichever order they came
        ((240, 239, 250), 240),  # 239 and 240: a half point goes up
    ],
)
def test_of_three_the_closest_two_count(totals: tuple[int, ...], expected: int) -> None:
    given = [subjects(total - 180, 60, 60, 60) for total in totals]

    settled = marking.settle(PRACTICAL, given)

    assert settled is not None
    assert sum(settled.values()) == expected


def test_rounding_never_says_something_else_than_two_who_agree() -> None:
    """5,000 pairs near the pass mark: where no third one is asked, result and both markers say the same."""
    draw = Random(7)
    agreed = 0
    for _ in range(5_000):
        one, other = (subjects(*(draw.randint(38, 82) for _ in range(4))) for _ in range(2))
        settled = marking.settle(PRACTICAL, [one, other])
        if settled is None:
            continue
        agreed += 1
        verdicts = {marking.passes(PRACTICAL, given) for given in (one, other, settled)}
        assert len(verdicts) == 1
        assert 0 <= 2 * sum(settled.values()) - sum(one.values()) - sum(other.values()) <= 1

    assert agreed > 500


def test_what_is_wrong_with_a_sheet_is_said_by_place() -> None:
    points = {**points_of(), "diagnosis.facts": 41, "diagnosis.none": 3, "page.name": -1}

    assert marking.faults(PRACTICAL, points) == {
        "diagnosis.facts": "0점부터 40점까지 적어 주세요.",
        "diagnosis.none": "채점표에 없는 항목이에요.",
        "page.name": "0점부터 30점까지 적어 주세요.",
    }
    assert marking.faults(PRACTICAL, points_of()) == {}
    assert marking.lacking(PRACTICAL, {}) == [place.key for place in marking.places(PRACTICAL)]
