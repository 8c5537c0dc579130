"""Rehearsing a cue sheet: the clock beside each part, what was written down and said; on both engines."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import User
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.courses import catalogue, operations, rehearsals
from portal.courses.catalogue import Catalogue, Group
from portal.courses.models import StepCompletion
from portal.courses.rehearsal_models import Rehearsal, RehearsalCheck, RehearsalLog
from portal.messages.models import Notice
from portal.practice import cue_sheet
from portal.practice.copy_rules import CopyRules
from portal.practice.cue_sheet import CueSheet
from tests.conftest import Browser
from tests.factories import make_engagement, make_mentor, make_user
from tests.unit.practice.conftest import copy_rules as copy_rules  # the fixtures
from tests.unit.practice.conftest import notices_table as notices_table
from tests.unit.practice.conftest import pictures_table as pictures_table
from tests.unit.practice.conftest import rules as rules
from tests.unit.practice.conftest import rules_table as rules_table

STEP = "/courses/small/first/?step=practice-pick"
SHEET = "/courses/small/first/practice-pick/rehearse"
SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]


def make_task(copy_rules: CopyRules, needed: int) -> CueSheet:
    return cue_sheet.read(
        {
            "kind": "cue_sheet",
            "question": "20분 방송의 순서를 짜 보세요.",
            "hints": [],
            "minutes": 20,
            "parts": ["인사", "상품", "마무리"],
            "must_say": [["원"]],
            "rehearsals": needed,
            "reference": {
                "minutes": [3, 12, 5],
                "say": ["오늘 9,000원이에요.", "국산 깻잎이에요.", "또 만나요."],
                "show": ["간판", "깻잎", "주문하는 곳"],
            },
        },
        copy_rules,
    )


def teach(app: Flask, small: Catalogue, task: CueSheet) -> None:
    """Let the choice of the small course be a cue sheet; `taught` teaches the small course again."""
    (course,) = small.courses
    first, second = course.lessons
    steps = tuple(
        replace(step, practice=task) if step.id == "practice-pick" else step for step in first.steps
    )
    chapters = (replace(course.chapters[0], lessons=(replace(first, steps=steps), second)),)
    app.extensions["portal_catalogue"] = replace(
        small, groups=(Group("", (replace(course, chapters=chapters),)),)
    )


@pytest.fixture(params=[3], ids=["asks for three"])
def needed(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(autouse=True)
def task(app: Flask, small: Catalogue, taught: None, copy_rules: CopyRules, needed: int) -> CueSheet:
    made = make_task(copy_rules, needed)
    teach(app, small, made)
    return made


@pytest.fixture
def learner(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def browser(sign_in: SignIn, learner: User) -> Browser:
    return sign_in(learner)


@pytest.fixture
def trainer(sign_in: SignIn, session: Session) -> Browser:
    return sign_in(make_user(session, Role.TRAINER, name="이수민"))


def write_sheet(browser: Browser, task: CueSheet, number: int = 1, **changes: str) -> Any:
    answer = task.reference_answer("") | {name.replace("_", "-"): value for name, value in changes.items()}
    return browser.send(STEP, {"number": str(number), "do": "answer", **answer})


def start(browser: Browser, key: str = "a-key-of-one-press") -> str:
    answer = browser.send(SHEET, {"key": key})
    assert answer.status_code == 302, answer.text
    return str(answer.headers["Location"])


def rehearse(browser: Browser, times: int = 1) -> list[str]:
    pages = []
    for number in range(times):
        pages.append(start(browser, f"a-key-of-press-{number}"))
        browser.send(pages[-1], {"over": ["2"], "mend": f"고칠 것 {number + 1}번"})
    return pages


def completed(session: Session) -> list[str]:
    return list(session.scalars(select(StepCompletion.step_id)))


def last_logged(session: Session) -> int:
    return (
        session.scalars(select(RehearsalLog.rehearsal_id).order_by(RehearsalLog.rehearsal_id.desc())).first()
        or 0
    )


def say(browser: Browser, rehearsal_id: int, **changes: str) -> Any:
    fields = {"which": str(rehearsal_id), "comment": "목소리가 또렷해요.", **changes}
    return browser.send(f"/desk/rehearsals/{rehearsal_id}", fields)


def test_without_a_finished_sheet_there_is_nothing_to_rehearse(
    session: Session, browser: Browser, task: CueSheet
) -> None:
    answers = [browser.get(SHEET), browser.send(SHEET, {"key": "a-key-of-one-press"})]
    write_sheet(browser, task, minutes_2="11")

    assert [answer.headers["Location"] for answer in answers] == [f"{STEP}#step"] * 2
    assert browser.get(SHEET).status_code == 302
    assert session.scalars(select(Rehearsal)).all() == []


def test_the_sheet_says_between_which_minutes_and_then_until_when_each_part_goes(
    session: Session, browser: Browser, task: CueSheet
) -> None:
    write_sheet(browser, task)
    at_step, sheet = browser.get(STEP).text, browser.get(SHEET).text
    page = start(browser)
    moment = datetime(2026, 11, 23, 5, 59, 40, tzinfo=UTC)  # 14:59:40 in Korea
    session.execute(update(Rehearsal).values(started_at=moment))
    session.commit()
    begun = browser.get(page).text.replace("\N{NO-BREAK SPACE}", " ")

    assert f'href="{SHEET}"' in at_step
    assert re.findall(r"(\d+)분부터 (\d+)분까지", sheet.replace("\N{NO-BREAK SPACE}", " ")) == [
        ("0", "3"),
        ("3", "15"),
        ("15", "20"),
    ]
    assert "오후 3시에 시작했어요" in begun
    assert re.findall(r">(오후 3시 \d+분)까지<", begun) == ["오후 3시 3분", "오후 3시 15분", "오후 3시 20분"]
    assert "국산 깻잎이에요." in begun
    assert "보여 줄 것: 주문하는 곳" in begun


def test_a_second_press_is_the_same_rehearsal_and_a_second_log_changes_nothing(
    session: Session, browser: Browser, task: CueSheet
) -> None:
    write_sheet(browser, task)
    pages = {start(browser) for _ in range(3)}
    page = pages.pop()
    empty, strange = browser.send(page, {"mend": ""}), browser.send(page, {"over": ["9"], "mend": "천천히"})
    odd = browser.send(page, {"over": ["x"], "mend": "천천히"})
    for mend in ("천천히 말하기", "다른 말"):
        assert browser.send(page, {"over": ["2", "1", "2"], "mend": mend}).status_code == 302

    assert pages == set()
    assert [answer.status_code for answer in (empty, strange, odd)] == [422] * 3
    row = session.scalars(select(RehearsalLog)).one()
    assert (row.over, row.mend) == ([1, 2], "천천히 말하기")
    shown = browser.get(SHEET).text
    assert "고칠 것: 천천히 말하기" in shown
    assert "시간을 넘긴 순서: 1, 2번" in shown
    assert "적어 둔 연습이에요" in browser.get(page).text


def test_three_rehearsals_complete_a_step_that_asks_for_them(
    session: Session, browser: Browser, task: CueSheet
) -> None:
    write_sheet(browser, task)
    passed = browser.get(STEP).text
    rehearse(browser, 2)
    before, almost = completed(session), browser.get(STEP).text
    browser.send(start(browser, "a-key-of-the-third"), {"mend": "이대로 할게요"})

    assert "답이 맞았어요" in passed
    assert "세 번 더 연습하고 적으면" in passed
    assert "답이 맞고 연습을 다 적으면 완료돼요" in passed
    assert before == []
    assert "한 번 더 연습하고 적으면" in almost
    assert completed(session) == ["practice-pick"]
    assert "이 단계를 완료했어요" in browser.get(STEP).text


@pytest.mark.parametrize("needed", [0], indirect=True, ids=["asks for none"])
def test_where_none_is_asked_for_the_sheet_alone_completes_the_step(
    session: Session, browser: Browser, task: CueSheet
) -> None:
    write_sheet(browser, task)
    before = completed(session)
    rehearse(browser, 3)

    assert before == completed(session) == ["practice-pick"]
    assert "지금까지 세 번 연습했어요." in browser.get(STEP).text


def test_a_sheet_mended_after_its_rehearsals_is_complete_at_once(
    session: Session, browser: Browser, task: CueSheet
) -> None:
    write_sheet(browser, task)
    rehearse(browser, 2)
    write_sheet(browser, task, 2, say_2="국산 깻잎을 한 장씩 씻었어요.")
    mended = start(browser, "a-key-of-the-mended")

    assert "한 장씩 씻었어요." in browser.get(mended).text
    browser.send(mended, {"mend": "이대로"})
    write_sheet(browser, task, 3)
    assert completed(session) == ["practice-pick"]


def test_somebody_says_something_to_one_of_three(
    session: Session, browser: Browser, trainer: Browser, task: CueSheet, learner: User
) -> None:
    write_sheet(browser, task)
    rehearse(browser, 2)
    early = trainer.get("/desk/rehearsals/").text
    rehearse(browser, 3)  # the first two are those that are there
    listed, key = trainer.get("/desk/rehearsals/").text, last_logged(session)
    page, desk = trainer.get(f"/desk/rehearsals/{key}").text, trainer.get("/desk/work/learning").text
    silent, which = say(trainer, key, comment=""), say(trainer, key, which="999999")
    said = say(trainer, key, which=str(key - 1))

    assert "볼 연습이 없어요" in early
    assert f'href="/desk/rehearsals/{key}"' in listed
    assert f'href="/desk/rehearsals/{key}"' in desk
    assert all(f"고칠 것 {number}번" in page for number in (1, 2, 3))
    assert [silent.status_code, which.status_code] == [422, 422]
    assert said.status_code == 302
    assert session.scalars(select(RehearsalCheck.rehearsal_id)).one() == key - 1
    assert session.scalars(select(Notice.sentence).where(Notice.user_id == learner.id)).all() == [
        "이수민 강사님이 방송 연습을 보고 한마디 남겼어요."
    ]
    assert "목소리가 또렷해요." in browser.get(SHEET).text
    assert "볼 연습이 없어요" in trainer.get("/desk/rehearsals/").text
    assert say(trainer, key).status_code == 409


def test_only_those_who_look_after_somebody_see_the_rehearsals(
    session: Session, sign_in: SignIn, learner: User, browser: Browser, task: CueSheet
) -> None:
    mine, other = make_mentor(session), make_mentor(session)
    make_engagement(session, learner, mine)
    write_sheet(browser, task)
    pages, key = rehearse(browser, 3), last_logged(session)
    own = make_user(session, Role.TRAINER)
    write_sheet(sign_in(own), task)
    rehearse(sign_in(own), 3)
    of_own = last_logged(session)

    assert "김순자 님" in sign_in(mine).get("/desk/rehearsals/").text
    assert "김순자 님" not in sign_in(other).get("/desk/rehearsals/").text
    assert sign_in(other).get(f"/desk/rehearsals/{key}").status_code == 404
    assert say(sign_in(other), key).status_code == 404
    assert say(sign_in(own), of_own).status_code == 404
    assert say(browser, key).status_code == 403
    assert sign_in(mine).get(pages[0]).status_code == 404
    assert sign_in(mine).send(pages[0], {"mend": "x"}).status_code == 404
    assert say(sign_in(mine), key).status_code == 302


def test_another_learners_rehearsal_is_not_offered_to_speak_about(
    session: Session, sign_in: SignIn, browser: Browser, trainer: Browser, task: CueSheet
) -> None:
    other = sign_in(make_user(session))
    for each in (browser, other):
        write_sheet(each, task)
        rehearse(each, 3)
    key = last_logged(session)

    assert say(trainer, key, which=str(key - 3)).status_code == 422
    assert session.scalars(select(RehearsalCheck)).all() == []


def test_the_list_asks_as_much_of_the_database_for_many_as_for_one(
    session: Session, sign_in: SignIn, trainer: Browser, task: CueSheet, count_queries: Callable[[], int]
) -> None:
    def asked() -> int:
        count_queries()
        trainer.get("/desk/rehearsals/")
        return count_queries()

    counts = []
    for _ in range(2):
        browser = sign_in(make_user(session))
        write_sheet(browser, task)
        rehearse(browser, 3)
        asked()
        counts.append(asked())

    assert counts[0] == counts[1]


def test_eight_presses_at_once_are_one_rehearsal_one_log_and_one_check(
    committed: Session, race: Race, task: CueSheet
) -> None:
    learner, trainer = make_user(committed), make_user(committed, Role.TRAINER)
    committed.commit()
    learner_id, trainer_id = learner.id, trainer.id
    place = catalogue.current().place("small", "first", "practice-pick")
    with db.transaction() as session:
        me = session.get_one(User, learner_id)
        operations.answer(session, me, place, number=1, answer=task.reference_answer(""), now=clock.now())
    committed.rollback()

    def do(act: Callable[[Session, User], Any]) -> Callable[[], Any]:
        def call() -> Any:
            with db.transaction() as session:
                return act(session, session.get_one(User, learner_id))

        return call

    def write_down(session: Session, me: User) -> None:
        own = rehearsals.get_own(session, me, begun[0])
        rehearsals.log(session, me, own, over=[], mend="천천히", now=clock.now())

    def speak(session: Session, me: User) -> None:
        own, reviewer = rehearsals.get_own(session, me, begun[0]), accounts.get_user(session, trainer_id)
        rehearsals.check(session, own, reviewer, comment="좋아요.", path="/", now=clock.now())

    def begin(session: Session, me: User) -> int:
        return rehearsals.start(session, me, place, form_key="one-key-for-all", now=clock.now()).id

    begun = race([do(begin)] * 8)
    logged, checked = race([do(write_down)] * 8), race([do(speak)] * 8)

    assert len(set(begun)) == 1, begun
    assert logged == [None] * 8
    assert checked.count(None) == 1, checked
    assert sum(isinstance(result, ConflictError) for result in checked) == 7
    for model in (Rehearsal, RehearsalLog, RehearsalCheck):
        assert committed.scalar(select(func.count()).select_from(model)) == 1
