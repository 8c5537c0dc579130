"""What a learner writes down at a step: theirs alone, and never lost between two devices; on both engines."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.courses import step_notes
from portal.courses.catalogue import Catalogue
from portal.courses.models import Enrolment, StepNote
from tests.conftest import Browser
from tests.factories import make_user

STEP = "/courses/small/first/?step=fee"
NOTE = "/courses/small/first/fee/note"
ALL = "/courses/small/notes"
SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


def seen_on(page: str) -> str:
    found = re.search(r'name="seen"\s+value="([^"]*)"', page)
    assert found
    return found[1]


def kept(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(StepNote.text).execution_options(populate_existing=True)))


def test_a_note_is_kept_and_shown_at_its_step_and_in_the_list(session: Session, browser: Browser) -> None:
    saved = browser.send(NOTE, {"text": "수수료를\r\n꼭 물어보기 <b>", "seen": ""})

    assert saved.status_code == 302
    assert kept(session) == ["수수료를\n꼭 물어보기 <b>"]
    for path in (STEP, NOTE, ALL):
        assert "꼭 물어보기 &lt;b&gt;" in browser.get(path).text
    assert "꼭 물어보기" not in browser.get("/courses/small/second/").text
    assert "수수료를 알아봐요" in browser.get(ALL).text


def test_an_empty_list_says_how_to_begin(browser: Browser) -> None:
    assert "아직 적은 메모가 없어요" in browser.get(ALL).text


def test_a_note_can_be_changed_and_taken_out(session: Session, browser: Browser) -> None:
    browser.send(NOTE, {"text": "하나", "seen": ""})
    browser.send(NOTE, {"text": "둘", "seen": seen_on(browser.get(NOTE).text)})
    assert kept(session) == ["둘"]

    browser.send(NOTE, {"text": "", "seen": seen_on(browser.get(STEP).text)})

    assert kept(session) == [""]
    assert "아직 적은 메모가 없어요" in browser.get(ALL).text


def test_an_old_page_loses_nothing_that_was_written_since(session: Session, browser: Browser) -> None:
    browser.send(NOTE, {"text": "휴대전화에서 적음", "seen": ""})

    refused = browser.send(NOTE, {"text": "컴퓨터에서 적음", "seen": ""})
    both = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", refused.text, re.DOTALL)
    assert both
    again = browser.send(NOTE, {"text": both[1], "seen": seen_on(refused.text)})

    assert refused.status_code == 409
    assert both[1] == "휴대전화에서 적음\n\n컴퓨터에서 적음"
    assert "한 번 더 눌러 주세요" in refused.text
    assert again.status_code == 302
    assert kept(session) == ["휴대전화에서 적음\n\n컴퓨터에서 적음"]


def test_the_same_words_sent_twice_are_no_conflict(session: Session, browser: Browser) -> None:
    answers = [browser.send(NOTE, {"text": "하나", "seen": ""}).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert kept(session) == ["하나"]


def test_too_long_a_note_is_refused_and_stays_on_the_page(session: Session, browser: Browser) -> None:
    text = "가" * (step_notes.NOTE_MAX_CHARS + 1)

    refused = browser.send(NOTE, {"text": text, "seen": ""})

    assert refused.status_code == 422
    assert text in refused.text
    assert kept(session) == []


def test_nobody_else_sees_a_note(
    session: Session, browser: Browser, sign_in: SignIn, client: Browser
) -> None:
    browser.send(NOTE, {"text": "나만 보는 말", "seen": ""})
    other = sign_in(make_user(session))

    for path in (STEP, NOTE, ALL):
        assert "나만 보는 말" not in other.get(path).text
        assert "나만 보는 말" not in client.get(path).text
    other.send(NOTE, {"text": "다른 사람", "seen": ""})
    assert sorted(kept(session)) == ["나만 보는 말", "다른 사람"]


def test_writing_a_note_begins_the_course_and_leaves_the_place(session: Session, browser: Browser) -> None:
    browser.send("/courses/small/second/look/note", {"text": "하나", "seen": ""})

    enrolment = session.scalars(select(Enrolment)).one()
    assert (enrolment.lesson_id, enrolment.step_id) == ("first", "fee")


def test_a_note_of_a_step_that_is_gone_is_still_listed(
    session: Session, browser: Browser, learner: User
) -> None:
    session.add(
        StepNote(
            learner_id=learner.id,
            course_id="small",
            lesson_id="first",
            step_id="gone",
            text="옛말",
            saved_at=clock.now(),
        )
    )
    session.commit()

    page = browser.get(ALL).text

    assert "옛말" in page
    assert "지금은 없는 단계" in page


@pytest.mark.parametrize(
    "path", ["/courses/none/first/fee/note", "/courses/small/first/none/note", "/courses/none/notes"]
)
def test_there_is_no_note_where_nothing_is_taught(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_the_page_of_a_step_asks_once_for_its_note(
    browser: Browser, count_queries: Callable[[], int]
) -> None:
    browser.get(STEP)
    count_queries()
    browser.get(STEP)
    before = count_queries()
    browser.send(NOTE, {"text": "하나", "seen": ""})
    count_queries()
    browser.get(STEP)

    assert count_queries() <= before + 1
    assert before < 15


def test_eight_devices_at_once_keep_one_note(race: Race, committed: Session, small: Catalogue) -> None:
    learner = make_user(committed)
    committed.commit()
    place = small.place("small", "first", "fee")

    def save(number: int) -> Callable[[], None]:
        def call() -> None:
            with db.transaction() as session:
                step_notes.save_note(
                    session, learner, place, text=f"메모 {number}", seen=None, now=clock.now()
                )

        return call

    answers = race([save(number) for number in range(8)])

    assert sum(answer is None for answer in answers) == 1, answers
    assert sum(isinstance(answer, ConflictError) for answer in answers) == 7, answers
    assert len(kept(committed)) == 1
