"""An accepted answer in a lesson: kept right, or said to be in doubt, on both engines."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import moderation
from portal.community.models import Post, Question, QuestionState
from portal.core import clock
from portal.core.clock import KST
from portal.core.roles import Role
from portal.courses import catalogue, dependents, step_answers
from portal.courses.catalogue import Catalogue
from portal.courses.models import StepAnswer
from tests.conftest import Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

STEP = "first-sale/first-order/return"
STEP_PAGE = "/courses/first-sale/first-order/?step=return"
FACT = "law.withdrawal_fresh"
SignIn = Callable[[User], Browser]


@pytest.fixture
def solved(session: Session) -> Question:
    return make_solved(session, "꽃다발도 반품을 받나요?")


def make_solved(session: Session, title: str) -> Question:
    asker, mentor = make_user(session, name="이영희"), make_mentor(session, name="최혜진")
    question = make_question(session, asker=asker, owner=mentor, title=title)
    post = make_answer(session, question, text="적어 두지 않았다면 받아 주세요.")
    post.accepted_at, post.accepted_by_id = clock.now(), asker.id
    question.state = QuestionState.ACCEPTED
    session.commit()
    return question


@pytest.fixture
def trainer(session: Session, sign_in: SignIn) -> Browser:
    return sign_in(make_user(session, Role.TRAINER, name="이수민"))


def lift(trainer: Browser, question: Question, **sent: object) -> None:
    answer = trainer.send(f"/community/questions/{question.id}/lift/{STEP}", {"facts": [FACT], **sent})
    assert answer.status_code == 302, answer.text


def test_a_trainer_puts_a_solved_answer_into_a_step_with_both_names(
    session: Session, trainer: Browser, client: Browser, sign_in: SignIn, solved: Question
) -> None:
    page = f"/community/questions/{solved.id}/"
    assert "이 답을 수업에 넣기" in trainer.get(page).text
    chosen = trainer.get(f"{page}lift/?course=first-sale").text
    assert f'{page}lift/{STEP}"' in chosen

    lift(trainer, solved)

    step = sign_in(make_user(session)).get(STEP_PAGE).text
    assert "상인들이 자주 묻는 것" in step
    assert "이영희 님이 묻고 최혜진 멘토님이 답했어요" in step
    assert "적어 두지 않았다면 받아 주세요." in step
    assert "확인이 필요해요" not in step.split("상인들이 자주 묻는 것")[1].split("</section>")[0]
    assert "이*희 님이 묻고" in client.get(STEP_PAGE).text
    assert "꽃다발도" not in client.get("/courses/first-sale/first-order/?step=check").text


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.MENTOR])
def test_others_do_not_put_answers_into_lessons(
    session: Session, sign_in: SignIn, solved: Question, role: Role
) -> None:
    browser = sign_in(make_user(session, role))

    assert "수업에 넣기" not in browser.get(f"/community/questions/{solved.id}/").text
    assert browser.send(f"/community/questions/{solved.id}/lift/{STEP}").status_code == 403


@pytest.mark.parametrize(
    "columns", [{"is_private": True}, {"hidden_at": clock.now()}, {"held_at": clock.now()}]
)
def test_what_not_everybody_may_read_does_not_go_into_a_lesson(
    session: Session, trainer: Browser, solved: Question, columns: dict[str, object]
) -> None:
    for name, value in columns.items():
        setattr(solved, name, value)
    session.commit()

    assert trainer.send(f"/community/questions/{solved.id}/lift/{STEP}").status_code == 404


def test_an_unsolved_question_and_a_second_lifting_are_refused(
    session: Session, trainer: Browser, solved: Question
) -> None:
    waiting = make_question(session)
    lift(trainer, solved)

    assert trainer.send(f"/community/questions/{waiting.id}/lift/{STEP}").status_code == 404
    again = trainer.send(f"/community/questions/{solved.id}/lift/{STEP}")
    assert again.status_code == 409
    assert "이미 수업에 넣은 답이에요." in again.text


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"facts": ["law.ship_days"]}, "이 단계에서 쓰는 사실 가운데서 골라 주세요."),
        ({"check_by": "2020-01-01"}, "내일부터 1년 안의 날을 골라 주세요."),
        ({"check_by": "2099-01-01"}, "내일부터 1년 안의 날을 골라 주세요."),
        ({"check_by": "내일"}, "날짜를 2026-11-26처럼 적어 주세요."),
    ],
)
def test_a_fact_of_elsewhere_and_a_day_that_cannot_be_are_refused(
    session: Session, trainer: Browser, solved: Question, sent: dict[str, object], sentence: str
) -> None:
    answer = trainer.send(f"/community/questions/{solved.id}/lift/{STEP}", sent)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalars(select(StepAnswer)).all() == []


def test_a_changed_fact_puts_every_answer_that_rests_on_it_in_doubt(
    app: Flask, session: Session, trainer: Browser, solved: Question
) -> None:
    lift(trainer, solved)
    lift(trainer, make_solved(session, "김치도 반품을 받나요?"))
    real = app.extensions["portal_catalogue"]
    app.extensions["portal_catalogue"] = with_changed(real, FACT)
    try:
        listed = trainer.get(f"/desk/facts/{FACT}").text
        step = trainer.get(STEP_PAGE).text
        ours = session.scalars(select(StepAnswer).order_by(StepAnswer.id)).all()
        trainer.send(f"/desk/answers/{ours[0].id}", {"decision": "right"})
        after = trainer.get("/desk/answers/").text
    finally:
        app.extensions["portal_catalogue"] = real

    assert "꽃다발도 반품을 받나요?" in listed
    assert "김치도 반품을 받나요?" in listed
    assert "/courses/first-sale/first-order/?step=return" in listed
    assert listed.count("확인이 필요해요") == 2
    assert step.count("바뀌었을 수 있어서 강사님이 다시 살펴보고 있어요.") == 2
    assert after.count("확인이 필요해요") == 1


def with_changed(content: Catalogue, fact_id: str) -> Catalogue:
    facts = tuple(
        replace(fact, value=f"{fact.value} (바뀜)") if fact.id == fact_id else fact for fact in content.facts
    )
    return replace(content, facts=facts)


def test_a_changed_fact_or_rule_lists_every_step_that_rests_on_it(app: Flask) -> None:
    before = app.extensions["portal_catalogue"]
    after = replace(with_changed(before, FACT), rules={**before.rules, "reply_rules": "another"})

    lines = list(dependents.report_changes(before, after))

    assert any(line.startswith(f"{FACT} changed (") for line in lines)
    assert "  content/lessons/first-sale/first-order: return" in lines
    assert any(line.startswith("reply_rules changed") for line in lines)
    assert "  content/lessons/tell-my-shop/answer-reviews: practice-late" in lines
    assert list(dependents.report_changes(before, before)) == []


def test_two_who_say_it_changed_put_it_in_doubt_until_a_trainer_looked(
    session: Session, sign_in: SignIn, trainer: Browser, solved: Question
) -> None:
    lift(trainer, solved)
    answer = session.scalars(select(StepAnswer)).one()
    vote = f"/step-answers/{answer.id}/vote"
    readers = [sign_in(make_user(session)) for _ in range(2)]

    readers[0].send(vote, {"right": "no"})
    readers[0].send(vote, {"right": "no"})
    assert "확인이 필요해요" not in trainer.get("/desk/answers/").text
    readers[1].send(vote, {"right": "no"})

    assert "2명이 달라졌다고 했어요." in trainer.get(f"/desk/answers/{answer.id}").text
    readers[1].send(vote, {"right": "yes"})
    assert "확인이 필요해요" not in trainer.get("/desk/answers/").text
    readers[1].send(vote, {"right": "no"})
    trainer.send(f"/desk/answers/{answer.id}", {"decision": "right", "check_by": ""})
    assert "확인이 필요해요" not in trainer.get("/desk/answers/").text


def test_its_day_puts_it_in_doubt_and_a_trainer_takes_it_out(
    session: Session, trainer: Browser, client: Browser, solved: Question
) -> None:
    lift(trainer, solved)
    answer = session.scalars(select(StepAnswer)).one()
    answer.check_by = clock.now().astimezone(KST).date() - timedelta(days=1)
    session.commit()

    assert "다시 확인할 날이 됐어요." in trainer.get(f"/desk/answers/{answer.id}").text
    assert "확인이 필요해요" in client.get(STEP_PAGE).text
    trainer.send(f"/desk/answers/{answer.id}", {"decision": "remove"})

    assert "꽃다발도" not in client.get(STEP_PAGE).text
    assert trainer.get(f"/desk/answers/{answer.id}").status_code == 404
    lift(trainer, solved)  # it may come again


def test_a_step_costs_the_same_with_many_answers(
    session: Session, trainer: Browser, client: Browser, count_queries: Callable[[], int], solved: Question
) -> None:
    client.get(STEP_PAGE)
    count_queries()
    client.get(STEP_PAGE)
    none = count_queries()
    lift(trainer, solved)
    client.get(STEP_PAGE)
    count_queries()
    client.get(STEP_PAGE)
    few = count_queries()
    assert none < few  # most steps have no answer: nothing is asked about it
    place = catalogue.current().place(*STEP.split("/"))
    asker = session.get_one(User, solved.author_id)
    for number in range(20):
        copied = step_answers.Lifted(10_000 + number, "/", "물음", "<p>답</p>", "이영희", "최혜진 멘토님")
        step_answers.lift(session, asker, place, copied, facts=[], check_by=None, now=clock.now())
    session.commit()
    client.get(STEP_PAGE)
    count_queries()
    client.get(STEP_PAGE)

    assert count_queries() == few <= 15


@pytest.mark.parametrize("hides_thread", [True, False], ids=["the question", "the answer"])
def test_what_a_moderator_hides_leaves_the_lesson_too(
    session: Session, trainer: Browser, client: Browser, solved: Question, hides_thread: bool
) -> None:
    lift(trainer, solved)
    post = session.scalars(select(Post).where(Post.thread_id == solved.id)).one()
    moderator = make_user(session, Role.OPERATOR)

    moderation.hide(
        session,
        solved if hides_thread else post,
        moderator,
        reason="틀린 답이에요.",
        paths=moderation.Paths(text="/", elsewhere="/"),
        now=clock.now(),
    )
    session.commit()

    assert "꽃다발도" not in client.get(STEP_PAGE).text
    assert session.scalars(select(StepAnswer)).one().removed_at is not None
