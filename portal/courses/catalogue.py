"""Everything we teach, read from the files once when the portal starts.

The files are the truth: the database refers to courses, lessons and steps by their ids, and never holds their
words. Content that does not pass keeps the portal from starting.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import cast

from flask import current_app

from portal.core.errors import NotFoundError
from portal.core.i18n import ENGLISH, KOREAN, language, speaking
from portal.core.i18n import gettext as _
from portal.core.search_words import Synonyms
from portal.courses import codes
from portal.courses.english import read_course_words, read_english, read_group_titles
from portal.courses.facts import Fact, FactNote, notes_on
from portal.courses.glossary import Word
from portal.courses.lesson_file import ID, Lesson, Step, read_lesson
from portal.courses.problems import Problem, Problems
from portal.courses.proofreading import advise_long
from portal.courses.rule_files import hash_rules
from portal.courses.shelf import Link, Shelf, read_shelf
from portal.courses.synonyms import read_synonyms
from portal.courses.toml_file import Keys, TomlFile, read_toml

_COURSE_LINK = re.compile(r"/courses/(?:([^/?#]+)/(?:([^/?#]+)/(?:\?step=([^&#]+))?)?)?")


@dataclass(frozen=True)
class Chapter:
    """Some lessons of a course under one heading; the title is empty in a course without chapters."""

    title: str
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True)
class Course:
    """Chapters in their order; ``version`` changes whenever anything in them does."""

    id: str
    title: str
    summary: str
    for_whom: str
    chapters: tuple[Chapter, ...]
    version: str
    language: str = KOREAN

    @property
    def lessons(self) -> tuple[Lesson, ...]:
        """Return the lessons of all chapters."""
        return tuple(lesson for chapter in self.chapters for lesson in chapter.lessons)

    @property
    def minutes(self) -> int:
        """Return how long all lessons take together."""
        return sum(lesson.minutes for lesson in self.lessons)

    @property
    def places(self) -> tuple["Place", ...]:
        """Return every step in the order it is met."""
        return tuple(Place(self, lesson, step) for lesson in self.lessons for step in lesson.steps)

    def lesson(self, lesson_id: str) -> Lesson:
        """Return a lesson; raises NotFoundError."""
        found = next((lesson for lesson in self.lessons if lesson.id == lesson_id), None)
        if found is None:
            raise NotFoundError(
                _("찾는 수업이 없어요. 이름이 바뀌었을 수 있어요. 배우기에서 다시 찾아 주세요.")
            )
        return found


@dataclass(frozen=True)
class Place:
    """One step with the lesson and the course around it."""

    course: Course
    lesson: Lesson
    step: Step

    @property
    def key(self) -> tuple[str, str]:
        """Return what progress inside a course is kept under."""
        return self.lesson.id, self.step.id

    @property
    def in_korean(self) -> "Place":
        """Return the same step in Korean."""
        return current().place(self.course.id, *self.key)

    @property
    def code(self) -> str:
        """Return the code that is printed for this step."""
        return codes.code_of(self.course.id, *self.key)

    @property
    def number(self) -> int:
        """Return which step of its lesson this is, from 1."""
        return self.lesson.steps.index(self.step) + 1

    def neighbour(self, offset: int) -> "Place | None":
        """Return the step so many steps on in the course, over the ends of lessons; None outside."""
        at = next(at for at, place in enumerate(self.course.places) if place.key == self.key) + offset
        return self.course.places[at] if 0 <= at < len(self.course.places) else None


@dataclass(frozen=True)
class Group:
    """Courses that stand together on the page of all courses."""

    title: str
    courses: tuple[Course, ...]


@dataclass(frozen=True)
class Catalogue:
    """All courses in their order, and facts; ``advice`` is what `flask lessons check` prints."""

    groups: tuple[Group, ...]
    facts: tuple[Fact, ...]
    words: tuple[Word, ...]
    synonyms: Synonyms
    links: tuple[Link, ...]
    #: By its name, the hash of each set of rules that practice checks with.
    rules: Mapping[str, str]
    advice: tuple[Problem, ...]
    #: The same in English, as far as it was translated; the rest of it is Korean.
    english: tuple[Group, ...] = ()

    @property
    def in_english(self) -> "Catalogue":
        """Return the catalogue in English, with what is not translated in Korean."""
        return replace(self, groups=self.english)

    @property
    def courses(self) -> tuple[Course, ...]:
        """Return the courses of all groups."""
        return tuple(course for group in self.groups for course in group.courses)

    def find_course(self, course_id: str) -> Course | None:
        """Return a course, or None; people may have learned in one that is taught no more."""
        return next((course for course in self.courses if course.id == course_id), None)

    def course(self, course_id: str) -> Course:
        """Return a course; raises NotFoundError."""
        found = self.find_course(course_id)
        if found is None:
            raise NotFoundError(
                _("찾는 과정이 없어요. 이름이 바뀌었을 수 있어요. 배우기에서 다시 찾아 주세요.")
            )
        return found

    def place(self, course_id: str, lesson_id: str, step_id: str) -> Place:
        """Return a step; raises NotFoundError."""
        course = self.course(course_id)
        lesson = course.lesson(lesson_id)
        step = next((step for step in lesson.steps if step.id == step_id), None)
        if step is None:
            raise NotFoundError(
                _("찾는 단계가 없어요. 수업이 바뀌었을 수 있어요. 배우기에서 다시 찾아 주세요.")
            )
        return Place(course, lesson, step)

    def overdue(self, today: date) -> tuple[Problem, ...]:
        """Return what must be looked up again: facts past their review, lessons past their check."""
        facts = [
            Problem(fact.path, fact.line, f"the fact '{fact.id}' was to be reviewed by {fact.review_by}")
            for fact in self.facts
            if fact.review_by < today
        ]
        lessons = [
            Problem(
                f"content/lessons/{course.id}/{lesson.id}/lesson.md",
                1,
                f"the lesson was last checked on {lesson.checked_on}",
            )
            for course in self.courses
            for lesson in course.lessons
            if lesson.is_overdue(today)
        ]
        return tuple(sorted(facts + lessons))

    def find_place(self, code: str) -> Place | None:
        """Return the step with this printed code, or None."""
        places = (place for course in self.courses for place in course.places)
        return next((place for place in places if place.code == code), None)

    def doubtful_facts(self, today: date, also: Iterable[Fact] = ()) -> tuple[FactNote, ...]:
        """Return the facts used in courses, or ``also`` used elsewhere, that must be looked up again."""
        used = {fact.id for course in self.courses for place in course.places for fact in place.step.facts}
        used |= {fact.id for fact in also}
        return tuple(note for note in notes_on(self.facts, today) if note.doubt and note.fact.id in used)


def current() -> Catalogue:
    """Return the current app's catalogue."""
    return cast(Catalogue, current_app.extensions["portal_catalogue"])


