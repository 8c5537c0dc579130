"""E26: shares and correlations of items, against numbers worked out by hand."""

import pytest

from portal.certification.item_statistics import Statistics, work_out


def test_e26_share_and_correlation_of_known_answers() -> None:
    """Right 1,1,1,0,0 and the rest 0.9,0.7,0.8,0.4,0.2."""
    found = work_out([(True, 0.9), (True, 0.7), (True, 0.8), (False, 0.4), (False, 0.2)])

    assert found.p == pytest.approx(0.6)
    # M1 0.8, M0 0.3, s = √0.068 = 0.26077; 0.5 / 0.26077 · √0.24
    assert found.r == pytest.approx(0.93934, abs=1e-5)


@pytest.mark.parametrize(
    ("answers", "r"),
    [
        ([(True, 1.0), (False, 0.0)] * 15, 1.0),
        ([(True, 0.0), (False, 1.0)] * 15, -1.0),
        ([(True, 0.5), (False, 0.5)] * 15, None),
        ([(True, 0.1), (True, 0.9)] * 15, None),
        ([(False, 0.1), (False, 0.9)] * 15, None),
        ([(True, 0.2), (True, 0.8), (False, 0.2), (False, 0.8)] * 8, 0.0),
    ],
)
def test_e26_the_correlation_stays_in_its_bounds(answers: list[tuple[bool, float]], r: float | None) -> None:
    found = work_out(answers)

    assert found.r == (None if r is None else pytest.approx(r))


def test_e26_nothing_is_said_of_no_answers() -> None:
    assert work_out([]) == Statistics(0, None, None)
    assert work_out([]).flags == ()


@pytest.mark.parametrize(
    ("count", "p", "r", "words"),
    [
        (29, 0.5, -0.5, ()),
        (30, 0.5, -0.01, ("답을 확인해요",)),
        (30, 0.5, 0.19, ("가르지 못해요",)),
        (30, 0.5, 0.20, ()),
        (30, 0.19, 0.5, ("너무 어려워요",)),
        (30, 0.20, 0.5, ()),
        (30, 0.96, None, ("너무 쉬워요",)),
        (30, 0.95, 0.5, ()),
        (200, 0.05, -0.2, ("답을 확인해요", "너무 어려워요")),
    ],
)
def test_e26_items_are_flagged_after_thirty_answers(
    count: int, p: float, r: float | None, words: tuple[str, ...]
) -> None:
    flags = Statistics(count, p, r).flags

    assert len(flags) == len(words)
    assert all(word in flag for word, flag in zip(words, flags, strict=True))
