"""E-mail and text messages out of the house.

Without a mail server every message is written to `var/outbox/`, where a developer, a test or the demo reads
it: an e-mail as `.eml`, a text message as `.txt`. The file's name comes from the message's id, so sending
twice leaves one file, and after a crash the folder knows whether a message has left.
"""

import contextlib
import hashlib
import re
import smtplib
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import unquote, urlsplit

from flask import current_app

from portal.core.settings import Settings
from portal.core.sms import TextMessage

SMTP_TIMEOUT_S = 10


class UnsureError(Exception):
    """The server was given a message and never said whether it took it: nobody but the receiver knows."""


class Post(Protocol):
    """Whatever takes messages out of the house."""

    def send_mail(
        self,
        *,
        to: str,
        subject: str,
        text: str,
        message_id: str,
        unsubscribe_url: str = "",
        calendar: str = "",
    ) -> str:
        """Hand one e-mail over and return what was said to it.

        Raises OSError or SMTPException when it is surely not taken, UnsureError when nobody can tell.
        """

    def send_sms(self, *, to: str, message: TextMessage, message_id: str) -> str:
        """Hand one text message over, as `send_mail` does an e-mail."""

    def has_left(self, message_id: str, *, is_mail: bool) -> bool | None:
        """Tell whether a message has left the house; None when nobody here can tell."""


class OutboxPost:
    """Writes every message to a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send_mail(
        self,
        *,
        to: str,
        subject: str,
        text: str,
        message_id: str,
        unsubscribe_url: str = "",
        calendar: str = "",
    ) -> str:
        """Write the e-mail as an .eml file."""
        message = compose(
            sender="jangteo@localhost",
            to=to,
            subject=subject,
            text=text,
            message_id=message_id,
            unsubscribe_url=unsubscribe_url,
            calendar=calendar,
        )
        return self._write(self._path(message_id, is_mail=True), message.as_bytes())

    def send_sms(self, *, to: str, message: TextMessage, message_id: str) -> str:
        """Write the text message as a .txt file: number, form and subject, an empty line, the text."""
        subject = f"\nSubject: {message.subject}" if message.subject else ""
        content = f"To: {to}\nForm: {message.form.upper()}{subject}\n\n{message.text}\n"
        return self._write(self._path(message_id, is_mail=False), content.encode())

    def has_left(self, message_id: str, *, is_mail: bool) -> bool | None:
        """Tell whether the message's file is there."""
        return self._path(message_id, is_mail=is_mail).is_file()

    def _path(self, message_id: str, *, is_mail: bool) -> Path:
        name = hashlib.sha256(message_id.encode()).hexdigest()[:24]
        return self.folder / f"{name}{'.eml' if is_mail else '.txt'}"

    def _write(self, path: Path, content: bytes) -> str:
        """Write the file whole or not at all, since its being there says that the message has left."""
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(f"{path.suffix}.part")
        beside.write_bytes(content)
        beside.replace(path)
        return path.name


class SmtpPost(OutboxPost):
    """Sends e-mail by SMTP; text messages still go to the folder."""

    def __init__(self, url: str, sender: str, folder: Path) -> None:
        super().__init__(folder)
        self.url = urlsplit(url)
        self.sender = sender

    def send_mail(
        self,
        *,
        to: str,
        subject: str,
        text: str,
        message_id: str,
        unsubscribe_url: str = "",
        calendar: str = "",
    ) -> str:
        """Hand the e-mail to the server. The Message-ID is constant, so a repeat can be recognised."""
        message = compose(
            sender=self.sender,
            to=to,
            subject=subject,
            text=text,
            message_id=message_id,
            unsubscribe_url=unsubscribe_url,
            calendar=calendar,
        )
        server = self._connect()
        try:
            self._greet(server)
            server.send_message(message)
        finally:
            # What was taken stays taken, whatever becomes of the goodbye.
            with contextlib.suppress(OSError):
                server.quit()
            server.close()
        return server.answer

    def has_left(self, message_id: str, *, is_mail: bool) -> bool | None:
        """Tell it of a text message; of an e-mail only the server knows."""
        return None if is_mail else super().has_left(message_id, is_mail=False)

    def _connect(self) -> "_Server | _TlsServer":
        host, port = self.url.hostname or "localhost", self.url.port or 0
        if self.url.scheme == "smtps":
            return _TlsServer(host, port, timeout=SMTP_TIMEOUT_S)
        return _Server(host, port, timeout=SMTP_TIMEOUT_S)

    def _greet(self, server: smtplib.SMTP) -> None:
        if self.url.username:
            if self.url.scheme == "smtp":
                server.starttls()
            server.login(unquote(self.url.username), unquote(self.url.password or ""))


