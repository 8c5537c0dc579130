"""Reading one lesson: its front matter, its steps and what is practised in them."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from markupsafe import Markup

from portal.core.i18n import KOREAN
from portal.courses.drawings import read_drawing
from portal.courses.facts import Fact
from portal.courses.glossary import Word, words_in
from portal.courses.markup import render_step
from portal.courses.practice_file import Exercise, read_practices
from portal.courses.problems import Problems
from portal.courses.proofreading import Findings, Lines, advise_long, proofread
from portal.courses.shelf import Shelf
from portal.courses.toml_file import Keys, TomlFile, parse_toml, read_text
from portal.courses.videos import Video
from portal.practice.kinds import Practice

FENCE = "+++"
MINUTES = (3, 20)
STEPS = (3, 6)
STAYS_FRESH = timedelta(days=120)
"""How long the screens of sellers' centres may be trusted (features.md K21)."""

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

_HEADING = re.compile(r"##\s+(.*?)\s*(?:\{#([^}]*)\})?\s*$")


@dataclass(frozen=True)
class Step:
    """One page of a lesson: read, or practised where there is a practice."""

    id: str
    title: str
    html: Markup
    #: The same where nothing plays: on paper, and kept for reading without a network.
    still_html: Markup
    videos: tuple[Video, ...]
    facts: tuple[Fact, ...]
    #: Words it uses without explaining them.
    words: tuple[Word, ...]
    practice: Practice | None
    #: Of everything the learner meets in this step: words, drawings, videos, facts, practice.
    content_hash: str
    language: str = KOREAN


@dataclass(frozen=True)
class Lesson:
    """Three to six steps on one subject."""

    id: str
    title: str
    lead: str
    minutes: int
    goals: tuple[str, ...]
    #: The day the lesson was last held against its sources, and which screen it was held against, if any.
    checked_on: date
    screen: str
    #: What opens it: ids of lessons, or ``lesson/step``, earlier in the course.
    after: tuple[str, ...]
    steps: tuple[Step, ...]
    language: str = KOREAN
    #: True where the Korean changed after this was translated from it.
    is_behind: bool = False

    @property
    def videos(self) -> tuple[Video, ...]:
        """Return the videos of all steps."""
        return tuple(video for step in self.steps for video in step.videos)

    def is_overdue(self, today: date) -> bool:
        """Tell whether the lesson was last checked longer ago than screens stay the same."""
        return today > self.checked_on + STAYS_FRESH


@dataclass(frozen=True)
class Section:
    """The heading and the lines of a step."""

    id: str
    title: str
    lines: Lines


def read_lesson(folder: Path, shelf: Shelf) -> Lesson | None:
    """Read the lesson in ``folder``, or return None after noting why it cannot be read."""
    path = folder / "lesson.md"
    source = read_source(path, shelf.problems)
    if source is None:
        return None
    front, sections = source
    step_ids = {section.id for section in sections}
    exercises = read_practices(folder / "practice.toml", step_ids, shelf)
    steps = tuple(_read_step(section, exercises.get(section.id), shelf) for section in sections)
    if front is None:
        return None
    keys = Keys(front, shelf.problems)
    keys.allow("title", "lead", "minutes", "goals", "checked_on", "screen", "after")
    lesson = Lesson(
        folder.name,
        keys.text("title"),
        keys.text("lead"),
        keys.whole("minutes", least=MINUTES[0], most=MINUTES[1]),
        keys.texts("goals"),
        keys.day("checked_on"),
        keys.text("screen") if keys.has("screen") else "",
        keys.texts("after") if keys.has("after") else (),
        steps,
    )
    for key, words in (("lead", lesson.lead), *(("goals", goal) for goal in lesson.goals)):
        advise_long(words, path, front.line_of(key), shelf.problems)
    return lesson


