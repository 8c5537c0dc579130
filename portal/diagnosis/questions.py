"""What the diagnosis asks and what comes of the answers, read from content/diagnosis.toml."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from portal.core.errors import NotFoundError
from portal.courses import publishing
from portal.courses.catalogue import Catalogue, check_course_links
from portal.courses.lesson_file import ID
from portal.courses.problems import ContentError, Problem, Problems
from portal.courses.proofreading import advise_long
from portal.courses.shelf import Link
from portal.courses.toml_file import Keys, TomlFile, read_toml

AXES = 2
FEWEST_ANSWERS, MOST_ANSWERS = 3, 4
MOST_POINTS = 10
STEPS = 3
PER_PAGE = (1, 6)


@dataclass(frozen=True)
class Answer:
    """One of the answers to a question: its points, and the sentence it causes."""

    id: str
    text: str
    points: int
    sentence: str


@dataclass(frozen=True)
class Question:
    """One plain question on one axis."""

    id: str
    axis: str
    text: str
    hint: str
    answers: tuple[Answer, ...]

    @property
    def most(self) -> int:
        """Return the most points an answer gives."""
        return max(answer.points for answer in self.answers)

    def answer(self, answer_id: str | None) -> Answer | None:
        """Return an answer, or None if there is none of this id (any more)."""
        return next((answer for answer in self.answers if answer.id == answer_id), None)


@dataclass(frozen=True)
class Axis:
    """One of the two things looked at; from ``bar`` points on it is enough."""

    id: str
    label: str
    bar: int
    above: str
    below: str


@dataclass(frozen=True)
class NextStep:
    """One thing to do next, and the page where it begins."""

    text: str
    label: str
    href: str


@dataclass(frozen=True)
class Route:
    """What to do when exactly these axes are above their bars."""

    id: str
    label: str
    above: frozenset[str]
    lead: str
    mentor: str
    steps: tuple[NextStep, ...]


@dataclass(frozen=True)
class Questionnaire:
    """The whole diagnosis; ``version`` changes whenever anything in it does."""

    version: str
    axes: tuple[Axis, ...]
    routes: tuple[Route, ...]
    pages: tuple[tuple[Question, ...], ...]
    advice: tuple[Problem, ...] = ()

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return every question in its order."""
        return tuple(question for page in self.pages for question in page)

    @property
    def summary(self) -> str:
        """Return what `flask lessons check` says."""
        return f"{len(self.questions)} questions of the diagnosis"

    def page(self, number: int) -> tuple[Question, ...]:
        """Return the questions of a page, from 1; raises NotFoundError."""
        if not 1 <= number <= len(self.pages):
            raise NotFoundError("찾는 물음이 없어요. 진단에서 다시 이어 해 주세요.")
        return self.pages[number - 1]

    def count_answered(self, answers: Mapping[str, str]) -> int:
        """Return how many of today's questions have one of today's answers."""
        return sum(each.answer(answers.get(each.id)) is not None for each in self.questions)

    def first_open_page(self, answers: Mapping[str, str]) -> int | None:
        """Return the first page with a question not answered; None if there is none left."""
        for number, page in enumerate(self.pages, start=1):
            if any(each.answer(answers.get(each.id)) is None for each in page):
                return number
        return None


def init_app(app: Flask) -> None:
    """Let ``app`` read the diagnosis whenever it reads the lessons."""
    publishing.add_reader(app, "portal_questionnaire", _read_for)


def current() -> Questionnaire:
    """Return the current app's diagnosis."""
    return cast(Questionnaire, current_app.extensions["portal_questionnaire"])


def _read_for(app: Flask, folder: Path, taught: Catalogue) -> Questionnaire:
    """Read the diagnosis and hold its links against the pages of ``app``. Raises ContentError."""
    problems = Problems(folder)
    links: list[Link] = []
    read = load(folder / "diagnosis.toml", problems, links)
    publishing.check_links(app, (link for link in links if not link.target.startswith("/courses/")), problems)
    check_course_links(links, taught.courses, problems)
    problems.require_none()
    return read


def load(path: Path, problems: Problems, links: list[Link]) -> Questionnaire:
    """Read the file, noting its links. Raises ContentError naming everything that is wrong."""
    file = read_toml(path, problems)
    if file is None:
        problems.require_none()
        raise ContentError(())
    keys = Keys(file, problems)
    keys.allow("per_page", "axes", "questions", "routes")
    questions = tuple(_read_question(each, file, problems) for each in keys.tables("questions"))
    axes = tuple(_read_axis(each) for each in keys.tables("axes"))
    routes = tuple(_read_route(each, file, links) for each in keys.tables("routes"))
    _require_unique(keys, "questions", (question.id for question in questions))
    _require_unique(keys, "axes", (axis.id for axis in axes))
    _require_unique(keys, "routes", (route.id for route in routes))
    _check_axes(keys, axes, questions)
    _check_routes(keys, axes, routes)
    size = keys.whole("per_page", least=PER_PAGE[0], most=PER_PAGE[1])
    problems.require_none()
    return Questionnaire(
        hashlib.sha256(path.read_bytes()).hexdigest(),
        axes,
        routes,
        tuple(questions[at : at + size] for at in range(0, len(questions), size)),
        problems.advice,
    )


