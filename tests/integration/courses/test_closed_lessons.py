"""A lesson that another opens, and a course in chapters, on both engines."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.courses.catalogue import Catalogue, Chapter, Group
from portal.courses.models import PracticeTry, StepCompletion
from tests.conftest import Browser
from tests.factories import make_user
from tests.integration.courses.test_learning import GOOD_LISTING

FIRST, SECOND = "/courses/small/first/", "/courses/small/second/"
SignIn = Callable[[User], Browser]


@pytest.fixture(autouse=True)
def closed(app: Flask, small: Catalogue, taught: None) -> None:
    """Put the lessons into two chapters, and let the reading step of the first open the second."""
    (course,) = small.courses
    first, second = course.lessons
    chapters = (
        Chapter("준비하기", (first,)),
        Chapter("올리기", (replace(second, after=("first/fee",)),)),
    )
    app.extensions["portal_catalogue"] = replace(
        small, groups=(Group("", (replace(course, chapters=chapters),)),)
    )


@pytest.fixture
def browser(sign_in: SignIn, session: Session) -> Browser:
    browser = sign_in(make_user(session, name="김순자"))
    browser.send("/courses/small/start")
    return browser


def test_a_course_shows_its_chapters_and_what_opens_a_lesson(browser: Browser) -> None:
    page = browser.get("/courses/small/").text

    assert (
        page.index("준비하기") < page.index("1. 읽고 계산해요") < page.index("올리기") < page.index("2. 올려")
    )
    assert "‘수수료를 알아봐요’ 다음에 열려요" in page


def test_a_closed_lesson_names_the_step_that_opens_it_and_shows_nothing_else(browser: Browser) -> None:
    page = browser.get(SECOND).text

    assert "‘수수료를 알아봐요’ 단계를 마치면 이 수업이 열려요." in page
    assert f'href="{FIRST}?step=fee#here"' in page
    assert "이름과 값을 적어요." not in page


def test_nothing_is_completed_in_a_closed_lesson(browser: Browser, session: Session) -> None:
    read = browser.send(SECOND + "look/finish")
    tried = browser.send(SECOND + "?step=practice-listing", {"number": "1", "do": "answer", **GOOD_LISTING})

    assert read.status_code == tried.status_code == 422
    assert "아직 열리지 않은 수업이에요. 먼저 할 것: 읽고 계산해요, 수수료를 알아봐요" in read.text
    assert "‘수수료를 알아봐요’ 단계를 마치면 이 수업이 열려요." in tried.text
    assert session.scalars(select(PracticeTry)).all() == []
    assert session.scalars(select(StepCompletion)).all() == []


def test_the_step_opens_the_lesson_and_a_later_edit_closes_nothing(
    app: Flask, browser: Browser, small: Catalogue
) -> None:
    browser.send(FIRST + "fee/finish")
    assert "이름과 값을 적어요." in browser.get(SECOND).text
    browser.send(SECOND + "look/finish")

    (course,) = small.courses
    edited = replace(course.lessons[1], after=("first/practice-sum",))
    chapters = (Chapter("", (course.lessons[0], edited)),)
    app.extensions["portal_catalogue"] = replace(
        small, groups=(Group("", (replace(course, chapters=chapters),)),)
    )

    assert "먼저 할 것이 있어요" not in browser.get(SECOND).text