def read_source(
    path: Path, problems: Problems, *, language: str = KOREAN
) -> tuple[TomlFile | None, tuple[Section, ...]] | None:
    """Return the front matter and the sections of a file, or None after noting why there are none."""
    text = read_text(path, problems)
    if text is None:
        return None
    lines = text.splitlines()
    end = lines.index(FENCE, 1) if FENCE in lines[1:] else 0
    if not end or lines[0] != FENCE:
        problems.add(path, 1, f"the file begins with front matter between two {FENCE} lines")
        return None
    front = parse_toml(path, "\n".join(lines[1:end]), problems, first_line=2)
    sections = _read_sections(path, lines, end + 1, problems)
    return front, tuple(replace(each, lines=replace(each.lines, language=language)) for each in sections)


def _read_sections(path: Path, lines: list[str], start: int, problems: Problems) -> tuple[Section, ...]:
    headings = [at for at in range(start, len(lines)) if lines[at].startswith("## ")]
    if not STEPS[0] <= len(headings) <= STEPS[1]:
        problems.add(
            path, start, f"a lesson has {STEPS[0]} to {STEPS[1]} steps (## headings), not {len(headings)}"
        )
    for at in range(start, headings[0] if headings else len(lines)):
        if lines[at].strip():
            problems.add(path, at + 1, "text before the first ## heading belongs to no step")
            break
    sections = tuple(_sections(path, lines, headings, problems))
    seen: set[str] = set()
    for section in sections:
        if section.id in seen:
            problems.add(path, section.lines.first - 1, f"the id '{section.id}' comes twice in this lesson")
        seen.add(section.id)
    return sections


def _sections(path: Path, lines: list[str], headings: list[int], problems: Problems) -> Iterator[Section]:
    for place, at in enumerate(headings):
        end = headings[place + 1] if place + 1 < len(headings) else len(lines)
        heading = _HEADING.match(lines[at])
        title, step_id = (heading[1], heading[2]) if heading else (lines[at][3:], None)
        if step_id is None or not ID.fullmatch(step_id):
            problems.add(
                path,
                at + 1,
                "the heading needs an id in lower-case letters, digits, hyphens: {#like-this}",
            )
        if not title:
            problems.add(path, at + 1, "the heading has no words")
        body = Lines(path, at + 2, tuple(lines[at + 1 : end]))
        if not any(line.strip() for line in body.texts):
            problems.add(path, at + 1, "the step has no text")
        for offset, line in enumerate(body.texts):
            if line.startswith("# "):
                problems.add(path, body.first + offset, "a step begins with ##; inside it there is only ###")
        yield Section(step_id or f"step-without-id-{place}", title, body)


def _read_step(section: Section, exercise: Exercise | None, shelf: Shelf) -> Step:
    findings = proofread(section.lines, shelf)
    text = "\n".join(section.lines.texts)
    html, still_html, drawings = draw(section, findings, findings.videos, shelf)
    fact_ids = dict.fromkeys([*findings.fact_ids, *(exercise.fact_ids if exercise else ())])
    facts = tuple(shelf.facts[fact_id] for fact_id in fact_ids if fact_id in shelf.facts)
    parts = [
        section.title,
        text,
        *(tostring(drawing, encoding="unicode") for drawing in drawings.values()),
        *(video.version for video in findings.videos.values()),
        *(f"{fact.id}={fact.value}" for fact in facts),
        exercise.source_hash if exercise else "",
    ]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    practice = exercise.practice if exercise else None
    return Step(
        section.id,
        section.title,
        html,
        still_html,
        tuple(findings.videos.values()),
        facts,
        words_in(text, shelf.words),
        practice,
        digest,
    )


def draw(
    section: Section, findings: Findings, videos: Mapping[str, Video], shelf: Shelf
) -> tuple[Markup, Markup, Mapping[str, Element]]:
    """Return the HTML of a section, the same where nothing plays, and its drawings."""
    folder = section.lines.path.parent
    drawings = dict(_read_drawings(folder, findings.pictures, shelf.problems))
    text = "\n".join(section.lines.texts)
    render = partial(render_step, text, facts=shelf.facts, drawings=drawings, videos=videos)
    html = render()
    return html, render(plays=False) if videos else html, drawings


def _read_drawings(folder: Path, addresses: list[str], problems: Problems) -> Iterator[tuple[str, Element]]:
    for address in dict.fromkeys(addresses):
        drawing = read_drawing(folder / address, problems)
        if drawing is not None:
            yield address, drawing
