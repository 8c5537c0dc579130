"""What we teach, to be searched in memory: every step of every lesson, every word, every board.

Read anew with the lessons, so that what is found is what is taught.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from portal.accounts.vocabulary import TOPIC_NAMES
from portal.core import jamo
from portal.core.search_words import Asked, Text
from portal.courses import publishing
from portal.courses.catalogue import Catalogue
from portal.courses.problems import Problem

_BLOCK = re.compile(
    r"</?(?:p|div|li|ul|ol|dl|dt|dd|h\d|tr|td|th|table|section|figure|figcaption|br|text|title|summary|blockquote|pre)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, eq=False)
class Entry:
    """A page of ours that can be found."""

    title: str
    #: Where it stands, such as the course and the lesson around a step.
    context: str
    text: str
    endpoint: str
    values: Mapping[str, str]
    #: Other names of it.
    also: tuple[str, ...] = ()
    anchor: str = ""
    named: Text = field(init=False)
    whole: Text = field(init=False)
    initials: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = (self.title, *self.also)
        object.__setattr__(self, "named", Text.of(*names))
        object.__setattr__(self, "whole", Text.of(*names, self.context, self.text))
        object.__setattr__(self, "initials", tuple(map(jamo.initials, names)))


@dataclass(frozen=True)
class Library:
    """Everything of ours that can be found."""

    lessons: tuple[Entry, ...]
    words: tuple[Entry, ...]
    boards: tuple[Entry, ...]
    #: Nothing of it can be wrong: the files were checked when they were read.
    advice: tuple[Problem, ...] = ()

    @property
    def summary(self) -> str:
        """Return what can be found, in a few words."""
        return f"{len(self.lessons) + len(self.words) + len(self.boards)} pages to find"


def init_app(app: Flask) -> None:
    """Let ``app`` keep what can be found whenever it reads the lessons."""
    publishing.add_reader(app, "portal_library", _read_for)


def current() -> Library:
    """Return what the current app teaches, to be searched."""
    return cast(Library, current_app.extensions["portal_library"])


def find(entries: Sequence[Entry], asked: Asked) -> list[Entry]:
    """Return what says all the words, in its title first; if nothing does, what comes close to it."""
    if asked.initials:
        return [entry for entry in entries if any(asked.initials in each for each in entry.initials)]
    if not asked.words:
        return []
    named = [entry for entry in entries if all(map(entry.named.says, asked.words))]
    told = [entry for entry in entries if entry not in named and all(map(entry.whole.says, asked.words))]
    if named or told:
        return named + told
    ways: tuple[Callable[[Entry], bool], ...] = (
        lambda entry: all(entry.whole.says(word, nearly=True) for word in asked.words),
        lambda entry: any(entry.named.says(word, nearly=True) for word in asked.words),
    )
    return next((found for way in ways if (found := list(filter(way, entries)))), [])


def _read_for(_app: Flask, _folder: Path, taught: Catalogue) -> Library:
    return Library(tuple(_lessons(taught)), tuple(_words(taught)), tuple(_boards()))


def _lessons(taught: Catalogue) -> Iterator[Entry]:
    """Yield the courses, then their lessons, then the steps of those: whole things come first."""
    for course in taught.courses:
        yield Entry(course.title, "과정", course.summary, "courses.course", {"course_id": course.id})
    for course in taught.courses:
        for lesson in course.lessons:
            where = {"course_id": course.id, "lesson_id": lesson.id}
            told = f"{lesson.lead} {'. '.join(lesson.goals)}."
            yield Entry(lesson.title, course.title, told, "courses.lesson", where)
    for course in taught.courses:
        for place in course.places:
            where = {"course_id": course.id, "lesson_id": place.lesson.id, "step": place.step.id}
            context = f"{course.title} · {place.lesson.title}"
            yield Entry(place.step.title, context, _plain(place.step.still_html), "courses.lesson", where)


def _plain(html: str) -> str:
    """Return the words of a page; what stands in different blocks does not run together."""
    return unescape(_TAG.sub("", _BLOCK.sub(" ", html)))


def _words(taught: Catalogue) -> Iterator[Entry]:
    for word in taught.words:
        yield Entry(word.word, ", ".join(word.also), word.meaning, "glossary.words", {}, word.also, word.id)


def _boards() -> Iterator[Entry]:
    for topic, name in TOPIC_NAMES.items():
        yield Entry(name, "", f"{name} 질문", "community.board", {"board": topic.value})
