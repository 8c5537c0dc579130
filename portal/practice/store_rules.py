"""The rules of the practice store, read from ``content/listing_rules/practice-store.toml``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from portal.practice.field import Group, Option
from portal.practice.outcome import BadPractice
from portal.practice.source import Source, read_source
from portal.practice.store_notices import Notice, read_notices
from portal.practice.store_pictures import Picture, read_pictures
from portal.practice.table import Table, require_unique


@dataclass(frozen=True)
class NameRules:
    """What a product name may hold; lengths in characters."""

    shortest: int
    advised: int
    longest: int
    marks: str
    most_marks: int
    most_repeats: int
    promotions: tuple[str, ...]
    superlatives: tuple[str, ...]
    health_claims: tuple[str, ...]
    innocent: tuple[str, ...]


@dataclass(frozen=True)
class Limits:
    """The least and the most that may be typed, both allowed."""

    least: int
    most: int


@dataclass(frozen=True)
class Band:
    """How much an option may add, in percent of a price below ``below``; None is any price."""

    below: int | None
    percent: int


@dataclass(frozen=True)
class Rules:
    """Everything a product page of the practice store is checked against."""

    groups: Mapping[str, Group]
    food: frozenset[str]
    #: The large category of each leaf.
    large: Mapping[str, str]
    #: Said where a leaf of another large category is chosen.
    large_warning: str
    name: NameRules
    price: Limits
    stock: Limits
    delivery_fee: Limits
    free_over: Limits
    return_fee: Limits
    island_fee: Limits
    exchange_fee: Limits
    option_bands: tuple[Band, ...]
    couriers: tuple[str, ...]
    #: What people write instead of telling.
    lazy: tuple[str, ...]
    #: How long a buyer may send goods back.
    return_days: int
    #: Ingredients whose origin must always be told, by leaf.
    origin_words: Mapping[str, tuple[str, ...]]
    #: Words that tell an origin.
    places: tuple[str, ...]
    #: Leaves whose goods need a KC number.
    kc: frozenset[str]
    sources: tuple[Source, ...]
    notices: Mapping[str, Notice] = field(default_factory=dict)
    pictures: Mapping[str, tuple[Picture, ...]] = field(default_factory=dict)

    @property
    def leaves(self) -> frozenset[str]:
        """Return the categories that may be chosen."""
        return frozenset(option.value for group in self.groups.values() for option in group.options)

    def path_of(self, leaf: str) -> str:
        """Return a leaf with everything above it, 식품 > 김치·반찬 > 김치; empty if there is none."""
        return next(
            (
                f"{group.label} > {option.text}"
                for group in self.groups.values()
                for option in group.options
                if option.value == leaf
            ),
            "",
        )

    def notice_of(self, leaf: str) -> Notice:
        """Return what must be told about goods of a leaf; raises BadPractice where no notices were read."""
        if leaf not in self.notices:
            raise BadPractice(f"no class of notices.toml holds '{leaf}'")
        return self.notices[leaf]

    def most_extra(self, price: int) -> int:
        """Return how many won an option may add at the most."""
        band = next(band for band in self.option_bands if band.below is None or price < band.below)
        return price * band.percent // 100


def read_rules(values: Mapping[str, object]) -> Rules:
    """Read the rules of the store, without notices and pictures; raises BadPractice."""
    table = Table(values)
    table.allow(
        "categories", "large_category", "name_length", "name_marks", "repeated_words", "promotions",
        "superlatives", "health_claims", "price", "stock", "option_price", "lazy_words", "origin", "kc",
        "tax", "made_to_order", "delivery_fee", "free_over", "island_fee", "couriers", "return_fee",
        "exchange_fee", "return_days",
    )  # fmt: skip
    groups, large, food = _read_categories(table.table("categories"))
    for key in ("tax", "made_to_order"):
        _allow(table.table(key))  # told by each story; here is only where the rule is from
    rules = Rules(
        groups=groups,
        food=food,
        large=large,
        large_warning=_read_one(table, "large_category", "warning").text("warning"),
        name=_read_name(table),
        price=_read_limits(table.table("price")),
        stock=_read_limits(table.table("stock")),
        delivery_fee=_read_limits(table.table("delivery_fee")),
        free_over=_read_limits(table.table("free_over")),
        return_fee=_read_limits(table.table("return_fee")),
        island_fee=_read_limits(table.table("island_fee")),
        exchange_fee=_read_limits(table.table("exchange_fee")),
        option_bands=_read_bands(table.table("option_price")),
        couriers=_read_one(table, "couriers", "names").texts("names"),
        lazy=_read_one(table, "lazy_words", "words").texts("words"),
        return_days=_read_one(table, "return_days", "days").whole("days"),
        origin_words=_read_origin(table.table("origin"), frozenset(large)),
        places=table.table("origin").texts("places"),
        kc=frozenset(_read_one(table, "kc", "leaves").texts("leaves")),
        sources=tuple(read_source(key, table.table(key)) for key in values),
    )
    _require_leaves(rules.kc, rules.leaves, "kc.leaves")
    return rules


def add_notices(rules: Rules, values: Mapping[str, object]) -> Rules:
    """Return the rules with what must be told about each class of goods; raises BadPractice."""
    notices, sources = read_notices(values, rules.leaves)
    return replace(rules, notices=notices, sources=rules.sources + sources)


def add_pictures(rules: Rules, values: Mapping[str, object], draw: Callable[[str], str]) -> Rules:
    """Return the rules with the drawn pictures; ``draw`` gives the SVG of a file. Raises BadPractice."""
    pictures, sources = read_pictures(values, draw)
    return replace(rules, pictures=pictures, sources=rules.sources + sources)


def options(rules: Rules) -> tuple[Group, ...]:
    """Return the category tree as a select shows it: a group for each branch, its leaves inside."""
    return tuple(rules.groups.values())


def _allow(table: Table, *keys: str) -> None:
    table.allow("source", "checked_on", "verified", *keys)


def _read_one(table: Table, key: str, *keys: str) -> Table:
    found = table.table(key)
    _allow(found, *keys)
    return found


def _require_leaves(named: frozenset[str], leaves: frozenset[str], path: str) -> None:
    for leaf in sorted(named - leaves):
        raise BadPractice(f"'{path}' names '{leaf}', which is no leaf of the practice store")


def _read_categories(table: Table) -> tuple[dict[str, Group], dict[str, str], frozenset[str]]:
    _allow(table, "groups")
    groups: dict[str, Group] = {}
    large: dict[str, str] = {}
    food: set[str] = set()
    for branch in table.tables("groups"):
        branch.allow("id", "large", "label", "food", "leaves")
        leaves = branch.table("leaves")
        label = f"{branch.text('large')} > {branch.text('label')}"
        group = Group(label, tuple(Option(key, leaves.text(key)) for key in leaves.values))
        groups[branch.identifier("id")] = group
        large |= {option.value: branch.text("large") for option in group.options}
        food.update(option.value for option in group.options if branch.flag("food"))
    ids = tuple(option.value for group in groups.values() for option in group.options)
    require_unique((*groups, *ids), table.path)
    if not ids:
        raise BadPractice(f"'{table.at('groups')}' must hold at least one leaf")
    return groups, large, frozenset(food)


def _read_bands(table: Table) -> tuple[Band, ...]:
    """Read bands whose prices climb; the last one is for any price."""
    _allow(table, "bands")
    bands = []
    for each in table.tables("bands"):
        each.allow("below", "percent")
        below = each.whole("below") if "below" in each.values else None
        bands.append(Band(below, each.whole("percent")))
    limits = [band.below for band in bands]
    climbing = [below for below in limits if below is not None]
    if not limits or [*sorted(set(climbing)), None] != limits:
        raise BadPractice(f"'{table.at('bands')}' must climb and end with one without 'below'")
    return tuple(bands)


def _read_origin(table: Table, leaves: frozenset[str]) -> dict[str, tuple[str, ...]]:
    _allow(table, "always", "places")
    always = table.table("always")
    _require_leaves(frozenset(always.values), leaves, always.path)
    if not table.texts("places"):
        raise BadPractice(f"'{table.at('places')}' must not be empty")
    return {leaf: always.texts(leaf) for leaf in always.values}


def _read_name(table: Table) -> NameRules:
    length, marks = table.table("name_length"), table.table("name_marks")
    _allow(length, "shortest", "advised", "longest")
    _allow(marks, "allowed", "most")
    _allow(table.table("repeated_words"), "most")
    words = {key: table.table(key) for key in ("promotions", "superlatives", "health_claims")}
    for each in words.values():
        _allow(each, "words", "innocent")
    return NameRules(
        shortest=length.whole("shortest"),
        advised=length.whole("advised"),
        longest=length.whole("longest"),
        marks=marks.text("allowed"),
        most_marks=marks.whole("most"),
        most_repeats=table.table("repeated_words").whole("most"),
        promotions=words["promotions"].texts("words"),
        superlatives=words["superlatives"].texts("words"),
        health_claims=words["health_claims"].texts("words"),
        innocent=tuple(word for each in words.values() for word in each.texts("innocent")),
    )


def _read_limits(table: Table) -> Limits:
    _allow(table, "limits")
    least, most = table.wholes("limits", "least", "most")
    if most < least:
        raise BadPractice(f"'{table.at('limits')}' must not fall")
    return Limits(least, most)
