"""The rules of the practice store, read from ``content/listing_rules/practice-store.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from portal.practice.field import Group, Option
from portal.practice.outcome import BadPractice
from portal.practice.table import Table, require_unique


@dataclass(frozen=True)
class Source:
    """Where a rule comes from, the day we looked, and whether anyone has confirmed it."""

    rule: str
    text: str
    checked_on: date
    verified: bool


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
class Rules:
    """Everything a product page of the practice store is checked against."""

    groups: Mapping[str, Group]
    food: frozenset[str]
    name: NameRules
    price: Limits
    stock: Limits
    delivery_fee: Limits
    free_over: Limits
    return_fee: Limits
    sources: tuple[Source, ...]

    @property
    def leaves(self) -> frozenset[str]:
        """Return the categories that may be chosen."""
        return frozenset(option.value for group in self.groups.values() for option in group.options)


def read_rules(values: Mapping[str, object]) -> Rules:
    """Read the authored rules; raises BadPractice."""
    table = Table(values)
    table.allow(
        "categories", "name_length", "name_marks", "repeated_words", "promotions", "superlatives",
        "health_claims", "price", "stock", "delivery_fee", "free_over", "return_fee",
    )  # fmt: skip
    groups, food = _read_categories(table.table("categories"))
    return Rules(
        groups=groups,
        food=food,
        name=_read_name(table),
        price=_read_limits(table.table("price")),
        stock=_read_limits(table.table("stock")),
        delivery_fee=_read_limits(table.table("delivery_fee")),
        free_over=_read_limits(table.table("free_over")),
        return_fee=_read_limits(table.table("return_fee")),
        sources=tuple(_read_source(key, table.table(key)) for key in values),
    )


def options(rules: Rules) -> tuple[Group, ...]:
    """Return the category tree as a select shows it: a group for each branch, its leaves inside."""
    return tuple(rules.groups.values())


def _read_source(rule: str, table: Table) -> Source:
    day = table.values.get("checked_on")
    if type(day) is not date:
        raise BadPractice(f"'{table.at('checked_on')}' must be a date such as 2026-11-21")
    return Source(rule, table.text("source"), day, table.flag("verified"))


def _allow(table: Table, *keys: str) -> None:
    table.allow("source", "checked_on", "verified", *keys)


def _read_categories(table: Table) -> tuple[dict[str, Group], frozenset[str]]:
    _allow(table, "groups")
    groups: dict[str, Group] = {}
    food: set[str] = set()
    for branch in table.tables("groups"):
        branch.allow("id", "label", "food", "leaves")
        leaves = branch.table("leaves")
        group = Group(branch.text("label"), tuple(Option(key, leaves.text(key)) for key in leaves.values))
        groups[branch.identifier("id")] = group
        food.update(option.value for option in group.options if branch.flag("food"))
    ids = tuple(option.value for group in groups.values() for option in group.options)
    require_unique((*groups, *ids), table.path)
    if not ids:
        raise BadPractice(f"'{table.at('groups')}' must hold at least one leaf")
    return groups, frozenset(food)


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
