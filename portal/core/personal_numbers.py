"""Finding numbers that should not be public: telephone, account, card, resident and business numbers, homes.

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
#: 공일공-일이삼사-오육칠팔 or 공1공-2345-6789, as some write it to be clever.
_SPELT = rf"[공영0][일1칠7][공영일육칠팔구016789](?:{_GAP}[공영일이삼사오육륙칠팔구\d]){{7,8}}"
#: Any long number in words, as one reads an account aloud: 일일공 다시 이삼사 …
_IN_WORDS = r"[공영일이삼사오육륙칠팔구\d](?:(?:[- .·]| ?다시 ?|에 )?[공영일이삼사오육륙칠팔구\d]){8,19}"
#: What follows a number and makes it a place, a day or a count instead of a door.
_NO_DOOR = r"(?! ?(?:점|선|기|차|봉|출구|가게|일|개|번|명|시|분|월|년|주|원|등|인분|[a-zA-Z%\d]|-))"
#: 101동 1203호, 가동 201호, B동 302호; 월드컵로12길 34-5, 302호; 망원동 123-45번지, 역삼동 123-4.
_HOME = (
    r"(?<![가-힣a-zA-Z\d])(?:제 ?)?(?:\d{1,4}|[가나다라마바사아자차카타파하]|[A-Za-z]|에이|비|씨|디) ?동 ?"
    rf"(?:제 ?)?(?:지하 ?)?[bB]?\d{{1,4}} ?호{_NO_DOOR}"
    r"|(?<=[가-힣\d])[로길] ?\d{1,4}(?:-\d{1,4})?,? ?(?:\d{1,4} ?동 ?)?"
    rf"(?:지하 ?)?\d{{1,4}} ?호{_NO_DOOR}"
    r"|(?<=[가-힣][동리가]) ?\d{1,4}(?:-\d{1,4})? ?번지"
    rf"|[가-힣]동 ?\d{{2,4}}-\d{{1,4}}{_NO_DOOR}"
)
#: 580412-1234567; the first six must be a possible date.
_RESIDENT = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]) ?[- ]? ?[1-8]\d{6}"
#: Groups with the same mark between them (110-234-567890, 3333-01-1234567), or digits in one piece.
_ACCOUNT = r"\d{2,8}(?P<gap> ?[-.] ?| )\d{2,8}(?:(?P=gap)\d{2,8}){0,3}|\d{10,16}"
_NUMBER = re.compile(
    rf"(?P<home>{_HOME})|(?<!\d)(?:(?P<certain>{_RESIDENT}|{_PHONE})|(?P<account>{_ACCOUNT}))(?!\d)"
    rf"|(?P<spelt>{_SPELT})|(?P<words>{_IN_WORDS})"
)

_WORD_DIGIT = re.compile("[공영일이삼사오육륙칠팔구]")
#: So many digits of a number are written as words; fewer stand in sentences by chance.
_WORD_DIGITS_MIN = {"spelt": 1, "words": 5}
_DOOR = re.compile("[동호로길]|번지")
#: O1O-1234: letters that look like digits beside digits.
_LIKE_ZERO = re.compile(r"(?<![a-zA-Z])[oO](?=\d)|(?<=\d)[oO](?![a-zA-Z])")
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
        super().__init__("전화번호, 계좌번호나 집 주소가 있어요. 가리거나 고쳐 주세요.", field=field)
        self.numbers = numbers


def find_numbers(text: str) -> list[str]:
    """Return what should not be public in ``text``, in order, as written."""
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
        if len(_WORD_DIGIT.findall(match.group())) < _WORD_DIGITS_MIN.get(match.lastgroup or "", 0):
            at = match.start() + 1
        elif account is None or _is_account(account, after=folded[at : at + 2]):
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
    """Return ``number`` without its digits, in figures or words: the first three stay, of a home none."""
    is_home = _DOOR.search(number) is not None
    seen, masked = 0, []
    for letter in number:
        is_digit = letter.isdigit() or (not is_home and (letter in "oO" or "가" <= letter <= "힣"))
        seen += is_digit
        masked.append(MASK if is_digit and (is_home or seen > SHOWN_DIGITS) else letter)
    return "".join(masked)


def _fold(text: str) -> str:
    """Return ``text`` letter for letter with plain digits, dashes and blanks: ０１０－１２ is seen too."""
    return _LIKE_ZERO.sub("0", _LIKE_ZERO.sub("0", "".join(map(_plain, text))))


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
