"""What a person typed: cleaned, quoted, and read as a whole number.

Lengths are looked at before anything else, so that no input costs more than it should.
"""

import re
import unicodedata

from portal.core.i18n import gettext as _
from portal.core.i18n import noted, translated
from portal.practice.outcome import Answer, AnswerError, UnreadableError

LONGEST_TEXT = 1000
LONGEST_AMOUNT = 20
LONGEST_QUOTE = 20

_TOO_LONG_AMOUNT = noted("적은 것이 너무 길어요. 필요한 숫자만 적어 주세요.")

#: What may follow a count; the longer of two that end alike comes first.
COUNTERS = ("개", "통", "병", "봉지", "봉", "상자", "박스", "세트", "팩", "포기", "장", "벌", "켤레")

_HANGUL_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")  # letters to Unicode, nothing to the eye
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
_MINUS_SIGNS = ("-", "−", "–")
_WON_SIGNS = "₩￦\\"  # the won key of many Korean keyboards sends a backslash
_THOUSANDS_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_DECIMAL = re.compile(r"[0-9,]*\.[0-9]*[만천]?")
_AMOUNT = re.compile(r"(?:([0-9]+)만)?(?:([0-9]+)천)?([0-9]*)")


def text(answer: Answer, field: str) -> str:
    """Return what was typed into a field, cleaned; empty if nothing was."""
    raw = answer.get(field, "")
    if len(raw) > LONGEST_TEXT:
        raise AnswerError(_("글이 너무 길어요. %(most)s자 안으로 줄여 주세요.", most=f"{LONGEST_TEXT:,}"))
    return clean(raw)


def clean(raw: str) -> str:
    """Drop what cannot be seen, join the spaces, and compose the syllables a Mac takes apart."""
    seen = (" " if letter.isspace() else letter for letter in raw if not _is_invisible(letter))
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def quoted(words: str) -> str:
    """Quote what a person typed, shortened; put a word after it, never a particle."""
    return f"‘{words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + '…'}’"


def amount(answer: Answer, field: str, *, missing: str, units: tuple[str, ...] = ("원",)) -> int:
    """Read a whole number as people write it: 31,447원, ３１４４７, 3만 1447, 3만 1천.

    Raises UnreadableError with ``missing`` if the field is empty, else with what to write.
    """
    if len(answer.get(field, "")) > LONGEST_TEXT:
        raise UnreadableError(translated(_TOO_LONG_AMOUNT))
    written = text(answer, field)
    if not written:
        raise UnreadableError(missing)
    if len(written) > LONGEST_AMOUNT:
        raise UnreadableError(translated(_TOO_LONG_AMOUNT))
    return _number(_THOUSANDS_COMMA.sub("", _without_unit(written, units)))


def _is_invisible(letter: str) -> bool:
    hidden = unicodedata.category(letter).startswith("C") and not letter.isspace()
    return hidden or letter in _HANGUL_FILLERS


def _without_unit(written: str, units: tuple[str, ...]) -> str:
    squeezed = written.translate(_NARROW).replace(" ", "").lstrip(_WON_SIGNS)
    unit = next((unit for unit in units if squeezed.endswith(unit)), "")
    return squeezed.removesuffix(unit)


def _number(digits: str) -> int:
    if digits.startswith(_MINUS_SIGNS):
        raise UnreadableError(_("0보다 작은 수는 적을 수 없어요. 빼기 표시를 지워 주세요."))
    if _DECIMAL.fullmatch(digits):
        raise UnreadableError(_("소수점은 쓰지 않아요. 12000처럼 숫자로만 적어 주세요."))
    if "," in digits:
        raise UnreadableError(_("쉼표 자리를 다시 봐 주세요. 쉼표 없이 적어도 돼요."))
    parts = _AMOUNT.fullmatch(digits)
    if not digits or not parts:
        raise UnreadableError(_("12000처럼 숫자로 적어 주세요."))
    return _joined(*parts.groups())


def _joined(ten_thousands: str | None, thousands: str | None, rest: str) -> int:
    small = int(thousands or 0) * 1_000 + int(rest or 0)
    if (thousands and int(rest or 0) >= 1_000) or (ten_thousands and small >= 10_000):
        raise UnreadableError(_("만이나 천을 빼고 숫자로만 적어 주세요."))
    return int(ten_thousands or 0) * 10_000 + small
