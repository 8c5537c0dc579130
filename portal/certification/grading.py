"""Whether an answer is right, by rules said beforehand and never by how much it looks like one.

What was typed is read as people write: full-width letters are narrowed; capitals, blanks and the mark at the
end do not count, nor does a particle behind the answer. What remains must be one of the answers the item
lists, letter by letter. Numbers are compared exactly. An item gives all its points or none.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from portal.certification import generated
from portal.practice.wording import PARTICLES, fold, lowered

BY_RULES = frozenset({"choice", "multiple", "true_false", "numeric", "short", "matching"})
"""Kinds whose answers rules can judge; an essay is read by people."""
LONGEST_NUMBER = 40
LONGEST_SHORT = 200
UNITS = ("원", "개", "명", "일", "번", "건", "배", "년", "%", "퍼센트", "프로")

_END = ".!?,。·"
_NUMBER = re.compile(r"(-?)[₩\\]?(?:([0-9]{1,9})만)?(?:([0-9]{1,9})천)?([0-9]{0,15})(?:\.([0-9]{1,8}))?")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_MINUS = str.maketrans(dict.fromkeys("−–―ー", "-"))


def is_right(
    kind: str,
    content: Mapping[str, Any],
    response: Mapping[str, Any],
    numbers: Mapping[str, int] | None = None,
) -> bool:
    """Tell whether a response gets the points. What no form could have sent is wrong, never an error.

    ``content["key"]`` may be another than the item's own: regrading asks with the key put right.
    """
    if not is_answered(response):
        return False
    match kind:
        case "choice" | "multiple" | "true_false":
            return _texts(response.get("chosen")) == set(content["key"])
        case "numeric":
            return _is_near(response.get("text"), content, numbers or {})
        case "short":
            return _is_listed(response.get("text"), content["key"])
        case "matching":
            return _matches(response.get("matched"), content["key"])
        case _:
            return False


def is_answered(response: Mapping[str, Any] | None) -> bool:
    """Tell whether something was chosen or typed."""
    if not response:
        return False
    text, matched = response.get("text"), response.get("matched")
    typed = isinstance(text, str) and bool(text.strip())
    paired = isinstance(matched, dict) and any(matched.values())
    return typed or paired or bool(response.get("chosen"))


def read_number(written: str) -> Fraction | None:
    """Return the number somebody typed (12,500원, ３만 5천, 3.3%), or None where there is none to read."""
    if len(written) > LONGEST_NUMBER:
        return None
    squeezed = "".join(fold(written).split()).translate(_MINUS).rstrip(_END)
    unit = max((each for each in UNITS if squeezed.endswith(each)), key=len, default="")
    match = _NUMBER.fullmatch(_COMMA.sub("", squeezed.removesuffix(unit)))
    if not match or not any(match.groups()[1:]):
        return None
    sign, ten_thousands, thousands, rest, decimals = match.groups()
    whole = int(ten_thousands or 0) * 10_000 + int(thousands or 0) * 1_000 + int(rest or 0)
    value = whole + (Fraction(int(decimals), 10 ** len(decimals)) if decimals else 0)
    return Fraction(-value if sign else value)


def _texts(chosen: object) -> set[str] | None:
    if not isinstance(chosen, list) or not all(isinstance(each, str) for each in chosen):
        return None
    return set(chosen)


def _is_near(written: object, content: Mapping[str, Any], numbers: Mapping[str, int]) -> bool:
    value = read_number(written) if isinstance(written, str) else None
    if value is None:
        return False
    return any(abs(value - right) <= off for right, off in generated.values(content, numbers))


def _is_listed(written: object, listed: list[str]) -> bool:
    if not isinstance(written, str) or len(written) > LONGEST_SHORT:
        return False
    said = squeezed(written)
    for each in map(squeezed, listed):
        if each and (said == each or (said.startswith(each) and said[len(each) :] in PARTICLES)):
            return True
    return False


def squeezed(text: str) -> str:
    """Return what of a typed answer counts."""
    return "".join(lowered(fold(text)).split()).strip("\"'“”‘’()").rstrip(_END)


def _matches(matched: object, key: list[Mapping[str, str]]) -> bool:
    if not isinstance(matched, dict):
        return False
    return all(matched.get(pair["row"]) == pair["option"] for pair in key)
