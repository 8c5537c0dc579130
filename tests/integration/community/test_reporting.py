"""Anybody says that a text is wrong; three people's word puts it aside until a moderator has looked."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import limits, reports
from portal.community.models import Post, Question, Thread
from portal.community.moderation_models import Report, ReportReason, ReviewCause, ReviewItem, ReviewState
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_question, make_user

SignIn = Callable[[User], Browser]
THANKS = "알려 주셔서 고맙습니다. 살펴보고 알림으로 답해 드릴게요."


def say(browser: Browser, path: str, **changes: str) -> Any:
    return browser.send(path, {"reason": "fraud", "words": "돈을 먼저 보내래요.", **changes})


def give(session: Session, text: Thread | Post, reporter: User) -> Report:
    return reports.report(
        session, text, reporter, reason=ReportReason.WRONG, words="", path="/q", now=clock.now()
    )


def told(session: Session, user_id: int) -> list[str]:
    return list(session.scalars(select(Notice.sentence).where(Notice.user_id == user_id).order_by(Notice.id)))


@pytest.fixture
def question(session: Session) -> Question:
    made = make_question(session)
    session.commit()
    return made


def test_the_page_has_six_reasons_and_one_line_and_thanks(
    session: Session, sign_in: SignIn, question: Question
) -> None:
    browser, path = sign_in(make_user(session)), f"/community/report/thread/{question.id}"

    linked = browser.get(f"/community/questions/{question.id}/").text
    page = browser.get(path).text
    sent = say(browser, path)
    after = browser.get(sent.headers["Location"]).text

    assert f'href="{path}"' in linked
    assert page.count('type="radio"') == len(ReportReason) == 6
    assert question.text_html in page
    assert THANKS in after
    report, item = session.scalars(select(Report)).one(), session.scalars(select(ReviewItem)).one()
    assert (report.thread_id, report.reason, report.words) == (question.id, "fraud", "돈을 먼저 보내래요.")
    assert (item.thread_id, item.cause, item.state) == (question.id, "reported", "pending")


def test_a_post_is_reported_alike(session: Session, sign_in: SignIn, question: Question) -> None:
    answer = make_answer(session, question)
    browser = sign_in(make_user(session))

    say(browser, f"/community/report/post/{answer.id}")

    assert session.scalars(select(ReviewItem.post_id)).all() == [answer.id]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"reason": ""}, "무엇이 잘못됐는지 골라 주세요."), ({"words": "가" * 301}, "300자까지")],
)
def test_a_report_without_shape_is_refused_and_kept(
    session: Session, sign_in: SignIn, question: Question, changes: dict[str, str], sentence: str
) -> None:
    page = say(sign_in(make_user(session)), f"/community/report/thread/{question.id}", **changes)

    assert page.status_code == 422
    assert sentence in page.text
    assert session.scalars(select(Report)).all() == []


def test_one_person_reports_a_text_once(session: Session, sign_in: SignIn, question: Question) -> None:
    browser, path = sign_in(make_user(session)), f"/community/report/thread/{question.id}"

    answers = [say(browser, path).status_code for _ in range(2)]

    assert answers == [302, 409]
    assert "이미 알려 주셨어요" in browser.get(path).text
    assert session.scalar(select(func.count()).select_from(Report)) == 1


def test_nobody_reports_their_own_text(session: Session, question: Question) -> None:
    with pytest.raises(ConflictError, match="내가 쓴 글"):
        give(session, question, session.get_one(User, question.author_id))


def test_the_third_word_puts_it_aside_and_tells_the_author_once(
    session: Session, client: Browser, question: Question
) -> None:
    page = f"/community/questions/{question.id}/"
    for _ in range(2):
        give(session, question, make_user(session))
    before = client.get(page).status_code

    for _ in range(2):
        give(session, question, make_user(session))

    assert (before, client.get(page).status_code) == (200, 404)
    assert question.title not in client.get("/community/").text
    assert ["잠시 가리고 살펴보고 있어요" in sentence for sentence in told(session, question.author_id)] == [
        True
    ]
    assert session.scalars(select(ReviewItem.cause)).all() == [ReviewCause.REPORTED]


def test_words_from_before_a_decision_do_not_count_again(session: Session, question: Question) -> None:
    for _ in range(2):
        give(session, question, make_user(session))
    item = session.scalars(select(ReviewItem)).one()
    item.state, item.decided_at, item.decided_by_id = ReviewState.APPROVED, clock.now(), question.owner_id
    session.flush()

    give(session, question, make_user(session))

    assert question.hidden_at is None
    assert session.scalars(select(ReviewItem.state).order_by(ReviewItem.id)).all() == ["approved", "pending"]


def test_the_author_of_a_hidden_text_asks_for_another_look(
    session: Session, sign_in: SignIn, question: Question
) -> None:
    question.hidden_at = NOW
    author = sign_in(session.get_one(User, question.author_id))
    path = f"/community/report/thread/{question.id}"

    notice = author.get(f"/community/questions/{question.id}/").text
    page = author.get(path).text
    empty, sent = author.send(path, {"words": " "}), author.send(path, {"words": "광고가 아니에요."})

    assert "까닭 보기, 다시 봐 주세요" in notice
    assert "쓰신 글을 가려 두었어요" in page
    assert (empty.status_code, sent.status_code) == (422, 302)
    assert session.scalars(select(ReviewItem.state)).all() == ["pending"]
    assert "다시 살펴볼게요" in author.get(path).text


def test_what_may_not_be_read_may_not_be_reported(session: Session, sign_in: SignIn) -> None:
    private = make_question(session, is_private=True)
    browser = sign_in(make_user(session))

    assert say(browser, f"/community/report/thread/{private.id}").status_code == 404
    assert say(browser, "/community/report/post/99999").status_code == 404


def test_a_visitor_is_asked_to_sign_in(client: Browser, question: Question) -> None:
    assert "/account/sign-in" in client.get(f"/community/report/thread/{question.id}").headers["Location"]


def test_eight_words_at_once_are_eight_reports_one_item_and_one_notice(committed: Session, race: Any) -> None:
    question = make_question(committed)
    question_id, author_id = question.id, question.author_id
    reporters = [make_user(committed, Role.MERCHANT).id for _ in range(8)]
    committed.commit()

    def press(reporter_id: int) -> str:
        with db.transaction() as session:
            text = session.get_one(Question, question_id)
            return give(session, text, session.get_one(User, reporter_id)).reason

    answers = race([lambda reporter_id=reporter_id: press(reporter_id) for reporter_id in reporters])

    committed.expire_all()
    assert answers == ["wrong"] * 8
    assert committed.scalar(select(func.count()).select_from(Report)) == 8
    assert committed.scalars(select(ReviewItem.version)).all() == [8]
    assert committed.get_one(Question, question_id).hidden_at is not None
    assert len(told(committed, author_id)) == 1


def test_one_person_pressing_eight_times_at_once_reports_once(committed: Session, race: Any) -> None:
    question_id, reporter_id = make_question(committed).id, make_user(committed).id
    committed.commit()

    def press() -> str:
        with db.transaction() as session:
            text = session.get_one(Question, question_id)
            return give(session, text, session.get_one(User, reporter_id)).reason

    answers = race([press] * 8)

    assert sum(isinstance(answer, ConflictError) for answer in answers) == 7
    assert committed.scalar(select(func.count()).select_from(Report)) == 1


def test_a_program_that_reports_everything_is_slowed_and_told_until_when(
    session: Session, sign_in: SignIn
) -> None:
    reporter = make_user(session)
    browser = sign_in(reporter)
    for _ in range(limits.REPORTS.most):
        give(session, make_question(session), reporter)

    page = say(browser, f"/community/report/thread/{make_question(session).id}")

    assert page.status_code == 429
    assert "부터 다시 할 수 있어요" in page.text
