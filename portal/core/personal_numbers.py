"""Finding numbers that should not be public: telephone, account, card and resident numbers.

Better one warning too many than a neighbour's account number on a public page: what is found is only held
back and offered masked, never refused for good.
"""

import re
import unicodedata

#: 010-1234-5678, 02 123 4567, 0507.1234.5678, +82 10 1234 5678; separators are optional.
_PHONE = r"(?:\+82[-. ]?|0)(?:1[016789]|2|[3-6][1-5]|70|50\d)[-. )]{0,2}\d{3,4}[-. ]?\d{4}"
#: 580412-1234567; the first six must be a possible date.
_RESIDENT = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[- ]?[1-8]\d{6}"
#: Bank accounts have 10 to 14 digits, usually in groups; cards 16 in fours.
_ACCOUNT = r"\d{2,6}(?:[- ]\d{2,6}){1,3}|\d{10,16}"

_NUMBER = re.compile(rf"(?<![\d-])(?:{_RESIDENT}|{_PHONE}|{_ACCOUNT})(?![\d])")
_DIGITS_MIN, _DIGITS_MAX = 9, 16
_DATE = re.compile(r"(?:19|20)\d{2}[-. ]\d{1,2}[-. ]\d{1,2}\Z")


def find_numbers(text: str) -> list[str]:
    """Return the telephone, account, card and resident numbers in ``text``, in order."""
    return [match.group() for match in _matches(text)]


def mask_numbers(text: str) -> str:
    """Return ``text`` with every such number's digits after the first three written as ``*``."""
    folded = _fold(text)
    parts, at = [], 0
    for match in _matches(folded):
        parts += [folded[at : match.start()], _mask(match.group())]
        at = match.end()
    return "".join([*parts, folded[at:]])


def _matches(text: str) -> list[re.Match[str]]:
    return [match for match in _NUMBER.finditer(_fold(text)) if _is_personal(match.group())]


def _is_personal(number: str) -> bool:
    count = sum(letter.isdigit() for letter in number)
    return _DIGITS_MIN <= count <= _DIGITS_MAX and not _DATE.match(number)


def _mask(number: str) -> str:
    seen, masked = 0, []
    for letter in number:
        seen += letter.isdigit()
        masked.append("*" if letter.isdigit() and seen > 3 else letter)
    return "".join(masked)


def _fold(text: str) -> str:
    """Write full-width digits and dashes plainly, so that ０１０－１２３４ is seen too."""
    return "".join(
        unicodedata.normalize("NFKC", letter) if letter.isdigit() or letter in "－―–—‐‑．＋" else letter
        for letter in text
    ).translate(str.maketrans("―–—‐‑", "-----"))
