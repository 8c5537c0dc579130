"""The door to every kind of practice: what each of them does, and how an authored table becomes one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable

from portal.practice import (
    checklist,
    choice,
    copy,
    cue_sheet,
    listing,
    match,
    number,
    order,
    photo,
    reply,
    text,
)
from portal.practice.checklist import Checklist
from portal.practice.copy_rules import CopyRules
from portal.practice.cue_sheet import CueSheet
from portal.practice.field import Field
from portal.practice.outcome import Answer, BadPractice, Line, Outcome
from portal.practice.reply import FindNumbers
from portal.practice.reply_rules import ReplyRules
from portal.practice.store.preview import Preview
from portal.practice.store_rules import Rules
from portal.practice.table import Table

SHOWS_SOLUTION_AFTER = 3
"""Tries before the solution is shown; passing shows it at once. docs/lessons.md."""


class Practice(Protocol):
    """A practice as its author wrote it, frozen.

    ``seed`` names one try and ends in its number: a kind that draws numbers or an order takes them from it,
    the same for the same try. Checks never raise: what is wrong is said in the outcome.
    """

    @property
    def hints(self) -> tuple[str, ...]:
        """Return the hints, the gentlest first."""

    def ask(self, seed: str, /) -> str:
        """Say what is asked in this try."""

    def form_fields(self, seed: str, answer: Answer, /) -> tuple[Field, ...]:
        """Describe the form in the order of the page.

        Most forms do not look at ``answer``; one may open fields by what is picked in it. Only these fields
        are read from a request.
        """

    def check(self, answer: Answer, seed: str, /) -> Outcome:
        """Judge an answer to this try."""

    def reference_answer(self, seed: str, /) -> dict[str, str]:
        """Return an answer to this try that passes."""

    def solution(self, seed: str, /) -> tuple[Line, ...]:
        """Work this try out line by line; empty where there is nothing to work out."""


@runtime_checkable
class Previewed(Protocol):
    """A practice whose answer can be looked at as the finished thing before it is sent."""

    def preview(self, answer: Answer, /) -> Preview:
        """Show what the answer becomes, however much of it is still missing."""


@dataclass(frozen=True)
class Sources:
    """What authored tables refer to: rules, and what finds things out for them.

    ``rates`` gives the percent behind a fact (LookupError if unknown), ``find_numbers`` telephone and account
    numbers in a text.
    """

    rates: Callable[[str], Decimal]
    store: Rules
    copy: CopyRules
    reply: ReplyRules
    find_numbers: FindNumbers


_READERS: Mapping[str, Callable[[Mapping[str, object], Sources], Practice]] = {
    "choice": lambda table, _: choice.read(table),
    "number": lambda table, sources: number.read(table, sources.rates),
    "listing": lambda table, sources: listing.read(table, sources.store),
    "order": lambda table, _: order.read(table),
    "match": lambda table, _: match.read(table),
    "text": lambda table, _: text.read(table),
    "reply": lambda table, sources: reply.read(table, sources.reply, sources.find_numbers),
    "cue_sheet": lambda table, sources: cue_sheet.read(table, sources.copy),
    "copy": lambda table, sources: copy.read(table, sources.copy),
    "photo": lambda table, _: photo.read(table),
    "checklist": lambda table, _: checklist.read(table),
}

KINDS = tuple(_READERS)

_TRANSLATORS: Mapping[type, Callable[[Any, Table], Practice]] = {
    choice.Choice: choice.translate,
    number.Number: number.translate,
    order.Order: order.translate,
    match.Match: match.translate,
    text.Text: text.translate,
    reply.Reply: reply.translate,
    photo.Photo: photo.translate,
    checklist.Checklist: checklist.translate,
}


def read(table: Mapping[str, object], sources: Sources) -> Practice:
    """Read an authored table by its ``kind``; raises BadPractice."""
    kind = table.get("kind")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadPractice(f"'kind' must be one of {', '.join(_READERS)}, not {kind!r}")
    return reader(table, sources)


def translate(practice: Practice, words: Mapping[str, object]) -> Practice:
    """Return the practice with other words, checked as before; raises BadPractice where they do not fit."""
    translator = _TRANSLATORS.get(type(practice))
    if translator is None:
        known = ", ".join(kind.__name__.lower() for kind in _TRANSLATORS)
        raise BadPractice(f"only these kinds can be translated: {known}")
    return translator(practice, Table(words))


def is_confirmed_by_people(practice: Practice) -> bool:
    """Tell whether a good answer still waits for a mentor or trainer, who saw that it was really done."""
    return isinstance(practice, Checklist)


def rehearsals_needed(practice: Practice) -> int:
    """Return how many rehearsals must be logged, after a good answer, before the step is complete."""
    return practice.rehearsals if isinstance(practice, CueSheet) else 0
