from typing import Any

import pytest

from portal.practice import choice
from portal.practice.choice import Choice
from portal.practice.outcome import BadPractice, Remark


@pytest.fixture
def order(documented: dict[str, Any]) -> Choice:
    return choice.read(documented["practice-order"])


def test_the_right_option_passes_and_says_why(order: Choice) -> None:
    outcome = order.check({"choice": "channel"}, "")

    assert outcome.passed
    assert outcome.remarks[0].sentence.startswith("맞아요. 판매처가 맡아 두었다가")


def test_a_wrong_option_says_why_it_is_not_right_yet(order: Choice) -> None:
    outcome = order.check({"choice": "shop"}, "")

    assert not outcome.passed
    assert outcome.remarks[0].sentence.startswith("아직은 아니에요.")


@pytest.mark.parametrize(
    "answer", [{}, {"choice": ""}, {"choice": "elsewhere"}, {"choice": "\0"}, {"other": "x"}]
)
def test_choosing_nothing_we_know_asks_to_choose(order: Choice, answer: dict[str, str]) -> None:
    outcome = order.check(answer, "")

    assert outcome.remarks == (Remark("choice", "아직 고르지 않았어요. 답을 하나 골라 주세요.", good=False),)


def test_the_form_offers_the_options_in_the_order_of_the_file(order: Choice) -> None:
    (field,) = order.form_fields("", {})

    assert (field.name, field.kind) == ("choice", "radio")
    assert [option.value for group in field.options for option in group.options] == ["shop", "channel"]


def _table(*options: dict[str, object], **more: object) -> dict[str, object]:
    return {"kind": "choice", "question": "?", "options": list(options), **more}


def _option(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "text": "글", "because": "까닭", **more}


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (_table(_option("a", right=True)), "two to five tables, not 1"),
        (_table(_option("a"), _option("b")), "exactly one with right = true"),
        (_table(_option("a", right=True), _option("b", right=True)), "exactly one with right = true"),
        (_table(_option("a", right=True), _option("a")), "'a' comes twice in 'options'"),
        (_table(_option("A", right=True), _option("b")), r"'options\[1\].id' must be lower-case"),
        (_table(_option("a", right="yes"), _option("b")), r"'options\[1\].right' must be true or false"),
        (
            _table(_option("a", right=True), {"id": "b", "text": "글"}),
            r"'options\[2\].because' must be a string",
        ),
        (_table(_option("a", right=True), _option("b"), colour="red"), "'colour' is not known here"),
        (_table(_option("a", right=True), _option("b"), hints="한 줄"), "'hints' must be a list of strings"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    table: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        choice.read(table)