class _AnswerKept:
    """Keeps what the server says to a message, and tells silence from a refusal."""

    answer = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand the message over. Raises UnsureError when the line breaks before the answer."""
        try:
            code, said = cast(Any, super()).data(msg)
        except smtplib.SMTPDataError:
            raise  # the server said no
        except OSError as error:  # SMTPServerDisconnected and a time that ran out are ones, too
            raise UnsureError(repr(error)) from error
        self.answer = f"{code} {said.decode(errors='replace')}"[:200]
        return code, said


class _Server(_AnswerKept, smtplib.SMTP):
    """A mail server."""


class _TlsServer(_AnswerKept, smtplib.SMTP_SSL):
    """A mail server spoken to in TLS from the first word."""


class _MailPolicy(EmailPolicy):
    """Folds every header but the address that ends the mails: cut or encoded, no mail program reads it."""

    def fold(self, name: str, value: Any) -> str:
        """Return the header's lines."""
        return f"{name}: {value}{self.linesep}" if name == UNSUBSCRIBE else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """Return the header's lines as they are sent."""
        return self.fold(name, value).encode() if name == UNSUBSCRIBE else super().fold_binary(name, value)


UNSUBSCRIBE = "List-Unsubscribe"


def compose(
    *,
    sender: str,
    to: str,
    subject: str,
    text: str,
    message_id: str,
    unsubscribe_url: str = "",
    calendar: str = "",
) -> EmailMessage:
    """Return the e-mail, with one press to stop such mails where there is an address for it (RFC 8058).

    An appointment stands beside the text as programs for mail and calendars expect it (RFC 6047).

    The parts are set as header objects, so a line break in them cannot begin a new header.
    """
    local, _, domain = to.rpartition("@")
    message = EmailMessage(policy=_MailPolicy())
    message["From"] = sender
    message["To"] = Address(username=local, domain=domain)
    message["Subject"] = _one_line(subject)
    message["Message-ID"] = f"<{message_id}@jangteo>"
    if unsubscribe_url:
        message[UNSUBSCRIBE] = f"<{unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text, cte="base64")  # not every server on the way takes eight bits
    if calendar:
        method = re.search(r"^METHOD:(\w+)", calendar, re.M)
        params = {"charset": "utf-8", "method": method.group(1) if method else "PUBLISH"}
        # As bytes: a text would lose the carriage returns that end its lines.
        message.add_alternative(
            calendar.encode(), maintype="text", subtype="calendar", cte="base64", params=params
        )
    return message


def _one_line(subject: str) -> str:
    """Return the subject as one line of plain words.

    What looks like an encoded word would be decoded by the library, line breaks in it and all.
    """
    return " ".join(subject.replace("\0", " ").replace("=?", "= ?").split())


def make_post(settings: Settings) -> Post:
    """Return what the settings ask for."""
    folder = settings.data_dir / "outbox"
    if settings.mail_url:
        return SmtpPost(settings.mail_url, settings.mail_from, folder)
    return OutboxPost(folder)


def post() -> Post:
    """Return the current app's post."""
    return cast(Post, current_app.extensions["portal_post"])
