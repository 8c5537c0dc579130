"""The queue of scripts to mark: whose turn it is at which, and which have waited too long."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import exam_queries
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAttempt,
    ExamKind,
    ItemMark,
    MarkCause,
)
from portal.certification.marking_models import MarkingSheet
from portal.certification.qualification_models import Candidate, TrainingLog
from portal.core.clock import KST
from portal.core.working_time import CLOSES, add_working_days
from portal.mentoring import policy as mentoring

MARKED_WITHIN_DAYS = 7
"""Working days after which a script that nobody has finished marking is late."""
SHOWN = 20
FINISHED = (AttemptState.SUBMITTED, AttemptState.CLOSED, AttemptState.ENDED)
"""What an attempt is once it is over and counts."""


@dataclass(frozen=True)
class LateScript:
    """A script that should have been marked by now."""

    attempt_id: int
    number: str
    exam_id: int
    exam: str
    finished_at: datetime
    done: int


def number_of(attempt: ExamAttempt) -> str:
    """Return the number a script goes by: the same for ever, and nobody's name or place in a list."""
    drawn = hashlib.sha256(f"script:{attempt.id}:{attempt.seed}".encode()).hexdigest()
    return f"{int(drawn[:12], 16) % 900_000 + 100_000}"


def due_at(finished_at: datetime) -> datetime:
    """Return when a script that was handed in then should be marked."""
    last_day = add_working_days(finished_at.astimezone(KST).date(), MARKED_WITHIN_DAYS)
    return datetime.combine(last_day, CLOSES, KST)


def late_before(now: datetime) -> datetime:
    """Return the moment before which a script was handed in that is late by now."""
    day = now.astimezone(KST).date() - timedelta(days=MARKED_WITHIN_DAYS)
    while due_at(datetime.combine(day, time(), KST)) >= now:
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), KST)


def count_waiting(session: Session, marker: User, *, now: datetime) -> int:
    """Return how many scripts this person could take now."""
    waiting = select_waiting(marker, now).with_only_columns(func.count()).order_by(None)
    return session.scalar(waiting) or 0


def list_late(session: Session, *, now: datetime, after_id: int = 0) -> Sequence[LateScript]:
    """Return the scripts that nobody has finished marking in time, the longest waiting first.

    A page from behind ``after_id``.
    """
    late = select_late(now).with_only_columns(
        ExamAttempt, Exam, _finished_sheets(), maintain_column_froms=True
    )
    last = session.get(ExamAttempt, after_id) if after_id else None
    if last is not None:
        late = late.where(tuple_(ExamAttempt.finished_at, ExamAttempt.id) > (last.finished_at, last.id))
    return [
        LateScript(
            attempt.id, number_of(attempt), exam.id, exam_queries.title_of(exam), attempt.finished_at, done
        )
        for attempt, exam, done in session.execute(late.limit(SHOWN))
        if attempt.finished_at is not None
    ]


def select_late(now: datetime) -> Select[int]:
    """Return the scripts that nobody has finished marking in time, the longest waiting first."""
    return (
        select(ExamAttempt.id)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(_is_unsettled(), ExamAttempt.finished_at < late_before(now))
        .order_by(ExamAttempt.finished_at, ExamAttempt.id)
    )


def _is_held(now: datetime) -> ColumnElement[bool]:
    return or_(MarkingSheet.finished_at.is_not(None), MarkingSheet.lease_until > now)


def _finished_sheets() -> ColumnElement[int]:
    return (
        select(func.count())
        .where(MarkingSheet.attempt_id == ExamAttempt.id, MarkingSheet.finished_at.is_not(None))
        .correlate(ExamAttempt)
        .scalar_subquery()
    )


def _held_sheets(now: datetime) -> ColumnElement[int]:
    return (
        select(func.count())
        .where(MarkingSheet.attempt_id == ExamAttempt.id, _is_held(now))
        .correlate(ExamAttempt)
        .scalar_subquery()
    )


def _is_unsettled() -> ColumnElement[bool]:
    """Return the condition under which an attempt, joined to its exam, still has to be marked by people."""
    return and_(
        Exam.kind == ExamKind.PRACTICAL,
        Exam.released_at.is_(None),
        ExamAttempt.state.in_(FINISHED),
        ~exists().where(ItemMark.attempt_id == ExamAttempt.id, ItemMark.cause == MarkCause.MARKERS),
    )


def select_drafts(marker: User) -> Select[int, int]:
    """Return the attempts this person has begun to mark, with their sheets."""
    return (
        select(ExamAttempt.id, MarkingSheet.id)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .join(MarkingSheet, MarkingSheet.attempt_id == ExamAttempt.id)
        .where(_is_unsettled(), MarkingSheet.marker_id == marker.id, MarkingSheet.finished_at.is_(None))
        .order_by(MarkingSheet.id)
    )


def select_waiting(marker: User, now: datetime) -> Select[int]:
    """Return the scripts with a place for this person, the longest waiting first."""
    has_marked = exists().where(
        MarkingSheet.attempt_id == ExamAttempt.id,
        MarkingSheet.marker_id == marker.id,
        MarkingSheet.finished_at.is_not(None),
    )
    done, held = _finished_sheets(), _held_sheets(now)
    return (
        select(ExamAttempt.id)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(
            _is_unsettled(),
            ExamAttempt.user_id != marker.id,
            ~_knows(marker),
            ~has_marked,
            or_(held < 2, and_(done == 2, held == 2)),
        )
        .order_by(ExamAttempt.finished_at, ExamAttempt.id)
    )


def _knows(marker: User) -> ColumnElement[bool]:
    """Return the condition that ``marker`` went with an attempt's person, as far as the portal knows.

    It knows engagements and groups, of now and before, and whose training log the marker confirmed. It does
    not know who taught whom outside it, relatives and friends, or whose way of writing a marker recognises:
    such a script is given back (`give_back`). A script taken before the two met stays with its marker.
    """
    has_confirmed = exists().where(
        TrainingLog.candidate_id == Candidate.id,
        Candidate.user_id == ExamAttempt.user_id,
        TrainingLog.confirmed_by_id == marker.id,
    )
    return or_(mentoring.has_accompanied(marker, ExamAttempt.user_id), has_confirmed)
