"""A new course is told to those who asked for news, once."""

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Consent, ConsentKind
from portal.core import clock
from portal.messages.models import Notice
from tests.conftest import apart
from tests.factories import make_user


def announce(app: Flask, course_id: str) -> tuple[int, str]:
    with apart(app):
        result = app.test_cli_runner().invoke(args=["lessons", "announce", course_id])
    return result.exit_code, result.output


def test_those_who_asked_for_news_are_told_of_a_course_once(isolated: Flask, session: Session) -> None:
    reader, former, other = (make_user(session) for _ in range(3))
    now = clock.now()
    for user, withdrawn_at in ((reader, None), (former, now)):
        session.add(
            Consent(
                user_id=user.id,
                kind=ConsentKind.NEWS,
                version="2026-11-21",
                given_at=now,
                withdrawn_at=withdrawn_at,
            )
        )

    told = [announce(isolated, "small") for _ in range(2)]

    assert told == [(0, "1 people who asked for news are told of it, as each of them wishes.\n")] * 2
    (notice,) = session.scalars(select(Notice))
    assert (notice.user_id, notice.path) == (reader.id, "/courses/small/")
    assert notice.sentence == "새 과정 ‘작은 과정’ 수업이 열렸어요."
    assert other.id != notice.user_id


def test_a_course_that_is_not_there_is_announced_to_nobody(isolated: Flask, session: Session) -> None:
    assert announce(isolated, "none") == (1, "Error: There is no course 'none'.\n")
