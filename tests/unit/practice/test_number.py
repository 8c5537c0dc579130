import copy
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from portal.practice import number
from portal.practice.number import Number
from portal.practice.outcome import BadPractice

EXAMPLE_A = {"goods": 30_000, "shipping": 3_000}  # domain.md §3.7 A


def _no_facts(fact: str) -> Decimal:
    raise LookupError(fact)


def _read(sums: dict[str, str], draw: dict[str, list[int]], rates: dict[str, object] | None = None) -> Number:
    question = "셈: " + " ".join(f"{{{name}}}원" for name in draw)
    lines = [{"id": name, "text": f"줄 {name}", "sum": text} for name, text in sums.items()]
    return number.read(
        {"kind": "number", "question": question, "unit": "원", "tolerance": 0, "draw": draw, "lines": lines}
        | ({"rates": rates} if rates else {}),
        _no_facts,
    )


def test_the_worked_settlement_comes_out_to_the_won(settlement: Number) -> None:
    lines = number.lines(settlement, EXAMPLE_A)

    assert [(line.text, line.amount) for line in lines] == [
        ("주문관리 수수료", 653),
        ("판매수수료", 900),
        ("통장에 들어오는 돈", 31_447),
    ]


def test_the_worked_settlement_is_shown_as_on_paper(settlement: Number) -> None:
    assert [line.sum_shown for line in number.lines(settlement, EXAMPLE_A)] == [
        "33,000원 × 1.98% = 653원",
        "30,000원 × 3.003% = 900원",
        "30,000원 + 3,000원 − 653원 − 900원 = 31,447원",
    ]


def test_the_same_sale_through_a_marketing_link_leaves_600_won_more(
    documented: dict[str, Any], rates: Callable[[str], Decimal]
) -> None:
    table = documented["practice-settlement"]
    link = table | {"rates": table["rates"] | {"sales_fee": "fact:naver.sales_fee_link_with_vat"}}

    lines = number.lines(number.read(link, rates), EXAMPLE_A)

    assert [line.amount for line in lines] == [653, 300, 32_047]


def test_vat_may_be_added_in_the_sum_itself() -> None:
    practice = _read(
        {"fee": "goods * fee_rate * 11 / 10"}, {"goods": [30000, 31000, 1000]}, {"fee_rate": 2.73}
    )

    (line,) = number.lines(practice, {"goods": 30_000})

    assert line.sum_shown == "30,000원 × 2.73% × 11 ÷ 10 = 900원"


def test_a_bracket_with_a_rate_is_shown_and_one_of_amounts_is_worked_out() -> None:
    practice = _read(
        {"price": "(cost + 100) / (1 - fee)", "left": "price - (cost + 100)"},
        {"cost": [18000, 19000, 1000]},
        {"fee": 20},
    )

    assert [line.sum_shown for line in number.lines(practice, {"cost": 18_000})] == [
        "18,100원 ÷ (1 − 20%) = 22,625원",
        "22,625원 − 18,100원 = 4,525원",
    ]


def test_a_count_is_shown_without_won() -> None:
    table: dict[str, object] = {
        "kind": "number", "question": "{each}원짜리 {boxes}상자면?", "unit": "원", "tolerance": 0,
        "draw": {"each": [5000, 6000, 1000], "boxes": [2, 4, 1]},
        "lines": [{"id": "all", "text": "모두", "sum": "each * boxes"}],
    }  # fmt: skip

    (line,) = number.lines(number.read(table, _no_facts), {"each": 5000, "boxes": 3})

    assert line.sum_shown == "5,000원 × 3 = 15,000원"


def test_every_try_is_worked_out_exactly(settlement: Number) -> None:
    for count in range(300):
        drawn = number.draw(settlement, f"ann/settlement/{count}")
        goods, shipping = drawn["goods"], drawn["shipping"]
        order = int((goods + shipping) * Fraction("0.0198"))
        sales = int(goods * Fraction("0.03003"))

        amounts = [line.amount for line in number.lines(settlement, drawn)]

        assert amounts == [order, sales, goods + shipping - order - sales]


def test_numbers_are_drawn_from_the_authored_range(settlement: Number) -> None:
    for count in range(300):
        drawn = number.draw(settlement, f"사장님:{count}")

        assert drawn["goods"] in range(12_000, 48_001, 1_000)
        assert drawn["shipping"] in (2_500, 3_000, 3_500, 4_000)


def test_the_same_seed_draws_the_same_numbers(settlement: Number) -> None:
    assert number.draw(settlement, "ann/1") == number.draw(settlement, "ann/1")


