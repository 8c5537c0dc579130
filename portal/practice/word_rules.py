"""What an author demands of free text: words or a pattern that must stand in it, words that may not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.core.i18n import gettext as _
from portal.practice.josa import quoted_subject
from portal.practice.outcome import BadPractice
from portal.practice.patterns import PATTERNS
from portal.practice.table import Table
from portal.practice.wording import Written


@dataclass(frozen=True)
class Must:
    """One of the words, or the pattern of that name, must stand in the text."""

    words: tuple[str, ...]
    pattern: str
    advice: str
    praise: str

    def is_met(self, written: Written) -> bool:
        """Tell whether it does."""
        if self.pattern and PATTERNS[self.pattern].search(written.text):
            return True
        return any(written.find(word) for word in self.words)


@dataclass(frozen=True)
class Never:
    """None of the words may stand in the text."""

    words: tuple[str, ...]
    advice: str


def missing(musts: Iterable[Must], written: Written) -> Iterator[str]:
    """Give the advice of every rule that is not met, in the author's order."""
    return (must.advice for must in musts if not must.is_met(written))


def banned(nevers: Iterable[Never], written: Written) -> Iterator[str]:
    """Name every word that may not stand there, with its advice."""
    for never in nevers:
        word = next((word for word in never.words if written.find(word)), None)
        if word:
            yield _("%(word)s 들어 있어요. %(advice)s", word=quoted_subject(word), advice=never.advice)


def read_musts(table: Table) -> tuple[Must, ...]:
    """Read ``[[must]]``; raises BadPractice."""
    return tuple(_read_must(each) for each in table.tables("must"))


def read_nevers(table: Table) -> tuple[Never, ...]:
    """Read ``[[never]]``; raises BadPractice."""
    return tuple(_read_never(each) for each in table.tables("never"))


def _read_must(table: Table) -> Must:
    table.allow("words", "pattern", "advice", "praise")
    words, pattern = table.texts("words"), table.text("pattern") if "pattern" in table.values else ""
    if pattern and pattern not in PATTERNS:
        raise BadPractice(f"'{table.at('pattern')}' must be one of {', '.join(PATTERNS)}, not {pattern!r}")
    if not words and not pattern:
        raise BadPractice(f"'{table.at('words')}' must hold at least one word, or there must be a pattern")
    praise = table.text("praise") if "praise" in table.values else ""
    return Must(words, pattern, table.text("advice"), praise)


def _read_never(table: Table) -> Never:
    table.allow("words", "advice")
    words = table.texts("words")
    if not words:
        raise BadPractice(f"'{table.at('words')}' must hold at least one word")
    return Never(words, table.text("advice"))
