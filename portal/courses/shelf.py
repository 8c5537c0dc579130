"""What every lesson is read with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from portal.core.i18n import ENGLISH
from portal.courses.facts import Fact, read_english_facts, read_facts
from portal.courses.glossary import Word, read_words
from portal.courses.listing_rules import read_store
from portal.courses.problems import ContentError, Problems
from portal.courses.rule_files import read_rules
from portal.practice.copy_rules import CopyRules, read_copy_rules
from portal.practice.reply_rules import ReplyRules, read_reply_rules, translate_reply_rules
from portal.practice.store_rules import Rules


@dataclass(frozen=True)
class Link:
    """A link to a page of this site, and where it is written."""

    target: str
    path: Path
    line: int


@dataclass(frozen=True)
class Shelf:
    """Facts and rules to read with, and what is found on the way."""

    facts: Mapping[str, Fact]
    rules: Rules
    copy_rules: CopyRules
    reply_rules: ReplyRules
    words: Sequence[Word]
    problems: Problems
    #: Facts in English words, as far as there are any.
    english_facts: Mapping[str, Fact]
    #: Links to this site, checked once every lesson is known.
    links: list[Link]


def read_shelf(content_dir: Path, problems: Problems) -> Shelf:
    """Read what lessons are read with. Raises ContentError without the rules."""
    facts = read_facts(content_dir / "facts", problems)
    words = read_words(content_dir / "glossary.toml", problems)
    store = read_store(content_dir / "listing_rules", problems)
    name_words = (
        {"superlatives": store.name.superlatives, "health_claims": store.name.health_claims} if store else {}
    )
    copy = read_rules(
        content_dir / "copy_rules.toml", lambda values: read_copy_rules(values, name_words), problems
    )
    reply = read_rules(content_dir / "reply_rules.toml", read_reply_rules, problems)
    if store is None or copy is None or reply is None:
        problems.require_none()
        raise ContentError(())
    path = content_dir / "reply_rules.en.toml"
    if path.is_file():
        reply = read_rules(path, partial(translate_reply_rules, reply, language=ENGLISH), problems) or reply
    english_facts = read_english_facts(content_dir / "facts", facts, problems)
    return Shelf(facts, store, copy, reply, words, problems, english_facts, [])
