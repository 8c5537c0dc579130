"""E-mails as a real server takes them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import db
from portal.core.mail import UnsureError, compose, make_post
from portal.messages import operations
from portal.messages.models import Delivery
from tests.conftest import NOW, make_settings
from tests.factories import make_user
from tests.integration.messages.conftest import MailServer, read_mail, running_mail_server, tell

WorkAt = Callable[[datetime], list[str]]
HOSTILE = "제목\r\nBcc: thief@example.com\r\n\r\n몸글\n.\r\nMAIL FROM:<x@y>\x0b\x0c\x85\u2028\0끝"


def test_a_notice_reaches_those_without_a_telephone_through_a_real_mail_server(
    session: Session, work_at: WorkAt, mail_server: MailServer
) -> None:
    user = make_user(session, email="sunja@example.com")
    user.phone = None
    tell(user)

    work_at(NOW)

    (mail,) = mail_server.mails
    delivery = session.scalars(select(Delivery)).one()
    assert mail["To"] == "sunja@example.com"
    assert mail["Subject"] == "‘사진’ 질문에 박정호 멘토님이 답했어요."
    assert mail["Message-ID"] == f"<{delivery.message_id}@jangteo>"
    assert str(mail.get_content()).splitlines()[:2] == [
        "[장터배움] ‘사진’ 질문에 박정호 멘토님이 답했어요.",
        "http://localhost/community/questions/1/",
    ]
    assert (delivery.state, delivery.result, delivery.form) == ("sent", "250 taken", None)


def test_line_breaks_in_titles_and_names_begin_no_header(
    session: Session, work_at: WorkAt, mail_server: MailServer
) -> None:
    user = make_user(session, email="sunja@example.com")
    user.phone = None
    session.commit()
    with db.transaction() as writing:
        operations.notify(
            writing,
            user_id=user.id,
            cause="x",
            message="answer",
            values={"title": HOSTILE, "author": HOSTILE},
            path="/",
            now=NOW,
        )

    work_at(NOW)

    (mail,) = mail_server.mails
    said = "제목 Bcc: thief@example.com 몸글 . MAIL FROM:<x@y> 끝"
    assert mail["Subject"] == f"‘{said}’ 질문에 {said}이 답했어요."
    assert mail["Bcc"] is None
    assert set(mail.keys()) == {
        *("From", "To", "Subject", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
        *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
    }


@pytest.mark.parametrize("subject", ["짧아요.", "가" * 300 + ".", "a" * 300, "‘사진’ 질문… 50%"])
def test_a_subject_is_read_as_it_was_written(subject: str) -> None:
    message = compose(sender="a@localhost", to="b@example.com", subject=subject, text="글", message_id="m")

    content = message.as_bytes()

    assert read_mail(content)["Subject"] == subject
    assert all(len(line) <= 998 for line in content.splitlines())


@pytest.mark.parametrize(
    "subject",
    ["a\r\nBcc: b@example.com", "=?utf-8?q?a=0D=0ABcc:_b@example.com?=", "=?utf-8?b?YQ0KQmNjOiBiQHg=?= 가"],
)
def test_no_subject_begins_a_second_header(subject: str) -> None:
    message = compose(sender="a@localhost", to="b@example.com", subject=subject, text="글", message_id="m")

    assert read_mail(message.as_bytes())["Bcc"] is None
    assert b"\nBcc:" not in message.as_bytes()


def test_the_address_to_stop_is_neither_folded_nor_encoded(mail_server: MailServer) -> None:
    url = f"https://{'a-long-name.' * 12}example.org/messages/stop/1f.AbCdEfGhIjKl"
    settings = make_settings(Path("/nowhere"), database_url="sqlite://", redis_url="unix:///nowhere")

    make_post(replace(settings, mail_url=mail_server.url)).send_mail(
        to="b@example.com", subject="제목", text="글", message_id="m", unsubscribe_url=url
    )

    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in mail_server.taken[0]


def test_a_mail_without_such_an_address_has_no_such_header(tmp_path: Path) -> None:
    post: Any = make_post(make_settings(tmp_path, database_url="sqlite://", redis_url="unix:///nowhere"))

    post.send_mail(to="a@example.com", subject="숫자", text="글", message_id="m1")

    (path,) = tmp_path.glob("outbox/*")
    assert path.suffix == ".eml"
    assert read_mail(path.read_bytes())["List-Unsubscribe"] is None


def test_a_goodbye_that_fails_takes_nothing_back(isolated: Flask) -> None:
    with running_mail_server() as server:
        post: Any = make_post(replace(isolated.extensions["portal_settings"], mail_url=server.url))
        server.answer = ""
        with pytest.raises(UnsureError):
            post.send_mail(to="a@example.com", subject="제목", text="글", message_id="m2")
        server.answer = "250 taken"
        assert post.send_mail(to="a@example.com", subject="제목", text="글", message_id="m3") == "250 taken"
