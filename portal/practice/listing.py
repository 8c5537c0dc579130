"""One product page of the practice store."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.practice import delivery, typed
from portal.practice.field import Field, Group, Option
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, judge
from portal.practice.product_name import check_name
from portal.practice.store_rules import Limits, Rules, options
from portal.practice.table import Table

_WON = "원"
_WAYS = Group("", tuple(Option(value, text) for value, text in delivery.WAYS.items()))


@dataclass(frozen=True)
class Goods:
    """What the story sells: the words, leaf categories, price, stock and ways of delivery that fit it."""

    #: Every one must stand in the name, in one of the ways it may be written.
    words: tuple[tuple[str, ...], ...]
    categories: tuple[str, ...]
    price: Limits
    stock_at_most: int
    delivery: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """A story, what it sells, an answer that passes, and the rules of the store."""

    story: str
    hints: tuple[str, ...]
    goods: Goods
    reference: Mapping[str, str]
    rules: Rules

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.story

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form, in the order of the page."""
        name = self.rules.name
        return (
            Field(
                "category",
                "카테고리",
                "손님이 상품을 찾는 진열대예요.",
                "select",
                options=options(self.rules),
            ),
            Field("name", "상품명", f"무엇을, 얼마나 파는지 {name.advised}자 안으로 적어요.", "text"),
            Field("price", "판매가", "손님이 낼 상품값이에요. 배송비는 빼고 적어요.", "money", _WON),
            Field("stock", "재고수량", "지금 팔 수 있는 만큼만 적어요.", "count", "개"),
            Field("delivery", "배송비 종류", "택배비를 누가 낼지 골라요.", "radio", options=(_WAYS,)),
            Field(
                "delivery_fee",
                "기본배송비",
                "손님에게 받을 배송비예요. 무료배송이면 비워 둬요.",
                "money",
                _WON,
            ),
            Field(
                "free_over",
                "무료배송 기준",
                f"‘{delivery.WAYS['conditional']}’일 때만 적어요.",
                "money",
                _WON,
            ),
            Field("return_fee", "반품배송비", "손님 마음이 바뀌어 돌려보낼 때 받는 돈이에요.", "money", _WON),
        )

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge a page: one remark for every field that can be judged, advice or a word of praise."""
        rules, ways = self.rules, self.goods.delivery
        return judge(
            {
                "category": lambda: _check_category(self, answer),
                "name": lambda: _check_name(self, answer),
                "price": lambda: _check_price(self, answer),
                "stock": lambda: _check_stock(self, answer),
                "delivery": lambda: delivery.check_delivery(ways, answer),
                "delivery_fee": lambda: delivery.check_delivery_fee(rules, ways, answer),
                "free_over": lambda: delivery.check_free_over(rules, ways, answer),
                "return_fee": lambda: delivery.check_return_fee(rules, answer),
            }
        )

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return dict(self.reference)

    def solution(self, seed: str) -> tuple[Line, ...]:
        """Show a page that passes, field by field."""
        fields = self.form_fields(seed, self.reference)
        return tuple(
            Line(field.label, field.shown(self.reference[field.name]))
            for field in fields
            if field.name in self.reference
        )


def read(values: Mapping[str, object], rules: Rules) -> Listing:
    """Read an authored table and try its reference answer; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "story", "hints", "goods", "reference")
    goods = _read_goods(table.table("goods"), rules)
    reference = table.table("reference")
    listing = Listing(
        table.text("story"),
        table.texts("hints"),
        goods,
        {key: reference.text(key) for key in reference.values},
        rules,
    )
    reference.allow(*(field.name for field in listing.form_fields("", listing.reference)))
    for remark in listing.check(listing.reference, "").remarks:
        if not remark.good:
            raise BadPractice(f"'{reference.at(remark.field)}' does not pass: {remark.sentence}")
    return listing


def _read_goods(table: Table, rules: Rules) -> Goods:
    table.allow("words", "categories", "price", "stock_at_most", "delivery")
    words, categories = table.choices("words"), table.texts("categories")
    least, most = table.wholes("price", "from", "to")
    if not words or not categories:
        raise BadPractice(f"'{table.at('words')}' and '{table.at('categories')}' must not be empty")
    for category in categories:
        if category not in rules.leaves:
            raise BadPractice(
                f"'{table.at('categories')}' names '{category}', which is no leaf of the practice store"
            )
    if not rules.price.least <= least <= most <= rules.price.most:
        raise BadPractice(f"'{table.at('price')}' must climb and keep to the store's limits")
    stock = table.whole("stock_at_most")
    if not rules.stock.least <= stock <= rules.stock.most:
        raise BadPractice(f"'{table.at('stock_at_most')}' must keep to the store's limits")
    ways = table.texts("delivery") or tuple(delivery.WAYS)
    for way in ways:
        if way not in delivery.WAYS:
            raise BadPractice(
                f"'{table.at('delivery')}' names '{way}'; the ways are {', '.join(delivery.WAYS)}"
            )
    return Goods(words, categories, Limits(least, most), stock, ways)


def _check_category(listing: Listing, answer: Answer) -> str:
    category = typed.text(answer, "category")
    if category in listing.rules.groups:
        raise AnswerError("큰 칸을 골랐어요. 그 안에서 더 작은 칸을 골라 주세요.")
    if category not in listing.rules.leaves:
        raise AnswerError("아직 고르지 않았어요. 물건에 맞는 카테고리를 골라 주세요.")
    if category not in listing.goods.categories:
        raise AnswerError("손님이 이 물건을 다른 곳에서 찾을 거예요. 맞는 칸을 골라 주세요.")
    return "손님이 찾기 쉬운 카테고리예요."


def _check_name(listing: Listing, answer: Answer) -> str:
    is_food = not listing.rules.food.isdisjoint(listing.goods.categories)
    return check_name(typed.text(answer, "name"), listing.rules.name, listing.goods.words, is_food=is_food)


def _check_price(listing: Listing, answer: Answer) -> str:
    price = typed.amount(answer, "price", missing="판매가를 적어 주세요.")
    limits, fair = listing.rules.price, listing.goods.price
    if fair.least <= price <= fair.most:
        return f"손님은 상품값으로 {price:,}원을 내요."
    if fair.least <= price * 10 <= fair.most:
        raise AnswerError("0이 하나 빠진 것 같아요. 값을 다시 봐 주세요.")
    if fair.least <= price // 10 <= fair.most:
        raise AnswerError("0이 하나 더 붙은 것 같아요. 값을 다시 봐 주세요.")
    if not limits.least <= price <= limits.most:
        raise AnswerError(f"값은 {limits.least:,}원부터 {limits.most:,}원까지 적을 수 있어요.")
    if fair.least == fair.most:
        raise AnswerError(f"문제에 나온 판매가는 {fair.least:,}원이에요. 그대로 적어 주세요.")
    raise AnswerError(f"이 물건은 {fair.least:,}원에서 {fair.most:,}원 사이로 적어 보세요.")


def _check_stock(listing: Listing, answer: Answer) -> str:
    stock = typed.amount(answer, "stock", missing="몇 개를 팔지 적어 주세요.", units=typed.COUNTERS)
    at_most = listing.goods.stock_at_most
    if stock < listing.rules.stock.least:
        raise AnswerError("재고가 0이면 손님이 살 수 없어요. 팔 수 있는 만큼 적어 주세요.")
    if stock > at_most:
        raise AnswerError(f"지금 가게에는 {at_most:,}개가 있어요. 그 안에서 적어 주세요.")
    return f"{stock:,}개가 팔리면 저절로 품절로 바뀌어요."