def _read_axis(keys: Keys) -> Axis:
    keys.allow("id", "label", "bar", "above", "below")
    return Axis(
        _read_id(keys),
        keys.text("label"),
        keys.whole("bar", least=1, most=1000),
        keys.text("above"),
        keys.text("below"),
    )


def _read_question(keys: Keys, file: TomlFile, problems: Problems) -> Question:
    keys.allow("id", "axis", "text", "hint", "answers")
    answers = tuple(_read_answer(each) for each in keys.tables("answers"))
    if not FEWEST_ANSWERS <= len(answers) <= MOST_ANSWERS:
        keys.wrong("answers", f"a question has three or four answers, not {len(answers)}")
    _require_unique(keys, "answers", (answer.id for answer in answers))
    hint = keys.text("hint") if keys.has("hint") else ""
    question = Question(_read_id(keys), keys.text("axis"), keys.text("text"), hint, answers)
    for words in (question.text, hint, *(words for each in answers for words in (each.text, each.sentence))):
        advise_long(words, file.path, keys.line_of("id"), problems)
    return question


def _read_answer(keys: Keys) -> Answer:
    keys.allow("id", "text", "points", "sentence")
    points = keys.whole("points", least=0, most=MOST_POINTS)
    return Answer(_read_id(keys), keys.text("text"), points, keys.text("sentence"))


def _read_route(keys: Keys, file: TomlFile, links: list[Link]) -> Route:
    keys.allow("id", "label", "above", "lead", "mentor", "steps")
    steps = tuple(_read_step(each) for each in keys.tables("steps"))
    if len(steps) != STEPS:
        keys.wrong("steps", f"a route has {STEPS} next steps, not {len(steps)}")
    links.extend(Link(step.href, file.path, keys.line_of("steps")) for step in steps)
    return Route(
        _read_id(keys),
        keys.text("label"),
        frozenset(keys.words("above")),
        keys.text("lead"),
        keys.text("mentor"),
        steps,
    )


def _read_step(keys: Keys) -> NextStep:
    keys.allow("text", "label", "href")
    step = NextStep(keys.text("text"), keys.text("label"), keys.text("href"))
    if not step.href.startswith("/"):
        keys.wrong("href", "'href' must be a page of this site, beginning with /")
    return step


def _read_id(keys: Keys) -> str:
    written = keys.text("id")
    if written and not ID.fullmatch(written):
        keys.wrong("id", f"'{written}' is no id: lower-case letters, digits and hyphens")
    return written


def _check_axes(keys: Keys, axes: tuple[Axis, ...], questions: tuple[Question, ...]) -> None:
    """Note a number of axes other than two, a question on none, and a bar nobody could miss or reach."""
    if len(axes) != AXES:
        keys.wrong("axes", f"there are {AXES} axes, not {len(axes)}")
    for question in questions:
        if question.axis not in {axis.id for axis in axes}:
            keys.wrong("questions", f"the question '{question.id}' is on no axis: {question.axis!r}")
    for axis in axes:
        own = [question for question in questions if question.axis == axis.id and question.answers]
        most = sum(question.most for question in own)
        least = sum(min(answer.points for answer in question.answers) for question in own)
        if not least < axis.bar <= most:
            keys.wrong("axes", f"the bar of '{axis.id}' must be above {least} and at most {most}")


def _check_routes(keys: Keys, axes: tuple[Axis, ...], routes: tuple[Route, ...]) -> None:
    """Note axes above or below their bars for which there is no route, or more than one."""
    ids = [axis.id for axis in axes]
    wanted = [frozenset(), *(frozenset({each}) for each in ids), frozenset(ids)]
    for above in dict.fromkeys([*wanted, *(route.above for route in routes)]):
        count = sum(route.above == above for route in routes)
        if count != 1 or above not in wanted:
            keys.wrong("routes", f"there must be one route for above = {sorted(above)}, not {count}")


def _require_unique(keys: Keys, key: str, ids: Iterable[str]) -> None:
    found = list(ids)
    for each in sorted({each for each in found if found.count(each) > 1}):
        keys.wrong(key, f"the id '{each}' comes twice")
