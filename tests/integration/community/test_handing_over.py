"""A question whose promise is broken goes to another mentor when an operator says so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import promises
from portal.community.models import Question
from portal.core import clock, db
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
LATE = timedelta(days=9)
PATHS = promises.Paths(question="/q", rest="/rest")


def hand_over(browser: Browser, question: Question) -> Any:
    return browser.send(f"/community/questions/{question.id}/hand-over")


def told(session: Session, user_id: int) -> list[str]:
    return list(session.scalars(select(Notice.sentence).where(Notice.user_id == user_id).order_by(Notice.id)))


@pytest.fixture
def owner(session: Session) -> User:
    return make_mentor(session, name="박정호")


@pytest.fixture
def late(session: Session, owner: User) -> Question:
    made = make_question(session, owner=owner, at=clock.now() - LATE)
    session.commit()
    return made


def test_the_next_mentor_has_it_with_a_new_promise_and_all_three_are_told_once(
    session: Session, sign_in: SignIn, owner: User, late: Question
) -> None:
    make_mentor(session, name="다른일", topics=(Topic.PHONE,))
    mentor = make_mentor(session, name="오미자", topics=(Topic.PRODUCT_PAGE,))
    operator = sign_in(make_user(session, Role.OPERATOR))

    shown = operator.get(f"/community/questions/{late.id}/").text
    answers = [hand_over(operator, late).status_code for _ in range(2)]

    session.refresh(late)
    assert "박정호 멘토님이 맡았어요." in shown
    assert "다른 멘토님께 넘기기" in shown
    assert answers == [302, 302]
    assert late.owner_id == mentor.id
    assert late.promised_at > clock.now()
    assert "다른 멘토님께 넘기기" not in operator.get(f"/community/questions/{late.id}/").text
    named = "‘상품 사진이 흐리게 올라가요’ 질문"
    assert told(session, owner.id) == [f"{named}은 오미자 멘토님이 이어서 맡았어요."]
    (hers,), (his,) = told(session, late.author_id), told(session, mentor.id)
    assert hers.startswith(f"답이 늦어 죄송해요. {named}을 오미자 멘토님이 이어받아 ")
    assert hers.endswith("까지 답해 드려요.")
    assert his.startswith(f"{named}을 이어서 맡아 ")


def test_a_promise_broken_again_is_handed_over_again(
    session: Session, sign_in: SignIn, owner: User, late: Question
) -> None:
    make_mentor(session)
    operator = sign_in(make_user(session, Role.OPERATOR))
    hand_over(operator, late)
    session.refresh(late)
    late.promised_at = clock.now() - timedelta(hours=1)
    session.commit()

    hand_over(operator, late)

    session.refresh(late)
    assert late.owner_id == owner.id
    assert len(told(session, late.author_id)) == 2


def test_without_another_mentor_it_stays(session: Session, sign_in: SignIn, late: Question) -> None:
    owner_id = late.owner_id

    refused = hand_over(sign_in(make_user(session, Role.OPERATOR)), late)

    session.refresh(late)
    assert refused.status_code == 409
    assert "다른 멘토님이 없어요" in refused.text
    assert late.owner_id == owner_id
    assert told(session, late.author_id) == []


def test_what_was_answered_meanwhile_stays(session: Session, sign_in: SignIn, late: Question) -> None:
    make_mentor(session)
    make_answer(session, late)
    owner_id = late.owner_id
    session.commit()

    refused = hand_over(sign_in(make_user(session, Role.OPERATOR)), late)

    session.refresh(late)
    assert (refused.status_code, late.owner_id) == (409, owner_id)


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.TRAINEE, Role.MENTOR, Role.TRAINER])
def test_only_operators_hand_over(session: Session, sign_in: SignIn, late: Question, role: Role) -> None:
    make_mentor(session)
    browser, owner_id = sign_in(make_user(session, role)), late.owner_id

    refused = hand_over(browser, late)

    session.refresh(late)
    assert (refused.status_code, late.owner_id) == (403, owner_id)
    assert "다른 멘토님께 넘기기" not in browser.get(f"/community/questions/{late.id}/").text


def test_a_visitor_and_a_number_that_is_not_there(
    session: Session, client: Browser, sign_in: SignIn, late: Question
) -> None:
    operator = sign_in(make_user(session, Role.OPERATOR))

    assert "/account/sign-in" in hand_over(client, late).headers["Location"]
    assert operator.send("/community/questions/99999/hand-over").status_code == 404


def test_eight_presses_hand_over_once_while_others_ask(committed: Session, race: Any) -> None:
    owner = make_mentor(committed)
    question_id = make_question(committed, owner=owner, at=clock.now() - LATE).id
    mentors = [make_mentor(committed).id for _ in range(2)]
    operator_id = make_user(committed, Role.OPERATOR).id
    committed.commit()

    def press() -> int:
        with db.transaction() as session:
            question, by = session.get_one(Question, question_id), session.get_one(User, operator_id)
            return promises.hand_over(session, question, by, paths=PATHS, now=clock.now()).owner_id

    owners = race([press] * 8)

    assert len(set(owners)) == 1
    assert owners[0] in mentors
    assert committed.scalar(select(func.count()).select_from(Notice)) == 3


def test_late_questions_handed_over_at_once_are_spread_evenly(committed: Session, race: Any) -> None:
    owner = make_mentor(committed)
    late = [make_question(committed, owner=owner, at=clock.now() - LATE).id for _ in range(8)]
    mentors = [make_mentor(committed).id for _ in range(4)]
    operator_id = make_user(committed, Role.OPERATOR).id
    committed.commit()

    def press(question_id: int) -> int:
        with db.transaction() as session:
            question, by = session.get_one(Question, question_id), session.get_one(User, operator_id)
            return promises.hand_over(session, question, by, paths=PATHS, now=clock.now()).owner_id

    owners = race([lambda question_id=question_id: press(question_id) for question_id in late])

    assert sorted(owners) == sorted(mentors * 2)
