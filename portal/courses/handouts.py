"""What stands on a handout in large type: a lesson, a course's steps, a lesson for a class, or all words.

The same source as the page gives the paper. Its hash is that of everything the press will see, facts in doubt
included, so that an edit, or a fact that came of age overnight, asks for another paper, and an old one is
never handed out as new. Nothing here draws: a page only wants the hash.
"""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from jinja2 import Template
from markupsafe import Markup as Svg

from portal.core import clock, settings
from portal.core.clock import KST
from portal.courses import catalogue, codes, paper
from portal.courses.catalogue import Course, Place
from portal.courses.facts import FactNote, notes_on
from portal.courses.glossary import by_initial
from portal.courses.lesson_file import Lesson
from portal.courses.models import HandoutKind
from portal.courses.paper import Paper
from portal.practice.field import Field, Group
from portal.practice.kinds import Practice

CLASS_SIZE = 20
"""Names on the list of a class."""
BOXES_AT_MOST = 8
"""Options that each get a box; more stand as a list to choose from."""
GLOSSARY_TITLE = "낱말 모음"


@dataclass(frozen=True)
class PrintedField:
    """One question on paper; ``groups`` to tick, or to choose from where ``is_line`` leaves room to write."""

    label: str
    hint: str
    unit: str
    groups: tuple[Group, ...]
    is_line: bool
    is_area: bool
    is_tick: bool
    is_screen: bool


@dataclass(frozen=True)
class PrintedSection:
    """Questions that belong together."""

    title: str
    fields: tuple[PrintedField, ...]


@dataclass(frozen=True)
class Exercise:
    """A practice on paper: its question, room to answer, and what several questions choose from."""

    question: str
    shared: tuple[Group, ...]
    sections: tuple[PrintedSection, ...]
    #: Each try on the page draws its own numbers or order.
    differs: bool


@dataclass(frozen=True)
class PrintedStep:
    """A step as it is printed."""

    place: Place
    code: str
    qr: Svg
    doubtful: tuple[FactNote, ...]
    exercise: Exercise | None


def write(kind: HandoutKind, course: Course, lesson_id: str, size_pt: int) -> Paper:
    """Write the paper as it stands today. Raises NotFoundError for a lesson that is not taught."""
    today = clock.now().astimezone(KST).date()
    lesson = None if kind is HandoutKind.CHECKLIST else course.lesson(lesson_id)
    places = [place for place in course.places if lesson is None or place.lesson is lesson]
    house = settings.current()
    html = _template("checklist" if lesson is None else "lesson").render(
        course=course,
        lesson=lesson,
        steps=[_print_step(place, house.public_url, today) for place in places],
        facts=_facts(places, today),
        size_pt=size_pt,
        is_for_class=kind is HandoutKind.CLASS_PACK,
        class_size=CLASS_SIZE,
        typed_address=f"{house.public_url.partition('://')[2]}/c/",
        house=house,
    )
    return paper.finish(_title(course, lesson), html)


def write_glossary(size_pt: int) -> Paper:
    """Write every word in plain language as it stands today."""
    groups = list(by_initial(catalogue.current().words))
    html = _template("glossary").render(groups=groups, size_pt=size_pt, house=settings.current())
    return paper.finish(GLOSSARY_TITLE, html)


def write_named(kind: HandoutKind, course_id: str, lesson_id: str, size_pt: int) -> Paper:
    """Write the paper of a row. Raises NotFoundError for what is taught no more."""
    if kind is HandoutKind.GLOSSARY:
        return write_glossary(size_pt)
    return write(kind, catalogue.current().course(course_id), lesson_id, size_pt)


def _title(course: Course, lesson: Lesson | None) -> str:
    return f"{course.title} 단계표" if lesson is None else lesson.title


def _template(name: str) -> Template:
    return paper.open_template(paper.FOLDER / f"{name}.jinja")


def _print_step(place: Place, public_url: str, today: date) -> PrintedStep:
    notes = notes_on(place.step.facts, today)
    return PrintedStep(
        place=place,
        code=codes.shown(place.code),
        qr=paper.draw_way(f"{public_url}/c/{place.code}"),
        doubtful=tuple(note for note in notes if note.doubt),
        exercise=_print_practice(place, place.step.practice) if place.step.practice else None,
    )


def _facts(places: list[Place], today: date) -> tuple[FactNote, ...]:
    facts = dict.fromkeys(fact for place in places for fact in place.step.facts)
    return notes_on(facts, today)


def _print_practice(place: Place, practice: Practice) -> Exercise:
    """Return the questions without their answers, as nobody's first try would ask them."""
    ids = f"{place.course.id}/{place.lesson.id}/{place.step.id}"
    seed, other = f"paper/{ids}/1", f"paper/{ids}/2"
    fields = practice.form_fields(seed, {})
    shared = _shared_options(fields)
    return Exercise(
        question=practice.ask(seed),
        shared=shared,
        sections=tuple(
            PrintedSection(title, tuple(_print_field(each, shared) for each in grouped))
            for title, grouped in groupby(fields, key=lambda each: each.section)
        ),
        differs=practice.ask(other) != practice.ask(seed) or practice.form_fields(other, {}) != fields,
    )


def _shared_options(fields: tuple[Field, ...]) -> tuple[Group, ...]:
    """Return the options that several lists of a form have in common, to be printed once."""
    lists = [each.options for each in fields if each.kind == "select"]
    return next((options for options in lists if lists.count(options) > 1), ())


def _print_field(each: Field, shared: tuple[Group, ...]) -> PrintedField:
    many = sum(len(group.options) for group in each.options) > BOXES_AT_MOST
    is_shared = each.kind == "select" and each.options == shared
    return PrintedField(
        label=each.label,
        hint=each.hint,
        unit=each.unit,
        groups=() if is_shared else each.options,
        is_line=each.kind in {"text", "money", "count"} or is_shared or (each.kind == "select" and many),
        is_area=each.kind == "area",
        is_tick=each.kind == "check",
        is_screen=each.kind == "file",
    )
