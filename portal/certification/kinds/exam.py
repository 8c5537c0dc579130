"""What the two requirements of exams share: a released result that passed."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification import results
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamKind,
)
from portal.certification.kinds.verdict import Asked, Next, Progress, ToDo, Verdict
from portal.certification.marking_models import MarkingSheet
from portal.certification.results import Released
from portal.core import korean
from portal.core.clock import KST
from portal.courses.toml_file import Keys

_NAMES = {ExamKind.WRITTEN: "필기", ExamKind.PRACTICAL: "실기"}


def read(keys: Keys) -> dict[str, object]:
    """Read a requirement that says everything by its kind; the rest stands in the version's blueprint."""
    keys.allow("key", "kind", "title")
    return {}


def judge_exam(session: Session, asked: Asked, kind: ExamKind) -> Verdict:
    """Look at the released results: the newest one that passed counts, what is not released does not."""
    released = [
        each
        for each in results.list_released(
            session, user_id=asked.user.id, qualification_id=asked.qualification_id, kind=kind
        )
        if asked.counts_mock or not each.is_mock
    ]
    passed = next((each for each in released if each.passed), None)
    if passed is not None:
        return Verdict(
            Progress.MET,
            f"제{passed.session_no}회 {_NAMES[kind]}에 합격했어요. {_points(passed)}",
            evidence=(f"exam_attempt:{passed.attempt_id}",),
            by_id=session.scalar(select(Exam.released_by_id).where(Exam.id == passed.exam_id)),
        )
    return _unreleased(session, asked, kind) or _not_yet(session, asked, kind, released)


def _unreleased(session: Session, asked: Asked, kind: ExamKind) -> Verdict | None:
    """Tell of an attempt whose result is not released, if there is one."""
    attempt = session.execute(
        select(ExamAttempt.id, ExamAttempt.state, Exam.session_no)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(
            ExamAttempt.user_id == asked.user.id,
            ExamAttempt.state != AttemptState.VOID,
            Exam.qualification_id == asked.qualification_id,
            Exam.kind == kind,
            Exam.released_at.is_(None),
        )
        .order_by(ExamAttempt.id.desc())
        .limit(1)
    ).first()
    if attempt is None:
        return None
    name = f"제{attempt.session_no}회 {_NAMES[kind]}"
    if attempt.state is AttemptState.OPEN:
        return Verdict(Progress.NOT_YET, f"{name}를 보고 있어요. 이어서 풀어 주세요.", next=Next(ToDo.EXAM))
    is_marked = session.scalar(select(MarkingSheet.id).where(MarkingSheet.attempt_id == attempt.id).limit(1))
    if is_marked is not None:
        return Verdict(Progress.IN_REVIEW, f"{name}를 채점하고 있어요. 결과가 나오면 알려 드려요.")
    return Verdict(Progress.WAITING, f"{name}를 봤어요. 결과가 나오면 알려 드려요.")


def _not_yet(session: Session, asked: Asked, kind: ExamKind, released: list[Released]) -> Verdict:
    applied = session.execute(
        select(Exam.session_no, Exam.opens_at)
        .join(ExamApplication, ExamApplication.exam_id == Exam.id)
        .outerjoin(
            ExamAttempt,
            (ExamAttempt.exam_id == Exam.id) & (ExamAttempt.user_id == ExamApplication.user_id),
        )
        .where(
            ExamApplication.user_id == asked.user.id,
            ExamApplication.cancelled_at.is_(None),
            ExamAttempt.id.is_(None),
            Exam.released_at.is_(None),
            Exam.qualification_id == asked.qualification_id,
            Exam.kind == kind,
        )
        .order_by(Exam.opens_at.desc())
        .limit(1)
    ).first()
    last = f"지난 {_NAMES[kind]}는 합격하지 못했어요. {_points(released[0])} " if released else ""
    if applied is not None:
        day = korean.day(applied.opens_at.astimezone(KST))
        return Verdict(
            Progress.NOT_YET,
            f"{last}{day} 제{applied.session_no}회 {_NAMES[kind]}를 신청했어요.",
            next=Next(ToDo.EXAM),
        )
    words = f"{last}다시 볼 수 있어요." if last else f"아직 {_NAMES[kind]}를 보지 않았어요."
    return Verdict(Progress.NOT_YET, words, next=Next(ToDo.EXAM))


def _points(released: Released) -> str:
    """Say the average of the subjects to a tenth, never rounded up."""
    count = len(released.subjects)
    if not count:
        return ""
    tenths = sum(released.subjects.values()) * 10 // count
    return f"평균 {tenths // 10}.{tenths % 10}점이에요." if tenths % 10 else f"평균 {tenths // 10}점이에요."
