"""Threads go to another board, into each other and apart: nothing is lost, and old addresses lead on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import merging, moving, reports
from portal.community.models import (
    Board,
    Follow,
    Post,
    PostKind,
    Question,
    QuestionState,
    Routing,
    Talk,
    Thread,
)
from portal.community.moderation_models import ModerationLine, Report, ReportReason
from portal.core import clock, db
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_comment, make_mentor, make_question, make_talk, make_user

SignIn = Callable[[User], Browser]
WHY = "같은 것을 묻고 있어요."


@pytest.fixture
def moderator(session: Session, sign_in: SignIn) -> Browser:
    return sign_in(make_user(session, Role.TRAINER))


def told(session: Session, user_id: int) -> str:
    return " / ".join(session.scalars(select(Notice.sentence).where(Notice.user_id == user_id)))


def address(thread: Thread, what: str) -> str:
    return f"/desk/texts/thread/{thread.id}/{what}"


def test_a_talk_that_becomes_a_question_gets_an_owner_and_a_promise(
    session: Session, client: Browser, moderator: Browser
) -> None:
    mentor = make_mentor(session, topics=(Topic.DELIVERY,))
    talk = make_talk(session, title="택배가 자꾸 늦어요", at=NOW - timedelta(days=9))
    talk_id, author_id = talk.id, talk.author_id
    author = session.get_one(User, author_id)
    mine = make_comment(session, talk, author=author, at=NOW - timedelta(days=8)).id
    helped = make_comment(session, talk, author=make_user(session, Role.MENTOR)).id
    mentor_id = mentor.id
    session.commit()

    page = moderator.get(address(talk, "move"))
    sent = moderator.send(address(talk, "move"), {"board": "questions", "topic": "delivery", "reason": WHY})

    session.expunge_all()
    question = session.get_one(Question, talk_id)
    assert (page.status_code, sent.status_code) == (200, 302)
    assert (question.owner_id, question.topic, question.state) == (
        mentor_id,
        "delivery",
        QuestionState.WAITING,
    )
    assert question.promised_at > clock.now()
    assert question.posts_count == 2
    kinds = {post.id: post.kind for post in session.scalars(select(Post))}
    assert kinds == {mine: PostKind.FOLLOW_UP, helped: PostKind.ANSWER}
    assert session.get_one(Post, mine).created_at == NOW - timedelta(days=8)
    assert session.scalars(select(Routing.owner_id)).all() == [mentor_id]
    assert WHY in told(session, author_id)
    assert "까지 답해 주세요" in told(session, mentor_id)
    assert client.get(f"/community/questions/{talk_id}/").status_code == 200
    line = session.scalars(select(ModerationLine)).one()
    assert (line.action, line.detail, line.reason) == ("moved", "자유 이야기 → 질문", WHY)


def test_a_question_that_becomes_a_talk_has_neither_owner_nor_promise(
    session: Session, moderator: Browser
) -> None:
    question = make_question(session)
    answer = make_answer(session, question)
    answer.accepted_at, answer.accepted_by_id = NOW, question.author_id
    question_id = question.id
    session.commit()

    moderator.send(address(question, "move"), {"board": "talk", "reason": WHY})

    session.expunge_all()
    talk = session.get_one(Thread, question_id)
    assert isinstance(talk, Talk)
    assert talk.posts_count == 1
    assert [(post.kind, post.accepted_at) for post in session.scalars(select(Post))] == [("comment", None)]
    row = session.execute(select(Thread.__table__)).mappings().one()
    assert [row[name] for name in ("owner_id", "promised_at", "remind_at", "state")] == [None] * 4


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"board": "talk", "reason": ""}, "까닭을 한 줄 적어 주세요."),
        ({"board": "", "reason": WHY}, "옮길 곳을 골라 주세요."),
        ({"board": "stories", "reason": WHY}, "보이는 것 가운데에서 골라 주세요."),
    ],
)
def test_a_move_without_shape_is_refused(
    session: Session, moderator: Browser, data: dict[str, str], sentence: str
) -> None:
    question = make_question(session)
    session.commit()

    page = moderator.send(address(question, "move"), data)

    assert page.status_code == 422
    assert sentence in page.text
    assert session.get_one(Thread, question.id).board == Board.QUESTIONS


def test_a_talk_becomes_no_question_without_a_topic_or_a_mentor(session: Session, moderator: Browser) -> None:
    talk = make_talk(session)
    session.commit()
    topicless = moderator.send(address(talk, "move"), {"board": "questions", "reason": WHY})
    nobody = moderator.send(address(talk, "move"), {"board": "questions", "topic": "phone", "reason": WHY})

    assert "무엇에 관한 질문인지 골라 주세요" in topicless.text
    assert (topicless.status_code, nobody.status_code) == (422, 409)
    assert session.get_one(Thread, talk.id).board == Board.TALK


@pytest.mark.parametrize("what", ["move", "merge", "split"])
def test_a_private_question_stays(session: Session, moderator: Browser, what: str) -> None:
    private, other = make_question(session, is_private=True), make_question(session)
    post = make_answer(session, private)
    session.commit()
    data = {"board": "talk", "into": str(other.id), "posts": str(post.id), "title": "새 글이에요"}

    page = moderator.send(address(private, what), {**data, "reason": WHY})

    assert page.status_code == 409
    assert moving.STAYS in page.text


def test_merging_keeps_every_text_with_its_date_and_leads_on(
    session: Session, client: Browser, moderator: Browser
) -> None:
    into = make_question(session, title="사진이 흐려요", at=NOW - timedelta(days=5))
    thread = make_question(
        session,
        title="사진이 뿌예요",
        at=NOW - timedelta(days=4),
        picture_key="a" * 64,
        picture_opened_at=NOW,
    )
    late = make_answer(session, into, at=NOW - timedelta(days=1), text="나중에 온 답이에요.")
    early = make_answer(session, thread, at=NOW - timedelta(days=3), text="먼저 온 답이에요.")
    follower = make_user(session)
    session.add(Follow(thread_id=thread.id, user_id=follower.id, created_at=NOW))
    into.posts_count = thread.posts_count = 1
    session.commit()
    old, new = (f"/community/questions/{each.id}/" for each in (thread, into))

    sent = moderator.send(address(thread, "merge"), {"into": f"http://localhost{new}", "reason": WHY})
    leads, page = client.get(old), client.get(new).text

    session.refresh(into)
    posts = session.scalars(select(Post).where(Post.thread_id == into.id).order_by(Post.created_at)).all()
    assert sent.headers["Location"] == new
    assert (leads.status_code, leads.headers["Location"]) == (301, new)
    assert [post.created_at for post in posts] == [NOW - timedelta(days=days) for days in (4, 3, 1)]
    assert (posts[0].picture_key, posts[0].picture_opened_at) == ("a" * 64, NOW)
    assert {posts[1].id, posts[2].id} == {early.id, late.id}
    assert page.index("사진이 뿌예요") < page.index("먼저 온 답이에요.") < page.index("나중에 온 답이에요.")
    assert (into.posts_count, into.same_count, into.last_post_at) == (3, 1, NOW - timedelta(days=1))
    assert set(session.scalars(select(Follow.user_id).where(Follow.thread_id == into.id))) == {
        follower.id,
        thread.author_id,
    }
    assert "사진이 뿌예요" not in client.get("/community/").text
    assert WHY in told(session, thread.author_id)
    assert session.scalars(select(ModerationLine.detail).order_by(ModerationLine.id)).all() == [
        f"→ {into.id}",
        f"← {thread.id}",
    ]


def test_an_address_merged_twice_leads_to_the_last(
    session: Session, client: Browser, moderator: Browser
) -> None:
    first, second, third = (make_question(session) for _ in range(3))
    session.commit()

    moderator.send(address(first, "merge"), {"into": str(second.id), "reason": WHY})
    moderator.send(address(second, "merge"), {"into": str(third.id), "reason": WHY})

    leads = client.get(f"/community/questions/{first.id}/").headers["Location"]
    assert leads == f"/community/questions/{third.id}/"
    assert client.get(f"/community/threads/{second.id}/").headers["Location"] == leads
    assert session.scalar(select(func.count()).select_from(Post).where(Post.thread_id == third.id)) == 2


@pytest.mark.parametrize(
    ("into", "status"), [("", 422), ("이 주소가 아니에요", 404), ("99999", 404), ("itself", 422)]
)
def test_a_merge_into_nothing_is_refused(
    session: Session, moderator: Browser, into: str, status: int
) -> None:
    question = make_question(session)
    session.commit()
    into = str(question.id) if into == "itself" else into

    page = moderator.send(address(question, "merge"), {"into": into, "reason": WHY})

    assert page.status_code == status
    session.refresh(question)
    assert question.moved_to_id is None


def test_what_waits_to_be_looked_at_is_not_merged(session: Session, moderator: Browser) -> None:
    question, into = make_question(session), make_question(session)
    reports.report(
        session, question, make_user(session), reason=ReportReason.WRONG, words="", path="/q", now=NOW
    )
    session.commit()

    page = moderator.send(address(question, "merge"), {"into": str(into.id), "reason": WHY})

    assert page.status_code == 409
    assert "먼저 ‘살펴볼 글’에서 정해 주세요" in page.text


def test_eight_merges_at_once_in_both_directions_lose_nothing(committed: Session, race: Any) -> None:
    one, other = make_question(committed), make_question(committed)
    for question in (one, other):
        make_answer(committed, question)
    ids, moderator_id = (one.id, other.id), make_user(committed, Role.TRAINER).id
    committed.commit()

    def press(number: int) -> int:
        thread_id, into_id = ids if number % 2 else ids[::-1]
        with db.transaction() as session:
            return merging.merge(
                session,
                session.get_one(Thread, thread_id),
                into_id,
                session.get_one(User, moderator_id),
                reason=WHY,
                path_of=lambda thread: f"/q/{thread.id}",
                now=clock.now(),
            ).id

    race([lambda number=number: press(number) for number in range(8)])

    committed.expire_all()
    moved = committed.scalars(select(Thread).where(Thread.moved_to_id.is_not(None))).all()
    assert len(moved) == 1
    assert set(committed.scalars(select(Post.thread_id))) == {moved[0].moved_to_id}
    assert committed.scalar(select(func.count()).select_from(Post)) == 3


def test_splitting_makes_a_question_of_its_own_with_an_owner(
    session: Session, client: Browser, moderator: Browser
) -> None:
    question = make_question(session)
    stays = make_answer(session, question, text="처음 질문의 답이에요.", at=NOW)
    first = make_answer(
        session, question, kind=PostKind.FOLLOW_UP, text="택배는 어떻게 보내요?", at=NOW + timedelta(hours=1)
    )
    rest = make_answer(session, question, text="상자에 얼음을 넣으세요.", at=NOW + timedelta(hours=2))
    reports.report(session, rest, make_user(session), reason=ReportReason.WRONG, words="", path="/q", now=NOW)
    question.posts_count = 3
    question_id, asker_id, rest_id, stays_id = question.id, question.author_id, rest.id, stays.id
    session.commit()

    page = moderator.get(address(question, "split")).text
    sent = moderator.send(
        address(question, "split"),
        {"posts": [str(rest.id), str(first.id)], "title": "택배 보내는 법", "reason": WHY},
    )

    session.expunge_all()
    made = session.scalars(select(Question).order_by(Question.id.desc()).limit(1)).one()
    assert "택배는 어떻게 보내요?" in page
    assert sent.headers["Location"] == f"/community/questions/{made.id}/"
    assert (made.title, made.text_markdown, made.author_id) == (
        "택배 보내는 법",
        "택배는 어떻게 보내요?",
        asker_id,
    )
    assert (made.created_at, made.posts_count, made.state) == (NOW + timedelta(hours=1), 1, "waiting")
    assert made.promised_at > clock.now()
    assert session.get_one(Post, rest_id).thread_id == made.id
    assert session.get_one(Post, stays_id).thread_id == question_id
    assert session.get_one(Question, question_id).posts_count == 1
    assert session.scalars(select(Report.post_id)).all() == [rest_id]
    assert "상자에 얼음을 넣으세요." in client.get(sent.headers["Location"]).text
    assert "까지 답해 주세요" in told(session, made.owner_id)


def test_a_report_about_a_post_is_about_the_thread_it_becomes(session: Session, moderator: Browser) -> None:
    talk = make_talk(session)
    comment = make_comment(session, talk)
    session.add(
        Report(
            post_id=comment.id,
            reporter_id=talk.author_id,
            reason=ReportReason.WRONG,
            words="",
            created_at=NOW,
        )
    )
    session.commit()

    moderator.send(
        address(talk, "split"), {"posts": str(comment.id), "title": "다른 이야기예요", "reason": WHY}
    )

    session.expunge_all()
    made = session.scalars(select(Talk).order_by(Talk.id.desc()).limit(1)).one()
    assert session.scalars(select(Report.thread_id)).all() == [made.id]
    assert session.scalars(select(Post)).all() == []


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"posts": "99999", "title": "새 글이에요"}, "보이는 것 가운데에서 골라 주세요."),
        ({"title": "새 글이에요"}, "나눌 글을 하나 이상 골라 주세요."),
        ({"title": ""}, "새 글의 제목을 적어 주세요."),
    ],
)
def test_a_split_without_posts_or_title_is_refused(
    session: Session, moderator: Browser, data: dict[str, str], sentence: str
) -> None:
    question = make_question(session)
    make_answer(session, question)
    session.commit()

    page = moderator.send(address(question, "split"), {**data, "reason": WHY})

    assert page.status_code == 422
    assert sentence in page.text


@pytest.mark.parametrize("what", ["move", "merge", "split"])
@pytest.mark.parametrize("role", [Role.MERCHANT, Role.MENTOR])
def test_only_moderators_move(session: Session, sign_in: SignIn, what: str, role: Role) -> None:
    question = make_question(session)
    session.commit()

    assert sign_in(make_user(session, role)).send(address(question, what), {"reason": WHY}).status_code == 403
