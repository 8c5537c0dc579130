"""Releasing results: a second act after marking, by a button or on a day, and told to each person once.

Nothing is released while somebody's attempt is open or unmarked. Who applied and never began is 결시: whoever
releases says so, for as many as there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, func, select, true, tuple_, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import exam_queries
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamResult,
    Medium,
)
from portal.certification.policy import ISSUERS
from portal.certification.qualification_models import Candidate
from portal.core import db, korean, queue
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.messages.operations import notify, notify_all

NO_EXAM = "찾는 시험이 없어요. 목록에서 다시 골라 주세요."
SHOWN = 500
PAGE_SIZE = 20


class Standing(StrEnum):
    """Where somebody stands before the release."""

    ABSENT = "absent"
    OPEN = "open"
    UNMARKED = "unmarked"
    SETTLED = "settled"
    VOID = "void"


@dataclass(frozen=True)
class Line:
    """One attempt of a session, or one person who never began."""

    attempt_id: int | None
    name: str
    medium: Medium
    standing: Standing
    total: int | None = None
    passed: bool | None = None


@dataclass(frozen=True)
class Overview:
    """Everybody of a session, those still in the way first."""

    lines: tuple[Line, ...]

    def count(self, standing: Standing) -> int:
        """Return how many stand so."""
        return sum(line.standing is standing for line in self.lines)

    @property
    def in_the_way(self) -> int:
        """Return how many keep the results from being released."""
        return self.count(Standing.OPEN) + self.count(Standing.UNMARKED)

    @property
    def absent(self) -> int:
        """Return how many applied and never began."""
        return self.count(Standing.ABSENT)

    @property
    def passed(self) -> int:
        """Return how many attempts are passed."""
        return sum(bool(line.passed) for line in self.lines)


def get_exam(session: Session, user: User, exam_id: int) -> Exam:
    """Return a session to those who release; raises NotFoundError for anybody else.

    Who sits it themself is no judge of it: ForbiddenError.
    """
    found = session.execute(select(Exam, sits(user)).where(Exam.id == exam_id, may_lead(user))).first()
    if found is None:
        raise NotFoundError(NO_EXAM)
    exam: Exam = found[0]
    if found[1]:
        raise ForbiddenError("내가 본 시험의 결과는 다른 분이 다뤄요.")
    return exam


def look_over(session: Session, exam: Exam) -> Overview:
    """Return where everybody of a session stands."""
    last = (
        select(func.max(ExamResult.seq))
        .where(ExamResult.attempt_id == ExamAttempt.id)
        .correlate(ExamAttempt)
        .scalar_subquery()
    )
    rows = session.execute(
        select(ExamAttempt, User.name, ExamResult.total, ExamResult.passed)
        .join(User, User.id == ExamAttempt.user_id)
        .outerjoin(ExamResult, and_(ExamResult.attempt_id == ExamAttempt.id, ExamResult.seq == last))
        .where(ExamAttempt.exam_id == exam.id)
        .order_by(ExamAttempt.id)
        .limit(SHOWN)
    )
    lines = [
        Line(attempt.id, name, attempt.medium, _standing(attempt, total), total, passed)
        for attempt, name, total, passed in rows
    ]
    began = exists().where(
        ExamAttempt.exam_id == ExamApplication.exam_id, ExamAttempt.user_id == ExamApplication.user_id
    )
    absent = session.execute(
        select(User.name, ExamApplication.medium)
        .join(User, User.id == ExamApplication.user_id)
        .where(ExamApplication.exam_id == exam.id, ExamApplication.cancelled_at.is_(None), ~began)
        .order_by(ExamApplication.id)
        .limit(SHOWN)
    )
    lines += [Line(None, name, medium, Standing.ABSENT) for name, medium in absent]
    order = list(Standing)
    order.sort(key=lambda each: each not in {Standing.OPEN, Standing.UNMARKED})
    return Overview(tuple(sorted(lines, key=lambda line: order.index(line.standing))))


def list_to_release(session: Session, user: User, *, now: datetime, after_id: int = 0) -> Sequence[Exam]:
    """Return the sessions that are over and not released, the oldest first; not those one sat oneself.

    A page from behind ``after_id``.
    """
    statement = select_to_release(user, now)
    last = session.get(Exam, after_id) if after_id else None
    if last is not None:
        statement = statement.where(tuple_(Exam.closes_at, Exam.id) > (last.closes_at, last.id))
    return session.scalars(statement.limit(PAGE_SIZE)).all()


def select_to_release(user: User, now: datetime) -> Select[Exam]:
    """Return the statement of the sessions this person can release, the oldest first."""
    return (
        select(Exam)
        .where(Exam.closes_at <= now, Exam.released_at.is_(None), may_lead(user), ~sits(user))
        .order_by(Exam.closes_at, Exam.id)
    )


def release(
    session: Session, exam: Exam, by: User, *, absent: int, path: str, own_path: str, now: datetime
) -> None:
    """Show the results to everybody who sat the exam and tell them, once; a second press changes nothing.

    ``absent`` is how many are left out as 결시, as whoever presses saw it; ``path`` is the staff's page,
    ``own_path`` leads each to their own result. Holds the session. Raises ConflictError while it runs, while
    somebody is unmarked, and once another number is absent.
    """
    exam = db.lock(session, Exam, exam.id)
    if exam.released_at is not None:
        return
    _refuse_absent(_refuse_unready(session, exam, now=now), absent)
    _release(session, exam, by.id, own_path=own_path, now=now)


def set_day(session: Session, exam: Exam, by: User, *, day: datetime, absent: int, now: datetime) -> None:
    """Let a worker release the results on a day, if everybody is marked by then.

    Raises DomainError (``day``) for one that has passed, ConflictError as `release`, but for who is unmarked.
    """
    exam = db.lock(session, Exam, exam.id)
    if exam.released_at is not None:
        raise ConflictError("이미 발표한 시험이에요.")
    if day <= now:
        raise DomainError("앞으로 올 날을 골라 주세요.", field="day")
    if exam.closes_at > now:
        raise ConflictError("시험이 끝나면 발표할 날을 정할 수 있어요.")
    _refuse_absent(look_over(session, exam), absent)
    exam.release_at, exam.release_set_by_id = day, by.id


def unset_day(session: Session, exam: Exam) -> None:
    """Take the day back; the results wait for the button again."""
    exam = db.lock(session, Exam, exam.id)
    exam.release_at = exam.release_set_by_id = None


def release_due(session: Session, exam_id: int, *, path: str, own_path: str, now: datetime) -> None:
    """Release on its day what is ready; else take the day back and say so to who set it."""
    exam = db.lock(session, Exam, exam_id)
    setter = exam.release_set_by_id
    if exam.released_at is not None or exam.release_at is None or exam.release_at > now or setter is None:
        return
    try:
        _refuse_unready(session, exam, now=now)
    except ConflictError:
        notify(
            session,
            user_id=setter,
            cause=f"exam-release-held:{exam.id}:{exam.release_at.isoformat()}",
            message="exam-release-held",
            values={"exam": exam_queries.title_of(exam)},
            path=path,
            now=now,
        )
        exam.release_at = exam.release_set_by_id = None
        return
    _release(session, exam, setter, own_path=own_path, now=now)


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the sessions whose day of release has come."""
    statement = select(Exam.id).where(Exam.release_at <= now, Exam.released_at.is_(None))
    return list(session.scalars(statement.order_by(Exam.id).limit(50)))


