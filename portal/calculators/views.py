"""Pages of the calculators. Each result has an address of its own that can be kept and passed on."""

from collections.abc import Iterable
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.calculators import fee_tables
from portal.calculators.forms import PriceForm, SettlementForm, for_channel, for_trades, for_way
from portal.calculators.lines import Line
from portal.calculators.paydays import Stage, follow, list_entries, list_months
from portal.calculators.pricing import find_price
from portal.calculators.settlement import Tax, settle
from portal.calculators.simplified_vat import work_out
from portal.core import clock
from portal.core.clock import KST
from portal.courses.facts import Fact, FactNote, notes_on
from portal.web.access import ANYONE, access

bp = Blueprint("calculators", __name__, url_prefix="/calculators", template_folder="templates")


@bp.get("/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """List the four calculators."""
    return render_template("calculators/index.html")


@bp.get("/settlement/")
@access(ANYONE)
def settlement() -> ResponseReturnValue:
    """Work out what is left of a sale."""
    tables = fee_tables.current()
    channel = tables.channel(request.args.get("channel"))
    form = for_channel(SettlementForm, channel)
    result, notes = None, _notes(())
    if form.submitted():
        charges = form.charges()
        result = settle(form.sale(), charges)
        notes = _notes((*(charge.fact for charge in charges), *channel.also))
    page = render_template(
        "calculators/settlement.html",
        form=form,
        channels=tables.channels,
        channel=channel,
        result=result,
        is_simplified=form.tax.data == Tax.SIMPLIFIED,
        notes=notes,
    )
    return page, form.status


@bp.get("/paydays/")
@access(ANYONE)
def paydays() -> ResponseReturnValue:
    """Work out on which days the money comes in."""
    tables = fee_tables.current()
    way = tables.way(request.args.get("way"))
    form = for_way(way)
    journeys = []
    if "more" not in request.args and form.submitted():
        journeys = [follow(way, order, form.pace()) for order in form.orders()]
    entries = list_entries(journeys, form.cost(), in_hand=form.in_hand.amount)
    page = render_template(
        "calculators/paydays.html",
        form=form,
        ways=tables.ways,
        way=way,
        is_from_sending=way.counted_from is Stage.SENT,
        journeys=journeys,
        entries=entries,
        months=list_months(entries),
        notes=_notes(way.facts if entries else ()),
    )
    return page, form.status


@bp.get("/price/")
@access(ANYONE)
def price() -> ResponseReturnValue:
    """Work out the price that leaves what is wanted."""
    tables = fee_tables.current()
    channel = tables.channel(request.args.get("channel"))
    form = for_channel(PriceForm, channel)
    result, notes = None, _notes(())
    if form.submitted():
        charges = form.charges()
        costs = (
            Line("물건 만드는 데 드는 돈", form.cost.amount),
            Line("포장값", form.box.amount),
            Line("택배 회사에 내는 돈", form.courier.amount),
        )
        with form.show_refusal():
            result = find_price(costs, charges, form.wish(), is_taxed=form.goods.data == "taxed")
            notes = _notes(charge.fact for charge in charges)
    page = render_template(
        "calculators/price.html",
        form=form,
        channels=tables.channels,
        channel=channel,
        result=result,
        notes=notes,
    )
    return page, form.status


@bp.get("/simplified-vat/")
@access(ANYONE)
def simplified_vat() -> ResponseReturnValue:
    """Work out the yearly VAT of a 간이과세자."""
    rules = fee_tables.current().simplified
    form = for_trades(rules.trades)
    result, notes = None, _notes(())
    if form.submitted():
        trade = next(trade for trade in rules.trades if trade.id == form.trade.data)
        result = work_out(form.year(), trade, rules)
        notes = _notes((trade.fact, *rules.facts_by_name.values()))
    page = render_template("calculators/simplified_vat.html", form=form, result=result, notes=notes)
    return page, form.status


def _notes(facts: Iterable[Fact | None]) -> tuple[FactNote, ...]:
    """Return the facts of a result, each once, as they stand today."""
    used = {fact.id: fact for fact in facts if fact is not None}
    return notes_on(used.values(), _today())


def _today() -> date:
    return clock.now().astimezone(KST).date()
