"""How the items of the bank do: how many get them right, and whether those are the ones who know more.

``p`` is the share of attempts that got the item right. ``r`` is the point-biserial correlation of the item
with the rest of the paper (corrected item-total correlation), ``(M1 - M0) / s · √(p(1 - p))``: M1 and M0 are
the mean shares of the other points reached by those who got it right and wrong, s the standard deviation of
all of them. Below 0.20 an item should be looked at, below 0 its key (Ebel and Frisbie, Essentials of
Educational Measurement, 5th ed., 1991; Kelava and Moosbrugger, Testtheorie und Fragebogenkonstruktion, 2020;
both as quoted in guides to item analysis, looked up on 2026-11-22). Nothing is said of fewer than 30 answers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification import marking_queue
from portal.certification.exam_models import (
    Exam,
    ExamAttempt,
    ExamItem,
    ExamKind,
    ItemMark,
    MarkCause,
    PaperItem,
)
from portal.certification.item_html import item_html

ENOUGH = 30
"""Answers from which on an item is flagged."""
HEADLINE = 80
TOO_HARD, TOO_EASY, WEAK = 0.20, 0.95, 0.20


@dataclass(frozen=True)
class Statistics:
    """How one version of an item does."""

    count: int
    #: Share right; None without answers.
    p: float | None
    #: None where everybody or nobody got it right, or all reached the same on the rest.
    r: float | None

    @property
    def flags(self) -> tuple[str, ...]:
        """What should make its author look at it, in words; nothing while too few have answered."""
        if self.count < ENOUGH or self.p is None:
            return ()
        found = []
        if self.r is not None and self.r < 0:
            found.append("답을 확인해요: 잘하는 분이 더 틀렸어요")
        elif self.r is not None and self.r < WEAK:
            found.append("아는 분과 모르는 분을 잘 가르지 못해요")
        if self.p < TOO_HARD:
            found.append("너무 어려워요")
        if self.p > TOO_EASY:
            found.append("너무 쉬워요")
        return tuple(found)


@dataclass(frozen=True)
class ItemLine:
    """An item with how it does."""

    item: ExamItem
    statistics: Statistics

    @property
    def headline(self) -> str:
        """The beginning of the question, without its marks."""
        words = item_html(self.item.content["stem"]).striptags()
        return words if len(words) <= HEADLINE else words[:HEADLINE] + "…"


def work_out(answers: Sequence[tuple[bool, float]]) -> Statistics:
    """Return the statistics of answers: whether each was right, and the share reached on the rest."""
    count = len(answers)
    if not count:
        return Statistics(0, None, None)
    right = [rest for is_right, rest in answers if is_right]
    wrong = [rest for is_right, rest in answers if not is_right]
    p = len(right) / count
    mean = sum(rest for _, rest in answers) / count
    spread = sqrt(sum((rest - mean) ** 2 for _, rest in answers) / count)
    if not right or not wrong or spread < 1e-9:
        return Statistics(count, p, None)
    r = (sum(right) / len(right) - sum(wrong) / len(wrong)) / spread * sqrt(p * (1 - p))
    return Statistics(count, p, r)


def of_items(session: Session, items: Sequence[ExamItem]) -> list[ItemLine]:
    """Return items with how they do, flagged ones first, else in the order given."""
    answers = _answers(session, {item.id for item in items})
    lines = [ItemLine(item, work_out(answers.get(item.id, []))) for item in items]
    return sorted(lines, key=lambda line: not line.statistics.flags)


def of_all(session: Session) -> list[ItemLine]:
    """Return every item of the banks that was answered, flagged ones first, then by bank and name."""
    answers = _answers(session, None)
    items = session.scalars(
        select(ExamItem)
        .where(ExamItem.id.in_(answers.keys()))
        .order_by(ExamItem.bank, ExamItem.name, ExamItem.version)
    )
    lines = [ItemLine(item, work_out(answers[item.id])) for item in items]
    return sorted(lines, key=lambda line: not line.statistics.flags)


def _answers(session: Session, item_ids: set[int] | None) -> Mapping[int, list[tuple[bool, float]]]:
    """Return the answers of each item in attempts that count, on screen and on paper alike."""
    statement = (
        select(ItemMark.attempt_id, ItemMark.item_id, ItemMark.points, PaperItem.points.label("most"))
        .join(ExamAttempt, ExamAttempt.id == ItemMark.attempt_id)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .join(
            PaperItem,
            (PaperItem.paper_id == ExamAttempt.paper_id) & (PaperItem.item_id == ItemMark.item_id),
        )
        .where(ExamAttempt.state.in_(marking_queue.FINISHED), Exam.kind == ExamKind.WRITTEN)
        .order_by(ItemMark.cause == MarkCause.PERSON, ItemMark.id)
    )
    if item_ids is not None:
        asked = select(ExamAttempt.id).join(PaperItem, PaperItem.paper_id == ExamAttempt.paper_id)
        statement = statement.where(ItemMark.attempt_id.in_(asked.where(PaperItem.item_id.in_(item_ids))))
    by_attempt: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for attempt_id, item_id, points, most in session.execute(statement):
        by_attempt[attempt_id][item_id] = (points, most)  # the last one counts, a person's above all
    return _by_item(by_attempt.values(), item_ids)


def _by_item(
    attempts: Iterable[Mapping[int, tuple[int, int]]], item_ids: set[int] | None
) -> Mapping[int, list[tuple[bool, float]]]:
    answers: dict[int, list[tuple[bool, float]]] = defaultdict(list)
    for marks in attempts:
        total, most_total = (sum(each) for each in zip(*marks.values(), strict=True))
        for item_id, (points, most) in marks.items():
            if item_ids is None or item_id in item_ids:
                rest = (total - points) / (most_total - most) if most_total > most else 0.0
                answers[item_id].append((points == most, rest))
    return answers
