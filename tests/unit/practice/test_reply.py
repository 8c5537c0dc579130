import tomllib
from pathlib import Path
from typing import Any

import pytest

from portal.core.personal_numbers import find_numbers
from portal.practice import reply
from portal.practice.outcome import BadPractice
from portal.practice.reply import Reply
from portal.practice.reply_rules import ReplyRules, read_reply_rules
from tests.pace import costs_less_than

SCENARIOS = tomllib.loads(Path(__file__).with_name("replies.toml").read_text(encoding="utf-8"))
CONTENT = Path(__file__).parents[3] / "content"
RULES = CONTENT / "reply_rules.toml"
#: The scenarios of the lessons, by lesson and step.
TAUGHT = {
    f"{path.parent.parent.name}/{path.parent.name}/{step_id}": table
    for path in sorted((CONTENT / "lessons").glob("*/*/practice.toml"))
    for step_id, table in tomllib.loads(path.read_text(encoding="utf-8")).items()
    if table["kind"] == "reply"
}


@pytest.fixture
def late(documented: dict[str, Any], reply_rules: ReplyRules) -> Reply:
    return reply.read(documented["practice-late"], reply_rules, find_numbers)


def _read(table: dict[str, Any], rules: ReplyRules) -> Reply:
    return reply.read({"kind": "reply", **table}, rules, find_numbers)


def _said(practice: Reply, text: str) -> str:
    (remark,) = practice.check({"reply": text}, "").remarks
    return remark.sentence


def test_there_are_twelve_scenarios() -> None:
    assert len(SCENARIOS) == 12


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_samples_of_a_scenario_are_graded_as_they_are_meant(name: str, reply_rules: ReplyRules) -> None:
    practice = _read(SCENARIOS[name], reply_rules)

    missed = [len(reply.failures(practice, SCENARIOS[name][each])) for each in ("good", "fair", "bad")]
    assert missed[0] == 0 < missed[1] <= 2 < missed[2]
    assert practice.check({"reply": SCENARIOS[name]["good"]}, "").passed
    assert not practice.check({"reply": SCENARIOS[name]["fair"]}, "").passed


@pytest.mark.parametrize("name", TAUGHT)
def test_the_samples_of_a_taught_scenario_are_graded_as_they_are_meant(
    name: str, reply_rules: ReplyRules
) -> None:
    practice = _read(TAUGHT[name], reply_rules)

    missed = [len(reply.failures(practice, TAUGHT[name][each])) for each in ("good", "fair", "bad")]
    assert missed[0] == 0 < missed[1] <= 2 < missed[2]
    assert [practice.check({"reply": TAUGHT[name][each]}, "").passed for each in ("good", "fair")] == [
        True,
        False,
    ]


def test_the_lessons_have_scenarios() -> None:
    assert len(TAUGHT) >= 3


def test_a_good_answer_is_told_what_is_good_about_it(late: Reply) -> None:
    assert _said(late, late.samples.good) == (
        "좋은 답글이에요. 먼저 사과했어요. 무슨 일인지 알려 줬어요. "
        "어떻게 할지 적었어요. 언제까지인지 적었어요."
    )


def test_what_is_missing_is_said_in_order_three_things_at_the_most(late: Reply) -> None:
    said = _said(late, "네.").splitlines()

    assert len(said) == reply.MOST_ADVICE
    assert said[0].startswith("먼저 미안한 마음을")


def test_what_hurts_is_quoted_and_said_first(late: Reply) -> None:
    said = _said(late, late.samples.good + " 저희도 어쩔 수 없었어요.")

    assert said == "‘어쩔 수 없’: 손님이 읽으면 더 속상할 말이에요. 그 말을 빼고 다시 읽어 보세요."


@pytest.mark.parametrize(
    "private",
    [
        "010-1234-5678로 전화드릴게요.",
        "０１０ １２３４ ５６７８",
        "110-234-567890으로 보내 드려요.",
        "망원로 12로 보내요.",
        "101동 1203호로 다시 가요.",
        "주문번호 20261122를 봤어요.",
    ],
)
def test_nothing_private_belongs_into_an_answer(late: Reply, private: str) -> None:
    assert reply.failures(late, late.samples.good + " " + private) == ("privacy",)


@pytest.mark.parametrize(
    "plain",
    [
        "1통에 12,000원이에요.",
        "주문번호를 톡톡으로 알려 주세요.",
        "오전 9시부터 18:00까지 받아요.",
        "서로 12통씩 나눠요.",
        "국내산 배추 3포기예요.",
    ],
)
def test_prices_times_and_counts_are_not_private(late: Reply, plain: str) -> None:
    assert reply.failures(late, late.samples.good + " " + plain) == ()


def test_a_refusal_is_no_remedy(late: Reply) -> None:
    assert "remedy" in reply.failures(late, "죄송합니다. 택배가 늦어요. 환불은 안 돼요. 내일 가요.")


@pytest.mark.parametrize("empty", ["", " \n", "\u3164"])
def test_an_empty_answer_is_no_try(late: Reply, empty: str) -> None:
    assert late.check({"reply": empty}, "").unreadable


@pytest.mark.parametrize(
    "hostile", ["죄송" * 500_000, "0-" * 500, "1 " * 500, "주문번호" * 250, "\ud800" * 999, "가나다로 " * 200]
)
def test_hostile_text_costs_nothing_and_raises_nothing(late: Reply, hostile: str) -> None:
    with costs_less_than(1):
        assert not late.check({"reply": hostile}, "").passed


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"good": "안녕하세요."}, "'good' does not pass: it fails apology, fact, remedy, deadline"),
        ({"fair": SCENARIOS["late-parcel"]["good"]}, "'fair' must fail one or two rules, not none"),
        ({"fair": "네."}, "'fair' must fail one or two rules, not apology, fact, remedy, deadline"),
        ({"bad": SCENARIOS["late-parcel"]["fair"]}, "'bad' must fail more rules than 'fair', not remedy"),
        ({"needs": ["sorry"]}, "'needs' names 'sorry'"),
        ({"needs": []}, "'needs' must hold at least one"),
        ({"facts": []}, "'facts' must hold at least one word"),
        ({"customer": ""}, "'customer' must be a string"),
        ({"question": "?"}, "'question' is not known here"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    reply_rules: ReplyRules, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        _read(SCENARIOS["late-parcel"] | change, reply_rules)


@pytest.mark.parametrize(
    ("rule", "change", "complaint"),
    [
        ("apology", {"words": []}, "'apology.words' must hold at least one word"),
        ("apology", {"advice": ""}, "'apology.advice' must be a string"),
        ("remedy", {"praise": ""}, "'remedy.praise' must be a string"),
        ("deadline", {"patterns": ["soon"]}, "'deadline.patterns' names 'soon'"),
        ("anger", {"checked_on": 3}, "'anger.checked_on' must be a date"),
        ("privacy", {"colour": 1}, "'privacy.colour' is not known here"),
    ],
)
def test_badly_written_rules_are_refused(rule: str, change: dict[str, object], complaint: str) -> None:
    table = tomllib.loads(RULES.read_text(encoding="utf-8"))

    with pytest.raises(BadPractice, match=complaint):
        read_reply_rules(table | {rule: table[rule] | change})
