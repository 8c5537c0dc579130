"""What an answer to an unhappy customer is held against, read from ``content/reply_rules.toml``."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from portal.core.i18n import language
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
    #: What is said in another language, by that language: advice and praise.
    translated: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def said_advice(self) -> str:
        """Return the advice in the language spoken."""
        return self.translated.get(language(), (self.advice, ""))[0]

    @property
    def said_praise(self) -> str:
        """Return the praise in the language spoken."""
        return self.translated.get(language(), ("", self.praise))[1]

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


def translate_reply_rules(rules: ReplyRules, values: Mapping[str, object], *, language: str) -> ReplyRules:
    """Let the rules also speak ``language``; raises BadPractice unless every rule has its words."""
    table = Table(values)
    table.allow(*rules.rules)
    return ReplyRules(
        {name: _translate_rule(rule, table.table(name), language) for name, rule in rules.rules.items()}
    )


def _translate_rule(rule: Rule, words: Table, language: str) -> Rule:
    words.allow("advice", "praise")
    praise = words.text("praise") if rule.praise else ""
    return replace(rule, translated={**rule.translated, language: (words.text("advice"), praise)})


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
