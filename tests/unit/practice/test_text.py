from typing import Any

import pytest

from portal.practice import text
from portal.practice.outcome import BadPractice
from portal.practice.text import Text
from tests.pace import costs_less_than

GOOD = "안녕하세요 망원시장 순자네 반찬이에요. 배추김치를 아침 9시부터 팔아요."


@pytest.fixture
def story(documented: dict[str, Any]) -> Text:
    return text.read(documented["practice-story"])


def _said(practice: Text, written: str) -> str:
    (remark,) = practice.check({"text": written}, "").remarks
    return remark.sentence


def test_a_text_that_meets_every_rule_passes_with_its_praise(story: Text) -> None:
    assert story.check({"text": GOOD}, "").passed
    assert _said(story, GOOD) == "무엇을 파는지 잘 보여요."


@pytest.mark.parametrize(
    "written",
    [
        GOOD.replace(" ", ""),
        GOOD.replace("아침 9시", "9:00"),
        GOOD.replace("반찬", "나물").replace("배추김치", "고사리"),
        GOOD.replace(" ", "\n"),
        GOOD.replace(" ", "\u3000"),
    ],
)
def test_spacing_and_ways_of_writing_do_not_matter(story: Text, written: str) -> None:
    assert story.check({"text": written}, "").passed


def test_what_is_missing_is_said_in_the_authors_order(story: Text) -> None:
    assert _said(story, "안녕하세요. 우리 가게에 놀러 오세요. 기다릴게요. 꼭 오세요.") == (
        "무엇을 파는지가 빠졌어요. 반찬 이름을 하나 적어 보세요.\n"
        "여는 시간이 빠졌어요. 오전 9시처럼 적어 보세요."
    )


def test_a_word_that_may_not_stand_there_is_quoted_and_comes_first(story: Text) -> None:
    said = _said(story, "국내 1 위 우리 가게에 놀러 오세요. 언제나 기다리고 있을게요.")

    assert said.splitlines()[0] == ("‘국내 1위’가 들어 있어요. ‘최고’처럼 증명할 수 없는 말은 빼 주세요.")


def test_three_things_are_said_at_the_most(story: Text) -> None:
    assert len(_said(story, "최고").splitlines()) == text.MOST_ADVICE


def test_the_length_counts_without_blanks(story: Text) -> None:
    assert _said(story, "반찬 9시") == "지금 4자예요. 20자가 넘게 조금 더 적어 주세요."
    assert _said(story, "반찬 9시 " * 60).startswith("지금 240자예요. 200자 안으로")


@pytest.mark.parametrize("empty", ["", " ", "\n\t", "\0", "\u3164\u200b"])
def test_an_empty_text_is_no_try(story: Text, empty: str) -> None:
    outcome = story.check({"text": empty}, "")

    assert outcome.unreadable
    assert outcome.remarks[0].sentence == "아직 비어 있어요. 한 문장부터 적어 보세요."


@pytest.mark.parametrize(
    "hostile", ["가" * 1_000_000, "\ud800" * 900, "{0.__class__}", "%s" * 400, "9시" * 500]
)
def test_hostile_text_costs_nothing_and_raises_nothing(story: Text, hostile: str) -> None:
    with costs_less_than(0.2):
        assert not story.check({"text": hostile}, "").passed


def _table(**more: object) -> dict[str, object]:
    return {
        "kind": "text",
        "question": "?",
        "reference": "글",
        "must": [{"words": ["글"], "advice": "글을 적어요."}],
        **more,
    }


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (_table(lines=0), "'lines' must be from 1 to 12, not 0"),
        (_table(length=[20, 10]), "'length' must climb"),
        (_table(length=[1, 1001]), "'length' must climb"),
        (_table(length=[1]), r"'length' must be \[from, to\]"),
        (_table(must=[]), "'must' or 'never' must hold at least one rule"),
        (_table(must=[{"advice": "x"}]), r"'must\[1\].words' must hold at least one word"),
        (_table(must=[{"pattern": "mood", "advice": "x"}]), r"'must\[1\].pattern' must be one of time, day"),
        (_table(must=[{"words": ["글"]}]), r"'must\[1\].advice' must be a string"),
        (_table(never=[{"words": [], "advice": "x"}]), r"'never\[1\].words' must hold"),
        (_table(never=[{"words": ["x"], "advice": "x", "praise": "x"}]), r"'never\[1\].praise' is not known"),
        (_table(reference=""), "'reference' must be a string"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    table: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        text.read(table)