def spoken() -> Catalogue:
    """Return the current app's catalogue in the language spoken, for pages that speak it.

    Ids, hashes and what is right are the same in every language.
    """
    return current().in_english if language() == ENGLISH else current()


def load(content_dir: Path) -> Catalogue:
    """Read everything below ``content_dir``. Raises ContentError naming everything that is wrong."""
    problems = Problems(content_dir)
    synonyms = read_synonyms(content_dir / "synonyms.toml", problems)
    shelf = read_shelf(content_dir, problems)
    with speaking(KOREAN):
        groups = _read_groups(content_dir / "lessons", shelf)
    english = _in_english(content_dir / "lessons", groups, shelf)
    courses = [course for group in groups for course in group.courses]
    others = tuple(link for link in shelf.links if not link.target.startswith("/courses/"))
    check_course_links(shelf.links, courses, problems)
    _check_words(content_dir / "glossary.toml", shelf.words, courses, problems)
    _check_codes(content_dir / "lessons", courses, problems)
    problems.require_none()
    rules = hash_rules(content_dir)
    facts, words = tuple(shelf.facts.values()), tuple(shelf.words)
    return Catalogue(groups, facts, words, synonyms, others, rules, problems.advice, english)


def _in_english(folder: Path, groups: tuple[Group, ...], shelf: Shelf) -> tuple[Group, ...]:
    """Return the groups with everything in English that was translated."""
    titles = read_group_titles(folder / "courses.en.toml", len(groups), shelf.problems)
    return tuple(
        Group(title, tuple(_course_in_english(folder / course.id, course, shelf) for course in group.courses))
        for title, group in zip(titles or [group.title for group in groups], groups, strict=False)
    )


def _course_in_english(folder: Path, course: Course, shelf: Shelf) -> Course:
    words = read_course_words(folder, tuple(chapter.title for chapter in course.chapters), shelf.problems)
    if words is None:
        return course
    chapters = tuple(
        Chapter(title, tuple(read_english(folder / each.id, each, shelf) or each for each in chapter.lessons))
        for title, chapter in zip(words.chapters, course.chapters, strict=True)
    )
    return replace(
        course,
        title=words.title,
        summary=words.summary,
        for_whom=words.for_whom,
        chapters=chapters,
        language=ENGLISH,
    )


def _read_groups(folder: Path, shelf: Shelf) -> tuple[Group, ...]:
    """Read courses.toml, and every course it names."""
    problems = shelf.problems
    file = read_toml(folder / "courses.toml", problems)
    if file is None:
        return ()
    tables = Keys(file, problems).tables("groups")
    named = [course_id for table in tables for course_id in table.texts("courses")]
    there = {path.name for path in folder.glob("*") if path.is_dir()}
    for course_id in sorted({each for each in named if named.count(each) > 1}):
        problems.add(file.path, 1, f"the course '{course_id}' comes twice")
    for course_id in sorted(there ^ set(named)):
        wrong = "has a folder, but is in no group" if course_id in there else "has no folder"
        problems.add(file.path, 1, f"the course '{course_id}' {wrong}")
    read = {
        course_id: _read_course(folder / course_id, shelf)
        for course_id in dict.fromkeys(named)
        if course_id in there
    }
    return tuple(
        Group(
            table.text("title"),
            tuple(course for course_id in table.texts("courses") if (course := read.get(course_id))),
        )
        for table in tables
    )


