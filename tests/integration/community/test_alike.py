"""Solved questions that look alike are shown before a question is sent, on a page of their own."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import finding
from portal.community.models import Question, QuestionState
from portal.core import search_words
from portal.core.roles import Role
from portal.courses import catalogue
from tests.conftest import NOW, Browser
from tests.factories import make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
TYPED = {
    "topic": "settlement",
    "title": "정산이 언제 들어오나요",
    "tried": "통장을 봤어요.",
    "detail": "아직 안 들어왔어요.",
    "is_private": "y",
    "form_key": "a-key-of-this-form",
    "do": "send",
}


def ask(browser: Browser, **changes: str) -> Any:
    return browser.send("/community/ask", TYPED | changes)


def make_solved(session: Session, title: str, **columns: Any) -> Question:
    defaults: dict[str, Any] = {
        "owner": make_mentor(session),
        "state": QuestionState.ACCEPTED,
        "topic": Topic.SETTLEMENT,
    }
    return make_question(session, title=title, **defaults | columns)


def titles(
    session: Session, title: str, reader: User | None = None, *, topic: Topic = Topic.SETTLEMENT
) -> list[str]:
    session.commit()
    asked = search_words.ask(title, catalogue.current().synonyms)
    found = finding.similar(session, reader, asked, topic=topic)
    return ["".join(text for text, _ in line.title) for line in found]


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Question)) or 0


def test_words_are_found_with_and_without_their_particles_the_likest_first(session: Session) -> None:
    for title in (
        "정산은 며칠에 들어와요?",
        "사진이 흐려요",
        "쿠팡 정산일이 헷갈려요",
        "쿠팡 가입이 안 돼요",
    ):
        make_solved(session, title)

    assert titles(session, "쿠팡에서 정산을 언제 하나요") == [
        "쿠팡 정산일이 헷갈려요",
        "쿠팡 가입이 안 돼요",
        "정산은 며칠에 들어와요?",
    ]
    assert titles(session, "정산") == ["쿠팡 정산일이 헷갈려요", "정산은 며칠에 들어와요?"]


def test_with_some_of_the_words_only_what_is_about_the_same_is_alike(session: Session) -> None:
    make_solved(session, "통장에 돈이 적어요", text="김치를 팔았어요.", topic=Topic.SETTLEMENT)
    make_solved(session, "김치 국물이 새요", topic=Topic.DELIVERY)
    make_solved(session, "김치 포장 값은 누가 내나요", topic=Topic.SETTLEMENT)

    about_delivery = titles(session, "김치를 어떻게 포장하나요", topic=Topic.DELIVERY)

    assert about_delivery == ["김치 포장 값은 누가 내나요", "김치 국물이 새요"]


def test_all_of_the_words_and_words_close_to_them_are_alike_whatever_it_is_about(session: Session) -> None:
    make_solved(session, "상자가 택배 기사님께 터졌어요", topic=Topic.DELIVERY)

    assert titles(session, "택배상자 터졌어요", topic=Topic.SETTLEMENT) == ["상자가 택배 기사님께 터졌어요"]


def test_who_does_not_know_what_it_is_about_is_shown_what_has_some_of_the_words(session: Session) -> None:
    make_solved(session, "김치 국물이 새요", topic=Topic.DELIVERY)

    assert titles(session, "김치를 어떻게 포장하나요", topic=Topic.OTHER) == ["김치 국물이 새요"]


@pytest.mark.parametrize("title", ["", "?!", "어떻게 하나요", "%", "100%", "_", "가"])
def test_a_title_of_no_words_finds_nothing(session: Session, title: str) -> None:
    make_solved(session, "사진이 흐려요")

    assert titles(session, title) == []


def test_only_public_solved_questions_are_alike_whoever_asks(session: Session) -> None:
    make_question(session, title="정산이 늦어요")
    make_solved(session, "정산이 틀려요", is_private=True)
    make_solved(session, "정산이 가려졌어요", hidden_at=NOW)
    make_solved(session, "정산이 기다려요", held_at=NOW)

    for reader in (None, make_user(session), make_mentor(session), make_user(session, Role.OPERATOR)):
        assert titles(session, "정산", reader) == []


def test_five_are_enough(session: Session) -> None:
    for number in range(7):
        make_solved(session, f"정산 {number}번")

    assert len(titles(session, "정산")) == 5


def test_before_sending_what_looks_alike_is_shown_and_what_was_typed_is_kept(
    session: Session, sign_in: SignIn
) -> None:
    found = make_solved(session, "정산은 며칠에 들어와요?")
    session.commit()
    asker = make_user(session)
    browser = sign_in(asker)

    page = ask(browser)
    before = count(session)
    hidden = dict(re.findall(r'<input[^>]*name="(\w+)"\s+value="([^"]*)"', page.text))
    sent = browser.send("/community/ask", {**hidden, "do": "send", "csrf_token": "a token of this browser"})

    assert page.status_code == 200
    assert "이 가운데 답이 있나요?" in page.text
    assert f'href="/community/questions/{found.id}/"' in page.text
    assert page.text.count("button--main") == 1
    assert "그래도 질문 보내기" in page.text
    assert (before, sent.status_code) == (1, 302)
    asked = session.scalars(select(Question).where(Question.author_id == asker.id)).one()
    assert (asked.title, asked.is_private) == (TYPED["title"], True)
    assert "통장을 봤어요." in asked.text_markdown


def test_from_there_one_may_go_back_and_write_otherwise(session: Session, sign_in: SignIn) -> None:
    make_solved(session, "정산은 며칠에 들어와요?")
    session.commit()

    page = ask(sign_in(make_user(session)), looked="1", do="edit")

    assert page.status_code == 200
    assert "질문 보내기" in page.text
    assert TYPED["detail"] in page.text
    assert count(session) == 1


def test_numbers_are_held_back_before_anything_is_shown_and_stay_masked(
    session: Session, sign_in: SignIn
) -> None:
    make_solved(session, "정산은 며칠에 들어와요?")
    session.commit()
    browser, detail = sign_in(make_user(session)), "계좌는 110-234-567890 이에요."

    held = ask(browser, detail=detail)
    shown = ask(browser, detail=detail, do="mask")
    sent = ask(browser, detail=detail, do="mask", looked="1")

    assert held.status_code == 422
    assert 'name="do" value="mask">그래도 질문 보내기' in shown.text
    assert sent.status_code == 302
    newest = session.scalars(select(Question).order_by(Question.id.desc())).first()
    assert newest is not None
    assert "567890" not in newest.text_markdown


def test_where_nothing_looks_alike_the_question_goes_at_once(session: Session, sign_in: SignIn) -> None:
    make_solved(session, "사진이 흐려요")
    session.commit()

    assert ask(sign_in(make_user(session))).status_code == 302
