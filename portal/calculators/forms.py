"""Shapes of what is typed into the calculators: amounts, days, and one choice for each fee."""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, TypeVar, cast

from flask import request
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import AnyOf, Optional, ValidationError

from portal.calculators.channels import Channel, Fee
from portal.calculators.paydays import Cost, Order, Pace, Stage, Way
from portal.calculators.pricing import Wanted
from portal.calculators.settlement import Charge, Sale, Tax
from portal.calculators.simplified_vat import Trade, Year
from portal.core.korean import won
from portal.practice import typed
from portal.practice.outcome import UnreadableError
from portal.web.form import DayField, Form, SelectChoice

MOST_WON = 10_000_000_000
MOST_PIECES = 10_000
MOST_DAYS = 60
MOST_PERCENT = 90
ROWS, MORE_ROWS, MOST_ROWS = 3, 3, 18
YEARS = range(2020, 2041)
"""For these the lunar holidays are known for certain."""

AnyForm = TypeVar("AnyForm", bound=Form)


class AmountField(StringField):
    """A whole number as people write it (3만 1천, 12,000원). Left out it is ``empty``."""

    def __init__(
        self,
        label: str,
        missing: str = "",
        *,
        least: int = 0,
        most: int = MOST_WON,
        unit: str = "원",
        **kwargs: Any,
    ) -> None:
        self.empty = kwargs.pop("empty", 0)
        super().__init__(label, **kwargs)
        self.missing, self.least, self.most, self.unit = missing, least, most, unit
        self.amount: int = self.empty
        if missing:
            self.flags.required = True

    def pre_validate(self, form: Any) -> None:
        """Read the number, or say how to write it."""
        if not self.data and not self.missing:
            return
        units = (*typed.COUNTERS, self.unit) if self.unit == "개" else (self.unit, "퍼센트")
        try:
            amount = typed.amount({"it": self.data or ""}, "it", missing=self.missing, units=units)
        except UnreadableError as error:
            raise ValidationError(str(error)) from error
        if not self.least <= amount <= self.most:
            raise ValidationError(
                f"{self._shown(self.least)}부터 {self._shown(self.most)}까지 적을 수 있어요."
            )
        self.amount = amount

    def _shown(self, amount: int) -> str:
        return won(amount) if self.unit == "원" else f"{amount:,}{self.unit}"


class CalculatorForm(Form):
    """A form sent by its address: it is worked out when the field that begins it is there."""

    begins_with = ""

    def submitted(self) -> bool:
        """Tell whether something was typed and is well shaped; a badly shaped one answers 422."""
        if self.begins_with not in request.args:
            return False
        if self.validate():
            return True
        self.status = 422
        return False


def _radio(label: str, choices: Mapping[str, str], **kwargs: Any) -> RadioField:
    """Return a radio group; an address that leaves it out means the first choice."""
    return RadioField(
        label,
        [AnyOf(list(choices), "보이는 것 가운데에서 골라 주세요.")],
        choices=[SelectChoice(value, name) for value, name in choices.items()],
        default=next(iter(choices)),
        validate_choice=False,
        **kwargs,
    )


def _fee_field(fee: Fee) -> Any:
    if fee.is_typed:
        return AmountField(fee.asks, "빈칸이에요. 주문 한 건에 얼마인지 적어 주세요.", description=fee.hint)
    choices = {rate.id: rate.label for rate in fee.rates}
    if len(choices) <= 3:
        return _radio(fee.asks, choices)
    return SelectField(
        fee.asks, choices=[SelectChoice(*choice) for choice in choices.items()], default=fee.rates[0].id
    )


class ChannelForm(CalculatorForm):
    """A form with one choice for each fee of a channel that asks something."""

    channel: Channel

    @property
    def fee_fields(self) -> list[Any]:
        """Return the fields of the channel's fees in their order."""
        return [self[_name(fee)] for fee in self.channel.fees if fee.asks]

    def charges(self) -> tuple[Charge, ...]:
        """Return the fees as chosen."""
        return tuple(self._charge(fee) for fee in self.channel.fees)

    def _charge(self, fee: Fee) -> Charge:
        if fee.is_typed:
            return fee.typed_charge(cast(AmountField, self[_name(fee)]).amount)
        return fee.charge(self[_name(fee)].data if fee.asks else None)


def _name(fee: Fee) -> str:
    return f"fee_{fee.id}"


def for_channel(base: type[AnyForm], channel: Channel) -> AnyForm:
    """Return the form of a channel with what was sent."""
    fields = {_name(fee): _fee_field(fee) for fee in channel.fees if fee.asks}
    kind: type[AnyForm] = type(base.__name__, (base,), {**fields, "channel": channel})
    return kind(request.args)


