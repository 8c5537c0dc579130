"""What is left of a sale, to the won.

Each fee is worked out for itself and its fraction of a won dropped (domain research §3.7). A fee quoted
without VAT is taken with the 10 % on top.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from portal.calculators.lines import Line, floored, times
from portal.core.korean import won
from portal.courses.facts import Fact

WITH_VAT = Fraction(11, 10)
VAT_INSIDE = Fraction(1, 11)
"""How much of an amount that includes VAT is VAT."""


class Base(StrEnum):
    """What a rate is taken of."""

    GOODS = "goods"
    SHIPPING = "shipping"
    PAID = "paid"


class Tax(StrEnum):
    """How the shop stands to VAT."""

    GENERAL = "general"
    SIMPLIFIED = "simplified"
    EXEMPT = "exempt"


@dataclass(frozen=True)
class Charge:
    """A fee as it holds for one shop: a share of something, or an amount."""

    label: str
    about: str
    base: Base
    share: Fraction
    amount: int = 0
    is_vat_included: bool = True
    fact: Fact | None = None

    @property
    def full_share(self) -> Fraction:
        """Return the share with VAT."""
        return self.share if self.is_vat_included else self.share * WITH_VAT

    def take(self, goods: int, shipping: int) -> Line:
        """Return what is taken of a sale."""
        if self.amount:
            return self._take_amount()
        base = {Base.GOODS: goods, Base.SHIPPING: shipping, Base.PAID: goods + shipping}[self.base]
        shown = times(base, self.share) + ("" if self.is_vat_included else " × 1.1")
        return floored(self.label, base * self.full_share, shown=shown, about=self.about, fact=self.fact)

    def _take_amount(self) -> Line:
        exact = self.amount * (1 if self.is_vat_included else WITH_VAT)
        shown = won(self.amount) + ("" if self.is_vat_included else " × 1.1")
        return floored(self.label, Fraction(exact), shown=shown, about=self.about, fact=self.fact)


@dataclass(frozen=True)
class Sale:
    """One order: what the buyer pays and what it costs the shop, in won."""

    price: int
    quantity: int = 1
    #: What the buyer pays for shipping.
    shipping: int = 0
    #: What one piece costs the shop.
    cost: int = 0
    box: int = 0
    courier: int = 0
    tax: Tax = Tax.GENERAL

    @property
    def goods(self) -> int:
        """Return what the buyer pays for the goods."""
        return self.price * self.quantity


@dataclass(frozen=True)
class Settlement:
    """The whole way from what the buyer paid to what is really left."""

    paid: tuple[Line, ...]
    fees: tuple[Line, ...]
    costs: tuple[Line, ...]
    vat: Line | None
    paid_won: int
    deposit: int
    #: Before tax.
    left: int
    really_left: int


def settle(sale: Sale, charges: Iterable[Charge]) -> Settlement:
    """Work a sale out line by line."""
    paid = (
        Line("상품값", sale.goods, f"{won(sale.price)} × {sale.quantity:,}개" if sale.quantity > 1 else ""),
        Line("손님이 낸 배송비", sale.shipping),
    )
    fees = tuple(charge.take(sale.goods, sale.shipping) for charge in charges)
    costs = (
        Line(
            "물건 만드는 데 든 돈",
            sale.cost * sale.quantity,
            f"{won(sale.cost)} × {sale.quantity:,}개" if sale.quantity > 1 else "",
        ),
        Line("포장값", sale.box),
        Line("택배 회사에 낸 돈", sale.courier),
    )
    paid_won = _sum(paid)
    deposit = paid_won - _sum(fees)
    left = deposit - _sum(costs)
    vat = _vat(paid_won, _sum(fees), _sum(costs)) if sale.tax is Tax.GENERAL else None
    return Settlement(paid, fees, costs, vat, paid_won, deposit, left, left - (vat.won if vat else 0))


def _vat(paid: int, fees: int, costs: int) -> Line:
    """Return the VAT to put aside: what came in with the money less what was paid with fees and costs."""
    margin = paid - fees - costs
    return floored(
        "부가세로 따로 둘 돈",
        max(margin, 0) * VAT_INSIDE,
        shown=f"({won(paid)} − {won(fees)} − {won(costs)}) ÷ 11",
        about="일반과세자가 나중에 낼 돈을 어림했어요. 든 돈에 세금계산서를 받았다고 봤어요.",
    )


def _sum(lines: Iterable[Line]) -> int:
    return sum(line.won for line in lines)
