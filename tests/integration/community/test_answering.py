import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import operations, queries
from portal.community.models import Post, PostKind, Question, QuestionState
from portal.core import clock, db
from portal.core.roles import Role
from portal.messages.models import Notice
from portal.messages.operations import notify
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
KEY = "a-key-of-this-form"


def address(question: Question) -> str:
    return f"/community/questions/{question.id}/"


def reply(
    browser: Browser, question: Question, text: str = "밝은 곳에서 다시 찍어 보세요.", **more: str
) -> Any:
    return browser.send(address(question), {"text": text, "form_key": KEY, **more})


def accept(browser: Browser, answer: Post) -> Any:
    return browser.send(f"/community/questions/{answer.thread_id}/accept", {"answer_id": str(answer.id)})


def notices(session: Session, user_id: int) -> list[Notice]:
    return list(session.scalars(select(Notice).where(Notice.user_id == user_id).order_by(Notice.id)))


def fresh(session: Session, question: Question) -> Question:
    session.commit()
    return session.get_one(Question, question.id, populate_existing=True)


@pytest.fixture
def asker(session: Session) -> User:
    return make_user(session, name="김순자")


@pytest.fixture
def mentor(session: Session) -> User:
    return make_mentor(session, name="박정호")


@pytest.fixture
def question(session: Session, asker: User, mentor: User) -> Question:
    made = make_question(session, asker=asker, owner=mentor)
    session.commit()
    return made


def test_a_mentor_goes_on_from_the_answer_to_the_next_question(
    session: Session, sign_in: SignIn, question: Question, mentor: User
) -> None:
    following = make_question(session, owner=mentor, title="정산이 늦게 들어와요")
    session.commit()
    browser = sign_in(mentor)
    before = browser.get(address(question)).text

    reply(browser, question)
    after = browser.get(address(question)).text
    reply(browser, following)
    last = browser.get(address(following)).text
    stranger = sign_in(make_mentor(session)).get(address(following)).text

    assert "다음 질문 답하기" not in before
    assert f'href="{address(following)}">다음 질문 답하기' in after
    assert "정산이 늦게 들어와요" in after
    assert "답 더 쓰기</summary>" in re.sub(r"<[/]?span[^>]*>", "", after)
    assert "내가 맡은 질문은 모두 답했어요." in last
    assert "다음 질문" not in stranger


def test_the_asker_is_told_of_the_answer_once_and_reads_it(
    session: Session, sign_in: SignIn, question: Question, asker: User, mentor: User
) -> None:
    reply(sign_in(mentor), question)

    answer = session.scalars(select(Post)).one()
    told = notices(session, asker.id)
    assert [notice.sentence for notice in told] == [
        "‘상품 사진이 흐리게 올라가요’ 질문에 박정호 멘토님이 답했어요."
    ]
    assert told[0].path == f"{address(question)}#answer-{answer.id}"
    assert fresh(session, question).state == QuestionState.ANSWERED
    page = sign_in(asker).get(address(question)).text
    assert "<p>밝은 곳에서 다시 찍어 보세요.</p>" in page
    assert "박정호 멘토님" in page
    assert "이 답으로 해결됐어요" in page


@pytest.mark.parametrize("role", [Role.MENTOR, Role.TRAINER, Role.OPERATOR])
def test_any_staff_may_answer(session: Session, sign_in: SignIn, question: Question, role: Role) -> None:
    helper = make_user(session, role)

    assert reply(sign_in(helper), question).status_code == 302
    assert fresh(session, question).state == QuestionState.ANSWERED


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.TRAINEE])
def test_a_stranger_may_neither_answer_nor_accept(
    session: Session, sign_in: SignIn, question: Question, role: Role
) -> None:
    answer = make_answer(session, question)
    stranger = sign_in(make_user(session, role))

    assert reply(stranger, question).status_code == 403
    assert accept(stranger, answer).status_code == 403
    shown = stranger.get(address(question)).text.split("<main")[1].split("</main")[0]
    assert "textarea" not in shown
    assert "/accept" not in shown
    assert session.scalar(select(func.count()).select_from(Post)) == 1
    assert fresh(session, question).state == QuestionState.ANSWERED


