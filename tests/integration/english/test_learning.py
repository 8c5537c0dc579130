"""The first two courses in English, from the list of courses to the passed practice."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.settings import ROOT
from portal.courses import operations, publishing
from portal.courses.catalogue import Catalogue, Place
from portal.courses.models import Draft, PracticeTry, StepCompletion
from portal.practice.checklist import Checklist
from portal.practice.field import Field
from portal.practice.photo import Photo
from tests.conftest import Browser
from tests.factories import make_user
from tests.korean_marks import unmarked_korean
from tests.unit.practice.test_photo import draw

COURSES = ("phone-first-steps", "tell-my-shop")
TAUGHT = publishing.load(ROOT / "content")
PLACES = [place for course_id in COURSES for place in TAUGHT.in_english.course(course_id).places]
PRACTICES = [place for place in PLACES if place.step.practice]
SignIn = Callable[[User], Browser]


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="Maria Santos", language="en")


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


def address(place: Place) -> str:
    return f"/courses/{place.course.id}/{place.lesson.id}/?step={place.step.id}"


def name(place: Place) -> str:
    return f"{place.lesson.id}/{place.step.id}"


def read(browser: Any, path: str, status: int = 200) -> str:
    """Return a page that speaks English and marks what is Korean on it."""
    answer = browser.get(path)
    return checked(answer, path, status)


def checked(answer: Any, path: str, status: int) -> str:
    assert answer.status_code == status, path
    assert '<html lang="en"' in answer.text
    assert unmarked_korean(answer.text) == [], path
    return unescape(str(answer.text))


def test_all_of_both_courses_is_in_english() -> None:
    assert {(place.course.language, place.lesson.language, place.step.language) for place in PLACES} == {
        ("en", "en", "en")
    }
    assert not any(place.lesson.is_behind for place in PLACES)
    assert len(PRACTICES) == sum(
        step.practice is not None
        for course_id in COURSES
        for lesson in TAUGHT.course(course_id).lessons
        for step in lesson.steps
    )


def test_a_visitor_reads_both_courses_in_english(client: Browser) -> None:
    client.send("/account/display", {"language": "en"})

    for path in ("/courses/", *(f"/courses/{course_id}/" for course_id in COURSES), *map(address, PLACES)):
        page = read(client, path)
        assert "only so far" not in page or path == "/courses/", path

    assert "First steps with your phone" in read(client, "/courses/")


def test_a_learner_begins_and_finishes_reading_in_english(browser: Browser) -> None:
    first = next(place for place in PLACES if not place.step.practice)
    begun = browser.send(f"/courses/{first.course.id}/start", follow_redirects=True)
    checked(begun, "start", 200)
    browser.send(f"/courses/{first.course.id}/{first.lesson.id}/{first.step.id}/finish")

    assert "✓ You have done this step" in read(browser, address(first))
    assert "You are here" in read(browser, f"/courses/{first.course.id}/")
    assert f"Go on with ‘{first.course.title}’" in read(browser, "/courses/")


def _wrong(field: Field, right: str) -> str:
    values = [option.value for group in field.options for option in group.options]
    if values:
        return values[values.index(right) - 1]
    return "최고 대박" if field.kind in {"text", "area"} else "99999"


def _send(browser: Browser, place: Place, data: dict[str, Any]) -> Any:
    return browser.send(address(place), data, content_type="multipart/form-data")


@pytest.mark.parametrize("place", PRACTICES, ids=name)
def test_a_practice_is_tried_helped_and_passed_in_english(
    session: Session, browser: Browser, learner: User, place: Place
) -> None:
    practice = operations.required_practice(place)
    read(browser, address(place))
    for shown, hint in enumerate(practice.hints):
        _send(browser, place, {"number": "1", "hints": str(shown), "do": "hint"})
        assert hint in re.sub(r"<[^>]+>", "", read(browser, address(place)))
    checked(_send(browser, place, {"number": "1", "do": "answer"}), "empty", 422)
    for number in (1, 2, 3):
        checked(_send(browser, place, _answer(place, learner, number, is_right=False)), "wrong", 422)
        read(browser, address(place))
    number = 1 + len(session.scalars(select(PracticeTry)).all())
    answered = _send(browser, place, _answer(place, learner, number, is_right=True))
    done = read(browser, address(place))

    assert answered.status_code == 302
    assert ("Well done!" in done) is not isinstance(practice, Checklist)
    if isinstance(practice, Checklist):
        assert "Waiting to be confirmed" in done
    else:
        assert len(session.scalars(select(StepCompletion)).all()) == 1


def _answer(place: Place, learner: User, number: int, *, is_right: bool) -> dict[str, Any]:
    practice = operations.required_practice(place)
    seed = operations.seed_of(learner, place, number)
    right = practice.reference_answer(seed)
    sent: dict[str, Any] = {"number": str(number), "do": "answer"}
    if isinstance(practice, Photo):
        return sent | {"photo": (io.BytesIO(draw(number, light=1 if is_right else 0.2)), "a.jpg")}
    fields = practice.form_fields(seed, right)
    if is_right:
        return sent | {field.name: right.get(field.name, "") for field in fields}
    return sent | {field.name: _wrong(field, right.get(field.name, "")) for field in fields}


CHOICE = next(place for place in PRACTICES if name(place) == "bigger-letters/practice-hidden")


def test_what_was_done_in_one_language_is_done_in_the_other(
    session: Session, browser: Browser, learner: User
) -> None:
    korean = TAUGHT.place(CHOICE.course.id, *CHOICE.key)
    right = operations.required_practice(CHOICE).reference_answer("")
    wrong = {"choice": "delete"}
    _send(browser, CHOICE, {"number": "1", "do": "answer", **wrong})
    in_english = read(browser, address(CHOICE))
    kept = session.scalars(select(PracticeTry)).one().remarks

    browser.send("/account/display", {"language": "ko"})
    in_korean = unescape(browser.get(address(CHOICE)).text)
    _send(browser, CHOICE, {"number": "2", "do": "answer", **right})
    browser.send("/account/display", {"language": "en"})

    assert _said(CHOICE, wrong) in in_english
    assert "앱은 멀쩡하고" in in_korean
    assert kept[0]["sentence"].startswith("앱은 멀쩡하고")
    assert "Well done!" in read(browser, address(CHOICE))
    assert session.scalars(select(StepCompletion)).one().content_hash == korean.step.content_hash


def test_an_open_hint_and_a_half_typed_answer_are_the_same_in_both_languages(
    session: Session, browser: Browser
) -> None:
    place = next(each for each in PRACTICES if name(each) == "neighbour-app/practice-news")
    _send(browser, place, {"number": "1", "hints": "0", "do": "hint", "text": "열무김치가 나와요"})
    browser.send("/account/display", {"language": "ko"})
    page = unescape(browser.get(address(place)).text)

    assert operations.required_practice(TAUGHT.place(place.course.id, *place.key)).hints[0] in page
    assert "열무김치가 나와요</textarea>" in page
    assert len(session.scalars(select(Draft)).all()) == 1


def _said(place: Place, answer: dict[str, str]) -> str:
    return operations.required_practice(place).check(answer, "").remarks[0].sentence


@pytest.fixture
def behind(app: Flask) -> Iterator[Catalogue]:
    """Let the app teach a lesson whose Korean changed after it was translated."""
    real = app.extensions["portal_catalogue"]
    (group, *others) = real.english
    (course, *more) = group.courses
    (chapter, *chapters) = course.chapters
    (lesson, *lessons) = chapter.lessons
    chapter = replace(chapter, lessons=(replace(lesson, is_behind=True), *lessons))
    course = replace(course, chapters=(chapter, *chapters))
    group = replace(group, courses=(course, *more))
    app.extensions["portal_catalogue"] = replace(real, english=(group, *others))
    yield real
    app.extensions["portal_catalogue"] = real


def test_a_lesson_whose_korean_is_newer_says_so(behind: Catalogue, browser: Browser) -> None:
    assert "The Korean lesson is newer" in read(browser, address(PLACES[0]))
    assert "The Korean lesson is newer" not in read(browser, address(PLACES[-1]))
