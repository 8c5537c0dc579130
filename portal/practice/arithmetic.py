"""Sums as authors write them: parsed without eval, worked out without floats, shown as on paper."""

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, Union

from portal.core.i18n import gettext as _
from portal.core.i18n import noted, translated
from portal.practice.outcome import BadPractice

LONGEST_SUM = 200  # characters; keeps the recursion below shallow
WON = noted("원")
PERCENT = "%"

_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_SHOWN = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}


@dataclass(frozen=True)
class Whole:
    """A whole number in a sum."""

    value: int


@dataclass(frozen=True)
class Name:
    """A draw, a rate or an earlier line."""

    name: str


@dataclass(frozen=True)
class Pair:
    """Two sums and the sign between them."""

    left: "Sum"
    sign: str
    right: "Sum"


Sum = Union[Whole, Name, Pair]  # noqa: UP007 - Pair names it before it exists


class Quantity(NamedTuple):
    """An exact amount; 1.98 % is the value 0.0198 with the unit %."""

    value: Fraction
    unit: str = ""


def parse(text: str, names: Collection[str], path: str) -> Sum:
    """Read ``+ - * /``, brackets, whole numbers and these names; raises BadPractice at anything else."""
    if len(text) > LONGEST_SUM:
        raise BadPractice(f"'{path}' is longer than {LONGEST_SUM} characters")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise BadPractice(f"'{path}' is not a sum: {text!r}") from error
    return _convert(tree, names, path)


def _convert(node: ast.expr, names: Collection[str], path: str) -> Sum:
    match node:
        case ast.Constant(value=int(value)) if type(value) is int:
            return Whole(value)
        case ast.Name(id=name) if name in names:
            return Name(name)
        case ast.Name(id=name):
            raise BadPractice(f"'{path}' uses '{name}', which is no draw, rate or earlier line")
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _SIGNS:
            return Pair(_convert(left, names, path), _SIGNS[type(operator)], _convert(right, names, path))
        case _:
            raise BadPractice(f"'{path}' may hold only + - * /, brackets, whole numbers and names")


def work_out(part: Sum, known: Mapping[str, Quantity]) -> Quantity:
    """Work a sum out exactly; raises ZeroDivisionError."""
    match part:
        case Whole(value):
            return Quantity(Fraction(value))
        case Name(name):
            return known[name]
        case Pair(left, sign, right):
            return _apply(sign, work_out(left, known), work_out(right, known))


def _apply(sign: str, left: Quantity, right: Quantity) -> Quantity:
    won = WON if WON in (left.unit, right.unit) else ""
    match sign:
        case "+":
            return Quantity(left.value + right.value, won)
        case "-":
            return Quantity(left.value - right.value, won)
        case "*":
            return Quantity(left.value * right.value, won)
        case _:
            return Quantity(left.value / right.value, "" if right.unit == WON else won)


def show(part: Sum, known: Mapping[str, Quantity]) -> str:
    """Write a sum as on paper, 33,000원 × 1.98%: a bracket that comes to whole won is shown as its result."""
    if not isinstance(part, Pair):
        return show_quantity(work_out(part, known))
    unit = work_out(part, known).unit if _BINDS[part.sign] == 1 else ""
    left = _show_operand(part.left, known, unit, _BINDS[part.sign])
    right = _show_operand(part.right, known, unit, _BINDS[part.sign] + 1)
    return f"{left} {_SHOWN[part.sign]} {right}"


def _show_operand(part: Sum, known: Mapping[str, Quantity], unit: str, binds: int) -> str:
    match part:
        case Whole(value):
            return show_quantity(Quantity(Fraction(value), unit))
        case Pair(sign=sign) if _BINDS[sign] < binds:
            result = work_out(part, known)
            plain = result.unit == WON and result.value.denominator == 1 and not _has_rate(part, known)
            return show_quantity(result) if plain else f"({show(part, known)})"
        case _:
            return show(part, known)


def _has_rate(part: Sum, known: Mapping[str, Quantity]) -> bool:
    match part:
        case Pair(left, _, right):
            return _has_rate(left, known) or _has_rate(right, known)
        case Name(name):
            return known[name].unit == PERCENT
        case _:
            return False


def show_quantity(quantity: Quantity) -> str:
    """Write an amount with its unit and its thousands separators."""
    if quantity.unit == PERCENT:
        percent = quantity.value * 100
        return f"{(Decimal(percent.numerator) / Decimal(percent.denominator)).normalize():f}%"
    return with_unit(int(quantity.value), quantity.unit)


def with_unit(amount: int, unit: str) -> str:
    """Write a whole amount with its unit: 12,000원, 10GB; in English 12,000 won, 10 GB."""
    if not unit:
        return f"{amount:,}"
    return _("%(amount)s%(unit)s", amount=f"{amount:,}", unit=translated(unit))
