"""Finding numbers that should not be public: telephone, account, card and resident numbers.

Better one warning too many than a neighbour's account number on a public page: what is found is only held
back and offered masked, never refused for good. Prices, dates, years, sizes and counts pass.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from portal.core.errors import DomainError

MASK = "○"
"""Not an asterisk: two of those would be emphasis once the text is rendered."""
SHOWN_DIGITS = 3
ACCOUNT_MIN_DIGITS = 9
LONE_PAIR_MIN_DIGITS = 11

#: What people put between the parts of a telephone number, Markdown's marks included.
_GAP = r"[-. /·~()*_\\]{0,3}"
#: 010-1234-5678, 02 123 4567, 0507.1234.5678, +82 10 1234 5678; 050 and 0303 are numbers for one order.
_PHONE = rf"(?:\+82{_GAP}0?{_GAP}|0)(?:1[016789]|2|[3-6][1-5]|70|50\d|303){_GAP}\d{{3,4}}{_GAP}\d{{4}}"
#: 공일공-일이삼사-오육칠팔, as some write it to be clever.
_SPELT = rf"[공영]일[공영일육칠팔구](?:{_GAP}[공영일이삼사오육륙칠팔구]){{7,8}}"
#: 580412-1234567; the first six must be a possible date.
_RESIDENT = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]) ?[- ]? ?[1-8]\d{6}"
#: Groups with the same mark between them (110-234-567890, 3333-01-1234567), or digits in one piece.
_ACCOUNT = r"\d{2,8}(?P<gap> ?[-.] ?| )\d{2,8}(?:(?P=gap)\d{2,8}){0,3}|\d{10,16}"
_NUMBER = re.compile(
    rf"(?<!\d)(?:(?P<certain>{_RESIDENT}|{_PHONE})|(?P<account>{_ACCOUNT}))(?!\d)|(?P<spelt>{_SPELT})"
)

#: 2026-11-21, 2026. 11. 21. and 2026/11/21, with nothing that would make it part of a longer number.
_DATE = re.compile(
    r"(?<![\d-])(?:19|20)\d{2}(?:[-/]|\. ?)(?:0?[1-9]|1[0-2])(?:[-/]|\. ?)(?:[12]\d|3[01]|0?[1-9])(?![-\d])"
)
#: The number of a product or an order in an address that people copy here.
_LINK = re.compile(r"https?://\S+")
_LONG_NUMBER = re.compile(r"(?<!\d)[1-9]\d{9,}")
_YEAR = re.compile(r"(?:19|20)\d{2}\Z")
_DASHES = "ㅡー−～〜"


class PersonalNumberError(DomainError):
    """A text holds numbers that should not be public; ``numbers`` are those, as they were written."""

    def __init__(self, numbers: list[str], *, field: str) -> None:
        super().__init__("전화번호나 계좌번호 같은 숫자가 있어요. 가리거나 고쳐 주세요.", field=field)
        self.numbers = numbers


def find_numbers(text: str) -> list[str]:
    """Return the telephone, account, card and resident numbers in ``text``, in order, as written."""
    return [text[start:end] for start, end in _places(text)]


def mask_numbers(text: str) -> str:
    """Return ``text`` with every such number's digits after the first three as MASK; the rest unchanged."""
    parts, at = [], 0
    for start, end in _places(text):
        parts += [text[at:start], _mask(text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def check_texts(texts: Mapping[str, str], *, mask: bool) -> dict[str, str]:
    """Return the texts, by field, as they may become public: masked if asked.

    Raises PersonalNumberError, naming the numbers of all of them, for any that holds one and is not to be
    masked.
    """
    if mask:
        return {field: mask_numbers(text) for field, text in texts.items()}
    found = {field: find_numbers(text) for field, text in texts.items()}
    wrong = [field for field, numbers in found.items() if numbers]
    if wrong:
        raise PersonalNumberError([number for field in wrong for number in found[field]], field=wrong[0])
    return dict(texts)


def _places(text: str) -> Iterator[tuple[int, int]]:
    folded = _LINK.sub(lambda link: _LONG_NUMBER.sub(_blank, link.group()), _DATE.sub(_blank, _fold(text)))
    at = 0
    while match := _NUMBER.search(folded, at):
        account, at = match["account"], match.end()
        if account is None or _is_account(account, after=folded[at : at + 2]):
            yield match.span()
        else:
            # "12 110-234-567890": what begins as a row of prices may hold an account from its second number.
            at = match.start() + len(account) - len(account.lstrip("0123456789"))


def _blank(match: re.Match[str]) -> str:
    return "x" * len(match.group())


def _is_account(number: str, *, after: str) -> bool:
    """Tell an account or card from prices, years and sizes that stand in a row."""
    groups = re.findall(r"\d+", number)
    digits = sum(map(len, groups))
    if len(groups) == 1:
        return not after.lstrip().startswith("원")
    if digits < ACCOUNT_MIN_DIGITS or (len(groups) == 2 and digits < LONE_PAIR_MIN_DIGITS):
        return False
    if all(group.endswith("0") for group in groups) or all(map(_YEAR.match, groups)):
        return False
    return max(map(len, groups)) > 3 or "-" in number


def _mask(number: str) -> str:
    seen, masked = 0, []
    for letter in number:
        is_digit = letter.isdigit() or "가" <= letter <= "힣"
        seen += is_digit
        masked.append(MASK if is_digit and seen > SHOWN_DIGITS else letter)
    return "".join(masked)


def _fold(text: str) -> str:
    """Return ``text`` letter for letter with plain digits, dashes and blanks: ０１０－１２ is seen too."""
    return "".join(map(_plain, text))


def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter.isdigit():
        return str(unicodedata.digit(letter))
    kind = unicodedata.category(letter)
    if kind == "Pd" or letter in _DASHES:
        return "-"
    # Blanks of other widths, and those of no width that copying brings along.
    if kind in ("Zs", "Cf"):
        return " "
    return {"．": ".", "＋": "+", "（": "(", "）": ")", "／": "/", "・": "·"}.get(letter, letter)
