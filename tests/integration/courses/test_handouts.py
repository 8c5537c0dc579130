"""Asking for a lesson on paper: one row and one job for each paper, never a stale one, on both engines."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, queue, work
from portal.core.errors import ForbiddenError
from portal.core.roles import Role
from portal.core.storage import Storage
from portal.courses import jobs, operations
from portal.courses.catalogue import Catalogue, Chapter, Group
from portal.courses.models import Handout, HandoutKind
from tests.conftest import Browser
from tests.factories import make_user

ORDER = "/courses/small/first/handout"
CHECKLIST = "/courses/small/checklist"
SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


@pytest.fixture
def trainer(session: Session, sign_in: SignIn) -> Browser:
    return sign_in(make_user(session, Role.TRAINER))


def only(session: Session) -> Handout:
    return session.scalars(select(Handout).execution_options(populate_existing=True)).one()


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Handout)) or 0


def order(browser: Browser, path: str = ORDER, **fields: str) -> str:
    answer = browser.send(path, {"size": "24", **fields})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def edit(app: Flask, small: Catalogue) -> None:
    """Let the lesson say something else; `taught` teaches the small course again after the test."""
    course = small.courses[0]
    lessons = tuple(replace(lesson, lead="다른 말이에요.") for lesson in course.lessons)
    app.extensions["portal_catalogue"] = replace(
        small, groups=(Group("", (replace(course, chapters=(Chapter("", lessons),)),)),)
    )


def test_a_lesson_is_asked_for_made_and_downloaded(
    session: Session, browser: Browser, run_jobs: Callable[[], None]
) -> None:
    form = browser.get(ORDER)
    page = order(browser)
    waiting = browser.get(page)
    early = browser.get(page.replace("/?wait=1", ".pdf"))
    run_jobs()
    ready = browser.get(page)
    file = browser.get(page.replace("/?wait=1", ".pdf"))

    assert "인쇄용으로 받기" in form.text
    assert "만들고 있어요" in waiting.text
    assert waiting.headers["Refresh"] == f"4; url={page}"
    assert early.headers["Location"] == page
    assert "다 됐어요" in ready.text
    assert ready.headers["Refresh"] == f"1; url={page.replace('/?wait=1', '.pdf')}"
    assert "Refresh" not in browser.get(page.removesuffix("?wait=1")).headers
    assert file.mimetype == "application/pdf"
    assert file.data.startswith(b"%PDF-")
    assert "24pt.pdf" in file.headers["Content-Disposition"]
    assert only(session).is_made


def test_a_checklist_is_made_too(session: Session, browser: Browser, run_jobs: Callable[[], None]) -> None:
    page = order(browser, CHECKLIST)
    run_jobs()

    assert browser.get(page.replace("/?wait=1", ".pdf")).data.startswith(b"%PDF-")
    assert only(session).lesson_id == ""


def test_the_glossary_is_made_too(session: Session, browser: Browser, run_jobs: Callable[[], None]) -> None:
    assert "낱말 모음을 종이로 받기" in browser.get("/glossary/").text
    page = order(browser, "/glossary/handout")
    run_jobs()

    file = browser.get(page.replace("/?wait=1", ".pdf"))
    assert file.data.startswith(b"%PDF-")
    assert only(session).course_id == only(session).lesson_id == ""
    assert "/glossary/handout" in browser.get(page).text


def test_a_hundred_presses_are_one_row_and_one_job(session: Session, browser: Browser) -> None:
    pages = {order(browser) for _ in range(100)}

    assert len(pages) == 1
    assert count(session) == 1
    assert queue.rq_queue().count == 1


def test_another_person_gets_the_paper_that_is_there(
    session: Session, browser: Browser, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    page = order(browser)
    run_jobs()

    again = order(sign_in(make_user(session)))

    assert again == page
    assert queue.rq_queue().count == 0
    assert order(browser, size="16") != page


def test_an_edited_lesson_is_another_paper(
    isolated: Flask, small: Catalogue, session: Session, browser: Browser, run_jobs: Callable[[], None]
) -> None:
    page = order(browser)
    run_jobs()
    edit(isolated, small)

    stale = [browser.get(page), browser.get(page.replace("/?wait=1", ".pdf"))]
    fresh = order(browser)

    assert [answer.headers["Location"] for answer in stale] == [ORDER, ORDER]
    assert "새로 받아 주세요" in browser.get(ORDER).text
    assert fresh != page
    assert count(session) == 2


def test_a_lesson_edited_before_it_was_drawn_is_given_up_and_offered_anew(
    isolated: Flask, small: Catalogue, session: Session, browser: Browser, run_jobs: Callable[[], None]
) -> None:
    page = order(browser)
    edit(isolated, small)
    run_jobs()
    row = only(session)
    assert (row.due_at, row.is_made) == (None, False)
    assert browser.get(page).headers["Location"] == ORDER

    isolated.extensions["portal_catalogue"] = small
    assert browser.get(page).headers["Location"] == ORDER
    assert order(browser) == page
    run_jobs()

    assert only(session).is_made


def test_a_lesson_that_is_taught_no_more_is_given_up(
    isolated: Flask, small: Catalogue, session: Session, browser: Browser, run_jobs: Callable[[], None]
) -> None:
    page = order(browser)
    isolated.extensions["portal_catalogue"] = replace(small, groups=())
    run_jobs()

    assert only(session).due_at is None
    assert browser.get(page).status_code == 302
    assert browser.get(ORDER).status_code == 404


def test_run_twice_the_second_time_does_nothing(isolated: Flask, session: Session, browser: Browser) -> None:
    order(browser)
    handout_id = only(session).id
    session.commit()
    for _ in range(2):
        with isolated.app_context():
            jobs.make_handout(handout_id)

    assert only(session).attempts == 1


def test_a_storage_that_fails_is_tried_again_and_shown_to_operators(
    isolated: Flask,
    session: Session,
    browser: Browser,
    sign_in: SignIn,
    tmp_path: Any,
    run_jobs: Callable[[], None],
) -> None:
    page = order(browser)
    good = isolated.extensions["portal_storage"]
    in_the_way = tmp_path / "not-a-folder"
    in_the_way.write_text("x")
    isolated.extensions["portal_storage"] = Storage(in_the_way)
    with pytest.raises(OSError, match="not-a-folder"):
        run_jobs()
    isolated.extensions["portal_storage"] = good
    operator = sign_in(make_user(session, Role.OPERATOR))

    told, listed = browser.get(page), operator.get("/desk/jobs")
    address = page.replace("?wait=1", "retry")
    refused = browser.send(address)
    retried = operator.send(address)
    run_jobs()

    assert "생각보다 오래 걸려요" in told.text
    assert "not-a-folder" in listed.text
    assert refused.status_code == 403
    assert retried.status_code == 302
    assert only(session).is_made
    assert operator.send(address).status_code == 409


def test_a_push_that_was_lost_is_made_up_for(
    session: Session, browser: Browser, run_jobs: Callable[[], None]
) -> None:
    order(browser)
    queue.redis().flushall()

    assert queue.sweep(now=clock.now()) == 1
    run_jobs()

    assert only(session).is_made


def test_a_worker_thought_dead_is_fenced_off(isolated: Flask, session: Session, browser: Browser) -> None:
    order(browser)
    row = only(session)
    stale = work.claim(session, Handout, row.id, now=clock.now(), lease_s=60)
    session.execute(update(Handout).values(due_at=clock.now() - timedelta(seconds=1)))
    session.commit()
    with isolated.app_context():
        jobs.make_handout(row.id)

    assert not work.finish(session, Handout, row.id, lease=stale or "", document_key="f" * 64)
    assert only(session).document_key != "f" * 64


def test_the_pack_for_a_class_is_the_trainers(
    session: Session, browser: Browser, trainer: Browser, learner: User, run_jobs: Callable[[], None]
) -> None:
    page = order(trainer, for_class="y")
    run_jobs()

    assert only(session).kind is HandoutKind.CLASS_PACK
    assert trainer.get(page.replace("/?wait=1", ".pdf")).data.startswith(b"%PDF-")
    assert "수업 묶음으로 받기" in trainer.get(ORDER).text
    assert "수업 묶음으로 받기" not in browser.get(ORDER).text
    assert browser.send(ORDER, {"size": "24", "for_class": "y"}).status_code == 403
    assert browser.get(page).status_code == browser.get(page.replace("/?wait=1", ".pdf")).status_code == 404
    with pytest.raises(ForbiddenError), db.transaction() as writing:
        operations.order_handout(
            writing,
            learner,
            HandoutKind.CLASS_PACK,
            "small",
            "first",
            size_pt=24,
            content_hash="x",
            now=clock.now(),
        )


@pytest.mark.parametrize("size", ["", "12", "999999999999", "24; x"])
def test_another_size_is_refused(session: Session, browser: Browser, size: str) -> None:
    answer = browser.send(ORDER, {"size": size})

    assert answer.status_code == 422
    assert count(session) == 0


@pytest.mark.parametrize(
    "path", ["/courses/none/first/handout", "/courses/small/none/handout", "/courses/none/checklist"]
)
def test_what_is_not_taught_is_not_printed(browser: Browser, path: str) -> None:
    assert browser.get(path).status_code == browser.send(path, {"size": "24"}).status_code == 404


def test_large_letters_on_the_screen_offer_large_letters_on_paper(session: Session, sign_in: SignIn) -> None:
    def offered(user: User) -> str:
        found = re.search(r'value="(\d+)" checked', sign_in(user).get(ORDER).text)
        assert found
        return found[1]

    assert offered(make_user(session)) == "20"
    assert offered(make_user(session, text_size="5")) == "24"


def test_eight_who_ask_at_once_get_one_paper(race: Race, committed: Session, app: Flask) -> None:
    people = [make_user(committed) for _ in range(8)]
    committed.commit()

    def ask(user: User) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                return operations.order_handout(
                    session,
                    user,
                    HandoutKind.LESSON,
                    "small",
                    "first",
                    size_pt=24,
                    content_hash="x",
                    now=clock.now(),
                ).id

        return call

    answers = race([ask(user) for user in people])

    assert len(set(answers)) == 1, answers
    assert isinstance(answers[0], int)
    assert count(committed) == 1
    with app.app_context():
        assert queue.rq_queue().count == 1
