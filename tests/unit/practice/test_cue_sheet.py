from typing import Any

import pytest

from portal.practice import cue_sheet
from portal.practice.copy_rules import CopyRules
from portal.practice.cue_sheet import CueSheet
from portal.practice.outcome import BadPractice
from tests.pace import costs_less_than


@pytest.fixture
def cues(documented: dict[str, Any], copy_rules: CopyRules) -> CueSheet:
    return cue_sheet.read(documented["practice-cue"], copy_rules)


def _said(practice: CueSheet, good: bool = False, **changes: str) -> dict[str, str]:
    answer = practice.reference_answer("") | {key.replace("_", "-"): value for key, value in changes.items()}
    return {
        remark.field: remark.sentence for remark in practice.check(answer, "").remarks if remark.good == good
    }


def test_every_part_has_its_three_fields_under_its_name(cues: CueSheet) -> None:
    fields = cues.form_fields("", {})

    assert [field.name for field in fields[:4]] == ["minutes-1", "say-1", "show-1", "minutes-2"]
    assert [field.section for field in fields[2:4]] == ["1. 인사와 오늘의 혜택", "2. 상품 보여 주기"]


def test_a_good_sheet_passes_and_says_when_each_part_ends(cues: CueSheet) -> None:
    assert _said(cues) == {}
    assert _said(cues, good=True)["minutes-2"] == "3분에 시작해서 12분에 끝나요."
    assert _said(cues, minutes_2="9 분", minutes_3="５분") == {}


def test_a_finished_sheet_is_read_part_by_part(cues: CueSheet) -> None:
    parts = cues.read_parts(cues.reference_answer("") | {"minutes-2": "９ 분"})

    assert [part.minutes for part in parts] == [3, 9, 5, 3]
    assert (parts[1].title, parts[1].say, parts[1].show) == (
        "상품 보여 주기",
        "국산 깻잎이에요.",
        "깻잎장아찌 한 통",
    )


def test_a_sheet_of_other_parts_gives_none(cues: CueSheet) -> None:
    assert cues.read_parts({"minutes-1": "20"}) == ()


def test_the_sum_is_spoken_about_once_at_the_longest_part(cues: CueSheet) -> None:
    assert _said(cues, minutes_4="6") == {"minutes-2": "모두 더하면 23분이에요. 20분이 되게 3분 줄여 주세요."}
    assert _said(cues, minutes_2="2") == {"minutes-3": "모두 더하면 13분이에요. 20분이 되게 7분 늘려 주세요."}


def test_the_first_part_has_its_limit_and_no_part_is_empty(cues: CueSheet) -> None:
    assert _said(cues, minutes_1="6", minutes_2="6") == {
        "minutes-1": "손님은 처음에 많이 나가요. 첫 순서는 5분 안으로 줄여 주세요."
    }
    assert _said(cues, minutes_1="5", minutes_2="7") == {}
    assert "minutes-3" in _said(cues, minutes_3="0", minutes_2="14")


def test_what_must_be_said_is_asked_for_once_wherever_it_could_stand(cues: CueSheet) -> None:
    assert _said(cues, say_1="안녕하세요.") == {
        "say-1": "어느 순서에도 ‘가격’ 이야기가 없어요. 한 곳에 넣어 주세요."
    }
    assert _said(cues, say_1="안녕하세요.", say_4="모두 9,000원이에요.") == {}


def test_what_may_not_stand_on_a_page_may_not_be_said_either(cues: CueSheet) -> None:
    said = _said(cues, say_2="당뇨에 좋은 깻잎이에요.")

    assert set(said) == {"say-2"}
    assert said["say-2"].startswith("‘당뇨’: 먹거나 쓰면")


def test_what_is_missing_or_cannot_be_read_is_no_try(cues: CueSheet) -> None:
    answer = cues.reference_answer("") | {"minutes-2": "오래", "say-3": " ", "show-4": "\u3164"}

    outcome = cues.check(answer, "")

    assert [remark.field for remark in outcome.unreadable] == ["minutes-2", "say-3", "show-4"]


@pytest.mark.parametrize(
    "hostile", ["9" * 1_000_000, "원" * 1_000_000, "\ud800" * 999, "-1", "1e9", "반드시. " * 200]
)
def test_hostile_text_costs_nothing_and_raises_nothing(cues: CueSheet, hostile: str) -> None:
    with costs_less_than(1):
        outcome = cues.check({field.name: hostile for field in cues.form_fields("", {})}, "")

        assert not outcome.passed


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"parts": ["하나", "둘"]}, "'parts' must be three to eight strings, not 2"),
        ({"parts": ["하나", "둘", "하나", "셋"]}, "'하나' comes twice in 'parts'"),
        ({"minutes": 3}, "'minutes' must be from 4, one for each part, to 180"),
        ({"first_minutes_at_most": 0}, "'first_minutes_at_most' must be from 1 to 20, not 0"),
        ({"must_say": [[]]}, "'must_say' must not hold an empty list"),
        ({"reference": {"minutes": [20], "say": [], "show": []}}, "'reference.minutes' must be"),
        (
            {"reference": {"minutes": [5, 5, 5, 5], "say": ["말"], "show": []}},
            "'reference.say' must hold one",
        ),
        ({"lines": 3}, "'lines' is not known here"),
        ({"rehearsals": 6}, "'rehearsals' must be from 0 to 5, not 6"),
    ],
)
def test_a_badly_written_table_is_refused_by_the_name_of_its_key(
    documented: dict[str, Any], copy_rules: CopyRules, change: dict[str, object], complaint: str
) -> None:
    with pytest.raises(BadPractice, match=complaint):
        cue_sheet.read(documented["practice-cue"] | change, copy_rules)
