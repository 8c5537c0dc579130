"""E14, E15 and E19: answers are right by declared rules, and results are exact whole numbers."""

import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from portal.certification import gift, grading
from portal.certification.qualifications import Blueprint, Subject
from portal.certification.scoring import score
from tests.exam_factories import SMALL

CHOICE = {"choices": [{"key": key, "text": key} for key in "abc"], "key": ["b"]}
SEVERAL = {**CHOICE, "key": ["a", "c"]}
NUMBER = {"key": [{"value": "12500", "tolerance": "0.5"}, {"value": "125", "tolerance": "0"}]}
SHORT = {"key": ["등록면허세", "Smart Store"]}
PAIRS = {
    "rows": [{"key": "1", "text": "가"}, {"key": "2", "text": "나"}],
    "options": [{"key": key, "text": key} for key in "abc"],
    "key": [{"row": "1", "option": "a"}, {"row": "2", "option": "c"}],
}


@pytest.mark.parametrize(
    ("kind", "content", "response", "right"),
    [
        ("choice", CHOICE, {"chosen": ["b"]}, True),
        ("choice", CHOICE, {"chosen": ["a"]}, False),
        ("choice", CHOICE, {"chosen": ["a", "b"]}, False),
        ("choice", CHOICE, {}, False),
        ("multiple", SEVERAL, {"chosen": ["c", "a"]}, True),
        ("multiple", SEVERAL, {"chosen": ["a"]}, False),
        ("multiple", SEVERAL, {"chosen": ["a", "b", "c"]}, False),
        ("true_false", {"key": ["true"]}, {"chosen": ["true"]}, True),
        ("true_false", {"key": ["true"]}, {"chosen": ["false"]}, False),
        ("matching", PAIRS, {"matched": {"1": "a", "2": "c"}}, True),
        ("matching", PAIRS, {"matched": {"1": "a"}}, False),
        ("matching", PAIRS, {"matched": {"1": "a", "2": "a"}}, False),
        ("essay", {"key": []}, {"text": "글"}, False),
    ],
)
def test_points_are_all_or_none(kind: str, content: Any, response: dict[str, Any], right: bool) -> None:
    assert grading.is_right(kind, content, response) is right


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("12500", True),
        ("12,500원", True),
        ("１２５００", True),
        (" 1만 2천 500 원 ", True),
        ("12500.5", True),
        ("12500.50", True),
        ("12499.5", True),
        ("12500.51", False),
        ("12499.49", False),
        ("₩12,500", True),
        ("125", True),
        ("125.0", True),
        ("125.1", False),
        ("-12500", False),
        ("약 12500", False),
        ("만이천오백", False),
        ("1e4", False),
        ("", False),
        ("9" * 400, False),
    ],
)
def test_e14_numbers_count_exactly_to_their_tolerance(typed: str, right: bool) -> None:
    assert grading.is_right("numeric", NUMBER, {"text": typed}) is right


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("등록면허세", True),
        ("등록 면허세", True),
        (" 등록면허세예요. ", True),
        ("‘등록면허세’", True),
        ("등록면허세를", True),
        ("smart store", True),
        ("ＳＭＡＲＴＳＴＯＲＥ", True),
        ("등록면허새", False),  # one letter off is another word
        ("면허세", False),
        ("등록면허세 아님", False),
        ("등록면허세금", False),
        ("", False),
    ],
)
def test_e15_short_answers_are_right_by_listed_variants_never_by_likeness(typed: str, right: bool) -> None:
    assert grading.is_right("short", SHORT, {"text": typed}) is right


def test_numbers_of_a_paper_are_judged_by_the_same_draw() -> None:
    item = gift.parse(
        "// subject: s\n// level: easy\n// vary: a=1000..5000/100\n::n:: \\{a\\}원의 3%는? {#a*3/100:0}"
    ).items[0]

    assert grading.is_right("numeric", item.content, {"text": "90"}, {"a": 3000})
    assert not grading.is_right("numeric", item.content, {"text": "90"}, {"a": 3100})


def test_what_no_form_could_send_is_wrong_and_never_an_error() -> None:
    draw = random.Random(3)
    odd: list[Any] = [
        None,
        1,
        0.5,
        True,
        [],
        {},
        "",
        "a",
        ["a"],
        [1],
        [None],
        {"1": 2},
        {"1": ["a"]},
        "\ud800",
    ]
    contents: dict[str, Any] = {
        "choice": CHOICE,
        "multiple": SEVERAL,
        "true_false": {"key": ["true"]},
        "numeric": NUMBER,
        "short": SHORT,
        "matching": PAIRS,
        "essay": {"key": []},
    }
    for _ in range(2000):
        kind = draw.choice(list(contents))
        response = {
            name: draw.choice(odd) for name in ("chosen", "text", "matched", "x") if draw.random() < 0.7
        }
        assert grading.is_right(kind, contents[kind], response) in {True, False}


def test_every_right_answer_of_a_random_item_is_right_and_every_other_choice_wrong() -> None:
    draw = random.Random(4)
    for _ in range(300):
        keys = list("abcdefgh")[: draw.randrange(2, 9)]
        right = sorted(draw.sample(keys, draw.randrange(1, len(keys) + 1)))
        content = {"choices": [{"key": key} for key in keys], "key": right}
        kind = "choice" if len(right) == 1 else "multiple"
        chosen = draw.sample(keys, draw.randrange(0, len(keys) + 1))

        assert grading.is_right(kind, content, {"chosen": chosen}) is (sorted(chosen) == right)


@pytest.mark.parametrize(
    ("written", "value"),
    [("3.3%", Fraction(33, 10)), ("3만", Fraction(30000)), ("－５", Fraction(-5)), (".", None), ("원", None)],
)
def test_numbers_are_read_as_people_write_them(written: str, value: Fraction | None) -> None:
    assert grading.read_number(written) == value


FIVE = replace(SMALL, subjects=tuple(Subject(key, key, {"easy": 20}, 5) for key in "abcde"))


def points(*each: int) -> list[tuple[str, int]]:
    return list(zip("abcde", each, strict=False))


@pytest.mark.parametrize(
    ("subjects", "total", "passed", "failed"),
    [
        ((60, 60, 60, 60, 60), 300, True, ()),
        ((60, 60, 60, 60, 59), 299, False, ()),  # 59.8 on average is not rounded up
        ((100, 100, 100, 100, 39), 439, False, ("e",)),
        ((100, 100, 40, 40, 40), 320, True, ()),
        ((100, 100, 39, 39, 100), 378, False, ("c", "d")),
        ((0, 0, 0, 0, 0), 0, False, ("a", "b", "c", "d", "e")),
    ],
)
def test_results_at_their_boundaries(
    subjects: tuple[int, ...], total: int, passed: bool, failed: tuple[str, ...]
) -> None:
    scored = score(FIVE, points(*subjects))

    assert (scored.total, scored.passed, scored.failed_subjects) == (total, passed, failed)


def test_a_result_is_passed_exactly_where_the_sums_say_so() -> None:
    draw = random.Random(5)
    blueprint: Blueprint = FIVE
    for _ in range(1000):
        each = [draw.randrange(0, 101, 5) for _ in range(5)]
        scored = score(blueprint, points(*each))

        assert scored.passed is (sum(each) >= 300 and min(each) >= 40)
        assert scored.total == sum(scored.subjects.values()) == sum(each)
