"""What a step's Markdown becomes, and when a fact is in doubt."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from portal.core.settings import ROOT
from portal.courses import catalogue
from portal.courses.catalogue import Catalogue
from portal.courses.facts import notes_on
from portal.courses.problems import ContentError, Problem


def load(tmp_path: Path, *, old: str = "", new: str = "") -> Catalogue:
    folder = tmp_path / "content"
    shutil.copytree(ROOT / "tests" / "content", folder)
    shutil.copytree(ROOT / "content" / "listing_rules", folder / "listing_rules")
    for rules in (ROOT / "content").glob("*_rules.toml"):
        shutil.copy(rules, folder)
    for path in (folder / "lessons").rglob("*"):
        if old and path.is_file():
            path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return catalogue.load(folder)


@pytest.fixture
def html(tmp_path: Path) -> str:
    return str(load(tmp_path).place("small", "first", "fee").step.html)


def test_a_fact_is_printed_with_its_value(html: str) -> None:
    assert '수수료는 <span class="fact">2%</span>예요.' in html


def test_a_drawing_is_put_into_the_page_with_its_words(html: str) -> None:
    assert 'role="img"' in html
    assert 'aria-label="동전 하나를 그린 그림"' in html
    assert 'viewBox="0 0 340 120"' in html
    assert 'width="20em"' in html
    assert "<img" not in html


def test_a_reminder_is_the_yellow_note(html: str) -> None:
    assert '<div class="note">' in html
    assert "<strong>꼭 기억하세요.</strong> 수수료는 판매처마다 달라요." in html


def test_good_and_bad_stand_in_one_pair(html: str) -> None:
    assert html.count('<div class="pair">') == 1
    assert html.index("pair__item--good") < html.index("pair__item--bad")
    assert "<span>좋은 보기</span>" in html


def test_words_fold_away_as_a_definition_list(html: str) -> None:
    assert '<summary class="details__summary">낱말 풀이</summary>' in html
    assert html.count("<dt>") == html.count("<dd>") == 2


def test_a_table_can_be_scrolled_by_keyboard(html: str) -> None:
    assert '<div aria-label="표: 물건, 값" class="table" role="region" tabindex="0">' in html
    assert '<th scope="col">물건</th>' in html


def test_a_fact_is_in_doubt_when_unconfirmed_or_overdue_on_the_day(tmp_path: Path) -> None:
    found = load(tmp_path)
    step = found.place("small", "first", "fee").step

    before, after = (notes_on(step.facts, date(year, 1, 1)) for year in (2027, 2028))

    assert [bool(note.doubt) for note in before] == [False, True]
    assert [bool(note.doubt) for note in after] == [True, True]
    assert [note.fact.id for note in found.doubtful_facts(date(2027, 1, 1))] == ["shop.days"]


def test_a_practice_brings_the_facts_of_its_rates(tmp_path: Path) -> None:
    step = load(tmp_path).place("small", "first", "practice-sum").step

    assert [fact.id for fact in step.facts] == ["shop.fee"]


def test_changed_words_change_the_step_and_the_course_only(tmp_path: Path) -> None:
    before = load(tmp_path / "before")
    after = load(tmp_path / "after", old="하나를 골라 봐요.", new="하나만 골라 봐요.")

    changed = [
        place.step.id
        for place, other in zip(before.courses[0].places, after.courses[0].places, strict=True)
        if place.step.content_hash != other.step.content_hash
    ]

    assert changed == ["practice-pick"]
    assert before.courses[0].version != after.courses[0].version


def test_broken_content_ends_a_command_with_its_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    error = ContentError((Problem("content/a.toml", 3, "this is wrong"),))

    error.show()

    assert error.exit_code == 1
    assert capsys.readouterr().err.startswith("content/a.toml:3: this is wrong\n")


def test_the_easier_words_stand_in_a_note_of_their_own(tmp_path: Path) -> None:
    html = str(load(tmp_path, old="!!! remember", new="!!! easy").place("small", "first", "fee").step.html)

    assert '<div class="note note--easy">' in html
    assert "<strong>쉬운 말로 하면,</strong>" in html
