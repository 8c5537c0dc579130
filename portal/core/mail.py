"""E-mail and text messages out of the house.

Without a mail server every message is written to `var/outbox/`, where a developer, a test or the demo reads
it: an e-mail as `.eml`, a text message as `.txt`. The file's name comes from the message's id, so sending
twice leaves one file.
"""

import hashlib
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import unquote, urlsplit

from flask import current_app

from portal.core.settings import Settings

SMTP_TIMEOUT_S = 10


class Post(Protocol):
    """Whatever takes messages out of the house."""

    def send_mail(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Hand one e-mail over. Raises OSError or SMTPException when it is not taken."""

    def send_sms(self, *, to: str, text: str, message_id: str) -> None:
        """Hand one text message over."""


class OutboxPost:
    """Writes every message to a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send_mail(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Write the e-mail as an .eml file."""
        message = compose(
            sender="jangteo@localhost", to=to, subject=subject, text=text, message_id=message_id
        )
        self._write(message_id, ".eml", message.as_bytes())

    def send_sms(self, *, to: str, text: str, message_id: str) -> None:
        """Write the text message as a .txt file: the number, an empty line, the text."""
        self._write(message_id, ".txt", f"To: {to}\n\n{text}\n".encode())

    def _write(self, message_id: str, ending: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(message_id.encode()).hexdigest()[:24] + ending
        (self.folder / name).write_bytes(content)


class SmtpPost(OutboxPost):
    """Sends e-mail by SMTP; text messages still go to the folder."""

    def __init__(self, url: str, sender: str, folder: Path) -> None:
        super().__init__(folder)
        self.url = urlsplit(url)
        self.sender = sender

    def send_mail(self, *, to: str, subject: str, text: str, message_id: str) -> None:
        """Hand the e-mail to the server. The Message-ID is constant, so a repeat can be recognised."""
        message = compose(sender=self.sender, to=to, subject=subject, text=text, message_id=message_id)
        connect = smtplib.SMTP_SSL if self.url.scheme == "smtps" else smtplib.SMTP
        host, port = self.url.hostname or "localhost", self.url.port or 0
        with connect(host, port, timeout=SMTP_TIMEOUT_S) as server:
            if self.url.username:
                if self.url.scheme == "smtp":
                    server.starttls()
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(message)


def compose(*, sender: str, to: str, subject: str, text: str, message_id: str) -> EmailMessage:
    """Return the e-mail.

    The parts are set as header objects, so a line break in them cannot begin a new header.
    """
    local, _, domain = to.rpartition("@")
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = " ".join(subject.split())
    message["Message-ID"] = f"<{message_id}@jangteo>"
    message.set_content(text)
    return message


def make_post(settings: Settings) -> Post:
    """Return what the settings ask for."""
    folder = settings.data_dir / "outbox"
    if settings.mail_url:
        return SmtpPost(settings.mail_url, settings.mail_from, folder)
    return OutboxPost(folder)


def post() -> Post:
    """Return the current app's post."""
    return cast(Post, current_app.extensions["portal_post"])
