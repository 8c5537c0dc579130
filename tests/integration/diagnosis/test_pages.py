"""A learner goes through the diagnosis, stops, goes on elsewhere, and comes back two months later."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db
from portal.core.errors import ConflictError, DomainError
from portal.core.settings import ROOT
from portal.courses.problems import ContentError, Problems
from portal.diagnosis import operations
from portal.diagnosis.models import Diagnosis
from portal.diagnosis.questions import Questionnaire, load
from tests.conftest import Browser
from tests.factories import make_diagnosis, make_user

SignIn = Callable[[User], Browser]
PRODUCT = {"answer_photo": "good", "answer_price": "rough"}
SELLER = {"answer_phone": "help", "answer_orders": "none"}


@pytest.fixture(autouse=True)
def asked(app: Flask) -> Iterator[Questionnaire]:
    """Let the app ask the four questions of tests/content."""
    content = ROOT / "tests" / "content"
    real = app.extensions["portal_questionnaire"]
    small = load(content / "diagnosis.toml", Problems(content), [])
    app.extensions["portal_questionnaire"] = small
    yield small
    app.extensions["portal_questionnaire"] = real


@pytest.fixture
def learner(session: Session) -> User:
    made = make_user(session, name="김순자")
    session.commit()
    return made


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


def begin(browser: Browser) -> str:
    """Begin, or go on, and return the address of the page of questions."""
    return str(browser.send("/diagnosis/start").headers["Location"])


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Diagnosis)) or 0


def test_a_visitor_sees_the_first_questions_and_is_asked_in(client: Browser) -> None:
    page = client.get("/diagnosis/").text

    assert "사진이 있나요?" in page
    assert "주문을 받아 봤나요?" not in page
    assert "/account/sign-in?next=/diagnosis/" in page
    assert client.send("/diagnosis/start").status_code == 302


def test_answers_lead_to_a_result_that_says_why(session: Session, browser: Browser) -> None:
    first = begin(browser)
    second = browser.send(first, PRODUCT).headers["Location"]
    result = browser.send(second, SELLER).headers["Location"]
    page = browser.get(result).text

    assert first.endswith("/questions/1")
    assert second.endswith("/questions/2")
    assert "처방: 함께하기" in page
    for words in (
        "3점",
        "사진이 준비됐어요.",
        "‘밝아요’ · 2점",
        "‘아니요’ · 0점",
        "순서를 익혀요.",
        "만나요.",
    ):
        assert words in page
    assert "지난번과" not in page
    row = session.scalars(select(Diagnosis)).one()
    assert row.finished_at is not None
    assert row.version == load(ROOT / "tests/content/diagnosis.toml", Problems(ROOT), []).version


def test_a_missing_answer_is_told_and_the_other_is_kept(session: Session, browser: Browser) -> None:
    address = begin(browser)

    answer = browser.send(address, {"answer_photo": "good"})

    assert answer.status_code == 422
    assert "하나를 골라 주세요." in answer.text
    assert session.scalars(select(Diagnosis.answers)).one() == {"photo": "good"}


def test_an_answer_there_is_not_is_refused(session: Session, browser: Browser) -> None:
    answer = browser.send(begin(browser), {"answer_photo": "gold", "answer_price": "set"})

    assert answer.status_code == 422
    assert session.scalars(select(Diagnosis.answers)).one() == {"price": "set"}


def test_she_stops_half_way_and_goes_on_with_another_device(
    session: Session, sign_in: SignIn, browser: Browser, learner: User
) -> None:
    browser.send(begin(browser), PRODUCT)
    left = browser.send(begin(browser), {"answer_phone": "alone", "do": "leave"})
    other = sign_in(learner)

    home = other.get("/diagnosis/").text
    address = begin(other)
    page = other.get(address).text

    assert left.headers["Location"] == "/diagnosis/"
    assert "네 개 가운데 세 개 마침" in home
    assert address.endswith("/questions/2")
    assert 'value="alone" checked' in page
    assert count(session) == 1


def test_the_last_page_first_leads_back_to_what_is_open(browser: Browser) -> None:
    last = begin(browser).replace("/questions/1", "/questions/2")

    answer = browser.send(last, SELLER)

    assert answer.headers["Location"].endswith("/questions/1")
    finished = browser.send(answer.headers["Location"], PRODUCT).headers["Location"]
    assert finished.endswith("/questions/2")
    assert "처방" in browser.get(browser.send(finished, SELLER).headers["Location"]).text


def test_a_second_press_on_the_last_page_shows_the_result(session: Session, browser: Browser) -> None:
    second = browser.send(begin(browser), PRODUCT).headers["Location"]

    pressed = [browser.send(second, SELLER).headers["Location"] for _ in range(2)]

    assert pressed[0] == pressed[1]
    assert count(session) == 1


def test_a_page_there_is_not_is_not_found(browser: Browser) -> None:
    address = begin(browser)

    assert browser.get(address.replace("/questions/1", "/questions/9")).status_code == 404
    assert browser.get(address.replace("/questions/1", "/questions/0")).status_code == 404


def test_a_stranger_finds_neither_questions_nor_result(
    session: Session, sign_in: SignIn, learner: User, asked: Questionnaire
) -> None:
    done = make_diagnosis(session, learner, asked)
    begun = make_diagnosis(session, learner, asked, finished=False)
    session.commit()
    stranger = sign_in(make_user(session))

    assert stranger.get(f"/diagnosis/{done.id}/").status_code == 404
    assert stranger.get(f"/diagnosis/{begun.id}/questions/1").status_code == 404
    assert stranger.send(f"/diagnosis/{begun.id}/questions/1", PRODUCT).status_code == 404
    session.refresh(begun)
    assert begun.answers["photo"] == "none"


def test_what_changed_since_the_last_time_is_shown(
    session: Session, browser: Browser, learner: User, asked: Questionnaire
) -> None:
    at = clock.now() - timedelta(days=56)
    make_diagnosis(session, learner, asked, nth=0, at=at)
    now = make_diagnosis(session, learner, asked, nth=2, orders="none")
    session.commit()

    page = " ".join(browser.get(f"/diagnosis/{now.id}/").text.split())

    assert "0점에서 <strong>4점</strong>" in page
    assert "4점 올랐어요" in page
    assert "‘배우기 먼저’에서 ‘입점 준비됨’" in page
    assert "‘없어요’ → <strong>‘밝아요’</strong>" in page
    assert browser.get("/diagnosis/").text.count("/diagnosis/" + str(now.id)) == 1


def test_a_result_stays_as_it_was_when_the_questions_change(
    app: Flask, session: Session, browser: Browser, learner: User, asked: Questionnaire, tmp_path: Path
) -> None:
    done = make_diagnosis(session, learner, asked)
    session.commit()
    text = (ROOT / "tests/content/diagnosis.toml").read_text(encoding="utf-8")
    changed = tmp_path / "diagnosis.toml"
    changed.write_text(text.replace("사진부터 찍어요.", "다른 말이에요."), encoding="utf-8")
    app.extensions["portal_questionnaire"] = load(changed, Problems(tmp_path), [])

    page = browser.get(f"/diagnosis/{done.id}/").text

    assert "사진부터 찍어요." in page
    assert "다른 말이에요." not in page


def test_rules_refuse_what_pages_never_ask(session: Session, learner: User, asked: Questionnaire) -> None:
    begun = operations.start(session, learner, asked, now=clock.now())

    with pytest.raises(DomainError, match="답하지 않은 물음"):
        operations.finish(session, begun, asked, now=clock.now())
    done = make_diagnosis(session, learner, asked)
    with pytest.raises(ConflictError):
        operations.answer(session, done, {"photo": "good"}, now=clock.now())


def test_pages_ask_the_same_of_the_database_for_one_result_and_for_many(
    session: Session,
    browser: Browser,
    learner: User,
    asked: Questionnaire,
    count_queries: Callable[[], int],
) -> None:
    counted = []
    for times in (1, 9):
        for _ in range(times):
            made = make_diagnosis(session, learner, asked)
        session.commit()
        count_queries()
        browser.get("/diagnosis/")
        browser.get(f"/diagnosis/{made.id}/")
        counted.append(count_queries())

    assert counted[0] <= 14
    assert abs(counted[1] - counted[0]) <= 1


def test_eight_beginnings_at_once_make_one_diagnosis(
    committed: Session, race: Callable[[list[Callable[[], int]]], list[int]], asked: Questionnaire
) -> None:
    with db.transaction() as session:
        learner_id = make_user(session).id

    def start() -> int:
        with db.transaction() as session:
            learner = session.get_one(User, learner_id)
            return operations.start(session, learner, asked, now=clock.now()).id

    begun = race([start] * 8)

    assert len(set(begun)) == 1
    committed.rollback()
    assert count(committed) == 1


def test_a_link_to_no_page_keeps_the_portal_from_starting(app: Flask, tmp_path: Path) -> None:
    reader = app.extensions["portal_readers"]["portal_questionnaire"]
    text = (ROOT / "content/diagnosis.toml").read_text(encoding="utf-8")
    broken = text.replace('"/courses/first-sale/"', '"/courses/no/"').replace(
        '"/mentoring/"', '"/mentors/"', 1
    )
    (tmp_path / "diagnosis.toml").write_text(broken, encoding="utf-8")

    with app.app_context(), pytest.raises(ContentError) as caught:
        reader(app, tmp_path, app.extensions["portal_catalogue"])

    assert "there is no page at '/courses/no/'" in str(caught.value)
    assert "there is no page at '/mentors/'" in str(caught.value)
