"""Accepting an answer, changing it, taking it back, and closing what has long been quiet."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import accepting, closing
from portal.community.models import Post, PostKind, Question, QuestionState
from portal.core import clock, db, queue
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
LONG_AGO = NOW - timedelta(days=31)


def address(question: Question) -> str:
    return f"/community/questions/{question.id}/"


def accept(browser: Browser, answer: Post, instead_of: Post | None = None) -> Any:
    data = {"answer_id": str(answer.id), "instead_of": str(instead_of.id) if instead_of else ""}
    return browser.send(f"/community/questions/{answer.thread_id}/accept", data)


def told(session: Session, user_id: int) -> list[str]:
    return list(session.scalars(select(Notice.cause).where(Notice.user_id == user_id).order_by(Notice.id)))


def fresh(session: Session, question: Question) -> Question:
    session.commit()
    return session.get_one(Question, question.id, populate_existing=True)


@pytest.fixture
def asker(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def question(session: Session, asker: User) -> Question:
    made = make_question(session, asker=asker, owner=make_mentor(session, name="박정호"))
    session.commit()
    return made


def make_solved(session: Session, question: Question, *, at: Any = LONG_AGO) -> Post:
    answer = make_answer(session, question, at=at)
    answer.accepted_at, answer.accepted_by_id = at, question.author_id
    question.state, question.last_post_at = QuestionState.ACCEPTED, at
    session.commit()
    return answer


def test_staff_accept_for_an_asker_who_is_told_and_everybody_sees_who_chose(
    session: Session, client: Browser, sign_in: SignIn, question: Question, asker: User
) -> None:
    answer = make_answer(session, question)
    operator = make_user(session, Role.OPERATOR, name="정하늘")

    assert accept(sign_in(operator), answer).status_code == 302

    assert fresh(session, question).state == QuestionState.ACCEPTED
    assert session.get_one(Post, answer.id).accepted_by_id == operator.id
    assert "정하늘 님이 골랐어요" in client.get(address(question)).text
    assert told(session, asker.id) == [f"solved:{question.id}"]
    assert told(session, answer.author_id) == [f"accepted:{answer.id}"]


def test_another_answer_may_be_chosen_and_the_credit_and_the_notice_move(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    helper = make_user(session, Role.MENTOR)
    first, second = make_answer(session, question), make_answer(session, question, author_id=helper.id)
    hers = sign_in(asker)
    accept(hers, first)

    changed = accept(hers, second, instead_of=first)

    assert changed.status_code == 302
    session.expire_all()
    assert [post.accepted_at is not None for post in (first, second)] == [False, True]
    former = session.scalars(select(Notice).where(Notice.user_id == first.author_id)).one()
    assert former.due_at is None
    assert former.read_at is not None
    assert told(session, helper.id) == [f"accepted:{second.id}"]


def test_who_chose_from_a_page_of_before_is_told_and_changes_nothing(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    first, second = make_answer(session, question), make_answer(session, question)
    hers = sign_in(asker)
    accept(hers, first)

    refused = accept(hers, second)

    assert refused.status_code == 409
    assert "그사이에 다른 답으로 해결했어요." in refused.text
    session.expire_all()
    assert first.accepted_at is not None


def test_what_was_solved_too_early_waits_again_with_a_new_promise(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    answer, promise = make_answer(session, question), question.promised_at
    hers = sign_in(asker)
    accept(hers, answer)

    for _ in range(2):
        back = hers.send(f"{address(question)}not-yet")

    question = fresh(session, question)
    assert back.status_code == 302
    assert (question.state, question.posts_count) == (QuestionState.WAITING, 0)
    assert question.promised_at != promise
    assert question.remind_at is not None
    assert session.get_one(Post, answer.id).accepted_at is None
    assert [cause.split(":")[0] for cause in told(session, question.owner_id)] == ["accepted", "not-yet"]
    assert "까지 답해 드려요" in hers.get(address(question)).text


def test_asking_on_takes_it_back_too(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    answer = make_answer(session, question)
    hers = sign_in(asker)
    accept(hers, answer)

    asked_on = hers.send(address(question), {"text": "다시 흐려졌어요.", "form_key": "a-key-of-this-form"})

    assert asked_on.status_code == 302
    assert fresh(session, question).state == QuestionState.WAITING
    assert session.scalar(select(func.count()).select_from(Post).where(Post.accepted_at.is_not(None))) == 0


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.TRAINEE])
def test_a_stranger_takes_nothing_back(
    session: Session, sign_in: SignIn, question: Question, role: Role
) -> None:
    make_solved(session, question)

    refused = sign_in(make_user(session, role)).send(f"{address(question)}not-yet")

    assert refused.status_code == 403
    assert fresh(session, question).state == QuestionState.ACCEPTED


def test_eight_acceptances_at_once_leave_one(committed: Session, race: Any) -> None:
    question = make_question(committed)
    answers = [make_answer(committed, question).id for _ in range(8)]
    committed.commit()

    def accept_one(answer_id: int) -> int:
        with db.transaction() as session:
            found = session.get_one(Question, question.id)
            asker = session.get_one(User, question.author_id)
            return accepting.accept(session, found, asker, answer_id=answer_id, path="/q", now=clock.now()).id

    results = race([lambda answer_id=answer_id: accept_one(answer_id) for answer_id in answers])

    accepted = [result for result in results if isinstance(result, int)]
    assert len(accepted) == 1
    assert sum(isinstance(result, ConflictError) for result in results) == 7
    assert committed.scalars(select(Post.id).where(Post.accepted_at.is_not(None))).all() == accepted
    assert committed.scalar(select(func.count()).select_from(Notice)) == 1


def test_changes_and_returns_at_once_leave_the_state_as_its_answers_say(
    committed: Session, race: Any
) -> None:
    question = make_question(committed)
    first, second = (make_answer(committed, question).id for _ in range(2))
    committed.commit()

    def choose(answer_id: int, instead_of: int | None) -> None:
        with db.transaction() as session:
            accepting.accept(
                session,
                session.get_one(Question, question.id),
                session.get_one(User, question.author_id),
                answer_id=answer_id,
                instead_of=instead_of,
                path="/q",
                now=clock.now(),
            )

    def take_back() -> None:
        with db.transaction() as session:
            accepting.take_back(session, session.get_one(Question, question.id), path="/q", now=clock.now())

    choose(first, None)
    results = race([lambda: choose(second, first), take_back] * 4)

    committed.expire_all()
    accepted = committed.scalars(select(Post.id).where(Post.accepted_at.is_not(None))).all()
    is_solved = committed.get_one(Question, question.id).state == QuestionState.ACCEPTED
    assert {type(result) for result in results} <= {type(None), ConflictError}
    assert len(accepted) == is_solved


def test_a_solved_and_quiet_question_closes_by_itself_and_tells_nobody(
    isolated: Any, session: Session, client: Browser, question: Question, run_jobs: Callable[[], None]
) -> None:
    make_solved(session, question, at=clock.now() - timedelta(days=31))
    young = make_question(session)
    make_solved(session, young, at=clock.now() - timedelta(days=29))
    queue.sweep(now=clock.now())

    run_jobs()

    assert fresh(session, question).closed_at is not None
    assert fresh(session, young).closed_at is None
    assert session.scalar(select(func.count()).select_from(Notice)) == 0
    assert "닫힌 질문이에요" in client.get(address(question)).text


@pytest.mark.parametrize(
    "change",
    [
        {"state": QuestionState.WAITING},
        {"last_post_at": NOW - timedelta(days=29)},
    ],
)
def test_what_is_open_or_lively_does_not_close(
    session: Session, question: Question, change: dict[str, Any]
) -> None:
    make_solved(session, question)
    for name, value in change.items():
        setattr(question, name, value)
    session.commit()

    closing.close_due(session, question.id, now=NOW)

    assert question.id not in closing.list_due_ids(session, NOW)
    assert question.closed_at is None


def test_a_thread_accepted_lately_stays_open_however_old_its_words(
    session: Session, question: Question
) -> None:
    make_solved(session, question).accepted_at = NOW - timedelta(days=1)
    session.commit()

    assert closing.list_due_ids(session, NOW) == []


def test_nothing_is_added_to_a_closed_question_but_its_asker_opens_it(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    other = make_answer(session, question)
    make_solved(session, question)
    question.closed_at = NOW
    session.commit()
    mentor = sign_in(session.get_one(User, question.owner_id))
    typed = {"text": "하나 더 있어요.", "form_key": "a-key-of-this-form"}

    answered = mentor.send(address(question), typed)
    changed = accept(sign_in(make_user(session, Role.TRAINER)), other)
    wondered = sign_in(make_user(session)).send(f"{address(question)}follow", {"same": "1"})
    before = fresh(session, question).closed_at
    hers = sign_in(asker)
    shown = hers.get(address(question)).text
    asked_on = hers.send(address(question), typed)

    assert [page.status_code for page in (answered, changed, wondered)] == [409, 409, 409]
    assert "새로 질문해 주세요." in answered.text
    assert before is not None
    assert "아직 안 되면 아래에서 더 물어보세요." in shown
    assert asked_on.status_code == 302
    question = fresh(session, question)
    assert (question.closed_at, question.state) == (None, QuestionState.WAITING)
    assert session.scalars(select(Post).order_by(Post.id.desc())).first().kind == PostKind.FOLLOW_UP  # type: ignore[union-attr]
