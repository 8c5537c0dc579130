"""What two people look at together and what they promise each other, read from content/.

Agendas are chosen by the step and the topic of the need; texts of the agreement are kept for good, so that
those who agreed to an older one still read that one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from flask import Flask, current_app

from portal.accounts.vocabulary import Topic
from portal.core.errors import NotFoundError
from portal.courses import publishing
from portal.courses.problems import ContentError, Problem, Problems
from portal.courses.proofreading import advise_long
from portal.courses.toml_file import Keys, read_toml
from portal.mentoring.vocabulary import VisitStep

MOST_LINES = 6
"""As many questions, or things to tick, as two people get through in an hour."""


@dataclass(frozen=True)
class Agenda:
    """What is asked and what is ticked at one visit."""

    id: str
    step: VisitStep
    #: The needs it fits best; none for any.
    topics: frozenset[Topic]
    title: str
    questions: tuple[str, ...]
    checklist: tuple[str, ...]


@dataclass(frozen=True)
class AgreementText:
    """What both promise about keeping things to themselves, as of a day."""

    version: str
    promises: tuple[str, ...]

    @property
    def day(self) -> date:
        """Return the day the text is of."""
        return date.fromisoformat(self.version)


@dataclass(frozen=True)
class Guides:
    """Everything that is ready for two people who begin."""

    agendas: tuple[Agenda, ...]
    texts: tuple[AgreementText, ...]
    advice: tuple[Problem, ...] = ()

    @property
    def summary(self) -> str:
        """Return what `flask lessons check` says."""
        return f"{len(self.agendas)} agendas of mentoring"

    @property
    def text(self) -> AgreementText:
        """Return the text that a new agreement is written on."""
        return self.texts[-1]

    def text_of(self, version: str) -> AgreementText:
        """Return the text two people agreed to, or the present one if none."""
        return next((text for text in self.texts if text.version == version), self.text)

    def fitting(self, step: VisitStep, topic: Topic) -> Agenda:
        """Return what is looked at in a step when nobody has chosen."""
        of_step = [agenda for agenda in self.agendas if agenda.step == step]
        return next(
            (agenda for agenda in of_step if topic in agenda.topics),
            next(agenda for agenda in of_step if not agenda.topics),
        )

    def get(self, agenda_id: str) -> Agenda:
        """Return an agenda. Raises NotFoundError for none of this id."""
        agenda = self.find(agenda_id)
        if agenda is None:
            raise NotFoundError("찾는 준비물이 없어요. 목록에서 다시 골라 주세요.")
        return agenda

    def find(self, agenda_id: str) -> Agenda | None:
        """Return an agenda, or None for one that is not (or no longer) there."""
        return next((agenda for agenda in self.agendas if agenda.id == agenda_id), None)


def init_app(app: Flask) -> None:
    """Let ``app`` read the guides whenever it reads the lessons."""
    publishing.add_reader(app, "portal_guides", lambda _app, folder, _taught: load(folder))


def current() -> Guides:
    """Return the current app's guides."""
    return cast(Guides, current_app.extensions["portal_guides"])


def load(folder: Path) -> Guides:
    """Read both files. Raises ContentError naming everything that is wrong."""
    problems = Problems(folder)
    agendas, texts = _load_agendas(folder, problems), _load_texts(folder, problems)
    problems.require_none()
    if not texts or not agendas:
        raise ContentError(())
    return Guides(agendas, texts, problems.advice)


def _load_agendas(folder: Path, problems: Problems) -> tuple[Agenda, ...]:
    file = read_toml(folder / "agendas.toml", problems)
    if file is None:
        return ()
    keys = Keys(file, problems)
    keys.allow("agendas")
    agendas = tuple(_read_agenda(each, folder, problems) for each in keys.tables("agendas"))
    _require_unique(keys, "agendas", (agenda.id for agenda in agendas))
    for step in VisitStep:
        if not any(agenda.step == step and not agenda.topics for agenda in agendas):
            keys.wrong("agendas", f"the step '{step}' has no agenda without topics, which fits every need")
    return agendas


def _read_agenda(keys: Keys, folder: Path, problems: Problems) -> Agenda:
    keys.allow("id", "step", "topics", "title", "questions", "checklist")
    topics = keys.words("topics")
    for topic in topics:
        if topic not in {each.value for each in Topic}:
            keys.wrong("topics", f"'{topic}' is no topic; there are {', '.join(Topic)}")
    questions, checklist = keys.texts("questions"), keys.texts("checklist")
    for name, lines in (("questions", questions), ("checklist", checklist)):
        if len(lines) > MOST_LINES:
            keys.wrong(name, f"two people get through {MOST_LINES} in an hour, not {len(lines)}")
        for line in lines:
            advise_long(line, folder / "agendas.toml", keys.line_of(name), problems)
    return Agenda(
        keys.text("id"),
        VisitStep(keys.one_of("step", *VisitStep)),
        frozenset(Topic(topic) for topic in topics if topic in {each.value for each in Topic}),
        keys.text("title"),
        questions,
        checklist,
    )


def _load_texts(folder: Path, problems: Problems) -> tuple[AgreementText, ...]:
    file = read_toml(folder / "agreement.toml", problems)
    if file is None:
        return ()
    keys = Keys(file, problems)
    keys.allow("texts")
    texts = []
    for each in keys.tables("texts"):
        each.allow("version", "promises")
        texts.append(AgreementText(each.day("version").isoformat(), each.texts("promises")))
        for line in texts[-1].promises:
            advise_long(line, file.path, each.line_of("promises"), problems)
    versions = [text.version for text in texts]
    _require_unique(keys, "texts", versions)
    if versions != sorted(versions):
        keys.wrong("texts", "the newest text stands last")
    return tuple(texts)


def _require_unique(keys: Keys, name: str, ids: Iterable[str]) -> None:
    for each, times in Counter(ids).items():
        if times > 1:
            keys.wrong(name, f"'{each}' is there {times} times")
