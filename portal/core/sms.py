"""Text messages as telephones take them: short up to 90 bytes, long with a subject up to 2,000 (EUC-KR)."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

CHARSET = "cp949"
"""EUC-KR with every Hangul syllable, which is what Korean gateways take."""
SHORT_BYTES, LONG_BYTES, SUBJECT_BYTES = 90, 2000, 40
_CUT = "…"

#: What stands for letters the telephones lack where another looks the same; anything else becomes "?".
_LIKE = {"—": "-", "–": "-", "‑": "-", "•": "·", "\N{NO-BREAK SPACE}": " ", "✓": "√", "✔": "√", "₩": "￦"}


class SmsForm(StrEnum):
    """How a text message travels, and what it costs."""

    SHORT = "sms"
    LONG = "lms"


@dataclass(frozen=True)
class TextMessage:
    """A text message that fits its form; only a long one has a subject."""

    form: SmsForm
    subject: str
    text: str


def write(text: str, *, subject: str) -> TextMessage:
    """Return the text as a short message if it fits, else as a long one with the subject."""
    text = sendable(text)
    if size_bytes(text) <= SHORT_BYTES:
        return TextMessage(SmsForm.SHORT, "", text)
    return TextMessage(SmsForm.LONG, _cut(sendable(subject), SUBJECT_BYTES), _cut(text, LONG_BYTES))


def sendable(text: str) -> str:
    """Return the text with every letter that telephones lack replaced; what has no shape of its own goes."""
    text = unicodedata.normalize("NFC", text)
    return text if _is_known(text) else "".join(map(_sendable, text))


def size_bytes(text: str) -> int:
    """Return how much room a sendable text takes."""
    return len(text.encode(CHARSET))


def _is_known(text: str) -> bool:
    try:
        text.encode(CHARSET)
    except UnicodeEncodeError:
        return False
    return True


def _sendable(letter: str) -> str:
    plain = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
    for like in (letter, _LIKE.get(letter, letter), unicodedata.normalize("NFKC", letter), plain or letter):
        if _is_known(like):
            return like
    # Joiners and marks that change the letter before them have been told by that letter's own "?".
    return "" if unicodedata.category(letter) in {"Cf", "Mn"} else "?"


def _cut(text: str, most_bytes: int) -> str:
    if size_bytes(text) <= most_bytes:
        return text
    kept = text.encode(CHARSET)[: most_bytes - size_bytes(_CUT)]
    return kept.decode(CHARSET, errors="ignore") + _CUT
