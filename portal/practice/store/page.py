"""A product page while it is filled in, and what a section does with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.practice import typed
from portal.practice.field import Field
from portal.practice.outcome import Answer, AnswerError, Line
from portal.practice.store.story import Story
from portal.practice.store_rules import Rules

Checks = Mapping[str, Callable[[], str]]


@dataclass(frozen=True)
class Page:
    """Everything that stands on the page: what the story gives and what was typed."""

    rules: Rules
    story: Story
    answer: Answer

    @property
    def is_whole(self) -> bool:
        """Tell whether the author chose the sections; without a choice there are only the oldest fields."""
        return bool(self.story.sections)

    @property
    def leaf(self) -> str:
        """Return the category that was chosen, or the story's own where that does not fit."""
        chosen = self.text("category")
        return chosen if chosen in self.story.categories else self.story.categories[0]

    def text(self, name: str) -> str:
        """Return what stands in a field; nothing where its own check will say what is wrong with it."""
        try:
            return typed.text(self.answer, name)
        except AnswerError:
            return ""

    def amount(self, name: str, units: tuple[str, ...] = ("원",)) -> int | None:
        """Return the number that stands in a field; None where its own check will say what is wrong."""
        try:
            return typed.amount(self.answer, name, missing="", units=units)
        except AnswerError:
            return None

    def won(self, name: str) -> str:
        """Return an amount as the finished page shows it, or what was typed where it is none."""
        amount = self.amount(name)
        return self.text(name) if amount is None else f"{amount:,}원"


@dataclass(frozen=True)
class Block:
    """Some lines of the finished page under one heading."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Section:
    """One part of the form: its heading, its fields, their checks, and what the finished page shows of it."""

    title: str
    form_fields: Callable[[Page], tuple[Field, ...]]
    checks: Callable[[Page], Checks]
    show: Callable[[Page], tuple[Block, ...]]


def block(title: str, lines: Mapping[str, str]) -> tuple[Block, ...]:
    """Return the lines that hold something as a block; nothing if none does."""
    filled = tuple(Line(text, shown) for text, shown in lines.items() if shown)
    return (Block(title, filled),) if filled else ()
