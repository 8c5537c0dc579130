"""One queue for what waits, one decision for each text, and everybody who is concerned is told."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import holding, moderation, reports, reviews, texts
from portal.community.models import Post, Question, QuestionState
from portal.community.moderation import Decision, Paths
from portal.community.moderation_models import ModerationLine, ReportReason, ReviewItem, ReviewState
from portal.core import clock, db
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]
PATHS = Paths(text="/q", elsewhere="/")


def report(session: Session, text: Question | Post, reporter: User | None = None) -> ReviewItem:
    reports.report(
        session,
        text,
        reporter or make_user(session),
        reason=ReportReason.WRONG,
        words="",
        path="/q",
        now=clock.now(),
    )
    return session.scalars(select(ReviewItem).order_by(ReviewItem.id.desc()).limit(1)).one()


def held(session: Session, **columns: Any) -> Question:
    question = make_question(session, **columns)
    holding.hold_newcomers(session, question, now=clock.now())
    assert question.held_at is not None
    session.commit()
    return question


def told(session: Session, user_id: int) -> list[str]:
    return list(session.scalars(select(Notice.sentence).where(Notice.user_id == user_id).order_by(Notice.id)))


def decide(browser: Browser, item: ReviewItem, state: str, reason: str = "", stamp: str = "") -> Any:
    stamp = stamp or f"{item.version}-0"
    return browser.send(f"/desk/review/{item.id}", {"state": state, "reason": reason, "stamp": stamp})


@pytest.mark.parametrize(
    ("state", "reason", "status", "said"),
    [
        ("approved", "", 200, "문제를 찾지 못해 그대로 두었어요"),
        ("hidden", "광고예요.", 404, "살펴보고 가렸어요"),
        ("ignored", "", 200, None),
    ],
)
def test_a_decision_about_a_report_is_told_and_kept(
    session: Session,
    client: Browser,
    sign_in: SignIn,
    state: str,
    reason: str,
    status: int,
    said: str | None,
) -> None:
    question, reporter = make_question(session), make_user(session)
    item = report(session, question, reporter)
    moderator = sign_in(make_user(session, Role.TRAINER, name="이수민"))

    page = moderator.get(f"/desk/review/{item.id}").text
    answer = decide(moderator, item, state, reason)

    session.refresh(item)
    assert "정하기" in page
    assert (answer.status_code, item.state) == (302, state)
    assert client.get(f"/community/questions/{question.id}/").status_code == status
    assert [said in sentence for sentence in told(session, reporter.id) if said] == [True] * (
        said is not None
    )
    assert ("까닭: 광고예요." in "".join(told(session, question.author_id))) == (state == "hidden")
    assert "이수민 님이" in moderator.get(f"/desk/review/{item.id}").text


def test_what_three_people_put_aside_comes_back_when_their_word_is_ignored(session: Session) -> None:
    question, moderator = make_question(session), make_user(session, Role.OPERATOR)
    for _ in range(3):
        item = report(session, question)
    assert question.hidden_at is not None

    decision = Decision(ReviewState.IGNORED, "", moderation.stamp(item, question))
    moderation.decide(session, item, question, moderator, decision, paths=PATHS, now=clock.now())

    assert question.hidden_at is None


def test_what_a_moderator_hid_stays_when_an_objection_is_ignored_and_comes_back_when_heard(
    session: Session,
) -> None:
    question, moderator = make_question(session), make_user(session, Role.OPERATOR)
    author = session.get_one(User, question.author_id)
    moderation.hide(session, question, moderator, reason="광고예요.", paths=PATHS, now=clock.now())
    reports.object_to_hiding(session, question, author, words="아니에요.", now=clock.now())
    item = session.scalars(select(ReviewItem)).one()

    ignored = Decision(ReviewState.IGNORED, "", moderation.stamp(item, question))
    moderation.decide(session, item, question, moderator, ignored, paths=PATHS, now=clock.now())
    stays = question.hidden_at
    moderation.show(session, question, moderator, reason="다시 보니 괜찮아요.", paths=PATHS, now=clock.now())

    assert stays is not None
    assert question.hidden_at is None


def test_hiding_needs_a_reason(session: Session, sign_in: SignIn) -> None:
    item = report(session, make_question(session))

    page = decide(sign_in(make_user(session, Role.TRAINER)), item, "hidden")

    session.refresh(item)
    assert page.status_code == 422
    assert "가리는 까닭을 한 줄 적어 주세요." in page.text
    assert item.state == ReviewState.PENDING


def test_the_second_moderator_is_told_who_decided_what(session: Session, sign_in: SignIn) -> None:
    item = report(session, make_question(session))
    first = sign_in(make_user(session, Role.TRAINER, name="이수민"))
    second = sign_in(make_user(session, Role.OPERATOR))

    decide(first, item, "approved")
    page = decide(second, item, "hidden", "광고예요.", stamp="1-0")

    assert page.status_code == 409
    assert "이수민 님이" in page.text
    assert "정했어요: 보이게 둠." in page.text


def test_a_decision_about_what_has_changed_meanwhile_is_refused(session: Session, sign_in: SignIn) -> None:
    question = make_question(session)
    item = report(session, question)
    seen = moderation.stamp(item, question)
    report(session, question)
    moderator = sign_in(make_user(session, Role.TRAINER))

    more_reports = decide(moderator, item, "approved", stamp=seen)
    question.edited_at = clock.now()
    session.commit()
    edited = decide(moderator, item, "approved", stamp="2-0")

    assert (more_reports.status_code, edited.status_code) == (409, 409)
    assert "다시 보고 정해 주세요" in edited.text
    assert moderation.stamp(item, question) in edited.text


def test_eight_moderators_at_once_make_one_decision(committed: Session, race: Any) -> None:
    question = make_question(committed)
    item_id, question_id = report(committed, question).id, question.id
    moderators = [make_user(committed, Role.TRAINER).id for _ in range(8)]
    committed.commit()

    def press(number: int) -> str:
        with db.transaction() as session:
            text = session.get_one(Question, question_id)
            state = ReviewState.HIDDEN if number % 2 else ReviewState.APPROVED
            moderation.decide(
                session,
                session.get_one(ReviewItem, item_id),
                text,
                session.get_one(User, moderators[number]),
                Decision(state, "까닭이에요.", "1-0"),
                paths=PATHS,
                now=clock.now(),
            )
            return state

    answers = race([lambda number=number: press(number) for number in range(8)])

    committed.expire_all()
    decided = [answer for answer in answers if isinstance(answer, str)]
    assert len(decided) == 1
    assert all(isinstance(answer, ConflictError) for answer in answers if answer not in decided)
    item = committed.get_one(ReviewItem, item_id)
    assert (item.state, item.version) == (decided[0], 2)
    hidden = committed.get_one(Question, question_id).hidden_at is not None
    assert hidden == (decided[0] == ReviewState.HIDDEN)
    assert committed.scalar(select(func.count()).select_from(ModerationLine)) == int(hidden)


def test_a_mentor_decides_first_questions_of_their_topics_only(session: Session, sign_in: SignIn) -> None:
    mentor = make_mentor(session, topics=(Topic.DELIVERY,))
    theirs = held(session, topic=Topic.DELIVERY, title="배송이 궁금해요")
    others = held(session, topic=Topic.LIVE, title="방송이 궁금해요")
    report(session, make_question(session, topic=Topic.DELIVERY, title="신고된 글이에요"))
    browser = sign_in(mentor)
    items = {item.thread_id: item for item in session.scalars(select(ReviewItem))}

    page = browser.get("/desk/review/").text
    refused = decide(browser, items[others.id], "approved")
    released = decide(browser, items[theirs.id], "approved")

    session.refresh(theirs)
    assert "배송이 궁금해요" in page
    assert "방송이 궁금해요" not in page
    assert "신고된 글이에요" not in page
    assert (refused.status_code, released.status_code) == (404, 302)
    assert theirs.held_at is None
    assert "이제 모두 볼 수 있어요" in "".join(told(session, theirs.author_id))


@pytest.mark.parametrize("role", [Role.MERCHANT, Role.TRAINEE])
def test_the_queue_is_for_staff(session: Session, sign_in: SignIn, role: Role) -> None:
    item = report(session, make_question(session))
    browser = sign_in(make_user(session, role))

    assert browser.get("/desk/review/").status_code == 403
    assert decide(browser, item, "hidden", "까닭").status_code == 403
    assert browser.get(f"/desk/texts/thread/{item.thread_id}").status_code == 403


def test_the_queue_is_oldest_first_paged_by_topic_and_asks_little(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    moderator = make_user(session, Role.OPERATOR)
    browser = sign_in(moderator)
    owner, counted = make_mentor(session), []
    for count in (10, 60):
        for number in range(count):
            topic = Topic.LIVE if number % 2 else Topic.PHONE
            report(session, make_question(session, owner=owner, topic=topic), make_user(session))
        session.commit()
        count_queries()
        browser.get("/desk/review/")
        counted.append(count_queries())

    seen, after = [], 0
    while lines := reviews.list_waiting(session, moderator, after_id=after):
        seen += [line.id for line in lines[: reviews.PAGE_SIZE]]
        after = seen[-1]
    live = reviews.list_waiting(session, moderator, topic=Topic.LIVE)

    assert seen == sorted(seen)
    assert len(seen) == 70
    assert {line.topic for line in live} == {"라이브"}
    assert counted[0] == counted[1] < 15
    page = browser.get("/desk/review/?topic=live").text
    assert "topic=live&amp;after=" in page


def test_hiding_an_answer_takes_it_from_every_page_and_the_question_waits_again(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    question = make_question(session)
    answer = make_answer(session, question, text="계좌로 먼저 보내세요.")
    question.posts_count, question.state = 1, QuestionState.ACCEPTED
    answer.accepted_at, answer.accepted_by_id = clock.now(), question.author_id
    session.commit()
    moderator, page = sign_in(make_user(session, Role.TRAINER)), f"/community/questions/{question.id}/"
    desk = f"/desk/texts/post/{answer.id}"

    hidden = moderator.send(desk, {"do": "hide", "reason": "사기 같아요."})
    session.refresh(question)
    session.refresh(answer)
    strangers, authors = (
        client.get(page).text,
        sign_in(session.get_one(User, answer.author_id)).get(page).text,
    )

    assert hidden.status_code == 302
    assert "계좌로 먼저 보내세요." not in strangers
    assert "계좌로 먼저 보내세요." in authors
    assert "가려진 글이에요" in authors
    assert (question.state, question.posts_count) == (QuestionState.WAITING, 0)
    assert session.scalar(select(Post.accepted_at).where(Post.id == answer.id)) is None
    assert question.promised_at > clock.now()
    assert "사기 같아요." in moderator.get(desk).text

    shown = moderator.send(desk, {"do": "show", "reason": "다시 보니 괜찮아요."})
    session.refresh(question)
    assert shown.status_code == 302
    assert "계좌로 먼저 보내세요." in client.get(page).text
    assert question.posts_count == 1
    assert [name for name, _, _ in log(session, answer)] == ["showed", "hid"]


def log(session: Session, text: Post) -> list[tuple[str, str, str]]:
    return [(line.action.value, line.reason, name) for line, name in moderation.list_log(session, text)]


def test_hiding_twice_tells_once(session: Session) -> None:
    question, moderator = make_question(session), make_user(session, Role.OPERATOR)

    for _ in range(2):
        moderation.hide(session, question, moderator, reason="광고예요.", paths=PATHS, now=clock.now())

    assert len(told(session, question.author_id)) == 1
    assert texts.get_text(session, moderator, thread_id=question.id) is question


def test_the_staffs_desk_says_how_much_waits(session: Session, sign_in: SignIn) -> None:
    report(session, make_question(session))

    assert "살펴볼 글 1건" in sign_in(make_user(session, Role.TRAINER)).get("/desk/").text
    assert "살펴볼 글이 없어요" in sign_in(make_mentor(session)).get("/desk/work/questions").text
