"""How markers mark: whose points lie above or below everybody else's, script after script.

Nothing is sampled for it: every script of a practical exam is marked by two people apart, and by a third
where the two differ (`marking`), so each finished script is a blind second marking already.

A mark is measured from the middle of all marks of its script: of three the middle one, of two the point half
way between. A marker must not look bad for having been paired with somebody who drifts. The mean of the
others would do that: beside one who gives 12 too many, an honest marker would stand 6 below. The middle one
does not move when one of three goes astray, and whoever goes astray by more than `Blueprint.most_difference`
always gets a third beside them. The agreed points would not do either: of three they are the average of the
closest two, which leans where two differ in opposite ways. What no measure inside one script sees is two who
drift the same way; that they meet others, too, is what finds them.

Counted is what a marker marked since they last agreed on the standard with an operator (`calibrations`), and
in the last twelve months at most. All sums are whole numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from portal.certification.exam_models import Exam, ExamAttempt, ItemMark, MarkCause
from portal.certification.marking_models import Calibration, MarkingSheet
from portal.certification.qualifications import Blueprint

LEAST_SCRIPTS = 5
"""Fewer say nothing about a person."""
MOST_POINTS = 5
"""Of a hundred, on average: so far apart two pencils may be. Exactly so far is near enough."""
WITHIN = timedelta(days=365)
MOST_OF_A_SUBJECT = 100


@dataclass(frozen=True)
class Measured:
    """How far somebody's marks lie from the middle of the marks of the same scripts."""

    scripts: int
    #: Half points above the middle, added up over all scripts; below zero for those below it.
    halves: int
    #: How many points there were to give in these scripts.
    most: int

    @property
    def mean(self) -> Fraction:
        """Return how many of a hundred points the marks lie above the middle, exactly."""
        return Fraction(self.halves * 50, self.most) if self.most else Fraction(0)

    @property
    def drifts(self) -> bool:
        """Tell whether this is more than chance and taste."""
        return self.scripts >= LEAST_SCRIPTS and abs(self.mean) > MOST_POINTS

    @property
    def words(self) -> str:
        """Return the mean as people say it: ``다른 분들보다 평균 12.0점 높게``."""
        tenths = int(abs(self.mean) * 10 + Fraction(1, 2))
        if not tenths:
            return "다른 분들과 같게"
        return f"다른 분들보다 평균 {tenths // 10}.{tenths % 10}점 {'높게' if self.halves > 0 else '낮게'}"


@dataclass(frozen=True)
class Mark:
    """What one marker gave a script in all."""

    marker_id: int
    points: int
    finished_at: datetime


def halves_from_middle(points: int, everybody: Sequence[int]) -> int:
    """Return how many half points ``points`` lie above the middle of what ``everybody`` gave a script."""
    ranked = sorted(everybody)
    return 2 * points - ranked[(len(ranked) - 1) // 2] - ranked[len(ranked) // 2]


def measure(session: Session, *, now: datetime, marker_id: int | None = None) -> Mapping[int, Measured]:
    """Return how far each marker, or this one, lies from the others, by their id.

    Asks the same few questions for however many. Who has marked nothing that counts is not in it.
    """
    since = _counted_since(session)
    found: dict[int, Measured] = {}
    for most, marks in _list_scripts(session, now - WITHIN, marker_id):
        everybody = [mark.points for mark in marks]
        for mark in marks:
            if mark.finished_at <= max(since.get(mark.marker_id, now - WITHIN), now - WITHIN):
                continue
            before = found.get(mark.marker_id, Measured(0, 0, 0))
            found[mark.marker_id] = Measured(
                before.scripts + 1,
                before.halves + halves_from_middle(mark.points, everybody),
                before.most + most,
            )
    return found if marker_id is None else {key: each for key, each in found.items() if key == marker_id}


def is_agreed(before: datetime | None = None) -> ColumnElement[bool]:
    """Return the condition that a sheet's markers came to a result, perhaps before a moment."""
    agreed = exists().where(
        ItemMark.attempt_id == MarkingSheet.attempt_id, ItemMark.cause == MarkCause.MARKERS
    )
    return agreed if before is None else agreed.where(ItemMark.at < before)


def _counted_since(session: Session) -> dict[int, datetime]:
    """Return when each marker last agreed on the standard."""
    rows = session.execute(
        select(Calibration.marker_id, func.max(Calibration.closed_at))
        .where(Calibration.closed_at.is_not(None))
        .group_by(Calibration.marker_id)
    )
    return {marker_id: closed_at for marker_id, closed_at in rows if closed_at}


def _list_scripts(
    session: Session, since: datetime, marker_id: int | None
) -> Iterator[tuple[int, Sequence[Mark]]]:
    """Yield each agreed script marked since then: how many points it is out of, and all of its marks."""
    wanted = select(MarkingSheet.attempt_id).where(MarkingSheet.finished_at > since)
    if marker_id is not None:
        wanted = wanted.where(MarkingSheet.marker_id == marker_id)
    rows = session.execute(
        select(
            ExamAttempt.exam_id,
            MarkingSheet.attempt_id,
            MarkingSheet.marker_id,
            MarkingSheet.points,
            MarkingSheet.finished_at,
        )
        .join(ExamAttempt, ExamAttempt.id == MarkingSheet.attempt_id)
        .where(MarkingSheet.attempt_id.in_(wanted), MarkingSheet.finished_at.is_not(None), is_agreed())
    ).all()
    scripts: dict[tuple[int, int], list[Mark]] = {}
    for exam_id, attempt_id, by, points, finished_at in rows:
        if finished_at is not None:
            mark = Mark(by, sum(points.values()), finished_at)
            scripts.setdefault((exam_id, attempt_id), []).append(mark)
    blueprints = session.execute(
        select(Exam.id, Exam.blueprint).where(Exam.id.in_({exam_id for exam_id, _ in scripts}))
    )
    out_of = {exam_id: MOST_OF_A_SUBJECT * len(Blueprint.of(kept).subjects) for exam_id, kept in blueprints}
    for (exam_id, _attempt_id), marks in scripts.items():
        yield out_of[exam_id], marks
