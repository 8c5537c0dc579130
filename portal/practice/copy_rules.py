"""What may not stand in the words of a product page, read from ``content/copy_rules.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.practice import typed
from portal.practice.outcome import BadPractice
from portal.practice.source import Source, read_source
from portal.practice.table import Table
from portal.practice.wording import Span, Written, fold


@dataclass(frozen=True)
class Group:
    """Words that may not stand in a product page for one reason, and contexts in which they may."""

    name: str
    label: str
    advice: str
    words: tuple[str, ...]
    innocent: tuple[str, ...]
    source: Source


@dataclass(frozen=True)
class Flag:
    """A word as it was written, the group it belongs to, and what to do about it."""

    group: str
    word: str
    advice: str


@dataclass(frozen=True)
class CopyRules:
    """Every group; where a word belongs to two, the first says what is wrong with it."""

    groups: tuple[Group, ...]


def flag(text: str, rules: CopyRules) -> tuple[Flag, ...]:
    """Return what may not stand in a text, each place once; text past what a field takes is not read."""
    whole, taken = Written(fold(text[: typed.LONGEST_TEXT])), list[tuple[Span, Group]]()
    for group in rules.groups:
        for span in _found(whole.without(group.innocent), group):
            if not any(span.start < other.end and other.start < span.end for other, _ in taken):
                taken.append((span, group))
    taken.sort(key=lambda each: each[0].start)
    return tuple(Flag(group.name, whole.text[span.start : span.end], group.advice) for span, group in taken)


def _found(written: Written, group: Group) -> list[Span]:
    """Find each word of the group once, the longest stretch first."""
    spans = (written.find(word) for word in group.words)
    return sorted((span for span in spans if span), key=lambda span: span.start - span.end)


def read_copy_rules(values: Mapping[str, object], name_words: Mapping[str, tuple[str, ...]]) -> CopyRules:
    """Read the authored rules; ``name_words`` are those of the listing rules. Raises BadPractice."""
    table = Table(values)
    groups = tuple(_read_group(name, table.table(name), name_words) for name in values)
    if not groups:
        raise BadPractice("there must be at least one group of words")
    return CopyRules(groups)


def _read_group(name: str, table: Table, name_words: Mapping[str, tuple[str, ...]]) -> Group:
    table.allow("label", "advice", "words", "name_rule", "innocent", "source", "checked_on", "verified")
    shared: tuple[str, ...] = ()
    if "name_rule" in table.values:
        rule = table.text("name_rule")
        if rule not in name_words:
            raise BadPractice(
                f"'{table.at('name_rule')}' must be one of {', '.join(name_words)}, not {rule!r}"
            )
        shared = name_words[rule]
    words = table.texts("words")
    twice = sorted(set(words) & set(shared))
    if twice:
        raise BadPractice(f"'{table.at('words')}' repeats '{twice[0]}' of the name rule")
    if not words and not shared:
        raise BadPractice(f"'{table.at('words')}' must hold at least one word")
    return Group(
        name=name,
        label=table.text("label"),
        advice=table.text("advice"),
        words=(*words, *shared),
        innocent=table.texts("innocent"),
        source=read_source(name, table),
    )
