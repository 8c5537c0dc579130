"""Telling somebody something at a moment of the test's own, and looking at what left the house."""

import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from flask import Flask

from portal.accounts.models import User
from portal.core import db
from portal.core.mail import make_post
from portal.messages import jobs, operations, queries
from tests.conftest import NOW

#: A message of each kind with what fills it in.
VALUES = {
    "answer": {"title": "사진", "author": "박정호 멘토님"},
    "question-asked": {"title": "사진", "by": "오늘 오후 6시"},
    "visit-proposed": {"mentor": "박정호 멘토님"},
    "proof-confirmed": {"reviewer": "이수민 님"},
    "course-opened": {"course": "라이브 방송"},
}


def tell(
    user: User,
    cause: str = "answer:1",
    *,
    message: str = "answer",
    about: str = "",
    path: str = "/community/questions/1/",
    now: datetime = NOW,
) -> None:
    """Tell somebody something, committed as a request would, after what the test arranged."""
    db.session().commit()
    with db.transaction() as session:
        operations.notify(
            session,
            user_id=user.id,
            cause=cause,
            message=message,
            values=VALUES[message],
            about=about,
            path=path,
            now=now,
        )


def outbox(app: Flask) -> list[Path]:
    """Return the messages that left the house, in no order."""
    folder: Path = app.extensions["portal_settings"].data_dir / "outbox"
    return sorted(folder.glob("*.*")) if folder.exists() else []


@pytest.fixture(autouse=True)
def empty_outbox(app: Flask) -> None:
    for path in outbox(app):
        path.unlink()


@pytest.fixture
def work_at(isolated: Flask) -> Callable[[datetime], list[str]]:
    """Return a function that does everything due at a moment and gives the texts that left by it."""

    def work_at(now: datetime) -> list[str]:
        before = {path: path.stat().st_mtime_ns for path in outbox(isolated)}
        session = db.session()
        session.commit()
        for notice_id in queries.list_due_reminders(session, now):
            jobs.remind_at(notice_id, now=now)
        for delivery_id in queries.list_due_deliveries(db.session(), now):
            jobs.deliver_at(delivery_id, now=now)
        session.expire_all()
        fresh = [path for path in outbox(isolated) if before.get(path) != path.stat().st_mtime_ns]
        return sorted(map(body_of, fresh))

    return work_at


def body_of(path: Path) -> str:
    """Return what a message says."""
    if path.suffix == ".txt":
        return path.read_text(encoding="utf-8").split("\n\n", 1)[1].rstrip("\n")
    content = read_mail(path.read_bytes()).get_content()
    assert isinstance(content, str)
    return content


def read_mail(content: bytes) -> EmailMessage:
    """Return an e-mail as a mail program reads it."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


@dataclass
class MailServer:
    """A real SMTP server: what it took, and what it says to it; ``hang_up`` closes the line instead."""

    url: str = ""
    answer: str = "250 taken"
    taken: list[bytes] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, as mail programs read it."""
        return [read_mail(content) for content in self.taken]

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, _session: SmtpSession, envelope: Envelope
    ) -> str:
        """Take a message, and say so or not."""
        self.taken.append(bytes(envelope.original_content or b""))
        self.before_answer()
        if not self.answer:
            transport: Any = server.transport
            transport.abort()
        return self.answer or "421 gone"


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Run a real SMTP server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = MailServer(f"smtp://127.0.0.1:{port}")
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@pytest.fixture
def mail_server(isolated: Flask) -> Iterator[MailServer]:
    """Let the portal send its e-mails to a real SMTP server."""
    kept = isolated.extensions["portal_post"]
    with running_mail_server() as server:
        settings = replace(isolated.extensions["portal_settings"], mail_url=server.url)
        isolated.extensions["portal_post"] = make_post(settings)
        yield server
    isolated.extensions["portal_post"] = kept
