"""The yearly VAT of a 간이과세자 (domain research §3.7 D)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from portal.calculators.lines import Line, floored, percent, times
from portal.core.korean import won
from portal.courses.facts import Fact, find_fact
from portal.courses.problems import Problems
from portal.courses.toml_file import Keys, read_toml

_NAMES = (
    "vat_rate",
    "invoice_credit",
    "card_credit",
    "card_credit_most",
    "no_pay_line",
    "simplified_line",
)


@dataclass(frozen=True)
class Trade:
    """A kind of business with its value-added rate."""

    id: str
    label: str
    fact: Fact


@dataclass(frozen=True)
class Rules:
    """The numbers the sum needs, each a fact."""

    trades: tuple[Trade, ...]
    facts_by_name: Mapping[str, Fact]

    @property
    def facts(self) -> Iterator[Fact]:
        """Return every fact in use."""
        yield from (trade.fact for trade in self.trades)
        yield from self.facts_by_name.values()

    def share(self, name: str) -> Fraction:
        """Return a percentage as a share of 1."""
        return self.amount(name) / 100

    def amount(self, name: str) -> Fraction:
        """Return a number as it stands."""
        return Fraction(self.facts_by_name[name].number or 0)


@dataclass(frozen=True)
class Year:
    """A year of business, in won with VAT."""

    sales: int
    #: Bought with a tax invoice, or a card or cash receipt in the business's name.
    invoices: int
    #: Sold by card and cash receipt.
    cards: int


@dataclass(frozen=True)
class Due:
    """What is to be paid, line by line; ``is_free`` if it is below the line and only filed."""

    tax: Line
    relief: tuple[Line, ...]
    pay: int
    is_free: bool
    is_over: bool


def read_rules(path: Path, facts: Mapping[str, Fact], problems: Problems) -> Rules | None:
    """Read the rules, or return None after noting why they cannot be read."""
    file = read_toml(path, problems)
    if file is None:
        return None
    keys = Keys(file, problems)
    keys.allow(*_NAMES, "trades")
    trades = tuple(_read_trade(each, facts) for each in keys.tables("trades"))
    return Rules(trades, {name: find_fact(keys, name, facts) for name in _NAMES})


def _read_trade(keys: Keys, facts: Mapping[str, Fact]) -> Trade:
    keys.allow("id", "label", "fact")
    return Trade(keys.text("id"), keys.text("label"), find_fact(keys, "fact", facts))


def work_out(year: Year, trade: Trade, rules: Rules) -> Due:
    """Work out the VAT of a year; never less than nothing."""
    value_added, rate = Fraction(trade.fact.number or 0) / 100, rules.share("vat_rate")
    tax = floored(
        "매출에서 나오는 부가세",
        year.sales * value_added * rate,
        shown=f"{times(year.sales, value_added)} × {percent(rate)}",
        about="판 돈에 업종의 부가가치율과 세율을 곱해요.",
        fact=trade.fact,
    )
    relief = (
        floored(
            "세금계산서를 받고 산 것",
            year.invoices * rules.share("invoice_credit"),
            shown=times(year.invoices, rules.share("invoice_credit")),
            about="사면서 낸 부가세 몫으로 빼 줘요.",
            fact=rules.facts_by_name["invoice_credit"],
        ),
        _card_credit(year, rules),
    )
    is_free = year.sales < rules.amount("no_pay_line")
    pay = 0 if is_free else max(tax.won - sum(line.won for line in relief), 0)
    return Due(tax, relief, pay, is_free, year.sales >= rules.amount("simplified_line"))


def _card_credit(year: Year, rules: Rules) -> Line:
    exact, most = year.cards * rules.share("card_credit"), int(rules.amount("card_credit_most"))
    line = floored(
        "카드와 현금영수증으로 판 것",
        min(exact, Fraction(most)),
        shown=times(year.cards, rules.share("card_credit")),
        about="카드와 현금영수증으로 판 돈에서 조금 빼 줘요.",
        fact=rules.facts_by_name["card_credit"],
    )
    if exact <= most:
        return line
    return Line(line.text, most, f"{line.shown}, {won(most)}까지만", line.about, Fraction(0), line.fact)
