"""Other words for a practice: refused where they do not fit, and never changing what is right."""

import tomllib
from dataclasses import replace
from typing import Any

import pytest

from portal.core.i18n import ENGLISH, speaking
from portal.core.settings import ROOT
from portal.practice import kinds
from portal.practice.kinds import Practice, Sources
from portal.practice.listing import Listing
from portal.practice.outcome import BadPractice
from portal.practice.reply_rules import translate_reply_rules

COURSES = [ROOT / "content" / "lessons" / course for course in ("phone-first-steps", "tell-my-shop")]


def _tables() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return one practice of each kind that was translated: its table, and its words in English."""
    found: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for path in sorted(path for course in COURSES for path in course.glob("*/practice.toml")):
        korean = tomllib.loads(path.read_text("utf-8"))
        english = tomllib.loads(path.with_suffix(".en.toml").read_text("utf-8"))
        for step, table in korean.items():
            if not any(str(rate).startswith("fact:") for rate in table.get("rates", {}).values()):
                found.setdefault(table["kind"], (table, english[step]))
    return found


TABLES = _tables()


def practice(kind: str, sources: Sources) -> Practice:
    return kinds.read(TABLES[kind][0], sources)


def test_every_kind_of_the_first_two_courses_is_here() -> None:
    assert set(TABLES) == {"choice", "number", "order", "match", "text", "reply", "photo", "checklist"}


@pytest.mark.parametrize("kind", TABLES)
def test_an_answer_is_right_in_both_languages_or_in_none(kind: str, sources: Sources) -> None:
    korean = practice(kind, sources)
    english = kinds.translate(korean, TABLES[kind][1])
    right = korean.reference_answer("ann/1")

    with speaking(ENGLISH):
        assert english.reference_answer("ann/1") == right
        assert english.check(right, "ann/1").passed
        assert not english.check({}, "ann/1").passed
        assert english.ask("ann/1") != korean.ask("ann/1")
        names = [field.name for field in english.form_fields("ann/1", {})]
    assert names == [field.name for field in korean.form_fields("ann/1", {})]


@pytest.mark.parametrize("kind", TABLES)
def test_words_for_a_hint_too_many_are_refused(kind: str, sources: Sources) -> None:
    words = TABLES[kind][1]

    with pytest.raises(BadPractice, match="'hints' holds"):
        kinds.translate(practice(kind, sources), words | {"hints": [*words["hints"], "One more."]})


@pytest.mark.parametrize("kind", TABLES)
def test_nothing_a_check_looks_at_is_taken_from_a_translation(kind: str, sources: Sources) -> None:
    with pytest.raises(BadPractice, match="'words' is not known here"):
        kinds.translate(practice(kind, sources), TABLES[kind][1] | {"words": ["right"]})


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("choice", "options"),
        ("order", "items"),
        ("match", "pairs"),
        ("number", "lines"),
        ("text", "must"),
        ("checklist", "items"),
    ],
)
def test_a_row_that_is_missing_is_refused(kind: str, key: str, sources: Sources) -> None:
    words = TABLES[kind][1]

    with pytest.raises(BadPractice, match=f"'{key}' holds"):
        kinds.translate(practice(kind, sources), words | {key: words[key][:-1]})


@pytest.mark.parametrize("kind", ["choice", "order", "match"])
def test_rows_in_another_order_are_refused(kind: str, sources: Sources) -> None:
    words = TABLES[kind][1]
    key = {"choice": "options", "order": "items", "match": "pairs"}[kind]

    with pytest.raises(BadPractice, match="as in the Korean file"):
        kinds.translate(practice(kind, sources), words | {key: [*reversed(words[key])]})


def test_what_is_written_for_customers_is_shown_in_both_languages(sources: Sources) -> None:
    said = tomllib.loads((ROOT / "content" / "reply_rules.en.toml").read_text("utf-8"))
    rules = translate_reply_rules(sources.reply, said, language=ENGLISH)
    korean = practice("reply", replace(sources, reply=rules))
    reply = kinds.translate(korean, TABLES["reply"][1])
    with speaking(ENGLISH):
        asked, lines = reply.ask(""), reply.solution("")
        praise = reply.check(reply.reference_answer(""), "").remarks[0].sentence

    assert TABLES["reply"][0]["customer"] in asked
    assert TABLES["reply"][1]["customer"] in asked
    assert [line.shown for line in lines] == [TABLES["reply"][0]["good"], TABLES["reply"][1]["good"]]
    assert praise.startswith("This is a good answer. You said sorry first.")
    assert (
        korean.check(korean.reference_answer(""), "").remarks[0].sentence.startswith("좋은 답글이에요. 먼저")
    )


def test_a_kind_that_has_no_english_yet_says_so(kimchi: Listing) -> None:
    with pytest.raises(BadPractice, match="only these kinds can be translated: choice, number"):
        kinds.translate(kimchi, {})
