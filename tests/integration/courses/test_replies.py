"""Replies to customers that a person reads, and the phrase book made of the best of them; on both engines."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import User
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.personal_numbers import find_numbers
from portal.core.roles import Role
from portal.courses import catalogue, operations, phrases, replies
from portal.courses.catalogue import Catalogue, Group
from portal.courses.models import StepCompletion
from portal.courses.phrases import PAGE_SIZE
from portal.courses.reply_models import Phrase, ReplyReview
from portal.messages.models import Notice
from portal.practice import reply
from portal.practice.reply_rules import ReplyRules
from tests.conftest import Browser
from tests.factories import make_engagement, make_mentor, make_phrase, make_user
from tests.unit.practice.conftest import reply_rules as reply_rules  # the fixture

STEP = "/courses/small/first/?step=practice-pick"
KEY = "small/first/practice-pick"
WRITTEN = (
    "순자네 반찬 김순자예요. 늦어서 죄송합니다. 택배가 밀렸어요. 박영희 님께 내일 오전 11시까지 도착하고, "
    "늦으면 바로 환불해 드릴게요."
)
SHOWN = (
    "○○○ ○○○예요. 늦어서 죄송합니다. 택배가 밀렸어요. ○○○ 님께 내일 오전 11시까지 도착하고, "
    "늦으면 바로 환불해 드릴게요."
)
SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]


@pytest.fixture(autouse=True)
def reply_step(app: Flask, small: Catalogue, taught: None, reply_rules: ReplyRules) -> None:
    """Let the choice of the small course be an answer to a customer."""
    (course,) = small.courses
    first, second = course.lessons
    table = {
        "customer": "김치가 아직도 안 왔어요!",
        "situation": "하루 늦어요.",
        "needs": ["apology", "fact", "remedy", "deadline"],
        "facts": ["택배"],
        "hints": ["먼저 사과해요."],
        "good": "늦어서 죄송합니다. 택배가 밀렸어요. 내일까지 안 오면 환불해 드릴게요.",
        "fair": "늦어서 죄송합니다. 택배가 밀렸어요.",
        "bad": "택배 회사 잘못이에요. 저희도 어쩔 수 없어요.",
    }
    task = reply.read({"kind": "reply", **table}, reply_rules, find_numbers)
    steps = tuple(
        replace(step, practice=task) if step.id == "practice-pick" else step for step in first.steps
    )
    chapters = (replace(course.chapters[0], lessons=(replace(first, steps=steps), second)),)
    app.extensions["portal_catalogue"] = replace(
        small, groups=(Group("", (replace(course, chapters=chapters),)),)
    )


@pytest.fixture
def writer(session: Session) -> User:
    return make_user(session, name="김순자", shop_name="순자네 반찬")


@pytest.fixture
def browser(sign_in: SignIn, writer: User) -> Browser:
    return sign_in(writer)


@pytest.fixture
def trainer(sign_in: SignIn, session: Session) -> Browser:
    return sign_in(make_user(session, Role.TRAINER, name="이수민"))


def write(browser: Browser, text: str = WRITTEN, number: int = 1) -> None:
    answer = browser.send(STEP, {"number": str(number), "do": "answer", "reply": text})
    assert answer.status_code == 302, answer.text


def review_of(session: Session) -> ReplyReview:
    session.expire_all()
    return session.scalars(select(ReplyReview).order_by(ReplyReview.id.desc())).first() or pytest.fail("none")


def comment(browser: Browser, review: ReplyReview, **changes: str) -> Any:
    fields = {"comment": "마음이 보여요.", "seen": str(review.try_id), **changes}
    return browser.send(f"/desk/replies/{review.id}", fields)


def told(session: Session, user: User) -> list[str]:
    return list(session.scalars(select(Notice.sentence).where(Notice.user_id == user.id)))


@pytest.fixture
def chosen(session: Session, browser: Browser, trainer: Browser) -> ReplyReview:
    write(browser)
    comment(trainer, review_of(session), is_best="y")
    return review_of(session)


@pytest.fixture
def shared(session: Session, browser: Browser, chosen: ReplyReview) -> Phrase:
    browser.send(f"/replies/{chosen.id}/share", {"next": STEP})
    return session.scalars(select(Phrase)).one()


def test_a_reply_completes_its_step_by_the_rules_and_waits_to_be_read(
    session: Session, browser: Browser, trainer: Browser
) -> None:
    refused = browser.send(STEP, {"number": "1", "do": "answer", "reply": "죄송합니다."})
    assert refused.status_code == 422
    assert session.scalars(select(ReplyReview)).all() == []

    write(browser, number=2)

    assert [row.step_id for row in session.scalars(select(StepCompletion))] == ["practice-pick"]
    assert "멘토님이나 강사님도 이 답장을 읽어요" in browser.get(STEP).text
    assert "김순자 님" in trainer.get("/desk/replies/").text
    assert "김순자 님" in trainer.get("/desk/work/learning").text
    assert WRITTEN in trainer.get(f"/desk/replies/{review_of(session).id}").text


def test_what_is_said_reaches_the_writer_and_is_seen_at_the_step(
    session: Session, browser: Browser, trainer: Browser, writer: User
) -> None:
    write(browser)
    review = review_of(session)
    silent = comment(trainer, review, comment="")
    said = comment(trainer, review)

    assert (silent.status_code, said.status_code) == (422, 302)
    assert "한 문장만 적어 주세요" in silent.text
    page = browser.get(STEP).text
    assert "이수민 님이 읽고 한 말이에요" in page
    assert "마음이 보여요." in page
    assert "보여 드려도 될까요" not in page
    assert told(session, writer) == ["이수민 강사님이 손님께 쓴 답장을 읽고 한마디 남겼어요."]
    assert "읽을 답장이 없어요" in trainer.get("/desk/replies/").text


def test_a_mentor_reads_the_replies_of_their_own_shops_only_and_nobody_their_own(
    session: Session, sign_in: SignIn, writer: User, browser: Browser
) -> None:
    mine, other = make_mentor(session), make_mentor(session)
    make_engagement(session, writer, mine)
    write(browser)
    review = review_of(session)
    own = make_user(session, Role.TRAINER)
    write(sign_in(own))
    of_own = review_of(session)

    assert "김순자 님" in sign_in(mine).get("/desk/replies/").text
    assert "김순자 님" not in sign_in(other).get("/desk/replies/").text
    assert comment(sign_in(other), review).status_code == 404
    assert comment(sign_in(own), of_own).status_code == 404
    assert comment(browser, review).status_code == 403
    assert comment(sign_in(mine), review).status_code == 302


def test_a_better_reply_takes_the_place_of_one_that_waits(
    session: Session, browser: Browser, trainer: Browser
) -> None:
    write(browser)
    before = review_of(session)
    read = before.try_id
    write(browser, WRITTEN + " 고맙습니다.", number=2)
    late = comment(trainer, before, seen=str(read))

    assert late.status_code == 409
    assert "그사이에 쓴 분이 답장을 고쳤어요" in late.text
    assert "고맙습니다." in late.text
    assert len(session.scalars(select(ReplyReview)).all()) == 1
    assert comment(trainer, review_of(session)).status_code == 302
    assert comment(trainer, review_of(session), comment="또").status_code == 409
    write(browser, WRITTEN + " 감사합니다.", number=3)
    assert len(session.scalars(select(ReplyReview)).all()) == 2


def test_nobody_else_sees_a_chosen_reply_before_its_writer_says_yes(
    session: Session, sign_in: SignIn, browser: Browser, chosen: ReplyReview, writer: User
) -> None:
    reader = sign_in(make_user(session))
    before, asked = reader.get("/replies/").text, browser.get(STEP).text
    told_writer = told(session, writer)
    strange = reader.send(f"/replies/{chosen.id}/share")
    agreed = browser.send(f"/replies/{chosen.id}/share", {"next": STEP})
    after = reader.get("/replies/").text

    assert "아직 모인 답장이 없어요" in before
    assert "이 답장을 이름을 가리고 다른 사장님들께도 보여 드려도 될까요?" in asked
    assert SHOWN in asked
    assert told_writer == ["이수민 강사님이 답장을 좋은 답장으로 골랐어요. 다른 분께 보여도 될까요?"]
    assert strange.status_code == 404
    assert agreed.headers["Location"] == STEP
    assert SHOWN in after
    assert "김치가 아직도 안 왔어요!" in after
    assert not re.search("김순자|순자네|박영희", after)


def test_the_yes_may_be_taken_back_and_given_again(
    session: Session, sign_in: SignIn, browser: Browser, shared: Phrase
) -> None:
    reader, address = sign_in(make_user(session)), f"/replies/{shared.review_id}"
    for _ in range(2):
        browser.send(f"{address}/share", {"next": STEP})
    seen = reader.get("/replies/").text
    strange = reader.send(f"{address}/take-back")
    for _ in range(2):
        assert browser.send(f"{address}/take-back", {"next": STEP}).headers["Location"] == STEP
    gone = reader.get("/replies/").text
    browser.send(f"{address}/share")

    assert seen.count(SHOWN) == 1
    assert strange.status_code == 404
    assert SHOWN not in gone
    assert SHOWN in reader.get("/replies/").text
    assert session.scalar(select(func.count()).select_from(Phrase)) == 1


def test_a_reply_that_was_not_chosen_is_shown_to_nobody(
    session: Session, browser: Browser, trainer: Browser
) -> None:
    write(browser)
    waiting = browser.send(f"/replies/{review_of(session).id}/share")
    comment(trainer, review_of(session))
    read = browser.send(f"/replies/{review_of(session).id}/share")

    assert (waiting.status_code, read.status_code) == (409, 409)
    assert session.scalars(select(Phrase)).all() == []


def test_a_moderator_takes_one_out_for_good_and_its_writer_hears_why(
    session: Session, sign_in: SignIn, browser: Browser, trainer: Browser, shared: Phrase, writer: User
) -> None:
    address = f"/replies/phrases/{shared.id}/remove"
    refused = [sign_in(user).get(address) for user in (make_user(session), make_mentor(session))]
    linked, unlinked = trainer.get("/replies/").text, browser.get("/replies/").text
    silent = trainer.send(address, {"reason": ""})
    removed = trainer.send(address, {"reason": "가게를 짐작할 수 있어요."})
    again = browser.send(f"/replies/{shared.review_id}/share")

    assert [answer.status_code for answer in refused] == [403, 403]
    assert address in linked
    assert address not in unlinked
    assert silent.status_code == 422
    assert removed.status_code == 302
    assert "아직 모인 답장이 없어요" in browser.get("/replies/").text
    assert "가게를 짐작할 수 있어요." in told(session, writer)[-1]
    assert "가게를 짐작할 수 있어요." in browser.get(STEP).text
    assert again.status_code == 409
    assert trainer.get(address).status_code == 404


def test_the_newest_stand_first_a_page_at_a_time_in_as_many_statements(
    session: Session, browser: Browser, count_queries: Callable[[], int]
) -> None:
    make_phrase(session, text="답장 0번이에요.")
    browser.get("/replies/")
    count_queries()
    browser.get("/replies/")
    few = count_queries()
    for number in range(1, PAGE_SIZE + 1):
        make_phrase(session, text=f"답장 {number}번이에요.")
    session.commit()
    count_queries()
    first = browser.get("/replies/").text
    many = count_queries()
    (following,) = re.findall(r'href="(/replies/\?before=\d+)" rel="next"', first)

    assert few == many
    assert first.index(f"답장 {PAGE_SIZE}번") < first.index("답장 1번")
    assert "답장 0번" not in first
    assert "답장 0번" in browser.get(following).text
    assert browser.get("/replies/?before=x").status_code == 200


def test_one_situation_shows_its_replies_only(session: Session, browser: Browser) -> None:
    shared_at = f"/replies/?at={KEY}"
    make_phrase(session, text="다른 상황의 답장이에요.")
    write(browser)

    empty = browser.get(shared_at).text

    assert "아직 모인 답장이 없어요" in empty
    assert f'href="{STEP}#step">답하는 연습 하기</a>' in empty
    assert "다른 상황의 답장이에요." in browser.get("/replies/?at=no/such/step").text


def test_the_book_is_found_from_the_courses_and_is_for_those_who_came_in(
    client: Browser, browser: Browser
) -> None:
    assert 'href="/replies/">답장 모음</a>' in browser.get("/courses/").text
    assert "/account/sign-in" in client.get("/replies/").headers["Location"]
    write(browser)
    assert f'href="/replies/?at={KEY}"' in browser.get(STEP).text.replace("%2F", "/")


def test_eight_at_once_say_one_thing_and_eight_yeses_are_one_phrase(committed: Session, race: Race) -> None:
    writer, trainer = make_user(committed), make_user(committed, Role.TRAINER)
    committed.commit()
    writer_id, trainer_id = writer.id, trainer.id
    with db.transaction() as session:
        place = catalogue.current().place(*KEY.split("/"))
        answer = {"reply": WRITTEN}
        operations.answer(
            session, session.get_one(User, writer_id), place, number=1, answer=answer, now=clock.now()
        )
    review_id, try_id = committed.execute(select(ReplyReview.id, ReplyReview.try_id)).one()
    committed.rollback()

    def say() -> None:
        with db.transaction() as session:
            replies.comment(
                session,
                review_id,
                accounts.get_user(session, trainer_id),
                seen_try_id=try_id,
                words="좋아요.",
                is_best=True,
                path="/",
                now=clock.now(),
            )

    def agree() -> None:
        with db.transaction() as session:
            phrases.share(session, session.get_one(User, writer_id), review_id, now=clock.now())

    said, agreed = race([say] * 8), race([agree] * 8)

    assert said.count(None) == 1
    assert sum(isinstance(result, ConflictError) for result in said) == 7
    assert agreed == [None] * 8
    assert committed.scalar(select(func.count()).select_from(Phrase)) == 1