class SettlementForm(ChannelForm):
    """One order: what the buyer pays and what it costs."""

    begins_with = "price"

    price = AmountField(
        "상품값",
        "빈칸이에요. 하나에 얼마에 파는지 적어 주세요.",
        least=1,
        description="하나 값이에요. 예: 12,000원, 3만 1천",
    )
    quantity = AmountField("한 주문에 몇 개", least=1, most=MOST_PIECES, unit="개", empty=1, default="1")
    shipping = AmountField("손님이 내는 배송비", description="무료배송이면 비워 두세요.")
    cost = AmountField("물건 하나 만드는 데 드는 돈", description="재료값이나 사 온 값이에요.")
    box = AmountField("포장값", description="상자, 비닐, 얼음팩까지 더해요.")
    courier = AmountField("택배 회사에 내는 돈")
    tax = _radio(
        "우리 가게 세금",
        {Tax.GENERAL: "일반과세", Tax.SIMPLIFIED: "간이과세", Tax.EXEMPT: "면세 물건"},
    )

    def sale(self) -> Sale:
        """Return the order."""
        return Sale(
            self.price.amount,
            self.quantity.amount,
            shipping=self.shipping.amount,
            cost=self.cost.amount,
            box=self.box.amount,
            courier=self.courier.amount,
            tax=Tax(self.tax.data),
        )


class PriceForm(ChannelForm):
    """What a sale costs and what should be left."""

    begins_with = "cost"

    cost = AmountField(
        "물건 하나 만드는 데 드는 돈",
        "빈칸이에요. 물건 하나에 드는 돈을 적어 주세요.",
        least=1,
        description="예: 14,000원",
    )
    box = AmountField("포장값", description="예: 800원")
    courier = AmountField("택배 회사에 내는 돈", description="예: 3,300원")
    wanted_as = _radio("남는 돈을 어떻게 적을까요", {"percent": "값의 몇 퍼센트", "won": "얼마"})
    wanted = AmountField(
        "남기고 싶은 돈",
        "빈칸이에요. 남기고 싶은 만큼 적어 주세요.",
        unit="%",
        description="퍼센트면 20, 돈이면 5,000처럼 적어요.",
    )
    goods = _radio("부가세", {"taxed": "부가세가 붙는 물건", "exempt": "면세 물건이나 간이과세자"})

    def validate_wanted(self, field: AmountField) -> None:
        """Refuse more percent than a price can leave."""
        if self.wanted_as.data == "percent" and field.amount > MOST_PERCENT:
            raise ValidationError(
                f"{MOST_PERCENT}% 아래로 적어 주세요. 돈으로 적으려면 위에서 ‘얼마’를 골라 주세요."
            )

    def wish(self) -> Wanted:
        """Return what should be left."""
        if self.wanted_as.data == "percent":
            return Wanted(share=Fraction(self.wanted.amount, 100))
        return Wanted(amount=self.wanted.amount)


class SimplifiedForm(CalculatorForm):
    """A year of a 간이과세자."""

    begins_with = "sales"
    trade: RadioField

    sales = AmountField(
        "한 해 동안 판 돈",
        "빈칸이에요. 한 해 동안 판 돈을 적어 주세요.",
        description="부가세까지 더해 손님에게 받은 돈이에요. 예: 6,000만 원은 60,000,000",
    )
    invoices = AmountField(
        "세금계산서를 받고 산 돈", description="부가세까지 더한 돈이에요. 없으면 비워 두세요."
    )
    cards = AmountField("카드와 현금영수증으로 판 돈", description="위의 판 돈 가운데 얼마인지 적어요.")

    def validate_cards(self, field: AmountField) -> None:
        """Refuse more sold by card than sold."""
        if field.amount > self.sales.amount > 0:
            raise ValidationError("한 해 동안 판 돈보다 많아요. 그 가운데 얼마인지 적어 주세요.")

    def year(self) -> Year:
        """Return the year."""
        return Year(self.sales.amount, self.invoices.amount, self.cards.amount)


def for_trades(trades: tuple[Trade, ...]) -> SimplifiedForm:
    """Return the form of 간이과세 with what was sent."""
    field = _radio("우리 가게가 하는 일", {trade.id: trade.label for trade in trades})
    kind: type[SimplifiedForm] = type("SimplifiedForm", (SimplifiedForm,), {"trade": field})
    return kind(request.args)


LONGEST_SPAN = timedelta(days=2 * 366)
"""Between the first and the last order of a calendar, which shows every month between them."""

