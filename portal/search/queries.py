"""One question to everything: what is found in each group, in the order in which the page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import finding
from portal.community.finding import FoundThread
from portal.core import jamo
from portal.core.excerpt import Pieces, excerpt, mark
from portal.core.search_index import Hit
from portal.core.search_words import Asked, Synonyms, ask
from portal.search import library
from portal.search.library import Entry, Library

SHOWN = 5
"""Results of each group on the page of all groups."""
FEW = 5
"""With fewer results than these in all, another word may have been meant."""


class Group(StrEnum):
    """What is searched, in the page's order."""

    LESSONS = "lessons"
    QUESTIONS = "questions"
    WORDS = "words"
    BOARDS = "boards"


@dataclass(frozen=True)
class Line:
    """A page of ours among the results."""

    title: Pieces
    context: str
    excerpt: Pieces
    endpoint: str
    values: Mapping[str, str]
    anchor: str


@dataclass(frozen=True)
class Results:
    """What was found. Of a group that is longer, the first ones."""

    asked: Asked
    pages: Mapping[Group, Sequence[Line]]
    threads: Sequence[FoundThread]
    #: Groups with more than is shown.
    longer: frozenset[Group]
    #: Where the next page of this group begins; in memory after so many.
    next: Hit | None = None
    #: What was perhaps meant, typed with the keyboard set to the other language.
    meant: str = ""

    @property
    def count(self) -> int:
        """Return how many results are shown."""
        return len(self.threads) + sum(map(len, self.pages.values()))


def search_all(session: Session, reader: User | None, shelves: Library, asked: Asked) -> Results:
    """Return the first results of every group."""
    found = {group: library.find(entries, asked) for group, entries in _entries(shelves).items()}
    threads = finding.find_threads(session, reader, asked, limit=SHOWN)
    longer = {group for group, entries in found.items() if len(entries) > SHOWN}
    return Results(
        asked,
        {group: [_line(entry, asked) for entry in entries[:SHOWN]] for group, entries in found.items()},
        threads[:SHOWN],
        frozenset(longer | ({Group.QUESTIONS} if len(threads) > SHOWN else set())),
    )


def search_group(
    session: Session, reader: User | None, shelves: Library, asked: Asked, *, group: Group, after: Hit | None
) -> Results:
    """Return a page of one group."""
    if group != Group.QUESTIONS:
        entries = library.find(_entries(shelves)[group], asked)
        start = after.id if after else 0
        end = start + finding.PAGE_SIZE
        lines = [_line(entry, asked) for entry in entries[start:end]]
        behind = Hit(0, end) if end < len(entries) else None
        return Results(asked, {group: lines}, (), frozenset(), next=behind)
    threads = finding.find_threads(session, reader, asked, after=after)
    page = threads[: finding.PAGE_SIZE]
    return Results(asked, {}, page, frozenset(), next=page[-1].hit if len(threads) > len(page) else None)


def with_what_was_meant(
    session: Session, reader: User | None, shelves: Library, synonyms: Synonyms, results: Results
) -> Results:
    """Add what was perhaps meant when little was found and that finds something."""
    if results.count >= FEW:
        return results
    typed = results.asked.typed
    for meant in (jamo.meant_in_korean(typed), jamo.meant_in_latin(typed)):
        if meant and _finds_something(session, reader, shelves, ask(meant, synonyms)):
            return replace(results, meant=meant)
    return results


def _finds_something(session: Session, reader: User | None, shelves: Library, asked: Asked) -> bool:
    if any(library.find(entries, asked) for entries in _entries(shelves).values()):
        return True
    return bool(finding.find_threads(session, reader, asked, limit=1))


def _entries(shelves: Library) -> dict[Group, Sequence[Entry]]:
    return {Group.LESSONS: shelves.lessons, Group.WORDS: shelves.words, Group.BOARDS: shelves.boards}


def _line(entry: Entry, asked: Asked) -> Line:
    return Line(
        title=mark(entry.title, asked.marks),
        context=entry.context,
        excerpt=excerpt([entry.text], asked.marks),
        endpoint=entry.endpoint,
        values=entry.values,
        anchor=entry.anchor,
    )
