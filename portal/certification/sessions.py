"""Sessions of an exam: making one with its papers, applying for it, and calling an application off."""

import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import bank, candidates, papers, qualifications, standings
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamKind,
    Medium,
)
from portal.certification.qualification_models import Candidate
from portal.certification.qualifications import Blueprint, Qualification
from portal.certification.results import list_released
from portal.core import db
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError

REQUIREMENTS = {"written_exam": ExamKind.WRITTEN, "practical_exam": ExamKind.PRACTICAL}
"""The exam that a kind of requirement asks for."""
MOST_PAPERS = 10
SEEDS = 2**31
WRITTEN_FIRST = "실기는 필기에 합격한 분이 접수해요. 필기에 합격하신 다음에 다시 와 주세요."
NOT_BEGUN = "먼저 이 자격 과정을 시작해 주세요. 그다음에 접수할 수 있어요."
WAIVED = "이 시험은 면제되셨어요. 보지 않아도 돼요."


@dataclass(frozen=True)
class Window:
    """Until when people apply, and when the exam is open."""

    apply_until: datetime
    opens_at: datetime
    closes_at: datetime


def open_session(
    session: Session,
    trainer: User,
    *,
    qualification_id: str,
    kind: ExamKind,
    window: Window,
    paper_count: int,
    form_key: str,
    now: datetime,
) -> Exam:
    """Make a session with its papers; a second press returns the one made.

    Minutes, grace, attempts and blueprint are copied from the rules in force on the day it opens; it is a
    mock exam while the qualification has no registration number. Raises DomainError for a window that does
    not fit and for a bank with too few items.
    """
    made = session.scalars(select(Exam).where(Exam.form_key == form_key)).first()
    if made is not None:
        return made
    qualification = qualifications.current().get(qualification_id)
    blueprint = qualification.version_on(window.opens_at.astimezone(KST).date()).blueprint(kind)
    _refuse_window(window, minutes=blueprint.minutes, now=now)
    if not 1 <= paper_count <= MOST_PAPERS:
        raise DomainError(f"시험지는 1개에서 {MOST_PAPERS}개까지 만들 수 있어요.", field="paper_count")
    exam = _add_exam(session, trainer, qualification, blueprint, window=window, form_key=form_key, now=now)
    entries = papers.entries(session, bank.bank_of(qualification_id, kind))
    for number in range(1, paper_count + 1):
        papers.make(session, exam, entries, number=number, seed=secrets.randbelow(SEEDS))
    return exam


def _add_exam(
    session: Session,
    trainer: User,
    qualification: Qualification,
    blueprint: Blueprint,
    *,
    window: Window,
    form_key: str,
    now: datetime,
) -> Exam:
    kind = ExamKind(blueprint.kind)
    exam = Exam(
        qualification_id=qualification.id,
        kind=kind,
        session_no=_next_number(session, qualification.id, kind),
        apply_until=window.apply_until,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        minutes=blueprint.minutes,
        grace_s=blueprint.grace_s,
        attempts_max=blueprint.attempts,
        blueprint=asdict(blueprint),
        is_mock=not qualification.is_registered,
        made_by_id=trainer.id,
        made_at=now,
        form_key=form_key,
    )
    try:
        with session.begin_nested():
            session.add(exam)
    except IntegrityError as error:
        raise ConflictError("다른 분이 방금 회차를 만들었어요. 목록을 보고 다시 눌러 주세요.") from error
    return exam


def _refuse_window(window: Window, *, minutes: int, now: datetime) -> None:
    if window.opens_at <= now:
        raise DomainError("시험은 지금보다 뒤에 열어 주세요.", field="opens_on")
    if window.closes_at < window.opens_at + timedelta(minutes=minutes):
        raise DomainError(f"시험 시간이 {minutes}분이에요. 그보다 길게 열어 주세요.", field="closes_on")
    if not now < window.apply_until <= window.closes_at:
        raise DomainError("접수는 지금부터 시험이 닫힐 때 사이에 마감해요.", field="apply_on")


def _next_number(session: Session, qualification_id: str, kind: ExamKind) -> int:
    last = session.scalar(
        select(func.max(Exam.session_no)).where(Exam.qualification_id == qualification_id, Exam.kind == kind)
    )
    return (last or 0) + 1


def why_not(session: Session, exam: Exam, user: User, *, now: datetime) -> str:
    """Return why somebody cannot apply, in a sentence that says what to do; empty where they can."""
    candidate = candidates.find_standing(session, user.id, exam.qualification_id)
    if candidate is None:
        return NOT_BEGUN
    asked = _asked_exams(session, candidate)
    if exam.kind in asked and asked[exam.kind].is_waived:
        return WAIVED
    if now >= exam.apply_until:
        return "접수가 끝났어요. 시험 목록에서 다음 회차를 찾아 주세요."
    passed = list_released(session, user_id=user.id, qualification_id=exam.qualification_id, kind=exam.kind)
    if any(each.passed and each.is_mock == exam.is_mock for each in passed):
        return "이미 합격하셨어요. 다시 보지 않아도 돼요."
    if needs_written(exam) and not _has_written(session, exam, user, asked.get(ExamKind.WRITTEN)):
        return WRITTEN_FIRST
    return ""


