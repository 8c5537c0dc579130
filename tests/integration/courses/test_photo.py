"""A picture sent as practice: measured, kept without metadata, shown to its owner only, on both engines."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.courses.catalogue import Catalogue
from portal.courses.models import PracticeTry, StepCompletion
from portal.practice import photo
from tests.conftest import Browser
from tests.factories import make_user
from tests.unit.practice.test_photo import draw

STEP = "/courses/small/first/?step=practice-pick"
SHOWN = "/courses/small/first/practice-pick/photo/1"
SignIn = Callable[[User], Browser]


@pytest.fixture(autouse=True)
def pictured(app: Flask, small: Catalogue, taught: None) -> None:
    """Let the choice of the small course be a picture."""
    (course,) = small.courses
    first, second = course.lessons
    task = photo.read({"kind": "photo", "question": "반찬을 찍어 보세요.", "hints": ["창가에서요."]})
    steps = tuple(
        replace(step, practice=task) if step.id == "practice-pick" else step for step in first.steps
    )
    chapters = (replace(course.chapters[0], lessons=(replace(first, steps=steps), second)),)
    app.extensions["portal_catalogue"] = replace(small, courses=(replace(course, chapters=chapters),))


@pytest.fixture
def browser(sign_in: SignIn, session: Session) -> Browser:
    return sign_in(make_user(session, name="김순자"))


def send(browser: Browser, content: bytes, *, number: int = 1) -> Any:
    upload = {"photo": (io.BytesIO(content), "반찬.jpg")} if content else {}
    return browser.send(
        STEP, {"number": str(number), "do": "answer", **upload}, content_type="multipart/form-data"
    )


def test_a_good_picture_completes_the_step_and_only_its_owner_sees_it(
    session: Session, browser: Browser, sign_in: SignIn
) -> None:
    assert 'enctype="multipart/form-data"' in browser.get(STEP).text
    assert send(browser, draw(1)).status_code == 302

    assert len(session.scalars(select(StepCompletion)).all()) == 1
    assert f'src="{SHOWN}"' in browser.get(STEP).text
    assert Image.open(io.BytesIO(browser.get(SHOWN).data)).size == (1200, 1200)
    assert sign_in(make_user(session)).get(SHOWN).status_code == 404


def test_what_is_wrong_with_a_picture_is_said_and_the_try_is_kept(session: Session, browser: Browser) -> None:
    refused = send(browser, draw(1, size=(600, 900), blur=20))

    assert refused.status_code == 422
    assert "사진이 길쭉해요." in refused.text
    assert "사진이 작아요(짧은 쪽 600픽셀)." in refused.text
    assert "사진이 흐려요." in refused.text
    (tried,) = session.scalars(select(PracticeTry))
    assert (tried.answer["width"], tried.answer["height"], tried.passed) == ("600", "900", False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "아직 사진이 없어요. 사진을 한 장 골라 주세요."),
        (b"no picture", "이 파일은 사진으로 열리지 않아요."),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "이 사진 형식(HEIC)은 아직 열지 못해요."),
    ],
)
def test_what_is_no_picture_is_no_try(
    session: Session, browser: Browser, content: bytes, sentence: str
) -> None:
    refused = send(browser, content)

    assert refused.status_code == 422
    assert sentence in refused.text
    assert session.scalars(select(PracticeTry)).all() == []


def test_measurements_cannot_be_typed(session: Session, browser: Browser) -> None:
    typed = photo.read({"kind": "photo", "question": "찍어요.", "hints": []}).reference_answer("")

    assert browser.send(STEP, {"number": "1", "do": "answer", **typed}).status_code == 422
    assert session.scalars(select(PracticeTry)).all() == []
