import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import queries
from portal.community.activity import Place
from portal.community.models import PostKind, QuestionState
from portal.core import clock
from portal.core.roles import Role
from tests.conftest import NOW, Browser
from tests.factories import make_answer, make_mentor, make_question, make_user

SignIn = Callable[[User], Browser]


def test_anybody_reads_questions_but_not_the_askers_name(
    session: Session, client: Browser, sign_in: SignIn
) -> None:
    asker = make_user(session, name="김순자")
    question = make_question(session, asker=asker, owner=make_mentor(session, name="박정호"))
    make_answer(session, question, kind=PostKind.FOLLOW_UP)
    session.commit()
    page = f"/community/questions/{question.id}/"

    for path in ("/community/", page):
        theirs, members = client.get(path).text, sign_in(make_user(session)).get(path).text
        assert re.search(r"김\*자\s님", theirs)
        assert "김순자" not in theirs
        assert re.search(r"김순자\s님", members)
    assert "박정호 멘토님이" in client.get(page).text


def test_questions_are_listed_by_state_and_topic(session: Session, client: Browser) -> None:
    make_question(session, title="기다리는 질문이에요")
    make_question(session, title="답이 온 질문이에요", state=QuestionState.ANSWERED)
    make_question(session, title="해결된 질문이에요", state=QuestionState.ACCEPTED, topic=Topic.PHONE)
    session.commit()

    everything, waiting, solved, phones = (
        client.get(f"/community/{path}").text
        for path in ("questions/", "questions/?state=waiting", "questions/?state=accepted", "phone/")
    )

    for title in ("기다리는 질문이에요", "답이 온 질문이에요", "해결된 질문이에요"):
        assert title in everything
    assert "기다리는 질문이에요" in waiting
    assert "답이 온 질문이에요" not in waiting
    assert "해결된 질문이에요" in solved
    assert "기다리는 질문이에요" not in solved
    assert "해결된 질문이에요" in phones
    assert "기다리는 질문이에요" not in phones
    for badge in ("답변 대기", "답변 있음", "해결됨"):
        assert badge in everything


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense",
        "before=x",
        "before=-1",
        "before=99999999999999999999-1",
        "before=1-99999999999",
        "before=²-1",
    ],
)
@pytest.mark.parametrize("board", ["questions", "phone", "talk", "promotion", "stories"])
def test_odd_addresses_show_a_list(session: Session, client: Browser, board: str, query: str) -> None:
    assert client.get(f"/community/{board}/?{query}").status_code == 200


def test_an_unknown_board_or_question_is_not_found(session: Session, client: Browser) -> None:
    for path in (
        "/community/cooking/",
        "/community/questions/99999/",
        "/community/questions/99999999999999999999/",
    ):
        assert client.get(path).status_code == 404


def test_an_empty_list_says_what_to_do(session: Session, client: Browser) -> None:
    page = client.get("/community/questions/").text

    assert "여기에는 아직 질문이 없어요" in page
    assert "질문하기" in page


def test_every_question_is_on_exactly_one_page(session: Session, client: Browser) -> None:
    owner = make_mentor(session)
    made = [make_question(session, owner=owner, title=f"질문 {number:03}번").title for number in range(45)]
    session.commit()

    seen: list[str] = []
    before: Place | None = None
    while True:
        lines = queries.list_questions(session, None, before=before, now=NOW)
        seen += [line.title for line in lines[: queries.PAGE_SIZE]]
        if len(lines) <= queries.PAGE_SIZE:
            break
        before = lines[queries.PAGE_SIZE - 1].place

    assert seen == made[::-1]
    first = client.get("/community/questions/?state=waiting").text
    assert "state=waiting&amp;before=" in first
    assert first.count("rows__item") == queries.PAGE_SIZE


def test_the_pages_ask_the_database_equally_often_for_ten_and_for_a_hundred(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    asker, mentor = make_user(session), make_mentor(session)
    browser = sign_in(asker)
    question = make_question(session, asker=asker, owner=mentor)
    browser.get(f"/community/questions/{question.id}/")  # the first visit notes itself
    counted: list[tuple[str, int]] = []
    for _ in range(2):
        for _ in range(9 if not counted else 90):
            make_question(session, asker=make_user(session), owner=make_mentor(session))
            make_answer(session, question, author_id=make_user(session, Role.TRAINER).id)
        session.commit()
        count_queries()
        for path in (
            "/community/",
            "/community/questions/",
            f"/community/questions/{question.id}/",
            "/community/ask",
        ):
            assert browser.get(path).status_code == 200
            counted.append((path, count_queries()))

    assert counted[:4] == counted[4:]
    assert max(count for _, count in counted) <= 15


def test_a_home_shows_answers_to_read_first(session: Session) -> None:
    asker = make_user(session)
    for state in (QuestionState.ANSWERED, QuestionState.WAITING, QuestionState.ACCEPTED):
        for number in range(2):
            make_question(session, asker=asker, title=f"{state} {number}", state=state)
    make_question(session)

    lines = queries.list_my_questions(session, asker, now=clock.now())

    assert [line.title for line in lines] == [
        "answered 1",
        "answered 0",
        "waiting 1",
        "waiting 0",
        "accepted 1",
    ]


def test_a_mentor_sees_what_is_theirs_by_promise(session: Session) -> None:
    mentor = make_mentor(session)
    later = make_question(session, owner=mentor, promised_at=NOW + timedelta(hours=9), at=NOW)
    sooner = make_question(session, owner=mentor, promised_at=NOW + timedelta(hours=2), at=NOW)
    make_question(session, owner=mentor, state=QuestionState.ANSWERED)
    make_question(session)

    lines = queries.list_owned_questions(session, mentor, now=NOW + timedelta(hours=3))

    assert [(line.id, line.is_late) for line in lines] == [(sooner.id, True), (later.id, False)]


@pytest.mark.parametrize(
    ("role", "private", "held", "hidden"),
    [
        (None, 404, 404, 404),
        (Role.MERCHANT, 404, 404, 404),
        (Role.MENTOR, 200, 404, 404),
        (Role.TRAINER, 200, 200, 200),
        (Role.OPERATOR, 200, 200, 200),
    ],
)
def test_private_held_and_hidden_questions_are_for_few(
    session: Session,
    client: Browser,
    sign_in: Callable[[User], Browser],
    role: Role | None,
    private: int,
    held: int,
    hidden: int,
) -> None:
    questions = {
        "private": make_question(session, title="내 매출이 보여요", is_private=True),
        "held": make_question(session, title="처음 적는 글이에요", held_at=NOW),
        "hidden": make_question(session, title="가려진 글이에요", hidden_at=NOW),
    }
    reader = client if role is None else sign_in(make_user(session, role))

    for question, status in zip(questions.values(), (private, held, hidden), strict=True):
        assert reader.get(f"/community/questions/{question.id}/").status_code == status
        assert (question.title in reader.get("/community/").text) == (status == 200)
        asker = session.get_one(User, question.author_id)
        assert sign_in(asker).get(f"/community/questions/{question.id}/").status_code == 200
