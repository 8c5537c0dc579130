"""A handout as it is printed: nothing lost, nothing cut, no answer given away, and the way back on it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from fontTools.ttLib import TTFont

from portal.core import fonts
from portal.core.qr import draw_qr
from portal.courses import catalogue, handouts
from portal.courses.catalogue import Chapter, Course
from portal.courses.handout_pdf import Press
from portal.courses.handouts import CLASS_SIZE
from portal.courses.lesson_file import Lesson
from portal.courses.models import HandoutKind
from portal.courses.paper import SIZES, Paper
from portal.practice.kinds import Practice
from tests.conftest import make_app, make_settings
from tests.paper import Layout, list_words
from tests.unit.certification.test_certificate_pdf import embedded_fonts, objects, written

LESSON = "first-listing"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("house")
    settings = make_settings(
        folder, database_url="sqlite://", redis_url="unix:///nowhere", public_url="https://jangteo.example"
    )
    app = make_app(settings)
    with app.app_context():
        yield app


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


@pytest.fixture(scope="module")
def course(house: Flask) -> Course:
    return catalogue.current().course("first-sale")


def write(course: Course, kind: HandoutKind = HandoutKind.LESSON, size_pt: int = 24) -> Paper:
    return handouts.write(kind, course, "" if kind is HandoutKind.CHECKLIST else LESSON, size_pt)


@pytest.fixture(scope="module")
def paper(course: Course) -> Paper:
    return write(course)


@pytest.fixture(scope="module")
def document(press: Press, paper: Paper) -> bytes:
    return press.draw(paper)


def said(paper: Paper) -> str:
    return " ".join(list_words(paper.markup.html))


@pytest.mark.parametrize("kind", list(HandoutKind))
def test_at_the_largest_size_no_word_is_lost_or_cut(press: Press, course: Course, kind: HandoutKind) -> None:
    layout = Layout(press, write(course, kind))

    assert layout.list_lost() == []
    assert layout.list_cut() == []
    assert len(layout.pages) > 3


def test_what_is_too_wide_is_noticed(press: Press, paper: Paper) -> None:
    """The measure itself, tried on a paper that is cut."""
    wide = replace(paper.markup, html=paper.markup.html.replace("<h1>", '<h1 style="margin-left: -40mm">'))
    lost = replace(paper.markup, html=paper.markup.html.replace("<h1>", '<h1 style="display: none">'))

    assert Layout(press, replace(paper, markup=wide)).list_cut()
    assert Layout(press, replace(paper, markup=lost)).list_lost()


def test_lines_break_between_words(press: Press, paper: Paper) -> None:
    pieces = {
        box.text
        for page in Layout(press, paper).pages
        for box in page.descendants(placeholders=True)
        if hasattr(box, "text")
    }
    held = re.findall(r'<span class="w">([^<&]+)</span>', paper.markup.html)

    assert len(held) > 300
    assert [word for word in held if word not in pieces] == []


def test_the_letters_have_the_size_asked_for(press: Press, course: Course) -> None:
    for size_pt in SIZES:
        page = Layout(press, write(course, size_pt=size_pt)).pages[1]
        sizes = {
            round(box.style["font_size"] * 0.75, 1) for box in page.descendants() if hasattr(box, "text")
        }
        assert size_pt in sizes


def test_two_drawings_are_the_same_bytes(press: Press, paper: Paper, document: bytes) -> None:
    assert press.draw(paper) == document


def test_it_is_tagged_in_korean_with_its_title_and_words_for_each_picture(
    document: bytes, paper: Paper
) -> None:
    structure = objects(document)

    assert b"/Lang (ko)" in structure
    assert b"/Marked true" in structure
    assert b"/DisplayDocTitle true" in structure
    assert b'pdfuaid:part="1"' in structure
    assert paper.title.encode() in structure
    figures = len(re.findall(rb"/S /Figure", structure))
    assert figures == len(re.findall("<img ", paper.markup.html)) > len(paper.markup.pictures) - 1
    assert len(re.findall(rb"/Alt ", structure)) == figures


def test_only_our_typeface_is_used_and_it_is_inside(document: bytes) -> None:
    named = set(re.findall(rb"/BaseFont /[A-Z]{6}\+([\w-]+)", objects(document)))

    assert {name.removesuffix(b"-Bold") for name in named} == {b"Sheet"}
    assert embedded_fonts(document)
    assert set("멸치볶음") <= set(written(document))


def test_the_typeface_has_every_letter_of_everything_we_teach(course: Course) -> None:
    with TTFont(fonts.sans(), lazy=True) as font:
        letters = set(font.getBestCmap())
    papers = [handouts.write(HandoutKind.CHECKLIST, each, "", 16) for each in catalogue.current().courses]
    papers += [
        handouts.write(HandoutKind.CLASS_PACK, each, lesson.id, 16)
        for each in catalogue.current().courses
        for lesson in each.lessons
    ]

    for paper in papers:
        pictures = "".join(svg.decode() for svg in paper.markup.pictures.values())
        missing = {
            letter for letter in said(paper) + pictures if not letter.isspace() and ord(letter) not in letters
        }
        assert missing == set(), paper.title


def test_each_step_has_its_code_and_a_qr_code_that_leads_to_it(paper: Paper, course: Course) -> None:
    for place in course.places:
        if place.lesson.id != LESSON:
            continue
        drawn = draw_qr(f"https://jangteo.example/c/{place.code}", ink="#000").decode()
        modules = re.findall(r'd="[^"]+"', drawn)
        assert any(modules[0] in svg.decode() for svg in paper.markup.pictures.values())
        assert f"{place.code[:3]} {place.code[3:]}" in said(paper)


def list_exercises(lesson: Lesson) -> list[tuple[str, Practice]]:
    return [(step.id, step.practice) for step in lesson.steps if step.practice]


def list_options(practice: Practice, *kinds: str) -> list[str]:
    fields = [field for field in practice.form_fields("x/1", {}) if not kinds or field.kind in kinds]
    return [option.text for field in fields for group in field.options for option in group.options]


def test_a_practice_has_room_and_boxes_for_its_options(course: Course) -> None:
    for lesson in course.lessons:
        paper = handouts.write(HandoutKind.LESSON, course, lesson.id, 16)
        practices = [practice for _, practice in list_exercises(lesson)]
        ticked = [text for practice in practices for text in list_options(practice, "radio")]

        assert paper.markup.html.count('class="box"') == len(ticked)
        for text in [text for practice in practices for text in list_options(practice)]:
            assert " ".join(text.split()) in said(paper)


def test_a_practice_asks_and_gives_no_answer_and_no_hint_away(course: Course) -> None:
    for lesson in course.lessons:
        words = said(handouts.write(HandoutKind.LESSON, course, lesson.id, 16))
        for step_id, practice in list_exercises(lesson):
            seed = f"paper/{course.id}/{lesson.id}/{step_id}/1"

            assert " ".join(practice.ask(seed).split()) in words
            assert not [line for line in practice.solution(seed) if f"{line.text} {line.shown}" in words]
            assert not [hint for hint in practice.hints if hint in words]


def test_every_fact_stands_at_the_end_with_its_day_and_source(course: Course) -> None:
    words = said(handouts.write(HandoutKind.LESSON, course, "settlement", 20))
    facts = {fact for place in course.places if place.lesson.id == "settlement" for fact in place.step.facts}

    assert facts
    for fact in facts:
        day = f"{fact.as_of.year}년 {fact.as_of.month}월 {fact.as_of.day}일"
        assert " ".join(f"기준일 {day}, 출처 {fact.source}".split()) in words
        assert fact.check_at in words


def test_a_fact_that_came_of_age_is_marked_and_asks_for_another_paper(course: Course) -> None:
    fresh, old = (_with_review(course, is_verified=is_verified) for is_verified in (True, False))

    papers = [handouts.write(HandoutKind.LESSON, each, "settlement", 20) for each in (fresh, old)]

    assert "확인 필요" not in said(papers[0])
    assert "확인 필요" in said(papers[1])
    assert papers[0].content_hash != papers[1].content_hash


def _with_review(course: Course, *, is_verified: bool) -> Course:
    def change(step: Any) -> Any:
        day = max((fact.as_of for fact in step.facts), default=None)
        facts = tuple(
            replace(fact, is_verified=is_verified, review_by=fact.review_by.replace(year=9999))
            for fact in step.facts
        )
        return replace(step, facts=facts) if day else step

    lessons = tuple(replace(each, steps=tuple(map(change, each.steps))) for each in course.lessons)
    return replace(course, chapters=(Chapter("", lessons),))


def test_the_hash_follows_the_words_the_size_and_the_kind(course: Course, paper: Paper) -> None:
    lessons = tuple(
        replace(each, lead="다른 말이에요.") if each.id == LESSON else each for each in course.lessons
    )
    edited = replace(course, chapters=(Chapter("", lessons),))

    hashes = {
        paper.content_hash,
        write(course, size_pt=16).content_hash,
        write(course, HandoutKind.CLASS_PACK).content_hash,
        write(edited).content_hash,
    }

    assert len(hashes) == 4
    assert write(course).content_hash == paper.content_hash


def test_a_class_pack_has_a_line_for_everybody_and_says_how_to_print_it(course: Course) -> None:
    paper = write(course, HandoutKind.CLASS_PACK, 16)
    words = said(paper)

    names = re.search(r'list--names">(.*?)</table>', paper.markup.html, re.DOTALL)
    assert names
    assert names[1].count("<tr>") == CLASS_SIZE + 1
    assert "‘매수’에 사람 수를 넣으면 돼요" in words
    assert all(
        f"{place.code[:3]} {place.code[3:]}" in words for place in course.places if place.lesson.id == LESSON
    )


def test_a_checklist_names_every_step_of_the_course(course: Course) -> None:
    paper = write(course, HandoutKind.CHECKLIST, 16)

    assert paper.markup.html.count('class="box"') == len(course.places)
    for place in course.places:
        assert place.step.title in said(paper)
        assert f"{place.code[:3]} {place.code[3:]}" in said(paper)


def test_nothing_is_left_in_the_temporary_folder(paper: Paper) -> None:
    with Press() as press:
        folder = Path(press.fonts._folder)
        assert folder.exists()

    assert not folder.exists()


def test_a_video_is_read_as_its_script(house: Flask) -> None:
    course = catalogue.current().course("phone-first-steps")

    written = handouts.write(HandoutKind.LESSON, course, "take-photos", 20).markup.html

    assert "<video" not in written
    assert "글로 읽는 영상: 렌즈 닦기부터 찍기까지" in " ".join(list_words(written))
    for caption in course.lesson("take-photos").videos[0].captions:
        assert caption.words in " ".join(list_words(written))
