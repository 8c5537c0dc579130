"""A price from what should be left (domain research §3.7 E).

The price must cover what the sale costs, the fees, VAT and the wanted rest. VAT is taken as a whole eleventh,
so what was paid with the costs stays as a reserve. Sold with free shipping: the fees on shipping fall away.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.calculators.lines import Line, floored, percent
from portal.calculators.settlement import VAT_INSIDE, Base, Charge
from portal.core.errors import DomainError
from portal.core.korean import won

ROUND_TO = 100
"""Shops write prices in hundreds."""


@dataclass(frozen=True)
class Wanted:
    """What should be left: a share of the price, or an amount."""

    share: Fraction = Fraction(0)
    amount: int = 0


@dataclass(frozen=True)
class Price:
    """The least price, one that is easier to write, and what becomes of that one."""

    costs: tuple[Line, ...]
    #: The shares of the price that are gone before anything is covered: words and rate.
    shares: tuple[tuple[str, str], ...]
    shown: str
    least: int
    rounded: int
    check: tuple[Line, ...]
    left: int


def find_price(costs: Sequence[Line], charges: Sequence[Charge], wanted: Wanted, *, is_taxed: bool) -> Price:
    """Return the least price that leaves what is wanted. Raises DomainError if none does."""
    charges = [charge for charge in charges if charge.base is not Base.SHIPPING]
    amounts = [charge.take(0, 0) for charge in charges if charge.amount]
    rates = [charge for charge in charges if not charge.amount]
    fee_share = sum((charge.full_share for charge in rates), Fraction(0))
    kept = 1 - fee_share - wanted.share - (VAT_INSIDE if is_taxed else 0)
    if kept <= 0:
        raise DomainError(
            "이만큼 남기는 값은 없어요. 수수료와 세금을 빼면 남는 것이 모자라요. 더 적게 적어 주세요.",
            field="wanted",
        )
    covered = sum(line.won for line in (*costs, *amounts)) + wanted.amount
    least = math.ceil(covered / kept)
    rounded = -(-least // ROUND_TO) * ROUND_TO
    check = _check(rounded, rates, is_taxed=is_taxed)
    spent = sum(line.won for line in (*costs, *amounts, *check))
    return Price(
        (*costs, *amounts),
        tuple(_name_shares(rates, wanted, is_taxed=is_taxed)),
        _show(covered, fee_share, wanted, is_taxed=is_taxed),
        least,
        rounded,
        check,
        rounded - spent,
    )


def _name_shares(rates: Sequence[Charge], wanted: Wanted, *, is_taxed: bool) -> Iterator[tuple[str, str]]:
    for charge in rates:
        yield charge.label, percent(charge.full_share)
    if is_taxed:
        yield "부가세", "11분의 1"
    if wanted.share:
        yield "남기고 싶은 돈", percent(wanted.share)
    if wanted.amount:
        yield "남기고 싶은 돈", won(wanted.amount)


def _check(price: int, rates: Sequence[Charge], *, is_taxed: bool) -> tuple[Line, ...]:
    fees = tuple(charge.take(price, 0) for charge in rates)
    if not is_taxed:
        return fees
    return (*fees, floored("부가세", price * VAT_INSIDE, shown=f"{won(price)} ÷ 11"))


def _show(covered: int, fee_share: Fraction, wanted: Wanted, *, is_taxed: bool) -> str:
    taken = [percent(fee_share)] if fee_share else []
    taken += ["11분의 1"] if is_taxed else []
    taken += [percent(wanted.share)] if wanted.share else []
    return f"{won(covered)} ÷ (1 − {' − '.join(taken)})" if taken else won(covered)
