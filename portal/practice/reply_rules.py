"""What an answer to an unhappy customer is held against, read from ``content/reply_rules.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.practice.outcome import BadPractice
from portal.practice.patterns import REPLY_PATTERNS
from portal.practice.source import Source, read_source
from portal.practice.table import Table
from portal.practice.wording import Span, Written

#: Rules that a scenario may ask for, and rules that always count.
WANTED = ("apology", "fact", "remedy", "deadline")
UNWANTED = ("anger", "privacy")


@dataclass(frozen=True)
class Rule:
    """Words and patterns that must stand in a reply, or may not; innocent contexts do not count."""

    name: str
    words: tuple[str, ...]
    patterns: tuple[str, ...]
    innocent: tuple[str, ...]
    advice: str
    praise: str
    source: Source

    def find(self, written: Written, more: tuple[str, ...] = ()) -> str:
        """Return what is found first, as it was written; empty if nothing is."""
        left = written.without(self.innocent)
        for word in (*self.words, *more):
            span = left.find(word)
            if span:
                return _at(written, span)
        for pattern in self.patterns:
            match = REPLY_PATTERNS[pattern].search(left.text)
            if match:
                return match[0]
        return ""


@dataclass(frozen=True)
class ReplyRules:
    """Every rule by its name."""

    rules: Mapping[str, Rule]

    def __getitem__(self, name: str) -> Rule:
        return self.rules[name]


def read_reply_rules(values: Mapping[str, object]) -> ReplyRules:
    """Read the authored rules; raises BadPractice."""
    table = Table(values)
    table.allow(*WANTED, *UNWANTED)
    return ReplyRules({name: _read_rule(name, table.table(name)) for name in (*WANTED, *UNWANTED)})


def _read_rule(name: str, table: Table) -> Rule:
    table.allow("advice", "praise", "words", "patterns", "innocent", "source", "checked_on", "verified")
    words, patterns = table.texts("words"), table.texts("patterns")
    for pattern in patterns:
        if pattern not in REPLY_PATTERNS:
            raise BadPractice(
                f"'{table.at('patterns')}' names '{pattern}', not one of {', '.join(REPLY_PATTERNS)}"
            )
    if name != "fact" and not words:
        raise BadPractice(f"'{table.at('words')}' must hold at least one word")
    return Rule(
        name=name,
        words=words,
        patterns=patterns,
        innocent=table.texts("innocent"),
        advice=table.text("advice"),
        praise=table.text("praise") if name in WANTED else "",
        source=read_source(name, table),
    )


def _at(written: Written, span: Span) -> str:
    return written.text[span.start : span.end]