def _read_course(folder: Path, shelf: Shelf) -> Course | None:
    problems = shelf.problems
    file = read_toml(folder / "course.toml", problems)
    if file is None:
        return None
    if not ID.fullmatch(folder.name):
        problems.add(file.path, 1, f"'{folder.name}' is no id: lower-case letters, digits and hyphens")
    keys = Keys(file, problems)
    keys.allow("title", "summary", "for_whom", "lessons", "chapters")
    chapters = _read_chapters(keys)
    lessons = _read_lessons(folder, file, tuple(each for _title, ids in chapters for each in ids), shelf)
    parts = [
        f"{lesson.id}/{step.id}={step.content_hash}" for lesson in lessons.values() for step in lesson.steps
    ]
    version = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    course = Course(
        folder.name,
        keys.text("title"),
        keys.text("summary"),
        keys.text("for_whom"),
        tuple(
            Chapter(title, tuple(lessons[each] for each in dict.fromkeys(ids) if each in lessons))
            for title, ids in chapters
        ),
        version,
    )
    _check_after(folder, course, problems)
    return course


def _read_chapters(keys: Keys) -> list[tuple[str, tuple[str, ...]]]:
    if not keys.has("chapters"):
        return [("", keys.texts("lessons"))]
    if keys.has("lessons"):
        keys.wrong("lessons", "a course has 'lessons' or 'chapters', not both")
    return [(chapter.text("title"), chapter.texts("lessons")) for chapter in keys.tables("chapters")]


def _check_after(folder: Path, course: Course, problems: Problems) -> None:
    """Hold what opens each lesson against the lessons before it."""
    earlier: set[str] = set()
    for lesson in course.lessons:
        for each in lesson.after:
            if each not in earlier:
                path = folder / lesson.id / "lesson.md"
                lines = path.read_text(encoding="utf-8").splitlines()
                line = next(at for at, text in enumerate(lines, start=1) if text.startswith("after"))
                problems.add(path, line, f"'after' names '{each}', which is no earlier lesson or lesson/step")
        earlier |= {lesson.id, *(f"{lesson.id}/{step.id}" for step in lesson.steps)}


def _read_lessons(
    folder: Path, file: TomlFile, lesson_ids: tuple[str, ...], shelf: Shelf
) -> dict[str, Lesson]:
    line = file.line_of("lessons") if "lessons" in file.values else file.line_of("chapters")
    for lesson_id in sorted({each for each in lesson_ids if lesson_ids.count(each) > 1}):
        shelf.problems.add(file.path, line, f"the lesson '{lesson_id}' comes twice")
    unlisted = {path.parent.name for path in folder.glob("*/lesson.md")} - set(lesson_ids)
    for lesson_id in sorted(unlisted):
        shelf.problems.add(file.path, line, f"the lesson '{lesson_id}' has a folder, but is not in 'lessons'")
    lessons = {}
    for lesson_id in dict.fromkeys(lesson_ids):
        if not ID.fullmatch(lesson_id) or not (folder / lesson_id / "lesson.md").is_file():
            shelf.problems.add(file.path, line, f"there is no lesson '{lesson_id}' (a folder with lesson.md)")
            continue
        lesson = read_lesson(folder / lesson_id, shelf)
        if lesson:
            lessons[lesson_id] = lesson
    return lessons


def _check_words(path: Path, words: Sequence[Word], courses: Sequence[Course], problems: Problems) -> None:
    lessons = {f"{course.id}/{lesson.id}" for course in courses for lesson in course.lessons}
    for word in words:
        advise_long(word.meaning, path, word.line, problems)
        if word.lesson and word.lesson not in lessons:
            problems.add(path, word.line, f"there is no lesson '{word.lesson}'")


def check_course_links(links: Iterable[Link], courses: Iterable[Course], problems: Problems) -> None:
    """Note every link into the courses that leads to no step of theirs."""
    steps = {(place.course.id, *place.key) for course in courses for place in course.places}
    known = {()} | {key[:length] for key in steps for length in (1, 2, 3)}
    for link in links:
        if not link.target.startswith("/courses/"):
            continue
        match = _COURSE_LINK.fullmatch(link.target)
        if match is None or tuple(part for part in match.groups() if part) not in known:
            problems.add(link.path, link.line, f"there is no page at '{link.target}'")


def _check_codes(folder: Path, courses: list[Course], problems: Problems) -> None:
    places: dict[str, Place] = {}
    for place in (place for course in courses for place in course.places):
        first = places.setdefault(place.code, place)
        if first.key != place.key or first.course.id != place.course.id:
            problems.add(
                folder / place.course.id / place.lesson.id / "lesson.md",
                1,
                f"the step '{place.step.id}' has the printed code {place.code} of "
                f"'{first.course.id}/{first.lesson.id}/{first.step.id}': give the newer of them another id",
            )
