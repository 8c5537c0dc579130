"""Unread marks: one row a visit, one row for all, one question to the database for a list."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import unread
from portal.community.models import AllRead, Board, Thread, ThreadRead
from portal.core import clock, db
from tests.conftest import NOW, Browser
from tests.factories import make_question, make_thread, make_user

SignIn = Callable[[User], Browser]
MARK = ">새 글<"


def count(session: Session, kind: type[ThreadRead | AllRead]) -> int:
    return session.scalar(select(func.count()).select_from(kind)) or 0


def make_many(session: Session, many: int) -> None:
    """Add many talks in one statement."""
    author = make_user(session)
    now = clock.now()
    rows = [
        {
            "board": Board.TALK,
            "author_id": author.id,
            "form_key": f"many-{author.id}-{number}",
            "title": f"이야기 {number}",
            "text_markdown": "네",
            "text_html": "<p>네</p>",
            "is_private": False,
            "created_at": now,
            "last_post_at": now - timedelta(seconds=number),
            "posts_count": 0,
            "same_count": 0,
        }
        for number in range(many)
    ]
    session.execute(insert(Thread.__table__), rows)  # type: ignore[arg-type]
    session.commit()


def test_a_visit_takes_the_mark_away_until_somebody_writes_again(session: Session, sign_in: SignIn) -> None:
    thread = make_thread(session, at=clock.now() - timedelta(hours=2))
    question = make_question(session, at=clock.now() - timedelta(hours=1))
    session.commit()
    browser = sign_in(make_user(session))
    lists = ("/community/talk/", "/community/questions/")
    assert all(MARK in browser.get(path).text for path in lists)
    assert "새 글 1개" in browser.get("/community/").text

    for _ in range(3):
        browser.get(f"/community/threads/{thread.id}/")
        browser.get(f"/community/questions/{question.id}/")

    assert count(session, ThreadRead) == 2
    assert all(MARK not in browser.get(path).text for path in lists)
    assert "모두 읽음" not in browser.get("/community/").text
    thread.last_post_at = clock.now() + timedelta(seconds=1)
    session.commit()
    assert MARK in browser.get("/community/talk/").text


def test_all_read_is_one_row_however_much_there_is(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    make_many(session, 1000)
    browser = sign_in(make_user(session))
    assert "새 글 1000개" in browser.get("/community/").text

    for _ in range(2):
        assert browser.send("/community/read").status_code == 302

    assert (count(session, AllRead), count(session, ThreadRead)) == (1, 0)
    assert "모두 읽음으로 하기" not in browser.get("/community/").text
    assert MARK not in browser.get("/community/talk/").text
    make_thread(session, at=clock.now() + timedelta(seconds=1))
    session.commit()
    assert browser.get("/community/talk/").text.count(MARK) == 1


def test_the_marks_cost_one_query_for_ten_threads_and_for_a_thousand(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    reader = make_user(session)
    browser, counted = sign_in(reader), []
    for many in (10, 990):
        make_many(session, many)
        count_queries()
        for path in ("/community/", "/community/talk/"):
            assert "새 글" in browser.get(path).text
            counted.append(count_queries())
        ids = session.scalars(select(Thread.id).order_by(Thread.id.desc()).limit(20)).all()
        assert reader.id  # read anew after the pages
        count_queries()
        assert unread.find_new_ids(session, reader, ids, now=clock.now()) == set(ids)
        assert count_queries() == 1

    assert counted[:2] == counted[2:]
    assert max(counted) < 15


def test_a_visitor_has_no_marks_and_writes_nothing(session: Session, client: Browser) -> None:
    thread = make_thread(session)
    session.commit()

    assert MARK not in client.get("/community/talk/").text
    client.get(f"/community/threads/{thread.id}/")

    assert count(session, ThreadRead) == 0


def test_what_is_not_for_the_reader_is_not_counted_as_new(session: Session) -> None:
    reader = make_user(session)
    make_thread(session, at=NOW, hidden_at=NOW)
    make_thread(session, at=NOW, held_at=NOW)
    make_question(session, at=NOW, is_private=True)
    make_thread(session, at=NOW - unread.NEW_FOR - timedelta(days=1))

    assert not unread.count_new(session, reader, now=NOW)


def test_eight_visits_at_once_are_one_row(committed: Session, race: Any) -> None:
    thread_id, reader_id = make_thread(committed).id, make_user(committed).id
    committed.commit()

    def visit() -> None:
        with db.transaction() as session:
            reader = session.get_one(User, reader_id)
            unread.note_visit(session, reader, thread_id, now=clock.now())
            unread.mark_all(session, reader, now=clock.now())

    assert race([visit] * 8) == [None] * 8
    assert (count(committed, ThreadRead), count(committed, AllRead)) == (1, 1)
