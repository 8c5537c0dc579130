"""김순자 fills in a whole product page without a script: warned, corrected, looked at, passed."""

import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.settings import ROOT
from portal.courses import catalogue
from portal.courses.catalogue import Catalogue
from portal.courses.models import Draft, PracticeTry, StepCompletion
from tests.conftest import Browser
from tests.factories import make_user

PAGE = "/courses/small/whole/?step=practice-cup"
LESSON = """+++
title = "상품 한 쪽"
lead = "상품 한 쪽을 채워 봐요."
minutes = 20
goals = ["상품 한 쪽을 채울 수 있어요"]
checked_on = 2026-11-21
+++

## 읽어요 {#read}

하나.

## 채워요 {#practice-cup}

둘.

## 올려요 {#practice-jar}

셋.
"""


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Return the small course with the two whole pages of the authors' guide as one more lesson."""
    content = tmp_path_factory.mktemp("whole") / "content"
    shutil.copytree(ROOT / "tests/content", content)
    shutil.copytree(ROOT / "content/listing_rules", content / "listing_rules")
    for rules in (ROOT / "content").glob("*_rules.toml"):
        shutil.copy(rules, content)
    blocks = (ROOT / "docs/lessons.md").read_text(encoding="utf-8").split("```toml\n")[1:]
    pages = [
        block.split("```")[0] for block in blocks if block.startswith(("[practice-cup]", "[practice-jar]"))
    ]
    folder = content / "lessons/small/whole"
    folder.mkdir()
    (folder / "lesson.md").write_text(LESSON, encoding="utf-8")
    (folder / "practice.toml").write_text("\n".join(pages), encoding="utf-8")
    course = content / "lessons/small/course.toml"
    text = course.read_text(encoding="utf-8")
    course.write_text(text.replace('"second"', '"second", "whole"'), encoding="utf-8")
    return catalogue.load(Path(content))


@pytest.fixture(autouse=True)
def taught(app: Flask, whole: Catalogue) -> Iterator[None]:
    """Let the app teach it."""
    real = app.extensions["portal_catalogue"]
    app.extensions["portal_catalogue"] = whole
    yield
    app.extensions["portal_catalogue"] = real


@pytest.fixture
def cup() -> dict[str, str]:
    """The answer that passes."""
    text = (ROOT / "docs/lessons.md").read_text(encoding="utf-8")
    block = text[text.index("[practice-cup]") :].split("```")[0]
    reference: dict[str, str] = tomllib.loads(block)["practice-cup"]["reference"]
    return reference


@pytest.fixture
def browser(sign_in: Callable[[User], Browser], session: Session) -> Browser:
    return sign_in(make_user(session, name="김순자"))


def count(session: Session, model: type[PracticeTry | StepCompletion | Draft]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def faults(page: str) -> list[str]:
    """Return the fields that the summary links to."""
    return re.findall(r'<a href="#answer-(\w+)">', page)


def send(browser: Browser, **fields: str) -> Any:
    """Press a button of the page as it stands now, with what the page itself sends along."""
    page = browser.get(PAGE).text
    form = page[page.index("data-autosave=") :].partition("</form>")[0]
    hidden = dict(re.findall(r'type="hidden"\s+name="(number|hints|seen)"\s+value="([^"]*)"', form))
    return browser.send(PAGE, {**hidden, **fields})


def test_the_wrong_shelf_is_warned_of_before_anything_opens(session: Session, browser: Browser) -> None:
    closed = browser.get(PAGE).text
    assert "분류 정하고 다음" in closed
    assert 'name="notice_item"' not in closed

    warned = send(browser, do="open", category="kitchen", name="컵")
    assert warned.status_code == 422
    assert faults(warned.text) == ["category"]
    assert "큰 분류는 등록한 뒤에 바꿀 수 없어요." in warned.text
    assert "아직 확인하지 못했어요." in warned.text

    opened = send(browser, do="open", category="pottery", name="컵")
    assert opened.headers["Location"] == PAGE + "#field-category"
    page = browser.get(PAGE).text
    assert 'name="notice_item"' in page
    assert 'value="컵"' in page
    assert "분류 정하고 다음" not in page
    assert count(session, PracticeTry) == 0


def test_she_is_warned_puts_it_right_looks_at_it_and_passes(
    session: Session, browser: Browser, cup: dict[str, str]
) -> None:
    changes = {"category": "kitchen", "option_2_value": "흰색", "option_2_extra": "9500"}
    wrong = send(browser, **{**cup, **changes})
    assert wrong.status_code == 422
    assert faults(wrong.text) == ["category", "option_2_value", "option_2_extra"]
    assert (count(session, PracticeTry), count(session, StepCompletion)) == (1, 0)

    looked = send(browser, **cup, do="preview")
    assert looked.headers["Location"] == PAGE + "&preview=1#preview"
    shown = browser.get(PAGE + "&preview=1").text
    assert "20,000원 (+2,000원)" in shown
    assert "공예·꽃 &gt; 공예품 &gt; 그릇·도자기" in shown
    assert (count(session, PracticeTry), count(session, StepCompletion)) == (1, 0)

    passed = send(browser, **cup)
    assert passed.headers["Location"] == PAGE + "#result"
    done = browser.get(PAGE).text
    assert "이 단계를 완료했어요" in done
    assert 'id="preview"' in done
    assert (count(session, PracticeTry), count(session, StepCompletion)) == (2, 1)


def test_sending_the_answer_opens_the_fields_too_and_is_no_try(
    session: Session, browser: Browser, cup: dict[str, str]
) -> None:
    before = {name: value for name, value in cup.items() if not name.startswith("notice_")}

    page = browser.send(PAGE, {**before, "number": "1"})

    assert page.status_code == 422
    assert faults(page.text) == ["notice_item"]
    assert 'name="notice_phone"' in page.text
    assert 'value="손으로 빚은 도자기 컵 1개"' in page.text
    assert (count(session, PracticeTry), count(session, Draft)) == (0, 1)


def test_what_was_typed_is_shown_escaped(browser: Browser, cup: dict[str, str]) -> None:
    spoilt = {name: "<script>alert(1)</script>" for name in cup if name != "category"}
    browser.send(PAGE, {**cup, **spoilt, "number": "1", "do": "preview"})

    page = browser.get(PAGE + "&preview=1").text

    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 20


def test_a_preview_of_nothing_keeps_nothing(session: Session, browser: Browser) -> None:
    answer = browser.send(PAGE, {"number": "1", "do": "preview"})

    assert answer.status_code == 302
    assert "상품 이름이 아직 없어요" in browser.get(PAGE + "&preview=1").text
    assert (count(session, PracticeTry), count(session, Draft)) == (0, 0)


def test_what_a_practice_does_not_have_is_not_asked_of_it(browser: Browser) -> None:
    pick = "/courses/small/first/?step=practice-pick"

    assert "미리 보기" not in browser.get(pick).text
    assert 'id="preview"' not in browser.get(pick + "&preview=1").text
    for do in ("preview", "open"):
        assert browser.send(pick, {"number": "1", "do": do, "choice": "fee"}).status_code == 302


def test_the_pictures_are_drawn_and_described(browser: Browser) -> None:
    page = browser.get(PAGE).text

    assert page.count('class="picture__drawing"') == 6
    assert "도자기 컵 위에 ‘무료배송’이라고 크게 적혀 있어요." in page
    assert page.count("field-group__title") == 8  # the notice is still closed
