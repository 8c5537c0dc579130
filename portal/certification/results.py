"""Released results of exams, for whoever judges by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.certification.exam_models import AttemptState, Exam, ExamAttempt, ExamKind, ExamResult


@dataclass(frozen=True)
class Released:
    """What one attempt came to, as its person may know it."""

    attempt_id: int
    exam_id: int
    session_no: int
    is_mock: bool
    subjects: dict[str, int]
    total: int
    passed: bool
    finished_at: datetime | None
    released_at: datetime | None


def list_released(
    session: Session, *, user_id: int, qualification_id: str, kind: ExamKind
) -> Sequence[Released]:
    """Return the person's released results, the newest attempt first, void ones left out."""
    last = (
        select(ExamResult.attempt_id, func.max(ExamResult.seq).label("seq"))
        .group_by(ExamResult.attempt_id)
        .subquery()
    )
    rows = session.execute(
        select(
            ExamAttempt.id,
            Exam.id,
            Exam.session_no,
            Exam.is_mock,
            ExamResult.subjects,
            ExamResult.total,
            ExamResult.passed,
            ExamAttempt.finished_at,
            Exam.released_at,
        )
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .join(ExamResult, ExamResult.attempt_id == ExamAttempt.id)
        .join(last, (last.c.attempt_id == ExamResult.attempt_id) & (last.c.seq == ExamResult.seq))
        .where(
            ExamAttempt.user_id == user_id,
            ExamAttempt.state != AttemptState.VOID,
            Exam.qualification_id == qualification_id,
            Exam.kind == kind,
            Exam.released_at.is_not(None),
        )
        .order_by(ExamAttempt.id.desc())
        .limit(50)
    )
    return [Released(*row) for row in rows]
