"""What leaves the house, word for word: a notice or a digest, as a text message or an e-mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core import sms
from portal.core.sms import SmsForm, TextMessage
from portal.messages import texts
from portal.messages.models import Notice
from portal.messages.texts import SENDER
from portal.messages.vocabulary import KIND_NAMES, Channel

THINGS_MAX = 3
"""As many things to do as somebody keeps in mind; all others wait on the page of notices."""
NOTICES_PATH, SETTINGS_PATH = "/messages/", "/messages/settings"


@dataclass(frozen=True)
class Words:
    """What is told: a title in one sentence, lines, and a short name of what it is about."""

    title: str
    lines: tuple[str, ...]
    topic: str
    calendar: str = ""


@dataclass(frozen=True)
class Letter:
    """One message on its way; exactly one of ``mail_text`` and ``text_message`` is there."""

    delivery_id: int
    channel: Channel
    to: str
    message_id: str
    subject: str
    unsubscribe_url: str
    mail_text: str = ""
    text_message: TextMessage | None = None
    #: An appointment beside the text of an e-mail (RFC 5545); empty for most.
    calendar: str = ""


def words_of_notice(notice: Notice, *, base: str) -> Words:
    """Return what a notice says, with the address of the page it is about."""
    title, *lines = notice.sentence.split("\n")
    return Words(title, (*lines, base + notice.path), KIND_NAMES[notice.kind], notice.calendar)


def words_of_digest(things: Sequence[Notice], others: int, *, base: str) -> Words:
    """Return what a digest says: at most three things to do, each with its address, then how many others."""
    said = texts.current()
    count_of = {True: ("digest-things-to-do", len(things)), False: ("digest-news", others)}
    message, count = count_of[bool(things)]
    lines = [
        line
        for number, notice in enumerate(things, start=1)
        for line in (f"{number}. {notice.title}", base + notice.path)
    ]
    if things and others:
        lines.append(said.get("digest-others").fill({"count": str(others)}))
    if others:
        lines.append(base + NOTICES_PATH)
    return Words(said.get(message).fill({"count": str(count)}), tuple(lines), "알림 모음")


def mail_text(words: Words, *, base: str, stop_url: str) -> str:
    """Return the body of an e-mail, with the way to stop such mails below."""
    return "\n".join(
        [
            f"{SENDER} {words.title}",
            *words.lines,
            "",
            "--",
            f"이런 메일 그만 받기: {stop_url}",
            f"알림 받는 방법 바꾸기: {base}{SETTINGS_PATH}",
            "",
        ]
    )


def text_message(words: Words, *, stop_url: str) -> TextMessage:
    """Return the text message; the way to stop such messages only where it costs no longer form."""
    text = "\n".join([f"{SENDER} {words.title}", *words.lines])
    subject = f"{SENDER} {words.topic}"
    plain = sms.write(text, subject=subject)
    whole = sms.write(f"{text}\n그만 받기: {stop_url}", subject=subject)
    fits = whole.text.endswith(stop_url) and whole.form is plain.form
    return whole if fits else plain


def form_of(letter: Letter) -> SmsForm | None:
    """Return the form of a text message, None for an e-mail."""
    return letter.text_message.form if letter.text_message else None
