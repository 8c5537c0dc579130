"""What is done outside the portal: sent, confirmed or sent back by a person, on both engines."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import User
from portal.core import clock, db, queue
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.courses import catalogue, operations
from portal.courses.catalogue import Catalogue, Group
from portal.courses.models import PracticeTry, ProofReview, ReviewState, StepCompletion
from portal.desk import proof_news
from portal.messages.models import Notice
from portal.practice import checklist
from tests.conftest import Browser
from tests.factories import make_engagement, make_mentor, make_user

STEP = "/courses/small/first/?step=practice-pick"
DONE = {"item-1": "yes", "item-2": "yes", "proof": "어제 정부24에서 신고했어요."}
SignIn = Callable[[User], Browser]


@pytest.fixture(autouse=True)
def real_task(app: Flask, small: Catalogue, taught: None) -> None:
    """Let the choice of the small course be a task outside the portal."""
    (course,) = small.courses
    first, second = course.lessons
    task = checklist.read(
        {
            "kind": "checklist",
            "question": "신고하고 와서 표시해 주세요.",
            "proof": "언제, 어디에서 했나요?",
            "hints": ["정부24에서 찾아요."],
            "items": ["확인증을 받았어요", "신고서를 냈어요"],
        }
    )
    steps = tuple(
        replace(step, practice=task) if step.id == "practice-pick" else step for step in first.steps
    )
    chapters = (replace(course.chapters[0], lessons=(replace(first, steps=steps), second)),)
    app.extensions["portal_catalogue"] = replace(
        small, groups=(Group("", (replace(course, chapters=chapters),)),)
    )


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


@pytest.fixture
def trainer(sign_in: SignIn, session: Session) -> Browser:
    return sign_in(make_user(session, Role.TRAINER, name="이수민"))


def send(browser: Browser, number: int = 1, **changes: str) -> Any:
    return browser.send(STEP, {"number": str(number), "do": "answer", **DONE, **changes})


def review_of(session: Session) -> ProofReview:
    session.expire_all()
    return session.scalars(select(ProofReview).order_by(ProofReview.id.desc())).first() or pytest.fail("none")


def test_what_was_sent_waits_and_completes_the_step_when_it_is_confirmed(
    session: Session, browser: Browser, trainer: Browser
) -> None:
    assert send(browser).status_code == 302
    assert "확인을 기다리고 있어요" in browser.get(STEP).text
    assert session.scalars(select(StepCompletion)).all() == []
    page = trainer.get("/desk/proofs/").text
    assert "김순자 님" in page
    address = f"/desk/proofs/{review_of(session).id}"
    assert "어제 정부24에서 신고했어요." in trainer.get(address).text
    assert "✓ 확인증을 받았어요" in trainer.get(address).text

    trainer.send(address, {"verdict": "confirmed"})

    assert review_of(session).state is ReviewState.CONFIRMED
    assert [row.step_id for row in session.scalars(select(StepCompletion))] == ["practice-pick"]
    assert "확인해서 단계를 완료했어요." in session.scalars(select(Notice.sentence)).one()
    assert "이 단계를 완료했어요" in browser.get(STEP).text
    assert "확인할 것이 없어요" in trainer.get("/desk/proofs/").text


def test_what_is_missing_is_said_and_can_be_sent_again(
    session: Session, browser: Browser, trainer: Browser
) -> None:
    send(browser)
    address = f"/desk/proofs/{review_of(session).id}"
    silent = trainer.send(address, {"verdict": "changes"})
    assert silent.status_code == 422
    assert "무엇을 더 하면 되는지 한 문장으로 적어 주세요." in silent.text
    trainer.send(address, {"verdict": "changes", "comment": "신고한 날짜를 적어 주세요."})

    page = browser.get(STEP).text
    assert "신고한 날짜를 적어 주세요." in page
    assert "어제 정부24에서 신고했어요." in page  # what was typed is still there
    assert send(browser, 2, proof="11월 20일에 정부24에서 신고했어요.").status_code == 302
    trainer.send(f"/desk/proofs/{review_of(session).id}", {"verdict": "confirmed"})

    assert len(session.scalars(select(PracticeTry)).all()) == 2
    assert "이 단계를 완료했어요" in browser.get(STEP).text


def test_sending_twice_is_harmless_and_an_unfinished_list_waits_for_nobody(
    session: Session, browser: Browser
) -> None:
    refused = browser.send(STEP, {"number": "1", "do": "answer", **DONE, "item-2": ""})
    assert refused.status_code == 422
    assert "아직 표시하지 않았어요." in refused.text
    assert session.scalars(select(ProofReview)).all() == []

    send(browser, 2)
    send(browser, 2)
    other = send(browser, 3, proof="그제 정부24에서 신고했어요.")

    assert other.status_code == 409
    assert len(session.scalars(select(ProofReview)).all()) == 1


def test_a_mentor_confirms_for_their_own_shops_only(
    session: Session, sign_in: SignIn, learner: User, browser: Browser
) -> None:
    mine, other = make_mentor(session), make_mentor(session)
    make_engagement(session, learner, mine)
    send(browser)
    address = f"/desk/proofs/{review_of(session).id}"

    assert "김순자 님" in sign_in(mine).get("/desk/proofs/").text
    assert "김순자 님" not in sign_in(other).get("/desk/proofs/").text
    assert sign_in(other).get(address).status_code == 404
    assert sign_in(other).send(address, {"verdict": "confirmed"}).status_code == 404
    sign_in(mine).send(address, {"verdict": "confirmed"})
    assert review_of(session).state is ReviewState.CONFIRMED


def test_the_twenty_first_stands_on_the_next_page(
    session: Session, sign_in: SignIn, trainer: Browser
) -> None:
    for number in range(21):
        send(sign_in(make_user(session, name=f"상인{number}")))

    first = trainer.get("/desk/proofs/").text
    (following,) = re.findall(r'href="(/desk/proofs/\?after=\d+)" rel="next"', first)

    assert "상인19 님" in first
    assert "상인20 님" not in first
    assert "상인20 님" in trainer.get(following).text
    assert trainer.get("/desk/proofs/?after=x").status_code == 200


def test_nobody_confirms_for_themself(session: Session, sign_in: SignIn) -> None:
    trainer = make_user(session, Role.TRAINER)
    browser = sign_in(trainer)
    send(browser)

    assert browser.get(f"/desk/proofs/{review_of(session).id}").status_code == 404


def test_eight_at_once_confirm_once(
    committed: Session, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    learner, trainer = make_user(committed), make_user(committed, Role.TRAINER)
    committed.commit()
    learner_id, trainer_id = learner.id, trainer.id
    with db.transaction() as session:
        place = catalogue.current().place("small", "first", "practice-pick")
        operations.answer(
            session, session.get_one(User, learner_id), place, number=1, answer=DONE, now=clock.now()
        )
    review_id = committed.scalars(select(ProofReview.id)).one()
    committed.rollback()

    def confirm() -> None:
        with db.transaction() as session:
            operations.review_proof(
                session,
                review_id,
                accounts.get_user(session, trainer_id),
                is_confirmed=True,
                comment="",
                path="/",
                now=clock.now(),
            )

    results = race([confirm] * 8)

    assert results.count(None) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    assert len(committed.scalars(select(StepCompletion)).all()) == 1


def news(session: Session) -> dict[str, list[str]]:
    """Return of how much each person was told."""
    told: dict[str, list[str]] = {}
    rows = select(User.name, Notice.sentence).join(Notice, Notice.user_id == User.id).order_by(Notice.id)
    for name, sentence in session.execute(rows.where(Notice.message == "proofs-wait")):
        told.setdefault(name, []).append(sentence)
    return told


def test_n08_those_who_confirm_hear_once_of_all_that_came_in_half_an_hour(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    shop, mentor = make_user(session, name="오말숙"), make_mentor(session, name="박정호")
    make_engagement(session, shop, mentor)
    for name in ("이수민", "한지우"):
        make_user(session, Role.TRAINER, name=name)
    for learner in (shop, make_user(session), make_user(session)):
        send(sign_in(learner))
    half_an_hour = clock.now() + proof_news.GATHERED

    queue.sweep(now=clock.now())
    run_jobs()
    assert news(session) == {}  # others may come yet

    session.execute(update(ProofReview).values(sent_at=clock.now() - proof_news.GATHERED))
    for _ in range(2):
        queue.sweep(now=half_an_hour)
        run_jobs()

    two, one = (
        ("확인을 기다리는 실천 2건이 있어요.",),
        ("확인을 기다리는 실천 1건이 있어요.",),
    )
    assert news(session) == {"이수민": [*two], "한지우": [*two], "박정호": [*one]}


def test_n08_one_that_was_confirmed_meanwhile_is_not_told_of(
    session: Session, browser: Browser, trainer: Browser, run_jobs: Callable[[], None]
) -> None:
    send(browser)
    trainer.send(f"/desk/proofs/{review_of(session).id}", {"verdict": "confirmed"})
    session.execute(update(ProofReview).values(sent_at=clock.now() - proof_news.GATHERED))

    queue.sweep(now=clock.now())
    run_jobs()

    assert news(session) == {}
