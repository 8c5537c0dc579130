"""Things done outside the portal: ticked, told, and then for a person to confirm."""

import pytest

from portal.practice import checklist, kinds
from portal.practice.checklist import Checklist
from portal.practice.outcome import BadPractice

TABLE = {
    "kind": "checklist",
    "question": "신고하고 와서 표시해 주세요.",
    "proof": "언제, 어디에서 했나요?",
    "hints": ["정부24에서 찾아요."],
    "items": ["확인증을 받았어요", "신고서를 냈어요"],
}


@pytest.fixture
def practice() -> Checklist:
    return checklist.read(TABLE)


def test_a_person_confirms_it(practice: Checklist) -> None:
    assert kinds.is_confirmed_by_people(practice)


def test_everything_ticked_and_told_can_be_shown(practice: Checklist) -> None:
    assert practice.check(practice.reference_answer(""), "").passed


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("item-1", "", "아직 표시하지 않았어요. 하신 다음에 표시해 주세요."),
        ("item-2", "no", "아직 표시하지 않았어요. 하신 다음에 표시해 주세요."),
        ("proof", "", "언제, 어디에서 하셨는지 한 문장으로 적어 주세요."),
        ("proof", "네 네 네", "언제, 어디에서 하셨는지 한 문장으로 적어 주세요."),
    ],
)
def test_what_is_missing_is_said_at_its_place(
    practice: Checklist, field: str, value: str, sentence: str
) -> None:
    outcome = practice.check(practice.reference_answer("") | {field: value}, "")

    assert not outcome.passed
    assert [(remark.field, remark.sentence) for remark in outcome.remarks] == [(field, sentence)]


@pytest.mark.parametrize("items", [[], ["하나"], ["하나", "하나"], [str(each) for each in range(9)]])
def test_too_few_too_many_or_twice_the_same_is_refused(items: list[str]) -> None:
    with pytest.raises(BadPractice, match="'items'"):
        checklist.read(TABLE | {"items": items})