def test_consecutive_tries_differ_in_every_number(settlement: Number) -> None:
    for learner in ("ann", "ben", "", "사장님", "7b3f-"):
        tries = [number.draw(settlement, f"{learner}/{count}") for count in range(100)]

        for before, after in pairwise(tries):
            assert before["goods"] != after["goods"]
            assert before["shipping"] != after["shipping"]


def test_learners_get_numbers_of_their_own(settlement: Number) -> None:
    first_tries = [number.draw(settlement, f"learner-{name}/1") for name in "abcdefghijklmnopqrst"]

    assert len({(each["goods"], each["shipping"]) for each in first_tries}) > 10


def test_the_question_shows_the_numbers_with_separators(settlement: Number) -> None:
    asked = number.question(settlement, EXAMPLE_A)

    assert asked == "손님이 상품값 30,000원과 배송비 3,000원을 냈어요. 통장에 얼마가 들어올까요?"


@pytest.mark.parametrize(
    ("written", "passed"),
    [
        ("31447", True),
        ("31437", True),
        ("31457", True),
        ("31436", False),
        ("31458", False),
        ("３만1447원", True),
    ],
)
def test_the_tolerance_is_inclusive(settlement: Number, written: str, passed: bool) -> None:
    assert number.check(settlement, {"amount": written}, EXAMPLE_A).passed is passed


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("31447", "맞아요! 31,447원이에요."),
        ("31450", "맞아요! 정확히는 31,447원이에요."),
        ("32347", "답보다 많아요. 판매수수료를 빼지 않은 금액 같아요."),
        ("32100", "답보다 많아요. 주문관리 수수료를 빼지 않은 금액 같아요."),
        ("33000", "답보다 많아요. 빼야 할 금액을 아직 빼지 않은 것 같아요."),
        ("653", "답보다 적어요. 주문관리 수수료까지만 구한 것 같아요."),
        ("314470", "답보다 많아요. 0이 하나 더 붙은 것 같아요."),
        ("3144", "답보다 적어요. 0이 하나 빠진 것 같아요."),
        ("20000", "답보다 적어요. 한 줄씩 천천히 다시 계산해 봐요."),
        ("40000", "답보다 많아요. 한 줄씩 천천히 다시 계산해 봐요."),
        ("", "빈칸이에요. 계산한 답을 적어 주세요."),
        ("삼만", "12000처럼 숫자로 적어 주세요."),
    ],
)
def test_an_answer_gets_the_sentence_that_fits_it(settlement: Number, written: str, sentence: str) -> None:
    outcome = number.check(settlement, {"amount": written}, EXAMPLE_A)

    assert [remark.sentence for remark in outcome.remarks] == [sentence]


def test_only_what_cannot_be_read_is_no_answer(settlement: Number) -> None:
    for written, is_readable in [
        ("20000", True),
        ("0", True),
        ("abc", False),
        ("-58212", False),
        ("", False),
    ]:
        outcome = number.check(settlement, {"amount": written}, EXAMPLE_A)

        assert bool(outcome.unreadable) is not is_readable


def test_a_line_forgotten_through_another_line_is_still_recognised() -> None:
    practice = _read(
        {"order": "goods * a", "sales": "goods * b", "fees": "order + sales", "payout": "goods - fees"},
        {"goods": [30000, 31000, 1000]},
        {"a": 2, "b": 3},
    )

    outcome = number.check(practice, {"amount": "29100"}, {"goods": 30_000})

    assert outcome.remarks[0].sentence == "답보다 많아요. 줄 order 금액을 빼지 않은 금액 같아요."


def test_the_note_behind_a_line_stays_out_of_the_sentence(
    documented: dict[str, Any], rates: Callable[[str], Decimal]
) -> None:
    table = copy.deepcopy(documented["practice-settlement"])
    table["lines"][1]["text"] = "판매수수료 (상품값에만 붙어요)"

    outcome = number.check(number.read(table, rates), {"amount": "32347"}, EXAMPLE_A)

    assert outcome.remarks[0].sentence == "답보다 많아요. 판매수수료를 빼지 않은 금액 같아요."


def test_two_slips_that_come_to_the_same_are_not_guessed_between() -> None:
    practice = _read(
        {"a": "goods / 10", "b": "goods / 10", "left": "goods - a - b"}, {"goods": [1000, 2000, 1000]}
    )

    outcome = number.check(practice, {"amount": "900"}, {"goods": 1000})

    assert outcome.remarks[0].sentence == "답보다 많아요. 한 줄씩 천천히 다시 계산해 봐요."


