"""Attempts at an exam: started with the server's deadline, handed in by the person, or closed by a job."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import allowances, scoring, sessions
from portal.certification.exam_models import AttemptState, Exam, ExamAttempt, ExamPaper, Medium
from portal.core import db, queue
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError

OVER = "시험 시간이 끝나 답을 더 받을 수 없어요. 저장된 답은 채점해요. 궁금하면 아래 번호로 전화해 주세요."


def start(session: Session, exam: Exam, user: User, *, now: datetime) -> ExamAttempt:
    """Start an attempt, or return the one that is open: a reload and a second tab go on with the same.

    Raises ForbiddenError without an application for the screen, and ConflictError outside the window and
    once every attempt is used. Holds the application, so that eight presses at once make one attempt.
    """
    application = sessions.find_application(session, exam.id, user.id, lock=True)
    if application is None:
        raise ForbiddenError("접수하지 않은 시험이에요. 접수부터 해 주세요.")
    if application.medium is not Medium.ONLINE:
        raise ForbiddenError("종이 시험지로 접수하셨어요. 시험장에서 시험지를 받으세요.")
    running = find_open(session, exam.id, user.id)
    if running is not None and not is_over(running, exam, now):
        return running
    if running is not None:
        close(session, running, now=now)
    terms = allowances.terms_of(session, exam, user.id, application)
    if now < terms.opens_at:
        raise ConflictError("아직 시험이 열리지 않았어요. 여는 시각에 다시 와 주세요.")
    if now >= terms.closes_at:
        raise ConflictError("시험이 닫혔어요. 다음 회차를 기다려 주세요.")
    if _count(session, exam.id, user.id) >= terms.attempts:
        raise ConflictError(f"이 회차는 {terms.attempts}번까지 볼 수 있어요. 모두 보셨어요.")
    return _begin(session, exam, user, terms=terms, now=now)


def _begin(
    session: Session, exam: Exam, user: User, *, terms: allowances.Terms, now: datetime
) -> ExamAttempt:
    numbers = select(func.max(ExamAttempt.attempt_no)).where(
        ExamAttempt.exam_id == exam.id, ExamAttempt.user_id == user.id
    )
    attempt = ExamAttempt(
        exam_id=exam.id,
        paper_id=_choose_paper(session, exam.id, user.id),
        user_id=user.id,
        attempt_no=(session.scalar(numbers) or 0) + 1,
        medium=Medium.ONLINE,
        seed=secrets.randbelow(sessions.SEEDS),
        started_at=now,
        deadline_at=terms.deadline(now),
    )
    try:
        with session.begin_nested():
            session.add(attempt)
    except IntegrityError:
        running = find_open(session, exam.id, user.id)
        if running is None:
            raise
        return running
    return attempt


def _choose_paper(session: Session, exam_id: int, user_id: int) -> int:
    """Return a paper the person has not seen where there is one, the least used first."""
    seen = (
        select(ExamAttempt.id)
        .where(ExamAttempt.paper_id == ExamPaper.id, ExamAttempt.user_id == user_id)
        .exists()
    )
    used = select(func.count()).where(ExamAttempt.paper_id == ExamPaper.id).scalar_subquery()
    return session.scalars(
        select(ExamPaper.id)
        .where(ExamPaper.exam_id == exam_id)
        .order_by(seen, used, ExamPaper.number)
        .limit(1)
    ).one()


def find_open(session: Session, exam_id: int, user_id: int) -> ExamAttempt | None:
    """Return the person's open attempt, if any."""
    return session.scalars(
        select(ExamAttempt).where(
            ExamAttempt.exam_id == exam_id,
            ExamAttempt.user_id == user_id,
            ExamAttempt.state == AttemptState.OPEN,
        )
    ).first()


def get_last(session: Session, exam_id: int, user_id: int) -> ExamAttempt:
    """Return the person's last attempt. Raises NotFoundError for none."""
    found = session.scalars(
        select(ExamAttempt)
        .where(ExamAttempt.exam_id == exam_id, ExamAttempt.user_id == user_id)
        .order_by(ExamAttempt.attempt_no.desc())
        .limit(1)
    ).first()
    if found is None:
        raise NotFoundError("푼 시험이 없어요. 시험 목록에서 다시 골라 주세요.")
    return found


def is_over(attempt: ExamAttempt, exam: Exam, now: datetime) -> bool:
    """Tell whether its time and the grace after it have gone by; never while a proctor holds it.

    One on paper is over when its sheet is typed in, whenever that is.
    """
    return attempt.medium is Medium.ONLINE and attempt.paused_at is None and now > ends_at(attempt, exam)


def ends_at(attempt: ExamAttempt, exam: Exam) -> datetime:
    """Return until when answers are still taken: the end and the grace after it."""
    return attempt.deadline_at + timedelta(seconds=exam.grace_s)


def submit(session: Session, attempt: ExamAttempt, *, now: datetime) -> ExamAttempt:
    """Hand an attempt in and mark what rules can mark; a second press changes nothing."""
    attempt = db.lock(session, ExamAttempt, attempt.id)
    if attempt.state is not AttemptState.OPEN:
        return attempt
    exam = session.get_one(Exam, attempt.exam_id)
    if is_over(attempt, exam, now):
        return close(session, attempt, now=now)
    return finish(session, attempt, AttemptState.SUBMITTED, now=now)


def close(session: Session, attempt: ExamAttempt, *, now: datetime) -> ExamAttempt:
    """Close an attempt whose time ran out, with the answers it has; one that goes on is left alone."""
    attempt = db.lock(session, ExamAttempt, attempt.id)
    exam = session.get_one(Exam, attempt.exam_id)
    if attempt.state is not AttemptState.OPEN or not is_over(attempt, exam, now):
        return attempt
    return finish(session, attempt, AttemptState.CLOSED, at=ends_at(attempt, exam), now=now)


def finish(
    session: Session, attempt: ExamAttempt, state: AttemptState, *, now: datetime, at: datetime | None = None
) -> ExamAttempt:
    """End a locked, open attempt and mark it; nothing of it is shown before the session is released."""
    attempt.state, attempt.finished_at, attempt.paused_at = state, at or now, None
    session.flush()  # an attempt that started meanwhile must find none open
    if state is not AttemptState.VOID:
        scoring.mark_by_rules(session, attempt, now=now)
        scoring.settle(session, attempt, cause="marking", now=now)
    return attempt


def list_overdue_ids(session: Session, now: datetime) -> list[int]:
    """Return attempts whose time and grace are over, for the sweep."""
    rows = session.execute(
        select(ExamAttempt, Exam)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(
            ExamAttempt.state == AttemptState.OPEN,
            ExamAttempt.medium == Medium.ONLINE,
            ExamAttempt.paused_at.is_(None),
            ExamAttempt.deadline_at < now,
        )
        .order_by(ExamAttempt.deadline_at)
        .limit(200)
    )
    return [attempt.id for attempt, exam in rows if is_over(attempt, exam, now)]


CLOSE = queue.register(
    "certification.exam_close",
    run="portal.certification.exam_jobs.close",
    timeout_s=60,
    due=list_overdue_ids,
)


def _count(session: Session, exam_id: int, user_id: int) -> int:
    """Return how many attempts count: void ones do not."""
    counted = select(func.count()).where(
        ExamAttempt.exam_id == exam_id,
        ExamAttempt.user_id == user_id,
        ExamAttempt.state != AttemptState.VOID,
    )
    return session.scalar(counted) or 0
