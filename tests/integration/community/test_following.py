"""Whoever wonders the same is counted, is told, and may end it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import following, operations
from portal.community.models import Follow, PostKind, Question
from portal.core import clock, db, queue
from portal.core.roles import Role
from portal.messages.models import Notice
from portal.messages.operations import TOLD_AT_ONCE
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]


def address(question: Question) -> str:
    return f"/community/questions/{question.id}/"


def wonder(browser: Browser, question: Question) -> Any:
    return browser.send(f"{address(question)}follow", {"same": "1"})


def stop(browser: Browser, question: Question) -> Any:
    return browser.send(f"{address(question)}unfollow")


def reply(browser: Browser, question: Question, text: str) -> Any:
    return browser.send(address(question), {"text": text, "form_key": f"a-key-of-{len(text)}-letters"})


def told(session: Session, user: User) -> list[str]:
    return list(session.scalars(select(Notice.sentence).where(Notice.user_id == user.id).order_by(Notice.id)))


def same_count(session: Session, question: Question) -> int:
    session.commit()
    return session.get_one(Question, question.id, populate_existing=True).same_count


@pytest.fixture
def mentor(session: Session) -> User:
    return make_mentor(session, name="박정호")


@pytest.fixture
def question(session: Session, mentor: User) -> Question:
    made = make_question(session, asker=make_user(session, name="김순자"), owner=mentor)
    session.commit()
    return made


def test_who_wonders_the_same_is_counted_once_and_told_of_answer_and_solution_once(
    session: Session, sign_in: SignIn, question: Question, mentor: User
) -> None:
    curious = make_user(session)
    theirs = sign_in(curious)

    before = theirs.get(address(question)).text
    pressed = [wonder(theirs, question).status_code for _ in range(2)]
    count, after = same_count(session, question), theirs.get(address(question)).text
    reply(sign_in(mentor), question, "밝은 곳에서 찍어 보세요.")
    answer = make_answer(session, question)
    hers = sign_in(session.get_one(User, question.author_id))
    for _ in range(2):
        hers.send(f"{address(question)}accept", {"answer_id": str(answer.id)})

    assert pressed == [302, 302]
    assert count == 1
    assert "나도 궁금해요" in before
    assert "나도 궁금해요" not in after
    assert "1명이 함께 궁금해해요." in after
    assert told(session, curious) == [
        "‘상품 사진이 흐리게 올라가요’ 질문에 박정호 멘토님이 답했어요.",
        "함께 지켜보신 ‘상품 사진이 흐리게 올라가요’ 질문이 해결됐어요.",
    ]


def test_who_ends_it_is_told_nothing_more_and_counted_no_more(
    session: Session, sign_in: SignIn, question: Question, mentor: User
) -> None:
    curious = make_user(session)
    theirs = sign_in(curious)
    wonder(theirs, question)

    assert "이 질문 알림 그만 받기" in theirs.get(address(question)).text
    stopped = [stop(theirs, question).status_code for _ in range(2)]
    reply(sign_in(mentor), question, "밝은 곳에서 찍어 보세요.")

    assert stopped == [302, 302]
    assert same_count(session, question) == 0
    assert told(session, curious) == []


def test_askers_and_writers_follow_by_themselves_until_they_end_it(
    session: Session, sign_in: SignIn, mentor: User
) -> None:
    asker, helper = make_user(session), make_user(session, Role.TRAINER, name="이수민")
    draft = operations.Draft(
        topic=make_question(session).topic, title="얼음을 넣나요", detail="김치예요.", form_key="k" * 16
    )
    question = operations.ask(session, asker, draft, mask=False, path_of=str, now=clock.now())
    session.commit()
    hers, his = sign_in(asker), sign_in(session.get_one(User, question.owner_id))

    reply(sign_in(helper), question, "넣어 주세요.")
    reply(his, question, "꼭 넣어 주세요.")
    stop(hers, question)
    stop(sign_in(helper), question)
    reply(sign_in(helper), question, "두 개면 돼요, 사장님.")

    assert told(session, asker) == [
        "‘얼음을 넣나요’ 질문에 이수민 강사님이 답했어요.",
        "‘얼음을 넣나요’ 질문에 박정호 멘토님이 답했어요.",
    ]
    assert told(session, helper) == ["‘얼음을 넣나요’ 질문에 박정호 멘토님이 답했어요."]
    assert "이 질문 알림 받기" in hers.get(address(question)).text


def test_what_may_not_be_read_any_more_tells_its_followers_nothing(
    session: Session, sign_in: SignIn, question: Question, mentor: User
) -> None:
    curious, former = make_user(session), make_user(session, Role.MENTOR)
    wonder(sign_in(curious), question)
    following.follow(session, question, former, now=NOW)
    question.is_private, question.same_count = True, 0
    former.grants.clear()
    session.commit()

    reply(sign_in(mentor), question, "밝은 곳에서 찍어 보세요.")

    assert told(session, curious) == told(session, former) == []
    assert len(told(session, session.get_one(User, question.author_id))) == 1


def test_a_private_or_unknown_question_cannot_be_followed_by_a_stranger(
    session: Session, sign_in: SignIn, question: Question
) -> None:
    question.is_private = True
    session.commit()

    assert wonder(sign_in(make_user(session)), question).status_code == 404
    assert sign_in(make_user(session)).send("/community/questions/99999/follow").status_code == 404


def test_the_asker_is_not_counted_among_those_who_wonder_the_same(
    session: Session, sign_in: SignIn, question: Question
) -> None:
    wonder(sign_in(session.get_one(User, question.author_id)), question)

    assert same_count(session, question) == 0


def test_a_follow_up_tells_the_owner_and_no_follower(
    session: Session, sign_in: SignIn, question: Question
) -> None:
    curious = make_user(session)
    wonder(sign_in(curious), question)
    make_answer(session, question, kind=PostKind.FOLLOW_UP)

    reply(sign_in(session.get_one(User, question.author_id)), question, "어제부터 그래요.")

    assert told(session, curious) == []


def test_eight_presses_at_once_count_each_person_once(committed: Session, race: Any) -> None:
    question = make_question(committed)
    people = [make_user(committed).id for _ in range(4)]
    committed.commit()

    def press(user_id: int) -> None:
        with db.transaction() as session:
            found = session.get_one(Question, question.id)
            user = session.get_one(User, user_id)
            following.follow(session, found, user, is_same_question=True, now=clock.now())

    results = race([lambda user_id=user_id: press(user_id) for user_id in people * 2])

    assert results == [None] * 8
    committed.expire_all()
    assert committed.get_one(Question, question.id).same_count == 4
    assert len(committed.scalars(select(Follow)).all()) == 4


def test_a_hundred_and_thirty_followers_are_told_once_each_by_a_worker_the_asker_at_once(
    session: Session, sign_in: SignIn, mentor: User, run_jobs: Callable[[], None]
) -> None:
    question = make_question(session, owner=mentor)
    followers = [make_user(session) for _ in range(130)]
    session.add_all(
        Follow(thread_id=question.id, user_id=user.id, is_same_question=True, created_at=clock.now())
        for user in followers
    )
    session.commit()

    reply(sign_in(mentor), question, "이렇게 해 보세요.")
    at_once = set(session.scalars(select(Notice.user_id)))
    for _ in range(2):
        run_jobs()
        queue.sweep(now=clock.now())

    told_ids = list(session.scalars(select(Notice.user_id)))
    assert question.author_id in at_once
    assert len(at_once) == TOLD_AT_ONCE
    assert sorted(told_ids) == sorted([question.author_id, *(user.id for user in followers)])