def test_the_mentor_does_not_accept_their_own_answer(
    session: Session, sign_in: SignIn, question: Question, mentor: User
) -> None:
    own = make_answer(session, question)

    assert accept(sign_in(mentor), own).status_code == 403
    assert "/accept" not in sign_in(mentor).get(address(question)).text


def test_a_visitor_is_asked_to_sign_in(client: Browser, question: Question) -> None:
    assert "/account/sign-in" in reply(client, question).headers["Location"]


@pytest.mark.parametrize("path", ["", "accept"])
def test_under_a_question_that_is_not_there_nothing_is_written(
    session: Session, sign_in: SignIn, mentor: User, path: str
) -> None:
    assert sign_in(mentor).send(f"/community/questions/99999/{path}", {"text": "답"}).status_code == 404


def test_an_empty_answer_is_refused(sign_in: SignIn, question: Question, mentor: User) -> None:
    page = reply(sign_in(mentor), question, text=" ")

    assert page.status_code == 422
    assert "적은 글이 없어요." in page.text


def test_an_answer_with_a_number_is_held_back_and_sent_masked(
    session: Session, sign_in: SignIn, question: Question, mentor: User
) -> None:
    browser, text = sign_in(mentor), "저에게 010-1234-5678 로 전화 주세요."

    held = reply(browser, question, text)
    before = session.scalar(select(func.count()).select_from(Post))
    sent = reply(browser, question, text, do="mask")

    assert (held.status_code, before, sent.status_code) == (422, 0, 302)
    assert text in held.text
    assert "가리고 보내기" in held.text
    assert session.scalars(select(Post)).one().text_markdown == "저에게 010-○○○○-○○○○ 로 전화 주세요."


def test_the_same_press_twice_is_one_answer(
    session: Session, sign_in: SignIn, question: Question, asker: User, mentor: User
) -> None:
    browser = sign_in(mentor)

    first, second = reply(browser, question), reply(browser, question)
    reply(browser, question, "하나 더 있어요. 렌즈를 닦아 보세요.")

    assert first.headers["Location"] == second.headers["Location"]
    assert session.scalar(select(func.count()).select_from(Post)) == 2
    assert len(notices(session, asker.id)) == 2


def test_what_the_asker_adds_makes_a_new_promise_and_tells_the_owner(
    session: Session, sign_in: SignIn, question: Question, asker: User, mentor: User
) -> None:
    make_answer(session, question)
    old_promise = question.promised_at
    session.commit()

    reply(sign_in(asker), question, "그래도 흐려요.")

    question = fresh(session, question)
    follow_up = session.scalars(select(Post).order_by(Post.id.desc())).first()
    assert follow_up is not None
    assert follow_up.kind == PostKind.FOLLOW_UP
    assert question.state == QuestionState.WAITING
    assert question.promised_at != old_promise
    assert "질문에 글이 더 왔어요. " in notices(session, mentor.id)[0].sentence


