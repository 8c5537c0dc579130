"""What stands between the braces of a GIFT item, and the signs that are escaped around them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from string import ascii_lowercase
from typing import Any

MOST_OPTIONS = 12
LONGEST_OPTION = 1_000
TRUE, FALSE = "true", "false"

_HIDDEN = 0xF0000
_ESCAPED = re.compile(r"\\([~=#{}:n\\])")
_SHOWN = {_HIDDEN + ord(sign): sign for sign in "~=#{}:\\"} | {_HIDDEN + ord("n"): "\n"}
_OPTION = re.compile(r"([=~])([^=~]*)")
_WEIGHT = re.compile(r"%(-?[0-9]{1,3}(?:\.[0-9]{1,5})?)%")
_TRUTH = re.compile(r"(T|TRUE|F|FALSE)", re.IGNORECASE)
NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,6})?")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_SUM = re.compile(r"[0-9a-z+*/() -]{1,200}")


class GiftError(ValueError):
    """What is wrong, in a sentence, and where in the item's text."""

    def __init__(self, sentence: str, place: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.place = place


@dataclass(frozen=True)
class Answers:
    """How an item is answered: its kind, that kind's content, an explanation, what is worth noting."""

    kind: str
    content: dict[str, Any]
    why: str = ""
    notes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class Option:
    """One ``=`` or ``~`` with what follows it."""

    right: bool
    weight: Decimal | None
    text: str
    feedback: str
    place: int


def hide(text: str) -> str:
    """Put a letter nobody types in the place of each escaped sign, so that no sign is taken for GIFT's."""
    return _ESCAPED.sub(lambda sign: chr(_HIDDEN + ord(sign[1])), text)


def show(text: str) -> str:
    """Bring the escaped signs back, without their backslash."""
    return text.translate(_SHOWN)


def escape(text: str) -> str:
    """Return a text as GIFT writes it: what `hide` and `show` give back."""
    written = re.sub(r"([~=#{}:\\])", r"\\\1", text)
    lines = written.split("\n")
    joined = lines[0]
    for before, line in pairwise(lines):
        plain = before.strip() and line.strip() and not line.lstrip().startswith(("//", "$"))
        joined += ("\n" if plain else "\\n") + line
    return joined


def read(body: str, place: int) -> Answers:
    """Read what stands between the braces; ``place`` is where it begins. Raises GiftError."""
    body, _, general = body.partition("####")
    why, start = " ".join(show(general).split()), place + len(body) - len(body.lstrip())
    body = body.strip()
    if not body:
        return Answers("essay", {"key": []}, why)
    if body.startswith("#"):
        return Answers("numeric", {"key": _read_numbers(body[1:], start + 1)}, why)
    if _TRUTH.fullmatch(body.split("#", 1)[0].strip()):
        return Answers("true_false", _read_truth(body), why)
    options = _read_options(body, start)
    kind, content, notes = _read_kind(options, start)
    return Answers(kind, content, why, notes)


def _read_truth(body: str) -> dict[str, Any]:
    said, *feedback = (show(part).strip() for part in body.split("#"))
    is_true = said.upper().startswith("T")
    wrong, right = (*feedback, "", "")[:2]
    told = (right, wrong) if is_true else (wrong, right)
    choices = [
        {"key": key, "text": text, "feedback": words}
        for key, text, words in zip((TRUE, FALSE), ("맞아요", "아니에요"), told, strict=True)
    ]
    return {"choices": choices, "key": [TRUE if is_true else FALSE]}


def _read_options(body: str, place: int) -> list[Option]:
    if body[0] not in "=~":
        raise GiftError("답은 = 이나 ~ 로 시작해요. { =정답 ~오답 } 처럼 적어 주세요.", place)
    found = [_read_option(each, place + each.start()) for each in _OPTION.finditer(body)]
    if len(found) > MOST_OPTIONS:
        raise GiftError(f"보기가 너무 많아요. {MOST_OPTIONS}개 안으로 줄여 주세요.", place)
    return found


def _read_option(match: re.Match[str], place: int) -> Option:
    body, weight = match[2], None
    if weighed := _WEIGHT.match(body.lstrip()):
        body, weight = body.lstrip()[weighed.end() :], Decimal(weighed[1])
    elif body.lstrip().startswith("%"):
        raise GiftError("점수 비율은 %50% 처럼 앞뒤에 %를 붙여 적어 주세요.", place)
    text, _, feedback = body.partition("#")
    text = show(text).strip()
    if not text:
        raise GiftError("비어 있는 답이 있어요. 글을 적거나 지워 주세요.", place)
    if len(text) > LONGEST_OPTION:
        raise GiftError(f"답이 너무 길어요. {LONGEST_OPTION:,}자 안으로 줄여 주세요.", place)
    return Option(match[1] == "=", weight, text, show(feedback).strip(), place)


def _read_kind(
    options: Sequence[Option], place: int
) -> tuple[str, dict[str, Any], tuple[tuple[int, str], ...]]:
    if all(each.right for each in options):
        if any("->" in each.text for each in options):
            return "matching", _read_pairs(options), ()
        return "short", _read_variants(options), _half_notes(options)
    rights = [each for each in options if each.right]
    if rights:
        if len(rights) > 1:
            raise GiftError(
                "정답 = 이 둘이에요. 여러 개를 고르는 문제라면 모두 ~%50% 처럼 적어 주세요.", rights[1].place
            )
        return "choice", _read_choices(options, rights), _half_notes(options)
    rights = [each for each in options if each.weight is not None and each.weight > 0]
    if not rights:
        raise GiftError("정답이 없어요. 맞는 답 앞에 = 을 적어 주세요.", place)
    whole = sum((each.weight or Decimal() for each in rights), Decimal())
    if abs(whole - 100) > Decimal("0.1"):
        raise GiftError(f"맞는 답의 비율을 더하면 100%여야 해요. 지금은 {whole}%예요.", rights[0].place)
    return "choice" if len(rights) == 1 else "multiple", _read_choices(options, rights), ()


def _half_notes(options: Sequence[Option]) -> tuple[tuple[int, str], ...]:
    """Say that we give all points or none, where the file gives half."""
    sentence = "여기서는 부분 점수를 주지 않아요. 정답만 점수를 받아요."
    return tuple(
        (each.place, sentence)
        for each in options
        if each.weight is not None and not each.right and each.weight > 0
    ) + tuple(
        (each.place, sentence) for each in options if each.right and each.weight not in {None, Decimal(100)}
    )


def _read_choices(options: Sequence[Option], rights: Sequence[Option]) -> dict[str, Any]:
    if len(options) < 2:
        raise GiftError("고를 보기가 둘은 있어야 해요.", options[0].place)
    seen: set[str] = set()
    for each in options:
        if each.text in seen:
            raise GiftError("똑같은 보기가 두 번 나와요. 하나를 고쳐 주세요.", each.place)
        seen.add(each.text)
    keyed = list(zip(ascii_lowercase, options, strict=False))
    return {
        "choices": [{"key": key, "text": each.text, "feedback": each.feedback} for key, each in keyed],
        "key": [key for key, each in keyed if each in rights],
    }


def _read_variants(options: Sequence[Option]) -> dict[str, Any]:
    starred = next((each for each in options if "*" in each.text), None)
    if starred:
        raise GiftError("별표(*)는 쓰지 않아요. 맞는 답을 하나씩 모두 적어 주세요.", starred.place)
    return {"key": list(dict.fromkeys(each.text for each in options))}


def _read_pairs(options: Sequence[Option]) -> dict[str, Any]:
    """Return rows and options; a pair whose left side is empty only adds an option that fits nothing."""
    rows: list[dict[str, str]] = []
    key: list[dict[str, str]] = []
    rights: list[str] = []
    for each in options:
        left, arrow, right = (part.strip() for part in each.text.partition("->"))
        if not arrow or not right:
            raise GiftError("짝은 = 왼쪽 -> 오른쪽 으로 적어 주세요.", each.place)
        if right not in rights:
            rights.append(right)
        if left:
            rows.append({"key": str(len(rows) + 1), "text": left})
            key.append({"row": rows[-1]["key"], "option": ascii_lowercase[rights.index(right)]})
    if len(rows) < 2 or len({row["text"] for row in rows}) < len(rows):
        raise GiftError("짝짓기는 왼쪽이 서로 다른 짝이 둘은 있어야 해요.", options[0].place)
    chosen = [{"key": letter, "text": text} for letter, text in zip(ascii_lowercase, rights, strict=False)]
    return {"rows": rows, "options": chosen, "key": key}


def _read_numbers(body: str, place: int) -> list[dict[str, str]]:
    """Read ``12.5:0.5``, ``12..13``, or several of these with ``=`` before each."""
    if not body.lstrip().startswith(("=", "~")):
        return [_read_number(body.partition("#")[0], place)]
    found = []
    for each in _OPTION.finditer(body):
        said = each[2].partition("#")[0].strip()
        weight = _WEIGHT.match(said)
        if each[1] == "=":
            found.append(_read_number(said[weight.end() :] if weight else said, place + each.start()))
    if not found:
        raise GiftError("맞는 숫자가 없어요. {#12500:1} 처럼 적어 주세요.", place)
    return found


def _read_number(written: str, place: int) -> dict[str, str]:
    written = _COMMA.sub("", show(written).strip().strip("{}"))
    if ".." in written:
        least, _, most = (part.strip() for part in written.partition(".."))
        if not (NUMBER.fullmatch(least) and NUMBER.fullmatch(most)) or Decimal(least) > Decimal(most):
            raise GiftError("범위는 작은 수부터 {#10..12} 처럼 적어 주세요.", place)
        low, high = Decimal(least), Decimal(most)
        return {"value": plain((low + high) / 2), "tolerance": plain((high - low) / 2)}
    value, _, tolerance = (part.strip().strip("{}").strip() for part in written.partition(":"))
    tolerance = tolerance or "0"
    if not NUMBER.fullmatch(tolerance) or Decimal(tolerance) < 0:
        raise GiftError("허용하는 차이는 0보다 작지 않은 숫자예요. {#12500:1} 처럼 적어 주세요.", place)
    if NUMBER.fullmatch(value):
        return {"value": plain(Decimal(value)), "tolerance": plain(Decimal(tolerance))}
    if not _SUM.fullmatch(value):
        raise GiftError("숫자를 읽지 못했어요. {#12500:1} 처럼 숫자만 적어 주세요.", place)
    return {"value": value, "tolerance": plain(Decimal(tolerance))}


def plain(number: Decimal) -> str:
    """Write a number without an exponent and without zeros that say nothing."""
    written = f"{number:f}"
    return (written.rstrip("0").rstrip(".") if "." in written else written) or "0"
