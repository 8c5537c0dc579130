"""The files of a video go out whole or in parts, are kept under their version, and nothing else goes out."""

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.core.settings import ROOT
from portal.courses import catalogue
from tests.conftest import Browser

LESSON = "/courses/phone-first-steps/take-photos"
FOLDER = ROOT / "content/lessons/phone-first-steps/take-photos/videos"


def ask(app: Flask, address: str, headers: dict[str, str] | None = None) -> TestResponse:
    """Ask as a player does, to the end of the answer."""
    return app.test_client().get(address, headers=headers, buffered=True)


@pytest.fixture
def film(app: Flask, session: Session) -> str:
    """Return the address of the film as the page of its step gives it."""
    found = re.search(r'src="([^"]*steady\.webm)"', Browser(app).get(f"{LESSON}/?step=steady").text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("ending", "mimetype"), [(".webm", "video/webm"), (".ko.vtt", "text/vtt"), (".webp", "image/webp")]
)
def test_each_file_of_a_video_is_handed_out_and_may_be_kept(
    app: Flask, film: str, ending: str, mimetype: str
) -> None:
    answer = ask(app, film.replace(".webm", ending))

    assert answer.status_code == 200
    assert answer.mimetype == mimetype
    assert answer.data == (FOLDER / f"steady{ending}").read_bytes()
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Set-Cookie" not in answer.headers


def test_a_player_may_ask_for_a_part(app: Flask, film: str) -> None:
    whole = (FOLDER / "steady.webm").read_bytes()

    part = ask(app, film, headers={"Range": "bytes=1000-1999"})
    outside = ask(app, film, headers={"Range": f"bytes={len(whole)}-"})

    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
    assert part.data == whole[1000:2000]
    assert outside.status_code == 416


def test_who_has_it_already_is_told_so(app: Flask, film: str) -> None:
    tag = ask(app, film).headers["ETag"]

    assert ask(app, film, headers={"If-None-Match": tag}).status_code == 304


def test_a_page_opened_before_an_edit_is_sent_to_what_is_taught_now(app: Flask, film: str) -> None:
    old = re.sub(r"/videos/\w+/", "/videos/000000000000/", film)

    answer = ask(app, old)

    assert answer.status_code == 302
    assert answer.headers["Location"] == film
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    ["steady.js", "other.webm", "..%2flesson.md", "../../lesson.md", "steady.webm/", "steady.vtt"],
)
def test_no_other_file_is_handed_out(app: Flask, film: str, name: str) -> None:
    answer = ask(app, film.replace("steady.webm", name))

    assert answer.status_code == 404
    assert "immutable" not in answer.headers["Cache-Control"]


def test_a_video_belongs_to_its_lesson_only(app: Flask, film: str) -> None:
    assert ask(app, film.replace("take-photos", "send-photos")).status_code == 404
    assert ask(app, film.replace("take-photos", "nothing")).status_code == 404


def test_the_page_without_a_network_has_the_script_and_no_player(app: Flask, session: Session) -> None:
    page = Browser(app).get(f"{LESSON}/read").text
    with app.app_context():
        step = catalogue.current().place("phone-first-steps", "take-photos", "steady").step

    assert "<video" not in page
    for caption in step.videos[0].captions:
        assert caption.words in page
