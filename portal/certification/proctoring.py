"""What a proctor does in an exam: each act says of what kind it was and why, and is written down for ever."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import attempts
from portal.certification.exam_models import AttemptState, Exam, ExamAttempt, Medium
from portal.certification.marking_models import Incident, IncidentKind, ProctorAct
from portal.core import db
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError

MOST_MINUTES = 120
LONGEST_CAUSE = 500
OVER = "이미 끝난 시험이에요. 적어 두기만 할 수 있어요."
ON_PAPER = "종이로 보는 시험이에요. 답안지를 옮겨 적으면 끝나요. 적어 두거나 무효로 할 수 있어요."


@dataclass(frozen=True)
class Why:
    """What an act was about, and its cause in words."""

    kind: IncidentKind
    cause: str


def act(
    session: Session,
    exam: Exam,
    by: User,
    *,
    attempt_id: int | None,
    what: ProctorAct,
    why: Why,
    minutes: int = 0,
    now: datetime,
) -> Incident:
    """Do something in an exam and write down why. Without an attempt only a note is possible.

    Raises DomainError without a cause, ForbiddenError in one's own exam, NotFoundError for an attempt at
    another session, and ConflictError where the attempt's state does not allow it.
    """
    if not why.cause.strip():
        raise DomainError("무슨 일인지 적어 주세요.", field="cause")
    if attempt_id is None and what is not ProctorAct.NOTED:
        raise DomainError("누구의 시험인지 골라 주세요.", field="what")
    if attempt_id is not None:
        attempt = db.lock(session, ExamAttempt, attempt_id)
        if attempt.exam_id != exam.id:
            raise NotFoundError("이 시험장에 없는 응시예요.")
        if attempt.user_id == by.id:
            raise ForbiddenError("내 시험은 다른 분이 감독해요.")
        _do(session, exam, attempt, what, minutes=minutes, now=now)
    incident = Incident(
        exam_id=exam.id,
        attempt_id=attempt_id,
        kind=why.kind,
        act=what,
        minutes=minutes if what is ProctorAct.EXTENDED else 0,
        cause=why.cause.strip()[:LONGEST_CAUSE],
        by_id=by.id,
        at=now,
    )
    session.add(incident)
    session.flush()  # the log on the next page shows it
    return incident


def _do(
    session: Session, exam: Exam, attempt: ExamAttempt, what: ProctorAct, *, minutes: int, now: datetime
) -> None:
    if what in {ProctorAct.NOTED, ProctorAct.AUTHORISED}:
        return
    if what is ProctorAct.VOIDED:
        _void(session, exam, attempt, now=now)
        return
    if attempt.state is not AttemptState.OPEN or attempts.is_over(attempt, exam, now):
        raise ConflictError(OVER)
    if attempt.medium is Medium.PAPER:
        raise ConflictError(ON_PAPER)
    if what is ProctorAct.ENDED:
        attempts.finish(session, attempt, AttemptState.ENDED, now=now)
    elif what is ProctorAct.EXTENDED:
        if not 1 <= minutes <= MOST_MINUTES:
            raise DomainError(f"1분에서 {MOST_MINUTES}분까지 늘릴 수 있어요.", field="minutes")
        attempt.deadline_at += timedelta(minutes=minutes)
    else:
        _hold(attempt, stop=what is ProctorAct.PAUSED, now=now)


def _hold(attempt: ExamAttempt, *, stop: bool, now: datetime) -> None:
    """Stop the clock of an attempt, or let it go on with the time it had."""
    if stop:
        if attempt.paused_at is not None:
            raise ConflictError("이미 멈춰 있어요.")
        attempt.paused_at = now
        return
    if attempt.paused_at is None:
        raise ConflictError("멈춰 있지 않아요.")
    attempt.deadline_at += now - attempt.paused_at
    attempt.paused_at = None


def _void(session: Session, exam: Exam, attempt: ExamAttempt, *, now: datetime) -> None:
    """Take an attempt out of what counts; its answers stay."""
    if exam.released_at is not None:
        raise ConflictError("결과가 나온 시험은 무효로 할 수 없어요. 이의 신청으로 다뤄 주세요.")
    if attempt.state is AttemptState.VOID:
        raise ConflictError("이미 무효로 한 시험이에요.")
    attempts.finish(session, attempt, AttemptState.VOID, now=now, at=attempt.finished_at)


def list_acts(exam: Exam, attempt: ExamAttempt, *, now: datetime) -> list[ProctorAct]:
    """Return what a proctor can do about an attempt at this moment."""
    acts = [ProctorAct.NOTED, ProctorAct.AUTHORISED]
    is_open = attempt.state is AttemptState.OPEN and not attempts.is_over(attempt, exam, now)
    if is_open and attempt.medium is Medium.ONLINE:
        hold = ProctorAct.PAUSED if attempt.paused_at is None else ProctorAct.RESUMED
        acts += [hold, ProctorAct.EXTENDED, ProctorAct.ENDED]
    if exam.released_at is None and attempt.state is not AttemptState.VOID:
        acts.append(ProctorAct.VOIDED)
    return acts


def list_incidents(
    session: Session, exam: Exam, attempt_id: int | None = None
) -> Sequence[tuple[Incident, str, str]]:
    """Return what was done in an exam, or with one attempt, with who did it and to whom, the newest first."""
    person = select(User.name).join(ExamAttempt, ExamAttempt.user_id == User.id)
    statement = (
        select(Incident, User.name, person.where(ExamAttempt.id == Incident.attempt_id).scalar_subquery())
        .join(User, User.id == Incident.by_id)
        .where(Incident.exam_id == exam.id)
        .order_by(Incident.id.desc())
        .limit(200)
    )
    if attempt_id is not None:
        statement = statement.where(Incident.attempt_id == attempt_id)
    return [(incident, by, whom or "") for incident, by, whom in session.execute(statement)]


def get_attempt(session: Session, exam: Exam, attempt_id: int) -> ExamAttempt:
    """Return an attempt at a session. Raises NotFoundError for one of another."""
    found = session.get(ExamAttempt, attempt_id)
    if found is None or found.exam_id != exam.id:
        raise NotFoundError("이 시험장에 없는 응시예요.")
    return found
