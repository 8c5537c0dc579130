from typing import Any

import pytest

from portal.practice import match
from portal.practice.match import Match
from portal.practice.outcome import BadPractice


@pytest.fixture
def words(documented: dict[str, Any]) -> Match:
    return match.read(documented["practice-words"])


def _said(practice: Match, settlement: str, refund: str) -> dict[str, str]:
    outcome = practice.check({"pair-settlement": settlement, "pair-refund": refund}, "ann/1")
    return {remark.field: remark.sentence for remark in outcome.remarks}


def test_right_pairs_pass_and_say_why(words: Match) -> None:
    outcome = words.check(words.reference_answer("ann/1"), "ann/1")

    assert outcome.passed
    assert [remark.sentence for remark in outcome.remarks] == [pair.because for pair in words.pairs]


def test_a_wrong_pair_says_what_was_picked_and_the_right_one_is_praised(words: Match) -> None:
    assert _said(words, "pair-settlement", "pair-settlement") == {
        "pair-settlement": "정산은 판 돈을 셈해서 보내 주는 일이에요.",
        "pair-refund": "아직 아니에요. 고른 것은 ‘정산’의 짝이에요. "
        "정산은 판 돈을 셈해서 보내 주는 일이에요.",
    }


def test_an_item_that_nothing_belongs_to_is_said_to_be_one(words: Match) -> None:
    said = _said(words, "other-1", "pair-refund")

    assert said["pair-settlement"] == "이것은 어느 것과도 짝이 아니에요. 다른 것을 골라 주세요."


@pytest.mark.parametrize("odd", ["", "other-2", "settlement", "\0", "\ud800", "정산"])
def test_what_is_not_on_the_list_counts_as_not_picked_and_is_no_try(words: Match, odd: str) -> None:
    outcome = words.check({"pair-settlement": odd, "pair-refund": "pair-refund"}, "ann/1")

    assert [remark.field for remark in outcome.unreadable] == ["pair-settlement"]


def test_every_left_item_offers_the_same_mixed_list(words: Match) -> None:
    own = ["pair-settlement", "pair-refund", "other-1"]
    seen = []
    for count in range(50):
        first, second = words.form_fields(f"ann/{count}", {})
        assert first.options == second.options
        seen.append([option.value for option in first.options[0].options])

    assert own not in seen
    assert all(sorted(each) == sorted(own) for each in seen)
    assert all(seen[at] != seen[at + 1] for at in range(49))


def _pair(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "left": f"왼쪽 {name}", "right": f"오른쪽 {name}", "because": "까닭", **more}


@pytest.mark.parametrize(
    ("pairs", "others", "complaint"),
    [
        ([_pair("a")], [], "'pairs' must be two to six tables, not 1"),
        ([_pair(each) for each in "abcdefg"], [], "'pairs' must be two to six tables, not 7"),
        ([_pair("a"), _pair("b")], ["1", "2", "3", "4"], "'others' must be three strings at the most, not 4"),
        ([_pair("a"), _pair("a")], [], "'a' comes twice in 'pairs'"),
        ([_pair("a"), _pair("b", left="왼쪽 a")], [], "'왼쪽 a' comes twice in 'pairs'"),
        ([_pair("a"), _pair("b")], ["오른쪽 b"], "'오른쪽 b' comes twice in 'pairs'"),
        ([_pair("a"), _pair("b", right=3)], [], r"'pairs\[2\].right' must be a string"),
        ([_pair("a"), _pair("b", word="x")], [], r"'pairs\[2\].word' is not known here"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    pairs: list[dict[str, object]], others: list[str], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        match.read({"kind": "match", "question": "?", "pairs": pairs, "others": others})
