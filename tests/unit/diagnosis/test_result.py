"""What comes of the answers: points, routes, reasons, changes."""

from dataclasses import replace
from itertools import product

import pytest

from portal.core.settings import ROOT
from portal.courses.problems import Problems
from portal.diagnosis.questions import Questionnaire, load
from portal.diagnosis.result import compare, from_json, judge

SMALL = ROOT / "tests" / "content"


@pytest.fixture(scope="module")
def small() -> Questionnaire:
    return load(SMALL / "diagnosis.toml", Problems(SMALL), [])


@pytest.fixture(scope="module")
def real() -> Questionnaire:
    return load(ROOT / "content" / "diagnosis.toml", Problems(ROOT / "content"), [])


@pytest.mark.parametrize(
    ("answers", "points", "route"),
    [
        (("good", "rough", "alone", "none"), (3, 2), "ready"),
        (("good", "rough", "help", "none"), (3, 1), "together"),
        (("dark", "rough", "alone", "none"), (2, 2), "polish"),
        (("none", "set", "none", "help"), (2, 1), "learn"),
    ],
)
def test_the_bar_itself_is_enough(
    small: Questionnaire, answers: tuple[str, ...], points: tuple[int, int], route: str
) -> None:
    given = dict(zip(("photo", "price", "phone", "orders"), answers, strict=True))

    result = judge(small, given)

    assert tuple(score.points for score in result.scores) == points
    assert result.route == route


def test_every_sentence_stands_beside_the_answer_that_caused_it(small: Questionnaire) -> None:
    result = judge(small, {"photo": "dark", "price": "none", "phone": "alone", "orders": "none"})

    caused = [(reason.said, reason.points, reason.sentence) for reason in result.reasons]
    assert caused == [
        ("어두워요", 1, "밝은 곳에서 다시 찍어요."),
        ("아니요", 0, "값을 정해요."),
        ("혼자 해요", 2, "혼자 하셔요."),
        ("아니요", 0, "순서를 익혀요."),
    ]
    assert [reason.question for reason in result.gaps("product")] == ["price", "photo"]
    assert [reason.question for reason in result.strengths("seller")] == ["phone"]


def test_points_are_added_and_nothing_else(real: Questionnaire) -> None:
    for nth in range(3):
        given = {question.id: question.answers[nth].id for question in real.questions}
        result = judge(real, given)
        for score in result.scores:
            own = [question for question in real.questions if question.axis == score.axis]
            assert score.points == sum(question.answers[nth].points for question in own)
            assert score.most == sum(question.most for question in own)


def test_there_are_twelve_questions_on_each_axis_of_the_same_weight(real: Questionnaire) -> None:
    for axis in real.axes:
        assert [question.most for question in real.questions if question.axis == axis.id] == [2] * 12


def test_every_route_of_the_real_diagnosis_can_be_reached(real: Questionnaire) -> None:
    routes = set()
    for first, second in product((0, 2), repeat=2):
        nth = dict(zip((axis.id for axis in real.axes), (first, second), strict=True))
        given = {question.id: question.answers[nth[question.axis]].id for question in real.questions}
        routes.add(judge(real, given).route)

    assert routes == {"ready", "together", "learn", "polish"}


def test_an_answer_missing_makes_no_result(small: Questionnaire) -> None:
    with pytest.raises(ValueError, match="orders is not answered"):
        judge(small, {"photo": "good", "price": "set", "phone": "alone", "orders": "gone"})


def test_a_result_is_kept_and_read_again_as_it_was(small: Questionnaire) -> None:
    result = judge(small, {"photo": "good", "price": "set", "phone": "alone", "orders": "alone"})

    assert from_json(result.to_json()) == result


def test_a_change_names_what_got_better_and_worse(small: Questionnaire) -> None:
    before = judge(small, {"photo": "none", "price": "set", "phone": "help", "orders": "alone"})
    now = judge(small, {"photo": "good", "price": "rough", "phone": "help", "orders": "alone"})

    change = compare(before, now)

    assert [(old.said, new.said) for old, new in change.better] == [("없어요", "밝아요")]
    assert [(old.said, new.said) for old, new in change.worse] == [("정했어요", "어림으로요")]
    assert [(old.points, new.points) for old, new in change.scores] == [(2, 3), (3, 3)]
    assert change.route_before == "상품 다듬기 먼저"
    assert change.other_questions == 0


def test_only_questions_of_both_times_are_compared(small: Questionnaire) -> None:
    given = {"photo": "none", "price": "set", "phone": "help", "orders": "alone"}
    before = judge(small, given)
    renamed = replace(small.questions[0], id="picture")
    later = replace(small, pages=((renamed, *small.questions[1:]),))

    change = compare(before, judge(later, {**given, "picture": "good"}))

    assert change.better == ()
    assert change.other_questions == 2


def test_questions_left_open_are_found_page_by_page(small: Questionnaire) -> None:
    assert small.first_open_page({}) == 1
    assert small.first_open_page({"photo": "good", "price": "set"}) == 2
    assert small.first_open_page({"photo": "gone", "price": "set", "phone": "help", "orders": "help"}) == 1
    assert small.count_answered({"photo": "good", "unknown": "x", "price": "gone"}) == 1
