"""What learners say about lessons, and how it is answered, on both engines."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db
from portal.core.roles import Role
from portal.courses import catalogue, feedback
from portal.courses.catalogue import Catalogue, Group
from portal.courses.models import LessonOpinion, StepReport, StepTask
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import make_user

FIRST = "/courses/small/first/"
REPORT = FIRST + "fee/report"
SignIn = Callable[[User], Browser]


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


@pytest.fixture
def trainer(sign_in: SignIn, session: Session) -> Browser:
    return sign_in(make_user(session, Role.TRAINER, name="이수민"))


def edit(app: Flask, small: Catalogue) -> None:
    """Publish another text of the step."""
    (course,) = small.courses
    first, second = course.lessons
    fee = replace(first.steps[0], content_hash="another")
    lesson = replace(first, steps=(fee, *first.steps[1:]))
    chapters = (replace(course.chapters[0], lessons=(lesson, second)),)
    app.extensions["portal_catalogue"] = replace(
        small, groups=(Group("", (replace(course, chapters=chapters),)),)
    )


def test_one_press_keeps_an_opinion_and_the_reason_reaches_the_author(
    browser: Browser, trainer: Browser, session: Session
) -> None:
    pressed = browser.send(FIRST + "opinion", {"helped": "no"})
    assert "까닭까지 적어 주시면" in browser.get(pressed.headers["Location"]).text
    browser.send(FIRST + "opinion", {"helped": "no", "reason": "수수료 계산이 어려워요"})

    (opinion,) = session.scalars(select(LessonOpinion)).all()
    assert (opinion.helped, opinion.reason) == (False, "수수료 계산이 어려워요")
    page = trainer.get("/desk/lessons/").text
    assert "수수료 계산이 어려워요" in page
    assert "김순자" not in page


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({}, "도움이 됐는지 골라 주세요."),
        ({"helped": "yes", "reason": "가" * 1001}, "1,000자까지 적을 수 있어요."),
    ],
)
def test_an_opinion_without_a_choice_or_too_long_is_refused(
    browser: Browser, session: Session, sent: dict[str, str], sentence: str
) -> None:
    answer = browser.send(FIRST + "opinion", sent)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert session.scalars(select(LessonOpinion)).all() == []


def test_the_question_comes_with_the_last_step_of_a_lesson(browser: Browser) -> None:
    browser.send(FIRST + "fee/finish")
    assert "이 수업이 도움이 됐나요?" not in browser.get(FIRST + "?step=fee").text
    browser.send("/courses/small/second/back/finish")
    assert "이 수업이 도움이 됐나요?" in browser.get("/courses/small/second/?step=back").text


def test_every_rule_of_a_lesson_stands_on_its_page_with_a_tick(browser: Browser) -> None:
    before = browser.get(FIRST + "?step=practice-pick").text
    assert before.count("‘다 읽었어요’를 누르면 완료돼요") == 1
    assert before.count("답이 맞으면 완료돼요") == 2
    browser.send(FIRST + "fee/finish")

    after = browser.get(FIRST + "?step=practice-pick").text
    assert "ticks__item--done" in after
    assert "‘다 읽었어요’를 누르면 완료돼요" not in after


def test_reports_of_one_step_are_one_task_and_fixing_it_answers_everybody(
    app: Flask, small: Catalogue, browser: Browser, sign_in: SignIn, trainer: Browser, session: Session
) -> None:
    other = sign_in(make_user(session, name="박상인"))
    browser.send(REPORT, {"seen": "단추가 파란색이에요"})
    other.send(REPORT, {"seen": "글자가 달라요"})
    task = session.scalars(select(StepTask)).one()
    address = f"/desk/lessons/{task.id}"
    assert "2명" in trainer.get("/desk/lessons/").text
    assert "단추가 파란색이에요" in trainer.get(address).text

    early = trainer.send(address, {"ending": "fixed", "answer": "새 그림으로 바꾸었어요."})
    assert early.status_code == 409
    assert "이 단계의 글이 아직 그대로예요." in early.text

    edit(app, small)
    trainer.send(address, {"ending": "fixed", "answer": "새 그림으로 바꾸었어요."})

    session.commit()
    told = session.scalars(select(Notice.sentence)).all()
    assert told == ["알려 주신 곳을 고쳤어요. 강사님이 ‘새 그림으로 바꾸었어요.’라고 답했어요."] * 2
    again = trainer.send(address, {"ending": "fixed", "answer": "또 바꾸었어요."})
    assert again.status_code == 409
    assert "새 그림으로 바꾸었어요." in trainer.get(address).text


def test_a_step_that_is_right_as_it_is_can_be_answered_without_an_edit(
    browser: Browser, trainer: Browser, session: Session
) -> None:
    browser.send(REPORT, {"seen": "수수료가 3%예요"})
    task = session.scalars(select(StepTask)).one()

    trainer.send(f"/desk/lessons/{task.id}", {"ending": "as_it_is", "answer": "판매처마다 달라요."})

    assert session.scalars(select(Notice.sentence)).one() == (
        "알려 주신 곳을 살펴봤어요. 강사님이 ‘판매처마다 달라요.’라고 답했어요."
    )
    browser.send(REPORT, {"seen": "아직도 달라요"})
    assert len(session.scalars(select(StepTask)).all()) == 2


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ({"seen": " "}, 422, "무엇이 다른지 한 줄만 적어 주세요."),
        ({"seen": "가" * 1001}, 422, "1,000자까지 적을 수 있어요."),
        ({"seen": "또 달라요"}, 409, "이 단계는 이미 알려 주셨어요."),
    ],
)
def test_a_report_that_is_empty_too_long_or_the_second_is_refused(
    browser: Browser, session: Session, sent: dict[str, str], status: int, sentence: str
) -> None:
    browser.send(REPORT, {"seen": "달라요"})

    answer = browser.send(REPORT, sent)

    assert answer.status_code == status
    assert sentence in answer.text
    assert len(session.scalars(select(StepReport)).all()) == 1


def test_eight_learners_at_once_open_one_task(
    committed: Session, race: Callable[[list[Callable[[], object]]], list[object]]
) -> None:
    learners = [make_user(committed).id for _ in range(8)]
    committed.commit()

    def telling(learner_id: int) -> Callable[[], object]:
        def tell() -> None:
            with db.transaction() as session:
                place = catalogue.current().place("small", "first", "fee")
                learner = session.get_one(User, learner_id)
                feedback.report(session, learner, place, seen="달라요", now=clock.now())

        return tell

    assert race([telling(each) for each in learners]) == [None] * 8
    assert len(committed.scalars(select(StepTask)).all()) == 1
    assert len(committed.scalars(select(StepReport)).all()) == 8


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.MENTOR])
def test_only_trainers_and_operators_see_what_is_said(sign_in: SignIn, session: Session, role: Role) -> None:
    browser = sign_in(make_user(session, role))

    assert browser.get("/desk/lessons/").status_code == 403
    assert browser.get("/desk/lessons/1").status_code == 403


def test_asking_in_writing_carries_the_step(browser: Browser) -> None:
    assert "/community/ask?step=small/first/fee" in browser.get(FIRST + "?step=fee").text
    assert (
        "‘읽고 계산해요’ 수업의 ‘수수료를 알아봐요’ 단계에서"
        in browser.get("/community/ask?step=small/first/fee").text
    )
    assert browser.get("/community/ask?step=small/first/none").status_code == 200