STAGES = {
    Stage.ORDERED: "주문받은 날",
    Stage.SENT: "물건을 보낸 날",
    Stage.CONFIRMED: "구매확정된 날",
}


class PaydaysForm(CalculatorForm):
    """Orders whose money is to come, and what goes out meanwhile."""

    begins_with = "day_1"
    stage: RadioField
    confirm: AmountField

    send = AmountField(
        "주문받고 며칠 만에 보내나요",
        most=MOST_DAYS,
        unit="일",
        empty=1,
        default="1",
        description="쉬는 날은 빼고 세요.",
    )
    arrive = AmountField(
        "보내고 며칠 만에 도착하나요",
        most=MOST_DAYS,
        unit="일",
        empty=1,
        default="1",
        description="쉬는 날은 빼고 세요.",
    )
    in_hand = AmountField("지금 통장에 있는 돈", description="비워 두면 0원으로 셈해요.")
    cost_won = AmountField("매달 나가는 돈", description="재료값, 월세, 품삯을 더해요. 비워 두어도 돼요.")
    cost_day = AmountField("매달 며칠에 나가나요", least=1, most=31, unit="일", empty=25, default="25")
    rows = IntegerField(default=ROWS)

    @property
    def pairs(self) -> list[tuple[int, Any, Any]]:
        """Return the number, the day and the money of each row."""
        return [
            (number, self[f"day_{number}"], self[f"won_{number}"])
            for number in range(1, MOST_ROWS + 1)
            if f"day_{number}" in self
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the other half of a row half typed, and for one row at least."""
        is_valid = super().validate(extra_validators)
        for _, day, amount in self.pairs:
            if day.data and not amount.data:
                amount.errors = [*amount.errors, "들어올 돈을 적어 주세요."]
            elif amount.data and not day.data and not day.errors:
                day.errors = [*day.errors, "날짜를 적어 주세요."]
        _, first, _ = self.pairs[0]
        if is_valid and not any(day.data or amount.data for _, day, amount in self.pairs):
            first.errors = [*first.errors, "주문을 하나는 적어 주세요."]
        days = [day.data for _, day, _ in self.pairs if day.data]
        if days and max(days) - min(days) > LONGEST_SPAN:
            first.errors = [*first.errors, "날짜가 두 해 넘게 벌어져 있어요. 가까운 날끼리 적어 주세요."]
        return is_valid and not any(day.errors or amount.errors for _, day, amount in self.pairs)

    def orders(self) -> list[Order]:
        """Return the orders typed."""
        stage = Stage(self.stage.data)
        return [Order(day.data, amount.amount, stage) for _, day, amount in self.pairs if day.data]

    def pace(self) -> Pace:
        """Return how fast orders go on."""
        return Pace(self.send.amount, self.arrive.amount, self.confirm.amount)

    def cost(self) -> Cost | None:
        """Return what goes out every month, if anything does."""
        return Cost(self.cost_won.amount, self.cost_day.amount) if self.cost_won.amount else None


def for_way(way: Way) -> PaydaysForm:
    """Return the form of a way of being paid with what was sent, with as many rows as it was asked for."""
    usual = str(way.confirm_after.number) if way.confirm_after else "7"
    stages = {
        str(key): words
        for key, words in STAGES.items()
        if way.counted_from is Stage.CONFIRMED or key is not Stage.CONFIRMED
    }
    fields: dict[str, Any] = {
        "stage": _radio("아래에 적는 날짜는 무슨 날인가요", stages),
        "confirm": AmountField(
            "도착하고 며칠 뒤 구매확정되나요",
            most=MOST_DAYS,
            unit="일",
            empty=int(usual),
            default=usual,
            description="손님이 누르지 않으면 저절로 되는 날이에요.",
        ),
    }
    rows = _row_count()
    for number in range(1, rows + 1):
        fields[f"day_{number}"] = DayField("날짜", [Optional(), _known_year])
        fields[f"won_{number}"] = AmountField("들어올 돈", least=1)
    kind: type[PaydaysForm] = type("PaydaysForm", (PaydaysForm,), fields)
    form = kind(request.args)
    form.rows.data = rows
    return form


def _row_count() -> int:
    rows = request.args.get("rows", ROWS, type=int) + (MORE_ROWS if "more" in request.args else 0)
    return min(max(rows, ROWS), MOST_ROWS)


def _known_year(form: Any, field: Any) -> None:
    if isinstance(field.data, date) and field.data.year not in YEARS:
        raise ValidationError(f"{YEARS[0]}년부터 {YEARS[-1]}년 사이의 날짜를 적어 주세요.")