RELEASE = queue.register(
    "certification.release",
    run="portal.certification.release_jobs.release",
    timeout_s=120,
    due=list_due_ids,
)


def tell_candidates_ledger(session: Session, exam: Exam, user_ids: Sequence[int], *, now: datetime) -> None:
    """Let the ledgers of these people be looked through soon: a result of theirs is new."""
    session.execute(
        update(Candidate)
        .where(
            Candidate.qualification_id == exam.qualification_id,
            Candidate.user_id.in_(user_ids),
            Candidate.left_at.is_(None),
            Candidate.check_at.is_not(None),
        )
        .values(check_at=now)
        .execution_options(synchronize_session=False)
    )


def _release(session: Session, exam: Exam, by_id: int, *, own_path: str, now: datetime) -> None:
    exam.released_at, exam.released_by_id = now, by_id
    sat = session.scalars(
        select(ExamAttempt.user_id)
        .where(ExamAttempt.exam_id == exam.id, ExamAttempt.state != AttemptState.VOID)
        .distinct()
        .order_by(ExamAttempt.user_id)
    ).all()
    tell_candidates_ledger(session, exam, sat, now=now)
    notify_all(
        session,
        sat,
        cause=f"exam-released:{exam.id}",
        message="exam-released",
        values={"exam": exam_queries.title_of(exam)},
        path=own_path,
        now=now,
    )


def _refuse_unready(session: Session, exam: Exam, *, now: datetime) -> Overview:
    if exam.closes_at > now:
        until = korean.dated_time(exam.closes_at, now=now)
        raise ConflictError(f"시험이 {until}에 닫혀요. 그 뒤에 발표할 수 있어요.")
    overview = look_over(session, exam)
    if overview.in_the_way:
        raise ConflictError(
            f"아직 채점이 끝나지 않은 답안이 {overview.in_the_way}개 있어요. 다 끝나면 발표해요."
        )
    return overview


def _refuse_absent(overview: Overview, absent: int) -> None:
    if overview.absent != absent:
        raise ConflictError(f"시작하지 않은 분이 {overview.absent}명이에요. 목록을 보고 다시 눌러 주세요.")


def _standing(attempt: ExamAttempt, total: int | None) -> Standing:
    if attempt.state is AttemptState.VOID:
        return Standing.VOID
    if attempt.state is AttemptState.OPEN:
        return Standing.OPEN
    return Standing.UNMARKED if total is None else Standing.SETTLED


def may_lead(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` looks after sessions: trainers and operators."""
    return true() if not user.roles.isdisjoint(ISSUERS) else Exam.id.is_(None)


def sits(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` applied for a session or sat it."""
    applied = exists().where(
        ExamApplication.exam_id == Exam.id,
        ExamApplication.user_id == user.id,
        ExamApplication.cancelled_at.is_(None),
    )
    sat = exists().where(ExamAttempt.exam_id == Exam.id, ExamAttempt.user_id == user.id)
    return applied | sat