def list_waived(session: Session, user: User) -> set[tuple[str, ExamKind]]:
    """Return the exams that somebody need not sit, each with the qualification it is waived for."""
    return {
        (candidate.qualification_id, kind)
        for candidate in candidates.list_own(session, user)
        for kind, standing in _asked_exams(session, candidate).items()
        if standing.is_waived
    }


def list_locked(session: Session, user: User, exams: Iterable[Exam]) -> set[int]:
    """Return which of these sessions somebody applies for only once the written exam is passed."""
    practical = [exam for exam in exams if needs_written(exam)]
    if not practical:
        return set()
    asked = {
        each.qualification_id: _asked_exams(session, each) for each in candidates.list_own(session, user)
    }
    return {
        exam.id
        for exam in practical
        if not _has_written(session, exam, user, asked.get(exam.qualification_id, {}).get(ExamKind.WRITTEN))
    }


def needs_written(exam: Exam) -> bool:
    """Tell whether this is a practical exam that only who has passed the written one applies for."""
    qualification = qualifications.current().get(exam.qualification_id)
    return exam.kind is ExamKind.PRACTICAL and qualification.practical_needs_written


def _asked_exams(session: Session, candidate: Candidate) -> dict[ExamKind, standings.Standing]:
    """Return where somebody stands with the exams that their rules ask for."""
    asked = standings.read(session, candidate, standings.list_entries(session, candidate))
    return {
        REQUIREMENTS[each.requirement.kind]: each for each in asked if each.requirement.kind in REQUIREMENTS
    }


def _has_written(session: Session, exam: Exam, user: User, written: standings.Standing | None) -> bool:
    """Tell whether the written exam is passed, was waived, or is not asked for (``written`` is None).

    A mock exam passed opens only a mock one. A result that was released counts before the ledger has it.
    """
    if written is None or written.is_waived:
        return True
    released = list_released(
        session, user_id=user.id, qualification_id=exam.qualification_id, kind=ExamKind.WRITTEN
    )
    return any(each.passed and (exam.is_mock or not each.is_mock) for each in released)


def apply(
    session: Session, exam: Exam, user: User, *, medium: Medium, wants_more_time: bool, now: datetime
) -> ExamApplication:
    """Apply for a session; whoever has applied changes how. Raises ForbiddenError saying why not.

    More time is given to whoever asks for it: nobody says why, or how old.
    """
    standing = find_application(session, exam.id, user.id, lock=True)
    if standing is None and (reason := why_not(session, exam, user, now=now)):
        raise ForbiddenError(reason)
    if standing is not None:
        _refuse_begun(session, exam, user)
        if now >= exam.apply_until:
            raise ConflictError("접수가 끝나서 바꿀 수 없어요. 바꿔야 하면 전화로 말씀해 주세요.")
        standing.medium, standing.wants_more_time = medium, wants_more_time
        return standing
    application = ExamApplication(
        exam_id=exam.id, user_id=user.id, medium=medium, wants_more_time=wants_more_time, applied_at=now
    )
    try:
        with session.begin_nested():
            session.add(application)
    except IntegrityError:
        made = find_application(session, exam.id, user.id, lock=True)
        if made is None:
            raise
        return made
    return application


def cancel(session: Session, exam: Exam, user: User, *, now: datetime) -> None:
    """Call an application off before an attempt began; a second press changes nothing."""
    standing = find_application(session, exam.id, user.id, lock=True)
    if standing is None:
        _require_once_applied(session, exam, user)
        return
    _refuse_begun(session, exam, user)
    standing.cancelled_at = now


def _require_once_applied(session: Session, exam: Exam, user: User) -> None:
    ever = select(ExamApplication.id).where(
        ExamApplication.exam_id == exam.id, ExamApplication.user_id == user.id
    )
    if session.scalar(ever.limit(1)) is None:
        raise NotFoundError("접수하지 않은 시험이에요.")


def find_application(
    session: Session, exam_id: int, user_id: int, *, lock: bool = False
) -> ExamApplication | None:
    """Return somebody's standing application, locked until the transaction ends if asked."""
    found = session.scalars(
        select(ExamApplication).where(
            ExamApplication.exam_id == exam_id,
            ExamApplication.user_id == user_id,
            ExamApplication.cancelled_at.is_(None),
        )
    ).first()
    if found is None or not lock:
        return found
    locked = db.lock(session, ExamApplication, found.id)
    return locked if locked.cancelled_at is None else None


def _refuse_begun(session: Session, exam: Exam, user: User) -> None:
    begun = select(ExamAttempt.id).where(
        ExamAttempt.exam_id == exam.id,
        ExamAttempt.user_id == user.id,
        ExamAttempt.state != AttemptState.VOID,
    )
    if session.scalar(begun.limit(1)) is not None:
        raise ConflictError("이미 시험을 시작하셔서 바꿀 수 없어요.")
