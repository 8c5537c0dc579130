"""What must be told about goods of each class, read from ``content/listing_rules/notices.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.practice.outcome import BadPractice
from portal.practice.source import Source, read_source
from portal.practice.table import Table, require_unique

#: text: anything that says something; amount: a number and its unit; expiry: a day or a period, and no
#: 유통기한; month: year and month; phone: a number that can be rung.
KINDS = ("text", "amount", "expiry", "month", "phone")


@dataclass(frozen=True)
class NoticeField:
    """One thing that must be told, and how it is looked at."""

    id: str
    label: str
    hint: str
    kind: str


@dataclass(frozen=True)
class Notice:
    """What must be told about one class of goods."""

    label: str
    leaves: tuple[str, ...]
    fields: tuple[NoticeField, ...]


def read_notices(
    values: Mapping[str, object], leaves: frozenset[str]
) -> tuple[Mapping[str, Notice], tuple[Source, ...]]:
    """Read the classes, by leaf category, and where they are from; raises BadPractice."""
    classes = {key: _read_class(Table(values).table(key)) for key in values}
    named = tuple(leaf for each in classes.values() for leaf in each.leaves)
    require_unique(named, "leaves")
    for leaf in (*named, *sorted(leaves)):
        if leaf not in leaves or leaf not in named:
            raise BadPractice(f"the leaf '{leaf}' must stand in one class and in the practice store")
    sources = tuple(read_source(key, Table(values).table(key)) for key in values)
    return {leaf: each for each in classes.values() for leaf in each.leaves}, sources


def _read_class(table: Table) -> Notice:
    table.allow("source", "checked_on", "verified", "label", "leaves", "fields")
    fields = tuple(_read_field(each) for each in table.tables("fields"))
    if not fields:
        raise BadPractice(f"'{table.at('fields')}' must hold at least one table")
    require_unique(tuple(field.id for field in fields), table.at("fields"))
    return Notice(table.text("label"), table.texts("leaves"), fields)


def _read_field(table: Table) -> NoticeField:
    table.allow("id", "label", "hint", "kind")
    kind = table.text("kind")
    if kind not in KINDS:
        raise BadPractice(f"'{table.at('kind')}' must be one of {', '.join(KINDS)}, not {kind!r}")
    return NoticeField(table.identifier("id"), table.text("label"), table.text("hint"), kind)
