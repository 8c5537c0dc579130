"""What the story of a practice sells, so that the page can be held against it."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.practice.outcome import BadPractice
from portal.practice.store_rules import Limits, Rules
from portal.practice.table import Table

#: The sections an author may ask for, in the order of the page.
SECTIONS = (
    "goods", "details", "options", "pictures", "notice", "origin", "safety", "delivery", "returns",
)  # fmt: skip

#: Naver's three deliveryFeeTypes (FREE, PAID, CONDITIONAL_FREE; domain.md §3.3) in the words we show.
WAYS = {"free": "무료배송", "paid": "배송비 따로 받기", "conditional": "많이 사면 무료배송"}
TAXES = {"taxed": "과세 상품", "free": "면세 상품"}
ORIGINS = {"domestic": "국산", "imported": "수입산"}
MADE = {
    "ready": "만들어 둔 것을 보내요",
    "after-order": "주문을 받고 만들어요 (주문 후 제작)",
    "custom": "한 사람에게만 맞춰 만들어요 (맞춤제작)",
}
FEES = ("delivery_fee", "island_fee", "return_fee", "exchange_fee")

#: Each item must stand in what is written, in one of the ways it may be written.
Words = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class OptionRow:
    """One value a buyer can pick; no extra price or stock means that the story names none."""

    words: tuple[str, ...]
    extra: int | None
    stock: int | None


@dataclass(frozen=True)
class Options:
    """What a buyer picks between."""

    names: tuple[str, ...]
    rows: tuple[OptionRow, ...]


@dataclass(frozen=True)
class Story:
    """What is sold: the words, leaf categories, price, stock and whatever else the story fixes."""

    #: Empty for the oldest form: what is sold, delivery and the fee for a return.
    sections: tuple[str, ...]
    words: Words
    categories: tuple[str, ...]
    price: Limits
    stock_at_most: int
    delivery: tuple[str, ...]
    #: Amounts that the story names, by field.
    fees: Mapping[str, int]
    maker: tuple[str, ...]
    phone: str
    tax: str
    minors: bool
    options: Options | None
    #: What must stand in a field of the notice, by the id of the field.
    notice: Mapping[str, Words]
    origin: str
    origin_words: Words
    return_address: Words
    kc_number: str
    made: str
    pictures: str


def read_story(sections: tuple[str, ...], table: Table, rules: Rules) -> Story:
    """Read what is sold, as far as the sections need it; raises BadPractice."""
    table.allow(
        "words", "categories", "price", "stock_at_most", "delivery", "fees", "maker", "phone", "tax",
        "minors", "options", "notice", "origin", "origin_words", "return_address", "kc_number", "made",
        "pictures",
    )  # fmt: skip
    words, categories = table.choices("words"), table.texts("categories")
    if not words or not categories:
        raise BadPractice(f"'{table.at('words')}' and '{table.at('categories')}' must not be empty")
    _require_leaves(table, categories, rules)
    return Story(
        sections=sections,
        words=words,
        categories=categories,
        price=_read_price(table, rules),
        stock_at_most=_read_stock(table, rules),
        delivery=_read_ways(table),
        fees=_read_fees(table.table("fees")),
        maker=table.texts("maker"),
        phone=_optional(table, "phone"),
        tax=_pick(table, "tax", TAXES, needed="details" in sections),
        minors=table.flag("minors") if "minors" in table.values else True,
        options=_read_options(table.table("options")) if {"options"} & {*sections, *table.values} else None,
        notice=_read_notice(table.table("notice"), rules, categories),
        origin=_pick(table, "origin", ORIGINS, needed="origin" in sections),
        origin_words=table.choices("origin_words"),
        return_address=table.choices("return_address"),
        kc_number=_optional(table, "kc_number"),
        made=_pick(table, "made", MADE, needed=False) or "ready",
        pictures=_pick(table, "pictures", rules.pictures, needed="pictures" in sections),
    )


def _require_leaves(table: Table, categories: tuple[str, ...], rules: Rules) -> None:
    for category in categories:
        if category not in rules.leaves:
            raise BadPractice(
                f"'{table.at('categories')}' names '{category}', which is no leaf of the practice store"
            )


def _read_price(table: Table, rules: Rules) -> Limits:
    least, most = table.wholes("price", "from", "to")
    if not rules.price.least <= least <= most <= rules.price.most:
        raise BadPractice(f"'{table.at('price')}' must climb and keep to the store's limits")
    return Limits(least, most)


def _read_stock(table: Table, rules: Rules) -> int:
    stock = table.whole("stock_at_most")
    if not rules.stock.least <= stock <= rules.stock.most:
        raise BadPractice(f"'{table.at('stock_at_most')}' must keep to the store's limits")
    return stock


def _read_ways(table: Table) -> tuple[str, ...]:
    ways = table.texts("delivery") or tuple(WAYS)
    for way in ways:
        if way not in WAYS:
            raise BadPractice(f"'{table.at('delivery')}' names '{way}'; the ways are {', '.join(WAYS)}")
    return ways


def _read_fees(table: Table) -> Mapping[str, int]:
    table.allow(*FEES)
    return {fee: table.whole(fee) for fee in table.values}


def _read_options(table: Table) -> Options:
    table.allow("names", "rows")
    rows = []
    for row in table.tables("rows"):
        row.allow("words", "extra", "stock")
        words = row.texts("words")
        if not words:
            raise BadPractice(f"'{row.at('words')}' must not be empty")
        extra, stock = (row.whole(key) if key in row.values else None for key in ("extra", "stock"))
        rows.append(OptionRow(words, extra, stock))
    if not table.texts("names") or not 2 <= len(rows) <= 4:
        raise BadPractice(f"'{table.path}' needs names and two to four rows")
    return Options(table.texts("names"), tuple(rows))


def _read_notice(table: Table, rules: Rules, categories: tuple[str, ...]) -> Mapping[str, Words]:
    if not table.values:
        return {}
    known = {field.id for leaf in categories for field in rules.notice_of(leaf).fields}
    for field in table.values:
        if field not in known:
            raise BadPractice(f"'{table.at(field)}' is no field of the notice for {', '.join(categories)}")
    return {field: table.choices(field) for field in table.values}


def _optional(table: Table, key: str) -> str:
    return table.text(key) if key in table.values else ""


def _pick(table: Table, key: str, known: Mapping[str, object], *, needed: bool) -> str:
    if key not in table.values and not needed:
        return ""
    value = table.text(key)
    if value not in known:
        raise BadPractice(f"'{table.at(key)}' must be one of {', '.join(known)}, not {value!r}")
    return value
