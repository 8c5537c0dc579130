from typing import Any

import pytest

from portal.practice import order
from portal.practice.order import Order
from portal.practice.outcome import BadPractice


@pytest.fixture
def steps(documented: dict[str, Any]) -> Order:
    return order.read(documented["practice-steps"])


def _answer(*places: str) -> dict[str, str]:
    return dict(zip(("item-register", "item-join", "item-report"), places, strict=True))


def _said(practice: Order, answer: dict[str, str]) -> dict[str, str]:
    return {remark.field: remark.sentence for remark in practice.check(answer, "ann/1").remarks}


def test_the_right_order_passes_and_says_why_of_each(steps: Order) -> None:
    outcome = steps.check(_answer("1", "2", "3"), "ann/1")

    assert outcome.passed
    assert {remark.sentence for remark in outcome.remarks} == {item.because for item in steps.items}


def test_the_items_never_stand_in_their_order_and_are_mixed_anew(steps: Order) -> None:
    seen = []
    for count in range(50):
        fields = steps.form_fields(f"ann/{count}", {})
        seen.append([field.name for field in fields])

    assert ["item-register", "item-join", "item-report"] not in seen
    assert all(seen[at] != seen[at + 1] for at in range(49))
    assert steps.form_fields("ann/7", {}) == steps.form_fields("ann/7", {"item-join": "1"})


def test_only_the_first_wrong_place_is_named_with_what_comes_before_it(steps: Order) -> None:
    assert _said(steps, _answer("2", "1", "3")) == {
        "item-join": "아직 1번째가 아니에요. 먼저 할 것이 있어요. "
        "가게 이름과 번호가 있어야 판매처에 가입할 수 있어요."
    }
    said = _said(steps, _answer("1", "3", "2"))
    assert set(said) == {"item-register", "item-report"}
    assert said["item-report"].startswith("아직 2번째가 아니에요.")


def test_a_wrong_order_is_a_try_and_an_incomplete_one_is_not(steps: Order) -> None:
    assert not steps.check(_answer("2", "1", "3"), "ann/1").unreadable
    assert len(steps.check(_answer("", "", ""), "ann/1").unreadable) == 3
    assert len(steps.check(_answer("1", "1", "2"), "ann/1").unreadable) == 2


def test_a_number_picked_twice_or_not_at_all_is_said_where_it_stands(steps: Order) -> None:
    assert _said(steps, _answer("1", "1", "2")) == {
        "item-register": "1번째를 여러 번 골랐어요. 하나만 남기고 바꿔 주세요.",
        "item-join": "1번째를 여러 번 골랐어요. 하나만 남기고 바꿔 주세요.",
    }
    assert _said(steps, _answer("1", "", "2")) == {
        "item-join": "아직 고르지 않았어요. 몇 번째인지 골라 주세요."
    }


@pytest.mark.parametrize("odd", ["0", "4", "-1", "１", "²", "\0", "\ud800", "1" * 1_000_000, "첫 번째"])
def test_what_is_no_place_counts_as_not_picked(steps: Order, odd: str) -> None:
    assert _said(steps, _answer(odd, "2", "3")) == {
        "item-register": "아직 고르지 않았어요. 몇 번째인지 골라 주세요."
    }


def _item(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "text": name, "because": "까닭", **more}


@pytest.mark.parametrize(
    ("items", "complaint"),
    [
        ([_item("a"), _item("b")], "'items' must be three to seven tables, not 2"),
        ([_item(each) for each in "abcdefgh"], "'items' must be three to seven tables, not 8"),
        ([_item("a"), _item("b"), _item("a")], "'a' comes twice in 'items'"),
        ([_item("a"), _item("b"), _item("c", text="b")], "'b' comes twice in 'items'"),
        ([_item("a"), _item("b"), _item("C")], r"'items\[3\].id' must be lower-case"),
        ([_item("a"), _item("b"), _item("c", because="")], r"'items\[3\].because' must be a string"),
        ([_item("a"), _item("b"), _item("c", right=True)], r"'items\[3\].right' is not known here"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    items: list[dict[str, object]], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        order.read({"kind": "order", "question": "?", "items": items})
