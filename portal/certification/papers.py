"""Putting papers together: so many items of each subject and level, drawn by a seed.

Items of one case are drawn together where the blueprint has room for all of them, one case for each subject
at the most, and stand next to each other. Lots are drawn by hashing the seed with what is drawn, so that an
order stays the same under every release of Python.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification.exam_models import Exam, ExamAttempt, ExamItem, ExamPaper, PaperItem
from portal.certification.qualifications import Blueprint
from portal.core.errors import DomainError

Each = TypeVar("Each")
LEVEL_WORDS = {"easy": "쉬움", "standard": "보통", "hard": "어려움"}


@dataclass(frozen=True)
class Entry:
    """An item as far as choosing and ordering need it."""

    id: int
    subject: str
    level: str
    #: The title of its case; empty for an item that stands alone.
    case: str


def choose(blueprint: Blueprint, bank: Sequence[Entry], seed: int) -> list[Entry]:
    """Choose a paper's items, by subject as the blueprint orders them.

    The same bank and seed give the same paper. Raises DomainError naming every subject and level that the
    bank has too few items of.
    """
    _refuse_short(blueprint, bank)
    wanted = Counter(
        {
            (subject.key, level): many
            for subject in blueprint.subjects
            for level, many in subject.items.items()
        }
    )
    chosen: dict[int, Entry] = {}
    with_case: set[str] = set()
    for unit in _cases(bank, seed):
        need = Counter((each.subject, each.level) for each in unit)
        subjects = {each.subject for each in unit}
        if with_case.isdisjoint(subjects) and all(wanted[place] >= many for place, many in need.items()):
            chosen |= {each.id: each for each in unit}
            with_case |= subjects
            wanted -= need
    rest = _by_lot(bank, f"{seed}/rest", lambda each: str(each.id))
    for each in sorted(rest, key=lambda each: bool(each.case)):
        place = (each.subject, each.level)
        if wanted[place] > 0 and each.id not in chosen:
            chosen[each.id] = each
            wanted[place] -= 1
    order = {subject.key: number for number, subject in enumerate(blueprint.subjects)}
    return arrange(list(chosen.values()), order, f"{seed}/order")


def arrange(entries: Sequence[Entry], subjects: dict[str, int], seed: str) -> list[Entry]:
    """Order items: subject by subject, in each by lot, those of a case together in their own order."""
    arranged: list[Entry] = []
    for subject in sorted(
        {each.subject for each in entries}, key=lambda key: subjects.get(key, len(subjects))
    ):
        cases: dict[str, list[Entry]] = {}
        for each in (each for each in entries if each.subject == subject):
            cases.setdefault(each.case or f"/{each.id}", []).append(each)
        for title in _by_lot(cases, f"{seed}/{subject}", str):
            arranged += sorted(cases[title], key=lambda each: each.id)
    return arranged


def make(session: Session, exam: Exam, bank: Sequence[Entry], *, number: int, seed: int) -> ExamPaper:
    """Write down one paper of an exam. Raises DomainError where the bank has too few items."""
    blueprint = Blueprint.of(exam.blueprint)
    chosen = choose(blueprint, bank, seed)
    points = {subject.key: subject.points for subject in blueprint.subjects}
    paper = ExamPaper(exam_id=exam.id, number=number, seed=seed)
    session.add(paper)
    session.flush()  # its items need its id
    session.add_all(
        PaperItem(
            paper_id=paper.id, place=place, item_id=each.id, subject=each.subject, points=points[each.subject]
        )
        for place, each in enumerate(chosen, start=1)
    )
    return paper


def entries(session: Session, bank: str) -> list[Entry]:
    """Return a bank's items in use."""
    rows = session.scalars(
        select(ExamItem).where(ExamItem.bank == bank, ExamItem.retired_at.is_(None)).order_by(ExamItem.name)
    )
    return [entry_of(row) for row in rows]


def entry_of(item: ExamItem) -> Entry:
    """Return an item as far as ordering needs it."""
    return Entry(item.id, item.subject, item.level.value, item.content.get("case", {}).get("title", ""))


def in_order(attempt: ExamAttempt, blueprint: Blueprint, places: Sequence[PaperItem]) -> list[PaperItem]:
    """Return a paper's items in the attempt's own order: the same now, after a reload and in an appeal."""
    by_id = {place.item_id: place for place in places}
    order = {subject.key: number for number, subject in enumerate(blueprint.subjects)}
    arranged = arrange([entry_of(place.item) for place in places], order, f"{attempt.seed}")
    return [by_id[each.id] for each in arranged]


def choices_in_order(attempt: ExamAttempt, item: ExamItem) -> list[dict[str, str]]:
    """Return an item's choices in the attempt's own order; 맞아요 stays above 아니에요."""
    choices: list[dict[str, str]] = item.content.get("choices") or item.content.get("options") or []
    if item.kind == "true_false":
        return choices
    return _by_lot(choices, f"{attempt.seed}/{item.id}", lambda choice: choice["key"])


def _cases(bank: Sequence[Entry], seed: int) -> list[list[Entry]]:
    cases: dict[str, list[Entry]] = {}
    for each in bank:
        if each.case:
            cases.setdefault(each.case, []).append(each)
    return [cases[title] for title in _by_lot(cases, f"{seed}/cases", str)]


def _refuse_short(blueprint: Blueprint, bank: Sequence[Entry]) -> None:
    there = Counter((each.subject, each.level) for each in bank)
    short = [
        f"{subject.title} {LEVEL_WORDS[level]} {many - there[subject.key, level]}개"
        for subject in blueprint.subjects
        for level, many in subject.items.items()
        if there[subject.key, level] < many
    ]
    if short:
        raise DomainError(f"문항이 모자라 시험지를 만들지 못했어요. 더 있어야 해요: {', '.join(short)}.")


def _by_lot(each: Iterable[Each], seed: str, name: Callable[[Each], str]) -> list[Each]:
    """Return these in an order that hangs on the seed and on their names alone."""
    return sorted(each, key=lambda one: hashlib.sha256(f"{seed}|{name(one)}".encode()).digest())