def test_the_form_asks_for_the_last_line(settlement: Number) -> None:
    (field,) = settlement.form_fields("", {})

    assert (field.name, field.label, field.kind, field.unit) == (
        "amount",
        "통장에 들어오는 돈",
        "money",
        "원",
    )


def test_the_reference_answer_passes_every_try(settlement: Number) -> None:
    for count in range(200):
        drawn = number.draw(settlement, f"check/{count}")

        assert number.check(settlement, number.reference_answer(settlement, drawn), drawn).passed


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("goods + salary", "uses 'salary', which is no draw, rate or earlier line"),
        ("later + goods", "uses 'later'"),
        ("goods ** 9", "may hold only"),
        ("goods // 2", "may hold only"),
        ("-goods", "may hold only"),
        ("1.5 * goods", "may hold only"),
        ("True + goods", "may hold only"),
        ("'a' + goods", "may hold only"),
        ("goods.real", "may hold only"),
        ("goods[0]", "may hold only"),
        ("__import__('os').system('id')", "may hold only"),
        ("(lambda: goods)()", "may hold only"),
        ("goods if goods else 1", "may hold only"),
        ("goods +", "is not a sum"),
        ("goods\0", "is not a sum"),
        ("(" * 150 + "goods" + ")" * 150, "longer than 200 characters"),
        ("goods / 0", "divide by zero"),
        ("100 / (13000 - goods)", "divide by zero when {'goods': 13000}"),
        ("goods - 20000", "nobody could type that"),
        ("goods * goods * goods * goods", "nobody could type that"),
    ],
)
def test_a_sum_that_could_not_be_worked_out_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(BadPractice, match=complaint):
        _read({"answer": text}, {"goods": [12000, 14000, 1000]})


def test_brackets_as_deep_as_a_sum_may_be_long_are_no_trouble() -> None:
    practice = _read({"answer": "(" * 97 + "goods" + ")" * 97}, {"goods": [1, 2, 1]})

    assert number.lines(practice, {"goods": 2})[0].amount == 2


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"draw": {}}, "'draw' must name at least one number"),
        ({"draw": {"goods": [1, 2]}}, r"'draw.goods' must be \[from, to, step\]"),
        ({"draw": {"goods": [1, 2, 0]}}, "'draw.goods' must climb"),
        ({"draw": {"goods": [1, 10, 4]}}, "'draw.goods' must climb from 1 to exactly 10 in steps of 4"),
        ({"draw": {"goods": [1, 10000, 1], "shipping": [1, 2, 1]}}, "more than 10,000 combinations"),
        ({"draw": {"Goods": [1, 2, 1]}}, "'draw.Goods' must be named with lower-case"),
        ({"question": "{goods}원이면?"}, "'question' must show each draw"),
        ({"question": "{goods.real} {shipping}"}, "'question' must show each draw"),
        ({"question": "{goods:>9} {shipping}"}, "'question' must show each draw"),
        ({"question": "{goods {shipping}"}, "'question' "),
        ({"rates": {"order_fee": "fact:naver.nothing"}}, "'rates.order_fee' names a fact that is not known"),
        ({"rates": {"order_fee": "1.98"}}, "'rates.order_fee' must be a number"),
        ({"rates": {"order_fee": True}}, "'rates.order_fee' must be a number"),
        ({"rates": {"order_fee": float("nan")}}, "must be a percent from 0 to 100"),
        ({"rates": {"order_fee": 55000}}, "must be a percent from 0 to 100"),
        ({"lines": []}, "'lines' must hold at least one table"),
        ({"lines": [{"id": "goods", "text": "글", "sum": "1"}]}, "'goods' comes twice"),
        ({"tolerance": -1}, "'tolerance' must be a whole number of at least 0"),
        ({"tolerance": True}, "'tolerance' must be a whole number"),
        ({"unit": " "}, "'unit' must be a string that is not blank"),
        ({"answer": 3}, "'answer' is not known here"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    documented: dict[str, Any], rates: Callable[[str], Decimal], changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        number.read(documented["practice-settlement"] | changes, rates)


def test_a_rate_written_as_a_number_is_exactly_what_was_written(documented: dict[str, Any]) -> None:
    rates: dict[str, object] = {"order_fee": 1.98, "sales_fee": Decimal("3.003")}

    practice = number.read(documented["practice-settlement"] | {"rates": rates}, _no_facts)

    assert practice.rates == {"order_fee": Decimal("1.98"), "sales_fee": Decimal("3.003")}
