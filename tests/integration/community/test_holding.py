"""A newcomer's first words are looked at; a question reaches its mentor at once all the same."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import holding, operations, trust
from portal.community.models import Board, Post, Question
from portal.community.moderation_models import ModerationLine, ReviewItem
from portal.core import clock
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import (
    make_answer,
    make_association,
    make_comment,
    make_completion,
    make_mentor,
    make_question,
    make_talk,
    make_thread,
    make_user,
)
from tests.integration.community.test_asking import ask

SignIn = Callable[[User], Browser]


@pytest.fixture
def newcomer(session: Session) -> User:
    return make_user(session, name="김순자")


def asked(session: Session, browser: Browser) -> Question:
    assert ask(browser).status_code == 302
    return session.scalars(select(Question).order_by(Question.id.desc()).limit(1)).one()


def test_a_newcomers_question_is_for_its_owner_at_once_and_for_others_after_the_answer(
    session: Session, client: Browser, sign_in: SignIn, newcomer: User
) -> None:
    mentor, hers = make_mentor(session, name="박정호"), sign_in(newcomer)
    question = asked(session, hers)
    page = f"/community/questions/{question.id}/"

    before = client.get(page).status_code, client.get("/community/").text
    own, owners = hers.get(page).text, sign_in(mentor).get(page)
    notices = session.scalars(select(Notice.user_id)).all()
    sign_in(mentor).send(page, {"text": "창가에서 찍어 보세요.", "form_key": "an-answer-of-a-test"})

    session.refresh(question)
    assert before[0] == 404
    assert question.title not in before[1]
    assert "아직 다른 분께는 보이지 않아요" in own
    assert owners.status_code == 200
    assert notices == [mentor.id]
    assert client.get(page).status_code == 200
    assert session.scalars(select(ReviewItem.state)).all() == ["approved"]
    assert session.scalars(select(ModerationLine.action)).all() == ["released"]


def test_the_third_text_of_somebody_with_two_public_ones_is_public_at_once(
    session: Session, newcomer: User
) -> None:
    held = []
    for _ in range(4):
        talk = make_talk(session, author=newcomer)
        holding.hold_newcomers(session, talk, now=clock.now())
        held.append(talk.held_at is not None)
        holding.release(session, talk, by_id=newcomer.id, reason="", now=clock.now())

    assert held == [True, True, False, False]


def test_texts_that_wait_do_not_make_anybody_known(session: Session, newcomer: User) -> None:
    talks = [make_talk(session, author=newcomer, held_at=clock.now()) for _ in range(5)]

    assert trust.weigh(session, newcomer.id).is_newcomer
    assert all(talk.held_at for talk in talks)


@pytest.mark.parametrize("role", [Role.MENTOR, Role.TRAINER, Role.OPERATOR])
def test_staff_are_trusted(session: Session, role: Role) -> None:
    assert not trust.weigh(session, make_user(session, role).id).is_newcomer


def test_trust_comes_with_a_completed_course_or_an_accepted_answer(session: Session) -> None:
    learner, helper = make_user(session), make_user(session)
    make_completion(session, learner)
    answer = make_answer(session, make_question(session), author_id=helper.id)
    before = trust.weigh(session, helper.id).is_newcomer
    answer.accepted_at, answer.accepted_by_id = clock.now(), helper.id
    session.flush()

    assert not trust.weigh(session, learner.id).is_newcomer
    assert (before, trust.weigh(session, helper.id).is_newcomer) == (True, False)
    assert trust.weigh(session, learner.id).reasons == ("해결한 답 0개", "수료한 과정 1개", "공개된 글 0개")


def test_a_held_comment_is_not_counted_until_it_is_released(session: Session, newcomer: User) -> None:
    talk = make_talk(session)
    comment = make_comment(session, talk, author=newcomer)

    holding.hold_newcomers(session, comment, now=clock.now())
    session.flush()
    held = talk.posts_count
    holding.release(session, comment, by_id=talk.author_id, reason="살펴봤어요.", now=clock.now())

    assert (held, talk.posts_count) == (0, 1)
    assert session.scalars(select(ReviewItem.state)).all() == ["approved"]


def test_a_mentor_of_another_topic_does_not_see_a_held_question(
    session: Session, sign_in: SignIn, newcomer: User
) -> None:
    make_mentor(session)
    question = asked(session, sign_in(newcomer))
    stranger = make_mentor(session, topics=())

    assert sign_in(stranger).get(f"/community/questions/{question.id}/").status_code == 404


def test_an_answer_of_staff_is_never_held(session: Session) -> None:
    question = make_question(session)
    mentor = session.get_one(User, question.owner_id)

    written = operations.answer(
        session,
        question,
        mentor,
        text="이렇게 해 보세요.",
        form_key="an-answer-of-a-test",
        mask=False,
        path_of=lambda number: f"/q#{number}",
        now=clock.now(),
    )

    assert written.held_at is None
    assert session.scalars(select(Post.held_at)).all() == [None]


def test_a_newcomers_talk_and_comment_wait_but_not_among_members(
    session: Session, client: Browser, sign_in: SignIn, newcomer: User
) -> None:
    typed = {"title": "우리 시장 이야기", "text": "비가 그쳤어요.", "form_key": "a-talk-of-this-test"}
    begun = sign_in(newcomer).send("/community/talk/new", typed).headers["Location"]
    public = make_talk(session)
    session.commit()
    sign_in(newcomer).send(f"/community/threads/{public.id}/", {"text": "저도요.", "form_key": "k" * 16})
    own = sign_in(newcomer).get(begun).text

    association = make_association(session, manager=newcomer)
    member = make_thread(session, Board.GROUP, author=newcomer, association_id=association.id)
    holding.hold_newcomers(session, member, now=clock.now())

    assert client.get(begun).status_code == 404
    assert "아직 다른 분께는 보이지 않아요" in own
    assert "저도요." not in client.get(f"/community/threads/{public.id}/").text
    assert "저도요." in sign_in(newcomer).get(f"/community/threads/{public.id}/").text
    assert member.held_at is None
    assert sorted(session.scalars(select(ReviewItem.cause))) == ["first_post", "first_post"]
