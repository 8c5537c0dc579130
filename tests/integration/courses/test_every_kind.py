"""Every kind of practice that docs/lessons.md shows can be opened, answered wrong and answered right."""

import json
import re
import shutil
import tomllib
from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.settings import ROOT
from portal.courses import catalogue, operations
from portal.courses.catalogue import Catalogue, Place
from portal.courses.models import PracticeTry
from portal.practice.field import Field
from tests.conftest import Browser
from tests.factories import make_user

_BLOCKS = re.findall(
    r"```toml\n(\[practice-.*?)```", (ROOT / "docs/lessons.md").read_text("utf-8"), re.DOTALL
)
#: How its table is written, by the kind; the first one stands for its kind.
WRITTEN = {table["kind"]: block for block in reversed(_BLOCKS) for table in tomllib.loads(block).values()}
LESSON = """+++
title = "해 봐요"
lead = "하나를 해 봐요."
minutes = 5
goals = ["할 수 있어요"]
checked_on = 2026-11-21
+++

## 읽어요 {#one}

글이에요.

## 또 읽어요 {#two}

글이에요.

## 해 봐요 {#NAME}

해 봐요.
"""


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Return a course with a lesson for each kind, written as the guide writes it."""
    content = tmp_path_factory.mktemp("documented") / "content"
    shutil.copytree(ROOT / "content", content, ignore=shutil.ignore_patterns("lessons", "glossary.toml"))
    shutil.copy(ROOT / "tests" / "content" / "glossary.toml", content / "glossary.toml")
    glossary = (content / "glossary.toml").read_text("utf-8")
    (content / "glossary.toml").write_text(glossary.replace('lesson = "small/second"\n', ""), "utf-8")
    course = content / "lessons" / "every"
    for kind, block in WRITTEN.items():
        folder = course / kind.replace("_", "-")
        folder.mkdir(parents=True)
        (name,) = tomllib.loads(block)
        (folder / "lesson.md").write_text(LESSON.replace("NAME", name), "utf-8")
        (folder / "practice.toml").write_text(block, "utf-8")
    (course.parent / "courses.toml").write_text('[[groups]]\ntitle = "모두"\ncourses = ["every"]\n', "utf-8")
    lessons = json.dumps([kind.replace("_", "-") for kind in WRITTEN])
    (course / "course.toml").write_text(
        f'title = "모두"\nsummary = "모두 해 봐요."\nfor_whom = "사장님"\nlessons = {lessons}\n', "utf-8"
    )
    return catalogue.load(content)


#: A picture and a person's word are sent in tests of their own: test_photo.py, test_proofs.py.
@pytest.fixture(params=[kind for kind in WRITTEN if kind not in {"photo", "checklist"}])
def place(small: Catalogue, request: pytest.FixtureRequest) -> Place:
    lesson_id = request.param.replace("_", "-")
    return next(
        each for each in small.course("every").places if each.key[0] == lesson_id and each.step.practice
    )


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="김순자")


def _wrong(field: Field, right: str) -> str:
    """Return something readable that is not the right answer."""
    values = [option.value for group in field.options for option in group.options]
    if values:
        return values[values.index(right) - 1]
    return "최고" if field.kind in {"text", "area"} else "7"


def _address(place: Place) -> str:
    return f"/courses/every/{place.lesson.id}/?step={place.step.id}"


def test_a_kind_is_opened_answered_wrong_and_answered_right(
    session: Session, sign_in: Callable[[User], Browser], learner: User, place: Place
) -> None:
    browser, practice = sign_in(learner), operations.required_practice(place)
    seed = operations.seed_of(learner, place, 1)
    right = practice.reference_answer(seed)
    fields = practice.form_fields(seed, right)

    opened = browser.get(_address(place))
    browser.send(_address(place), {"number": "1", "hints": "0", "do": "hint"})
    hinted = browser.get(_address(place))
    empty = browser.send(_address(place), {"number": "1"})
    wrong = {field.name: _wrong(field, right.get(field.name, "")) for field in fields}
    refused = browser.send(_address(place), {"number": "1", **wrong})
    number = 1 + len(session.scalars(select(PracticeTry)).all())
    answered = browser.send(
        _address(place),
        {"number": str(number), **practice.reference_answer(operations.seed_of(learner, place, number))},
    )
    done = browser.get(_address(place))

    assert opened.status_code == 200
    assert all(f'name="{field.name}"' in opened.text for field in fields)
    assert all(field.label in unescape(opened.text) for field in fields)
    assert practice.hints[0] in unescape(hinted.text)
    assert practice.hints[0] not in unescape(opened.text)
    assert (empty.status_code, refused.status_code) == (422, 422)
    assert 'id="result"' in refused.text
    assert all(f'id="answer-{field.name}"' in refused.text for field in fields)
    assert "field--bad" in refused.text or "조금 달라요" in refused.text
    assert answered.status_code == 302
    assert "잘하셨어요" in done.text
    assert all(line.text in unescape(done.text) for line in practice.solution(seed))


@pytest.mark.parametrize("place", ["copy"], indirect=True)
def test_the_draft_of_a_machine_stands_in_its_field_until_something_is_typed(
    sign_in: Callable[[User], Browser], learner: User, place: Place
) -> None:
    browser = sign_in(learner)

    opened = unescape(browser.get(_address(place)).text)
    refused = unescape(browser.send(_address(place), {"number": "1", "text": "최고의 된장"}).text)

    assert ">국내 1위 된장! 당뇨에 좋고" in opened
    assert ">최고의 된장</textarea>" in refused
    assert "국내 1위 된장!" not in refused
    assert "두 군데만 고쳐 주세요" in refused


@pytest.mark.parametrize("place", ["order"], indirect=True)
def test_an_order_with_a_number_picked_twice_is_no_try_and_keeps_its_mixing(
    session: Session, sign_in: Callable[[User], Browser], learner: User, place: Place
) -> None:
    browser = sign_in(learner)
    twice = {"number": "1", "item-register": "1", "item-join": "1", "item-report": "2"}

    opened = browser.get(_address(place)).text
    refused = browser.send(_address(place), twice).text
    wrong = browser.send(_address(place), twice | {"item-register": "3"}).text

    assert "두 군데만 고쳐 주세요" in refused
    assert _order_of(opened) == _order_of(refused) != _order_of(wrong)
    assert "여기부터 고쳐 봐요" in wrong
    assert len(session.scalars(select(PracticeTry)).all()) == 1


def _order_of(page: str) -> list[str]:
    return re.findall(r'name="(item-[a-z]+)"', page)


@pytest.mark.parametrize("place", ["cue_sheet"], indirect=True)
def test_a_finished_cue_sheet_stands_as_text_so_that_it_prints_whole(
    sign_in: Callable[[User], Browser], learner: User, place: Place
) -> None:
    browser, practice = sign_in(learner), operations.required_practice(place)
    answer = practice.reference_answer("") | {"say-2": "첫 줄이에요.\n둘째 줄이에요."}

    browser.send(_address(place), {"number": "1", **answer})
    page = browser.get(_address(place)).text

    assert 'id="answer-' not in page
    assert (
        '2. 상품 보여 주기, 하는 말: <strong class="as-typed">첫 줄이에요.\n둘째 줄이에요.</strong>' in page
    )
