"""Numbers that differ from paper to paper: drawn by the paper's seed, put into the question and into its key.

They hang on the paper, not on the attempt: the paper twin of a paper asks for the same sums as the screen.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from portal.certification.gift_answers import GiftError
from portal.practice import arithmetic, mixing
from portal.practice.arithmetic import Pair, Quantity, Sum
from portal.practice.outcome import BadPractice

MOST_NAMES = 4
MOST_VALUES = 10_000

_DRAW = re.compile(r"([a-z])\s*=\s*([0-9]{1,9})\s*\.\.\s*([0-9]{1,9})\s*/\s*([0-9]{1,9})")
_HOLE = re.compile(r"\{([^{}\n]{1,200})\}")
_PLAIN = re.compile(r"-?[0-9]{1,16}(?:\.[0-9]{1,8})?")
_SIGNS = re.compile(r"[0-9a-z+*/() -]{1,200}")


def read(written: str, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``// vary:`` adds to an item's content. Raises GiftError."""
    if kind != "numeric":
        if written:
            raise GiftError("숫자를 바꾸는 것은 숫자로 답하는 문항에서만 할 수 있어요.")
        return {}
    vary = _read_draws(written) if written else {}
    sums = [each["value"] for each in content["key"]]
    if vary:
        sums += _HOLE.findall(content["stem"])
    for each in sums:
        _try(each, vary)
    return {"vary": vary} if vary else {}


def drawn(content: Mapping[str, Any], seed: str) -> dict[str, int]:
    """Return the numbers of an item for a seed; none for an item that always has the same."""
    return {
        name: least + step * mixing.place(f"{seed}/", name, (most - least) // step + 1)
        for name, (least, most, step) in content.get("vary", {}).items()
    }


def stem(content: Mapping[str, Any], numbers: Mapping[str, int]) -> str:
    """Return the question with its numbers filled in."""
    if not numbers:
        return str(content["stem"])
    return _HOLE.sub(lambda hole: _shown(_work_out(hole[1], numbers)), content["stem"])


def values(content: Mapping[str, Any], numbers: Mapping[str, int]) -> list[tuple[Fraction, Fraction]]:
    """Return the right values of a numeric item, each with how far off still counts."""
    return [(_work_out(each["value"], numbers), Fraction(each["tolerance"])) for each in content["key"]]


def _shown(value: Fraction) -> str:
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.2f}".rstrip("0").rstrip(".")


def _read_draws(written: str) -> dict[str, list[int]]:
    vary: dict[str, list[int]] = {}
    for each in written.split(","):
        match = _DRAW.fullmatch(each.strip())
        if not match:
            raise GiftError("숫자를 바꾸려면 a=1000..5000/100 처럼 적어 주세요.")
        least, most, step = int(match[2]), int(match[3]), int(match[4])
        if step < 1 or least >= most or (most - least) // step >= MOST_VALUES:
            raise GiftError("작은 수부터 큰 수까지, 몇씩 커지는지 다시 봐 주세요. 예: a=1000..5000/100")
        if match[1] in vary or len(vary) >= MOST_NAMES:
            raise GiftError(f"바꾸는 숫자는 이름이 서로 다르게 {MOST_NAMES}개까지예요.")
        vary[match[1]] = [least, most, step]
    return vary


def _try(written: str, vary: Mapping[str, list[int]]) -> None:
    """Work a sum out for the least and the most of every draw. Raises GiftError where that does not go."""
    try:
        if not _PLAIN.fullmatch(written):
            _refuse_risky(_parsed(written, tuple(vary)))
        for picked in product(*((least, most) for least, most, _ in vary.values())):
            _work_out(written, dict(zip(vary, picked, strict=True)))
    except (BadPractice, ZeroDivisionError) as error:
        raise GiftError(f"‘{written}’ 셈을 풀지 못했어요. 이름과 + - * / 만 쓸 수 있어요.") from error


def _refuse_risky(part: Sum) -> None:
    """Refuse dividing by what is drawn: it may come to nothing."""
    if isinstance(part, Pair):
        if part.sign == "/" and not isinstance(part.right, arithmetic.Whole):
            raise BadPractice("divides by a draw")
        _refuse_risky(part.left)
        _refuse_risky(part.right)


def _parsed(written: str, names: tuple[str, ...]) -> Sum:
    if not _SIGNS.fullmatch(written):
        raise BadPractice(f"{written!r} is not a sum")
    return arithmetic.parse(written.strip(), names, "vary")


def _work_out(written: str, numbers: Mapping[str, int]) -> Fraction:
    if _PLAIN.fullmatch(written):
        return Fraction(written)
    known = {name: Quantity(Fraction(value)) for name, value in numbers.items()}
    return arithmetic.work_out(_parsed(written, tuple(numbers)), known).value
