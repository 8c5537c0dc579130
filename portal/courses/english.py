"""A course in English: read from the files beside the Korean ones and held against them (docs/lessons.md).

English never stands in the way of Korean: a lesson whose Korean changed after it was translated is advised
about, and is left out where it does not fit any more. English that never fitted is a mistake like any other.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from portal.core.i18n import ENGLISH, speaking
from portal.core.korean import HANGUL
from portal.courses.facts import Fact
from portal.courses.lesson_file import Lesson, Section, Step, draw, read_source
from portal.courses.problems import Problems
from portal.courses.proofreading import advise_long, proofread
from portal.courses.shelf import Shelf
from portal.courses.toml_file import Keys, TomlFile, read_toml
from portal.courses.videos import in_english
from portal.practice import kinds
from portal.practice.kinds import Practice
from portal.practice.outcome import BadPractice

HASH_CHARS = 12
#: What may stand in a step besides words, and has to stand in its translation too.
_PARTS = re.compile(r"!\[[^\]]*\]\(([^)]*)\)|^\s*((?:!!!|\?\?\?)\s*[a-z]*)|^\s+(videos/\S+)", re.MULTILINE)
_FACTS = re.compile(r"\[\[fact:([^\]]*)\]\]")
#: Words that go into an attribute or a list to pick from, where nothing can be marked as Korean.
_UNMARKED = re.compile(r'^##\s+([^{]*)|!\[([^\]]*)\]|^\s*(?:!!!|\?\?\?)\s*[a-z]*\s*"([^"]*)"')
_KEY_IN_QUOTES = re.compile(r"'([a-z][\w.\[\]-]*)'")


@dataclass(frozen=True)
class CourseWords:
    """What is said of a course in English; ``chapters`` are their titles in order."""

    title: str
    summary: str
    for_whom: str
    chapters: tuple[str, ...]


def hash_of(path: Path) -> str:
    """Return the hash of a Korean file that a translation names; the day it was checked does not count."""
    lines = path.read_text(encoding="utf-8").splitlines()
    said = "".join(f"{line}\n" for line in lines if not line.startswith("checked_on"))
    return hashlib.sha256(said.encode()).hexdigest()[:HASH_CHARS]


def read_course_words(folder: Path, chapters: tuple[str, ...], problems: Problems) -> CourseWords | None:
    """Return the English words of a course, or None if it has none or they do not fit any more."""
    path = folder / "course.en.toml"
    if not path.is_file():
        for stray in sorted(folder.glob("*/lesson.en.md")):
            problems.add(stray, 1, f"a lesson in English needs a {path.name} above it")
        return None
    apart = problems.apart()
    file = read_toml(path, apart)
    if file is None:
        problems.take(apart, as_advice=False)
        return None
    keys = Keys(file, apart)
    keys.allow("of", "title", "summary", "for_whom", "chapters")
    named = tuple(chapter for chapter in chapters if chapter)
    titles = keys.texts("chapters") if named or keys.has("chapters") else ()
    if len(titles) != len(named):
        keys.wrong("chapters", f"'chapters' holds {len(titles)} titles, the Korean file {len(named)}")
    words = CourseWords(keys.text("title"), keys.text("summary"), keys.text("for_whom"), titles or chapters)
    for title in (words.title, *titles):
        _refuse_korean(title, path, keys.line_of("title"), apart)
    is_behind = _is_behind(keys, folder / "course.toml")
    problems.take(apart, as_advice=is_behind)
    return words if apart.is_empty else None


def read_group_titles(path: Path, count: int, problems: Problems) -> tuple[str, ...]:
    """Return the English titles of the groups of courses; empty where there are none."""
    file = read_toml(path, problems) if path.is_file() else None
    if file is None:
        return ()
    keys = Keys(file, problems)
    keys.allow("groups")
    titles = keys.texts("groups")
    if len(titles) != count:
        keys.wrong("groups", f"'groups' holds {len(titles)} titles, courses.toml {count}")
    return titles


def read_english(folder: Path, lesson: Lesson, shelf: Shelf) -> Lesson | None:
    """Return the lesson in English, or None if it has none or it does not fit any more."""
    path, practice_path = folder / "lesson.en.md", folder / "practice.en.toml"
    if not path.is_file():
        if practice_path.is_file():
            shelf.problems.add(practice_path, 1, f"words of practice need a {path.name} beside them")
        return None
    apart = replace(shelf, problems=shelf.problems.apart())
    with speaking(ENGLISH):
        english = _read(path, lesson, apart)
    shelf.problems.take(apart.problems, as_advice=english is not None and english.is_behind)
    return english if apart.problems.is_empty else None


def _read(path: Path, lesson: Lesson, shelf: Shelf) -> Lesson | None:
    problems = shelf.problems
    source = read_source(path, problems, language=ENGLISH)
    korean = read_source(path.with_name("lesson.md"), problems.apart())
    front, sections = source or (None, ())
    if front is None or korean is None:
        return None
    keys = Keys(front, problems)
    keys.allow("of", "title", "lead", "goals", *(["screen"] if lesson.screen else []))
    practices, practice_is_behind = _read_practices(path.with_name("practice.en.toml"), lesson, problems)
    _compare(path, sections, korean[1], problems)
    _refuse_korean(keys.text("title"), path, front.line_of("title"), problems)
    goals = keys.texts("goals")
    if len(goals) != len(lesson.goals):
        keys.wrong("goals", f"'goals' holds {len(goals)}, the Korean file {len(lesson.goals)}")
    for key, words in (("lead", keys.text("lead")), *(("goals", goal) for goal in goals)):
        advise_long(words, path, front.line_of(key), problems, language=ENGLISH)
    is_behind = _is_behind(keys, path.with_name("lesson.md")) or practice_is_behind
    steps = {section.id: section for section in sections}
    return replace(
        lesson,
        title=keys.text("title"),
        lead=keys.text("lead"),
        goals=goals,
        screen=keys.text("screen") if lesson.screen else "",
        steps=tuple(
            _read_step(steps[step.id], step, practices.get(step.id), shelf)
            for step in lesson.steps
            if step.id in steps
        ),
        language=ENGLISH,
        is_behind=is_behind,
    )


def _read_step(section: Section, step: Step, practice: Practice | None, shelf: Shelf) -> Step:
    path, problems = section.lines.path, shelf.problems
    facts = _in_english(step.facts, section, shelf)
    words = {**shelf.facts, **{fact.id: fact for fact in facts}}
    reading = replace(shelf, facts=words)
    findings = proofread(section.lines, reading)
    videos = {
        address: english
        for address, video in findings.videos.items()
        if (english := in_english(video, path, section.lines.first - 1, problems))
    }
    html, still_html, _ = draw(section, findings, videos, reading)
    return replace(
        step,
        title=section.title,
        html=html,
        still_html=still_html,
        videos=tuple(videos.values()),
        facts=facts,
        practice=practice or step.practice,
        language=ENGLISH,
    )


def _in_english(facts: tuple[Fact, ...], section: Section, shelf: Shelf) -> tuple[Fact, ...]:
    for fact in facts:
        if fact.id not in shelf.english_facts:
            topic, _, name = fact.id.partition(".")
            wanted = f"the fact '{fact.id}' has no English: [{name}] in content/facts/{topic}.en.toml"
            shelf.problems.add(section.lines.path, section.lines.first - 1, wanted)
    return tuple(shelf.english_facts.get(fact.id, fact) for fact in facts)


def _read_practices(path: Path, lesson: Lesson, problems: Problems) -> tuple[dict[str, Practice], bool]:
    """Return the practices in English by their step, and whether the Korean file changed since."""
    wanted = {step.id: step.practice for step in lesson.steps if step.practice}
    if not wanted and not path.is_file():
        return {}, False
    file = read_toml(path, problems)
    if file is None:
        return {}, False
    keys = Keys(file, problems)
    keys.allow("of", *wanted)
    practices = {}
    for step_id, practice in wanted.items():
        table = file.values.get(step_id)
        if not isinstance(table, dict):
            problems.add(path, 1, f"there is no table [{step_id}]")
            continue
        english = _translate(file, step_id, practice, problems)
        if english:
            practices[step_id] = english
        _proofread_words(file, table, problems)
    return practices, _is_behind(keys, path.with_name("practice.toml"))


def _translate(file: TomlFile, step_id: str, practice: Practice, problems: Problems) -> Practice | None:
    try:
        return kinds.translate(practice, file.values[step_id])
    except BadPractice as error:
        key = _KEY_IN_QUOTES.search(str(error))
        line = file.line_of(f"{step_id}.{key[1]}") if key else file.line_of(step_id)
        problems.add(file.path, line, f"bad practice '{step_id}': {error}")
    return None


def _proofread_words(file: TomlFile, table: Mapping[str, Any], problems: Problems) -> None:
    unmarked = [*table.get("others", ()), *(each.get("right", "") for each in table.get("pairs", ()))]
    for text in _texts(table):
        line = next((at for at, written in enumerate(file.lines, start=1) if text in written), 1)
        advise_long(text, file.path, line, problems, language=ENGLISH)
        if text in unmarked:
            _refuse_korean(text, file.path, line, problems)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _compare(
    path: Path, sections: tuple[Section, ...], korean: tuple[Section, ...], problems: Problems
) -> None:
    """Note where the steps, and what stands in them besides words, are not those of the Korean lesson."""
    ids, wanted = [section.id for section in sections], [section.id for section in korean]
    for step_id in wanted:
        if step_id not in ids:
            problems.add(path, 1, f"the step '{step_id}' of the Korean lesson is missing")
    if sorted(ids) == sorted(wanted) and ids != wanted:
        problems.add(path, 1, f"the steps come in the order of the Korean lesson: {', '.join(wanted)}")
    originals = {section.id: section for section in korean}
    for section in sections:
        if section.id in originals:
            _compare_parts(section, originals[section.id], problems)
        else:
            problems.add(path, section.lines.first - 1, f"the Korean lesson has no step '{section.id}'")
        _refuse_unmarked(section, problems)


def _refuse_unmarked(section: Section, problems: Problems) -> None:
    first = section.lines.first - 1
    for at, line in enumerate([f"## {section.title}", *section.lines.texts], first):
        for found in _UNMARKED.finditer(line):
            _refuse_korean("".join(filter(None, found.groups())), section.lines.path, at, problems)


def _compare_parts(section: Section, korean: Section, problems: Problems) -> None:
    path, line = section.lines.path, section.lines.first - 1
    here, there = ("\n".join(each.lines.texts) for each in (section, korean))
    parts, wanted = ([m[1] or m[2] or m[3] for m in _PARTS.finditer(text)] for text in (here, there))
    if parts != wanted:
        shown = ", ".join(wanted) or "none"
        problems.add(path, line, f"the pictures, videos and blocks of this step are in Korean: {shown}")
    missing = sorted({*_FACTS.findall(there)} ^ {*_FACTS.findall(here)})
    if missing:
        problems.add(path, line, f"these facts stand in one language only: {', '.join(missing)}")


def _refuse_korean(text: str, path: Path, line: int, problems: Problems) -> None:
    if HANGUL.search(text):
        problems.add(path, line, f"no Korean may stand here, for it cannot be marked as Korean: {text}")


def _is_behind(keys: Keys, korean: Path) -> bool:
    """Tell whether the Korean file is another than the one the English was made from."""
    of = keys.text("of")
    now = hash_of(korean)
    if not of or of == now:
        return False
    changed = f'{korean.name} changed since; read this against it, then write of = "{now}"'
    keys.advise("of", changed)
    return True
