"""The sheet of a practice: what is asked, what was typed, what was said to it, and what may be shown."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from portal.accounts.models import User
from portal.core.i18n import KOREAN, language
from portal.courses.catalogue import Place
from portal.courses.models import PracticeTry, ProofReview
from portal.courses.operations import required_practice, seed_of
from portal.courses.queries import PracticeState
from portal.practice import kinds
from portal.practice.field import Field, Group
from portal.practice.kinds import Practice, Previewed
from portal.practice.outcome import Line
from portal.practice.store.preview import Preview

SHORT_OPTION = 14
"""Characters; options up to this long stand beside each other."""


@dataclass(frozen=True)
class SheetField:
    """One field of the form with what was typed into it and what was said about that."""

    field: Field
    value: str
    good: str
    bad: str

    @property
    def id(self) -> str:
        """Return the id of its control."""
        return f"answer-{self.field.name}"

    @property
    def label(self) -> str:
        """Return its label with its section, where it is named away from it."""
        return f"{self.field.section}, {self.field.label}" if self.field.section else self.field.label

    @property
    def advice(self) -> tuple[str, ...]:
        """Return what is to be put right, one thing after the other."""
        return tuple(self.bad.splitlines())

    @property
    def groups(self) -> tuple[Group, ...]:
        """Return the options in their groups."""
        return self.field.options

    @property
    def columns(self) -> int:
        """Return how many options fit beside each other."""
        options = [option for group in self.groups for option in group.options]
        return min(len(options), 3) if all(len(option.text) <= SHORT_OPTION for option in options) else 1

    @property
    def shown(self) -> str:
        """Return what was typed in the words of the page: an option by its text, an amount with its unit."""
        return self.field.shown(self.value)


@dataclass(frozen=True)
class Section:
    """Fields that belong together; the title is empty where they stand alone."""

    title: str
    fields: tuple[SheetField, ...]


@dataclass(frozen=True)
class PastTry:
    """A try that was answered: its question, its fields, and whether it passed."""

    question: str
    fields: tuple[SheetField, ...]
    passed: bool


@dataclass(frozen=True)
class Sheet:
    """Everything the page of a practice shows."""

    owner_id: int
    number: int
    question: str
    fields: tuple[SheetField, ...]
    hints: tuple[str, ...]
    has_more_hints: bool
    #: The try before, where its question is not the one asked now, or where it passed.
    past: PastTry | None
    solution: tuple[Line, ...]
    #: False once it has passed, until another go is asked for.
    is_open: bool
    has_draft: bool
    #: When the draft was kept that this page knows of; empty if there is none.
    seen: str
    #: What the answer becomes: shown once it has passed, and before that when it is asked for.
    preview: Preview | None
    can_preview: bool
    #: Of the last try, where a person confirms it.
    review: ProofReview | None
    #: The try whose picture can be shown; 0 if there is none.
    photo_number: int

    @property
    def sections(self) -> tuple[Section, ...]:
        """Return the fields in their sections."""
        grouped = groupby(self.fields, key=lambda field: field.field.section)
        return tuple(Section(title, tuple(fields)) for title, fields in grouped)

    @property
    def takes_file(self) -> bool:
        """Tell whether a picture can be sent."""
        return any(field.field.kind == "file" for field in self.fields)

    @property
    def is_sum(self) -> bool:
        """Tell whether amounts are worked out, so that the last line of the solution is the answer."""
        return [field.field.name for field in self.fields] == ["amount"]

    @property
    def to_fix(self) -> tuple[SheetField, ...]:
        """Return the fields with something to put right."""
        return tuple(field for field in self.fields if field.bad)

    @property
    def things_to_fix(self) -> int:
        """Return how many things are to be put right."""
        return sum(len(field.advice) for field in self.to_fix)

    @property
    def waits_for_first(self) -> bool:
        """Tell whether the places of an order after the first wrong one wait for it."""
        is_order = all(field.field.kind == "select" for field in self.fields)
        said = sum(bool(field.good or field.bad) for field in self.fields)
        return is_order and len(self.to_fix) == 1 and said < len(self.fields)

    @property
    def asks_to_pick(self) -> bool:
        """Tell whether one option is to be picked and nothing else is asked."""
        return [field.field.kind for field in self.fields] == ["radio"]


def draw_sheet(
    learner: User,
    place: Place,
    state: PracticeState,
    *,
    typed: Mapping[str, str] | None = None,
    remarks: Sequence[Mapping[str, Any]] = (),
    again: bool = False,
    preview: bool = False,
) -> Sheet:
    """Return the sheet as it stands; ``typed`` and ``remarks`` are of an answer that was no try."""
    practice, last = required_practice(place), state.last_try
    number = last.number + 1 if last else 1
    seed = seed_of(learner, place, number)
    question = practice.ask(seed)
    past = _past(practice, last, place) if last else None
    has_draft = state.draft is not None and any(state.draft.answer.values())
    if typed is None and state.draft is not None and has_draft:
        typed = state.draft.answer
    elif typed is None and last and past and not state.has_passed and past.question == question:
        typed, remarks = last.answer, _remarks(practice, last, place)
    is_open = (again or typed is not None or last is None or not state.has_passed) and not state.is_waiting
    shows_past = past is not None and (not is_open or (not past.passed and past.question != question))
    return Sheet(
        owner_id=learner.id,
        number=number,
        question=question,
        fields=_fields(practice, seed, typed or {}, remarks),
        hints=practice.hints[: state.hints],
        has_more_hints=state.hints < len(practice.hints),
        past=past if shows_past else None,
        solution=_solution(practice, last),
        is_open=is_open,
        has_draft=has_draft,
        seen=state.draft.saved_at.isoformat() if state.draft else "",
        preview=_preview(practice, None if is_open else last, typed, is_asked=preview),
        can_preview=isinstance(practice, Previewed),
        review=state.review,
        photo_number=last.number if last and last.answer.get("photo") else 0,
    )


def _preview(
    practice: Practice, done: PracticeTry | None, typed: Mapping[str, str] | None, *, is_asked: bool
) -> Preview | None:
    if not isinstance(practice, Previewed) or not (done or is_asked):
        return None
    return practice.preview(done.answer if done else typed or {})


def _remarks(practice: Practice, tried: PracticeTry, place: Place) -> Sequence[Mapping[str, Any]]:
    """Return what was said to a try: as it was kept, in Korean, or said anew in another language."""
    if language() == KOREAN or tried.content_hash != place.step.content_hash:
        return tried.remarks
    return [asdict(remark) for remark in practice.check(tried.answer, tried.seed).remarks]


def _past(practice: Practice, tried: PracticeTry, place: Place) -> PastTry:
    return PastTry(
        practice.ask(tried.seed),
        _fields(practice, tried.seed, tried.answer, _remarks(practice, tried, place)),
        tried.passed,
    )


def _solution(practice: Practice, last: PracticeTry | None) -> tuple[Line, ...]:
    """Work the last try out once it passed or enough tries were made."""
    if last is None or not (last.passed or last.number >= kinds.SHOWS_SOLUTION_AFTER):
        return ()
    return practice.solution(last.seed)


def _fields(
    practice: Practice, seed: str, typed: Mapping[str, str], remarks: Sequence[Mapping[str, Any]]
) -> tuple[SheetField, ...]:
    said = {(remark["field"], bool(remark["good"])): str(remark["sentence"]) for remark in remarks}
    return tuple(
        SheetField(
            field,
            typed.get(field.name, field.start),
            said.get((field.name, True), ""),
            said.get((field.name, False), ""),
        )
        for field in practice.form_fields(seed, typed)
    )
