"""New content goes live whole or not at all, on both engines."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal.core.settings import ROOT, Settings
from portal.courses import publishing
from portal.courses.problems import ContentError
from portal.factory import create_app


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "files" / "content"
    shutil.copytree(ROOT / "tests" / "content", folder)
    for name in ("listing_rules", "consents"):
        shutil.copytree(ROOT / "content" / name, folder / name)
    whole = ("messages.toml", "agreement.toml", "agendas.toml")
    for file in [*(ROOT / "content").glob("*_rules.toml"), *(ROOT / "content" / name for name in whole)]:
        shutil.copy(file, folder)
    return folder


@pytest.fixture
def teaching(app: Flask, content: Path, tmp_path: Path) -> Iterator[Flask]:
    """Return a second process of the portal that teaches the small course from a folder of its own."""
    settings: Settings = app.extensions["portal_settings"]
    (tmp_path / "content").mkdir()
    other = create_app(replace(settings, content_dir=content, data_dir=tmp_path))
    yield other
    other.extensions["portal_db"].engine.dispose()
    other.extensions["portal_redis"].close()


def title(app: Flask) -> str:
    page = app.test_client().get("/courses/small/").text
    return "새 제목" if "새 제목" in page else "작은 과정" if "작은 과정" in page else page


def rewrite(content: Path, old: str, new: str) -> None:
    path = content / "lessons" / "small" / "course.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_an_edit_is_taught_when_it_was_published_and_not_before(teaching: Flask, content: Path) -> None:
    rewrite(content, "작은 과정", "새 제목")
    assert title(teaching) == "작은 과정"

    result = teaching.test_cli_runner().invoke(args=["lessons", "sync"])

    assert result.exit_code == 0
    assert title(teaching) == "새 제목"


def test_content_that_does_not_pass_is_told_and_the_old_is_taught_on(teaching: Flask, content: Path) -> None:
    rewrite(content, 'title = "작은 과정"', "")

    result = teaching.test_cli_runner().invoke(args=["lessons", "sync"])

    assert result.exit_code == 1
    assert "lessons/small/course.toml:1: 'title' must be a string that is not blank" in result.output
    assert title(teaching) == "작은 과정"


def test_a_copy_that_was_damaged_leaves_the_old_content(
    teaching: Flask, content: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pointer = tmp_path / "content" / "current"
    pointer.write_text("nothing-here", encoding="utf-8")

    assert title(teaching) == "작은 과정"
    assert title(teaching) == "작은 과정"
    assert "nothing-here" not in caplog.text  # there is nothing to read, and nothing to tell


def test_a_process_that_starts_in_the_middle_of_an_edit_teaches_what_was_published(
    teaching: Flask, content: Path
) -> None:
    settings = teaching.extensions["portal_settings"]
    publishing.publish(teaching, settings)
    rewrite(content, 'title = "작은 과정"', "")

    started = create_app(settings)
    checked = started.test_cli_runner().invoke(args=["lessons", "check"])

    assert title(started) == "작은 과정"
    assert checked.exit_code == 1
    assert "'title' must be a string that is not blank" in checked.output
    started.extensions["portal_db"].engine.dispose()
    started.extensions["portal_redis"].close()


def test_files_that_do_not_pass_let_nothing_start(teaching: Flask, content: Path) -> None:
    rewrite(content, 'title = "작은 과정"', "")

    with pytest.raises(ContentError, match="'title' must be a string that is not blank"):
        create_app(teaching.extensions["portal_settings"])


def test_two_copies_stay(teaching: Flask, content: Path, tmp_path: Path) -> None:
    for number in range(4):
        rewrite(content, "작은 과정", f"작은 과정 {number}")
        publishing.publish(teaching, teaching.extensions["portal_settings"])

    assert len([each for each in (tmp_path / "content").iterdir() if each.is_dir()]) == publishing.KEPT


def test_the_check_names_what_is_overdue(teaching: Flask, content: Path) -> None:
    for path, old, new in (
        (content / "facts" / "shop.toml", "review_by = 2027-12-31", "review_by = 2026-01-31"),
        (content / "lessons" / "small" / "first" / "lesson.md", "2026-11-21", "2026-01-02"),
    ):
        assert old in path.read_text(encoding="utf-8")
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    assert teaching.test_cli_runner().invoke(args=["lessons", "sync"]).exit_code == 0

    result = teaching.test_cli_runner().invoke(args=["lessons", "check"])

    assert "was to be reviewed by 2026-01-31 (advice)" in result.output
    assert "lessons/small/first/lesson.md:1: the lesson was last checked on 2026-01-02" in result.output
