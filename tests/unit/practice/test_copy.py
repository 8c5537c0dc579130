import copy as copying
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from portal.practice import copy
from portal.practice.copy import Copy
from portal.practice.copy_rules import CopyRules, Flag, flag, read_copy_rules
from portal.practice.outcome import BadPractice
from tests.pace import costs_less_than

SENTENCES = tomllib.loads(Path(__file__).with_name("copy_sentences.toml").read_text(encoding="utf-8"))
BAD = [(group, each) for group, sentences in SENTENCES["bad"].items() for each in sentences]
GOOD = SENTENCES["good"]["sentences"]


@pytest.fixture
def soybean(documented: dict[str, Any], copy_rules: CopyRules) -> Copy:
    return copy.read(documented["practice-copy"], copy_rules)


def _said(practice: Copy, text: str) -> str:
    (remark,) = practice.check({"text": text}, "").remarks
    return remark.sentence


def test_there_are_forty_of_each() -> None:
    assert len({each for _, each in BAD}) == len(set(GOOD)) == 40


@pytest.mark.parametrize(("group", "sentence"), BAD)
def test_a_bad_sentence_is_flagged_for_what_is_wrong_with_it(
    copy_rules: CopyRules, group: str, sentence: str
) -> None:
    assert {each.group for each in flag(sentence, copy_rules)} == {group}


@pytest.mark.parametrize("sentence", GOOD)
def test_a_good_sentence_is_let_be(copy_rules: CopyRules, sentence: str) -> None:
    assert flag(sentence, copy_rules) == ()


def test_good_sentences_are_let_be_in_one_text_too(copy_rules: CopyRules) -> None:
    for at in range(0, 40, 10):
        assert flag(" ".join(GOOD[at : at + 10]), copy_rules) == ()


def test_a_flag_quotes_the_word_as_it_was_written(copy_rules: CopyRules) -> None:
    (found,) = flag("우리 가게는 국내 １ 위예요", copy_rules)

    assert isinstance(found, Flag)
    assert (found.group, found.word) == ("superlative", "1 위")
    assert found.advice.startswith("가장 좋다는 말은 증거가")


def test_a_place_is_flagged_once(copy_rules: CopyRules) -> None:
    words = [each.word for each in flag("한 달 먹고 3kg이 빠졌어요. 타사보다 좋아요.", copy_rules)]

    assert all(times == 1 for times in Counter(words).values())
    assert len(words) == 2


def test_the_draft_stands_in_the_field_and_does_not_pass(soybean: Copy) -> None:
    (field,) = soybean.form_fields("", {})

    assert field.start == soybean.draft
    said = _said(soybean, soybean.draft).splitlines()
    assert said[0] == "‘1위’: 가장 좋다는 말은 증거가 있어야 해요. 무엇이 좋은지 그대로 적어 주세요."
    assert said[1].startswith("‘당뇨’, ‘면역력’: 먹거나 쓰면")
    assert len(said) == copy.MOST_ADVICE


def test_mended_words_pass_and_must_still_say_what_is_sold(soybean: Copy) -> None:
    assert soybean.check({"text": "국산 콩으로 담근 된장이에요."}, "").passed
    assert _said(soybean, "콩으로 담근 된장이에요.") == "어떤 콩인지 적어 주세요."


def test_the_solution_names_what_had_to_go(soybean: Copy) -> None:
    gone, _ = soybean.solution("")

    assert "‘당뇨’" in gone.shown
    assert "‘1위’" in gone.shown


@pytest.mark.parametrize("empty", ["", "\n", "\u3164"])
def test_an_empty_field_is_no_try(soybean: Copy, empty: str) -> None:
    assert soybean.check({"text": empty}, "").unreadable


@pytest.mark.parametrize(
    "hostile", ["당뇨" * 500_000, "먹고 " * 333, "반드시. " * 200, "\ud800" * 999, "1 위 " * 250, "가 " * 500]
)
def test_hostile_text_costs_nothing_and_raises_nothing(soybean: Copy, hostile: str) -> None:
    with costs_less_than(1):
        soybean.check({"text": hostile}, "")
        flag(hostile, soybean.rules)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"draft": "국산 콩으로 담갔어요."}, "'draft' holds nothing that the copy rules know"),
        ({"draft": "최고 " * 300}, "'draft' must have 600 characters at the most"),
        ({"product": ""}, "'product' must be a string"),
        ({"facts": []}, "'facts' is not known here"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    documented: dict[str, Any], copy_rules: CopyRules, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        copy.read(documented["practice-copy"] | change, copy_rules)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"words": [], "name_rule": ""}, "'health.name_rule' must be a string"),
        ({"name_rule": "promotion"}, "'health.name_rule' must be one of names"),
        ({"words": ["당뇨"]}, "'health.words' repeats '당뇨' of the name rule"),
        ({"words": "당뇨"}, "'health.words' must be a list"),
        ({"advice": ""}, "'health.advice' must be a string"),
        ({"checked_on": "gestern"}, "'health.checked_on' must be a date"),
        ({"colour": "red"}, "'health.colour' is not known here"),
    ],
)
def test_badly_written_rules_are_refused(change: dict[str, object], complaint: str) -> None:
    path = Path(__file__).parents[3] / "content/copy_rules.toml"
    table = copying.deepcopy(tomllib.loads(path.read_text(encoding="utf-8")))["health"]
    table["name_rule"] = "names"

    with pytest.raises(BadPractice, match=complaint):
        read_copy_rules({"health": table | change}, {"names": ("당뇨",)})
