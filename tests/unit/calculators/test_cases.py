"""Every worked case of cases.toml comes out to the won and to the day."""

import tomllib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from portal.calculators import fee_tables
from portal.calculators.channels import Channel
from portal.calculators.fee_tables import FeeTables
from portal.calculators.lines import Line
from portal.calculators.paydays import Order, Pace, Stage, follow
from portal.calculators.pricing import Wanted, find_price
from portal.calculators.settlement import Charge, Sale, Tax, settle
from portal.calculators.simplified_vat import Year, work_out
from portal.core.settings import ROOT
from portal.courses.facts import read_facts
from portal.courses.problems import Problems

CASES: dict[str, Any] = tomllib.loads(Path(__file__).with_name("cases.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tables() -> FeeTables:
    """Return the tables with the numbers the cases were worked with."""
    content = ROOT / "content"
    facts = read_facts(content / "facts", Problems(content))
    numbers: dict[str, str] = CASES["numbers"]
    then = {fact_id: replace(facts[fact_id], number=Decimal(number)) for fact_id, number in numbers.items()}
    return fee_tables.load(content, tuple({**facts, **then}.values()))


def charges(channel: Channel, choices: dict[str, Any]) -> tuple[Charge, ...]:
    return tuple(
        fee.typed_charge(choices[fee.id]) if fee.is_typed else fee.charge(choices.get(fee.id))
        for fee in channel.fees
    )


def named(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", CASES[kind], ids=[case["name"] for case in CASES[kind]])


def test_there_are_sixty_cases_and_more() -> None:
    kinds = ("settlement", "payday", "price", "simplified")

    assert sum(len(CASES[kind]) for kind in kinds) >= 60


@named("settlement")
def test_a_sale_is_settled_to_the_won(tables: FeeTables, case: dict[str, Any]) -> None:
    sale = Sale(
        case["price"],
        case["quantity"],
        shipping=case["shipping"],
        cost=case["cost"],
        box=case["box"],
        courier=case["courier"],
        tax=Tax(case["tax"]),
    )

    settled = settle(sale, charges(tables.channel(case["channel"]), case["choices"]))

    assert [line.won for line in settled.fees] == case["fees"]
    assert (settled.deposit, settled.left, settled.really_left) == (
        case["deposit"],
        case["left"],
        case["really_left"],
    )


@named("payday")
def test_money_comes_on_the_day(tables: FeeTables, case: dict[str, Any]) -> None:
    order = Order(case["day"], case["won"], Stage(case["stage"]))

    journey = follow(tables.way(case["way"]), order, Pace(*case["pace"]))

    assert [[payment.day, payment.won] for payment in journey.payments] == case["payments"]


@named("price")
def test_a_price_leaves_what_is_wanted(tables: FeeTables, case: dict[str, Any]) -> None:
    chosen = charges(tables.channel(case["channel"]), case["choices"])
    wanted = Wanted(Fraction(case["percent"], 100), case["won"])

    price = find_price([Line("드는 돈", case["cost"])], chosen, wanted, is_taxed=case["taxed"])

    assert price.least == case["least"]


@named("simplified")
def test_a_year_of_a_simplified_taxpayer(tables: FeeTables, case: dict[str, Any]) -> None:
    trade = next(trade for trade in tables.simplified.trades if trade.id == case["trade"])

    due = work_out(Year(case["sales"], case["invoices"], case["cards"]), trade, tables.simplified)

    assert due.tax.won == case["tax"]
    assert [line.won for line in due.relief] == case["relief"]
    assert due.pay == case["pay"]
