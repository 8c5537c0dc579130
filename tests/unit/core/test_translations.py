"""The English sentences: every marked one, no other, and each with the same names to fill in."""

import re
import shutil
from pathlib import Path

import pytest

from bin import translations
from portal.core import english, i18n
from portal.core.i18n import ENGLISH, KOREAN, speaking
from tests.conftest import NOW

PO = i18n.FOLDER / "en.po"
WORDS = i18n.catalog(ENGLISH)
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|%")


@pytest.fixture(scope="module")
def marked() -> dict[str, list[str]]:
    return translations.marked()


def test_every_marked_sentence_has_english(marked: dict[str, list[str]]) -> None:
    assert {message: places for message, places in marked.items() if not WORDS.get(message)} == {}


def test_no_english_is_left_of_a_sentence_that_is_gone(marked: dict[str, list[str]]) -> None:
    assert set(WORDS) - set(marked) == set()


def test_a_sentence_and_its_english_fill_in_the_same_names() -> None:
    differing = [
        korean
        for korean, said in WORDS.items()
        if sorted(PLACEHOLDER.findall(korean)) != sorted(PLACEHOLDER.findall(said))
    ]

    assert differing == []


def test_every_percent_sign_fills_in_a_name_or_is_written_twice() -> None:
    assert [said for pair in WORDS.items() for said in pair if "%" in PLACEHOLDER.findall(said)] == []


def test_bringing_the_sentences_in_step_changes_nothing_when_they_are(tmp_path: Path) -> None:
    path = shutil.copy(PO, tmp_path / "en.po")

    assert translations.bring_in_step(Path(path)) == 0
    assert Path(path).read_text("utf-8") == PO.read_text("utf-8")


def test_a_sentence_is_korean_unless_another_language_is_spoken() -> None:
    korean = i18n.gettext("%(number)s번째", number=3)
    with speaking(ENGLISH):
        said = i18n.gettext("%(number)s번째", number=3)
    again = i18n.gettext("%(number)s번째", number=3)

    assert (korean, said, again) == ("3번째", "number 3", "3번째")


@pytest.mark.parametrize("language", ["fr", "", "../ko"])
def test_a_language_we_do_not_have_is_korean(language: str) -> None:
    with speaking(KOREAN):
        i18n.speak(language)

        assert i18n.language() == KOREAN


def test_days_hours_and_money_are_said_in_english() -> None:
    assert english.day(NOW) == "Mon, November 23, 2026"
    assert english.clock_time(NOW) == "10 a.m."
    assert english.day_and_time(NOW, now=NOW) == "today, 10 a.m."
    assert english.won(31447) == "31,447 won"