def test_what_the_asker_adds_before_the_answer_keeps_the_promise(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    promise = question.promised_at

    reply(sign_in(asker), question, "어제부터 그래요.")

    assert fresh(session, question).promised_at == promise


def test_a_solved_question_takes_a_correction_and_stays_solved(
    session: Session, sign_in: SignIn, question: Question, asker: User, mentor: User
) -> None:
    accept(sign_in(asker), make_answer(session, question))

    corrected = reply(sign_in(mentor), question, "고쳐 적어요. 왼쪽 버튼이에요.")

    assert corrected.status_code == 302
    assert fresh(session, question).state == QuestionState.ACCEPTED


def test_accepting_solves_the_question_and_tells_who_helped_once(
    session: Session, sign_in: SignIn, question: Question, asker: User, mentor: User
) -> None:
    answer = make_answer(session, question)
    browser = sign_in(asker)

    answers = [accept(browser, answer).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert fresh(session, question).state == QuestionState.ACCEPTED
    assert [notice.cause for notice in notices(session, mentor.id)] == [f"accepted:{answer.id}"]
    page = browser.get(address(question)).text
    assert "해결됨" in page
    assert "김순자 님이 골랐어요" in page
    assert "/accept" not in page


def test_only_an_answer_to_this_question_is_accepted(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    elsewhere = make_answer(session, make_question(session))
    follow_up = make_answer(session, question, kind=PostKind.FOLLOW_UP)
    browser = sign_in(asker)

    for answer_id in (str(elsewhere.id), str(follow_up.id), "", "x", "-1"):
        path = f"/community/questions/{question.id}/accept"
        assert browser.send(path, {"answer_id": answer_id}).status_code == 404


def test_the_database_itself_holds_one_accepted_answer(session: Session, question: Question) -> None:
    for _ in range(2):
        chosen = make_answer(session, question)
        chosen.accepted_at, chosen.accepted_by_id = NOW, question.author_id

    with pytest.raises(IntegrityError, match=r"uq_post_accepted|post.thread_id"):
        session.flush()


def test_one_answer_sent_eight_times_at_once_is_one(committed: Session, race: Any) -> None:
    question = make_question(committed)
    author_id = question.owner_id
    committed.commit()

    def send() -> int:
        with db.transaction() as session:
            return operations.answer(
                session,
                session.get_one(Question, question.id),
                session.get_one(User, author_id),
                text="다시 찍어 보세요.",
                form_key=KEY,
                mask=False,
                path_of=lambda number: f"/a/{number}",
                now=clock.now(),
            ).id

    assert len(set(race([send] * 8))) == 1
    assert committed.scalar(select(func.count()).select_from(Post)) == 1
    assert committed.scalar(select(func.count()).select_from(Notice)) == 1


def test_a_talk_has_an_end(session: Session, sign_in: SignIn, question: Question, mentor: User) -> None:
    for _ in range(queries.ANSWERS_MAX):
        make_answer(session, question)

    page = reply(sign_in(mentor), question)

    assert page.status_code == 409
    assert "전화로 물어봐 주세요" in page.text


def test_a_broken_promise_is_said_kindly(
    session: Session, sign_in: SignIn, asker: User, mentor: User
) -> None:
    late = make_question(session, asker=asker, owner=mentor, at=clock.now() - timedelta(days=9))
    session.commit()

    page = sign_in(asker).get(address(late)).text

    assert "약속한 시간이 지났어요" in page
    assert "운영자가 보고 있어요." in page


def test_the_owner_is_asked_to_answer_by_then(
    session: Session, sign_in: SignIn, question: Question, mentor: User
) -> None:
    page = sign_in(mentor).get(address(question)).text

    assert "까지 답해 주세요." in page
    assert "답 보내기" in page


def test_after_an_answer_the_asker_has_two_ways_on(
    session: Session, sign_in: SignIn, question: Question, asker: User
) -> None:
    hers = sign_in(asker)
    waiting = hers.get(address(question)).text
    answer = make_answer(session, question)
    session.commit()

    answered = hers.get(address(question)).text
    accept(hers, answer)
    solved = hers.get(address(question)).text

    assert "덧붙이기" in waiting
    assert "아직 안 돼요" not in waiting
    assert "이 답으로 해결됐어요" in answered
    assert "아직 안 돼요, 더 물어볼게요" in answered
    assert "새로 약속한 시간까지 다시 답해 드려요." in answered
    assert "다른 것 물어보기" in solved
    assert "나도 질문하기" not in solved


def test_who_answers_or_accepts_has_read_their_notices_of_it(
    session: Session, sign_in: SignIn, question: Question, asker: User, mentor: User
) -> None:
    other = make_question(session, asker=asker, owner=mentor)
    for row in (question, other):
        tell(session, mentor, row)
    session.commit()

    reply(sign_in(mentor), question)
    session.expire_all()
    his = [notice.read_at is not None for notice in notices(session, mentor.id)]
    unread = [notice.read_at is None for notice in notices(session, asker.id)]
    accept(sign_in(asker), session.scalars(select(Post)).one())

    session.expire_all()
    assert (his, unread) == ([True, False], [True])
    assert [notice.read_at is not None for notice in notices(session, asker.id)] == [True]


def tell(session: Session, user: User, question: Question) -> None:
    notify(
        session,
        user_id=user.id,
        cause=f"question:{question.id}",
        message="question-asked",
        values={"title": question.title, "by": "오늘 오후 3시"},
        path=address(question),
        now=clock.now(),
    )
