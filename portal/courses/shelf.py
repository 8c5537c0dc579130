"""What every lesson is read with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.courses.facts import Fact
from portal.courses.glossary import Word
from portal.courses.problems import Problems
from portal.practice.copy_rules import CopyRules
from portal.practice.reply_rules import ReplyRules
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
    #: Links to this site, checked once every lesson is known.
    links: list[Link]
