"""The queue of scripts to mark: whose turn it is at which, which are late, and which nobody can take."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.accounts.models import RoleGrant, User
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
from portal.core.roles import Role
from portal.core.working_time import CLOSES, add_working_days
from portal.mentoring import policy as mentoring

MARKED_WITHIN_DAYS = 7
"""Working days after which a script that nobody has finished marking is late."""
SHOWN = 20
FINISHED = (AttemptState.SUBMITTED, AttemptState.CLOSED, AttemptState.ENDED)
"""What an attempt is once it is over and counts."""


@dataclass(frozen=True)
class UnmarkedScript:
    """A script that an operator looks after: late, or with nobody left who may mark it."""

    attempt_id: int
    number: str
    exam_id: int
    exam: str
    finished_at: datetime
    #: How many have finished marking it; two who have not agreed need a third.
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


def list_late(session: Session, *, now: datetime, after_id: int = 0) -> Sequence[UnmarkedScript]:
    """Return the scripts that nobody has finished marking in time, the longest waiting first.

    A page from behind ``after_id``.
    """
    return _list_unmarked(session, select_late(now), after_id)


def select_late(now: datetime) -> Select[int]:
    """Return the scripts that nobody has finished marking in time, the longest waiting first."""
    return _select_unsettled().where(ExamAttempt.finished_at < late_before(now))


def list_stranded(session: Session, *, after_id: int = 0) -> Sequence[UnmarkedScript]:
    """Return the scripts that too few trainers may still mark, the longest waiting first.

    A page from behind ``after_id``.
    """
    return _list_unmarked(session, select_stranded(), after_id)


def select_stranded() -> Select[int]:
    """Return the scripts that cannot be settled by those who are trainers now, the longest waiting first.

    Two have to be left who may mark one that nobody has finished, and else one: the second, or a third
    where two did not agree. Who has a draft of it is among those left.
    """
    is_left = and_(RoleGrant.role == Role.TRAINER, *_may_mark(RoleGrant.user_id))
    with_too_few = (
        _select_unsettled()
        .order_by(None)
        .outerjoin(RoleGrant, is_left)
        .group_by(ExamAttempt.id)
        .having(func.count(RoleGrant.user_id) < case((_finished_sheets() == 0, 2), else_=1))
    )
    return _select_unsettled().where(ExamAttempt.id.in_(with_too_few))


def count_disputed(session: Session, exam_id: int) -> int:
    """Return how many scripts of a session two have marked without agreeing, so that a third one has to."""
    disputed = _select_unsettled().where(ExamAttempt.exam_id == exam_id, _finished_sheets() == 2)
    return session.scalar(disputed.with_only_columns(func.count()).order_by(None)) or 0


def count_stranded(session: Session, exam_id: int) -> int:
    """Return how many scripts of a session too few trainers may still mark."""
    stranded = select_stranded().where(ExamAttempt.exam_id == exam_id)
    return session.scalar(stranded.with_only_columns(func.count()).order_by(None)) or 0


def _list_unmarked(session: Session, scripts: Select[int], after_id: int) -> Sequence[UnmarkedScript]:
    rows = scripts.with_only_columns(ExamAttempt, Exam, _finished_sheets(), maintain_column_froms=True)
    last = session.get(ExamAttempt, after_id) if after_id else None
    if last is not None:
        rows = rows.where(tuple_(ExamAttempt.finished_at, ExamAttempt.id) > (last.finished_at, last.id))
    return [
        UnmarkedScript(
            attempt.id, number_of(attempt), exam.id, exam_queries.title_of(exam), attempt.finished_at, done
        )
        for attempt, exam, done in session.execute(rows.limit(SHOWN))
        if attempt.finished_at is not None
    ]


def _select_unsettled() -> Select[int]:
    return (
        select(ExamAttempt.id)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(_is_unsettled())
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
    done, held = _finished_sheets(), _held_sheets(now)
    has_place = or_(held < 2, and_(done == 2, held == 2))
    return _select_unsettled().where(*_may_mark(marker.id), has_place)


def _may_mark(marker_id: int | InstrumentedAttribute[int]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which somebody may still mark an attempt.

    Nobody marks their own, that of somebody they went with, or one twice.
    """
    has_marked = exists().where(
        MarkingSheet.attempt_id == ExamAttempt.id,
        MarkingSheet.marker_id == marker_id,
        MarkingSheet.finished_at.is_not(None),
    )
    return (ExamAttempt.user_id != marker_id, ~_knows(marker_id), ~has_marked)


def _knows(marker_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that somebody went with an attempt's person, as far as the portal knows.

    It knows engagements and groups, of now and before, and whose training log the marker confirmed. It does
    not know who taught whom outside it, relatives and friends, or whose way of writing a marker recognises:
    such a script is given back (`give_back`). A script taken before the two met stays with its marker.
    """
    has_confirmed = exists().where(
        TrainingLog.candidate_id == Candidate.id,
        Candidate.user_id == ExamAttempt.user_id,
        TrainingLog.confirmed_by_id == marker_id,
    )
    return or_(mentoring.has_accompanied(marker_id, ExamAttempt.user_id), has_confirmed)
