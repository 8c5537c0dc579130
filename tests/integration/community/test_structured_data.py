"""Search engines find a public question with its answers, and no more than a visitor sees."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community.models import PostKind, Question, QuestionState
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
HOSTILE = "</script><script>alert('사진')</script>"


def read(browser: Browser, question: Question) -> Any:
    found = DATA.findall(browser.get(f"/community/questions/{question.id}/").text)
    assert len(found) <= 1
    return json.loads(found[0]) if found else None


@pytest.fixture
def question(session: Session) -> Question:
    return make_question(
        session, asker=make_user(session, name="김순자"), owner=make_mentor(session, name="박정호")
    )


def test_a_question_and_its_answers_are_told_as_data(
    session: Session, client: Browser, question: Question
) -> None:
    other, chosen = make_answer(session, question), make_answer(session, question, text="창가에서 찍으세요.")
    make_answer(session, question, kind=PostKind.FOLLOW_UP)
    chosen.accepted_at, chosen.accepted_by_id = NOW, question.author_id
    question.state = QuestionState.ACCEPTED
    session.commit()

    data = read(client, question)

    asked = data["mainEntity"]
    assert (data["@context"], data["@type"], asked["@type"]) == ("https://schema.org", "QAPage", "Question")
    assert (asked["name"], asked["text"]) == (
        "상품 사진이 흐리게 올라가요",
        "사진을 올렸는데 글자가 안 보여요.",
    )
    assert asked["author"] == {"@type": "Person", "name": "김*자 님"}
    assert asked["answerCount"] == 2
    assert asked["acceptedAnswer"]["text"] == "창가에서 찍으세요."
    assert [answer["url"].partition("#")[2] for answer in asked["suggestedAnswer"]] == [f"answer-{other.id}"]
    assert asked["acceptedAnswer"]["url"] == (
        f"http://localhost/community/questions/{question.id}/#answer-{chosen.id}"
    )


def test_words_that_look_like_markup_stay_words(
    session: Session, client: Browser, question: Question
) -> None:
    question.title = HOSTILE
    make_answer(session, question, text="&lt;b&gt;굵게&lt;/b&gt; &amp; 크게")
    session.commit()

    asked = read(client, question)["mainEntity"]

    assert asked["name"] == HOSTILE
    assert asked["suggestedAnswer"][0]["text"] == "<b>굵게</b> & 크게"
    assert "<script>alert" not in client.get(f"/community/questions/{question.id}/").text


def test_what_is_hidden_or_nobody_answered_is_not_told(
    session: Session, client: Browser, question: Question
) -> None:
    assert read(client, question) is None
    hidden = make_answer(session, question)
    hidden.hidden_at = NOW
    session.commit()

    assert read(client, question) is None


def test_who_is_signed_in_gets_no_data(
    session: Session, sign_in: Callable[[User], Browser], question: Question
) -> None:
    make_answer(session, question)
    question.is_private = True
    session.commit()

    for reader in (make_mentor(session), session.get_one(User, question.author_id)):
        assert read(sign_in(reader), question) is None
