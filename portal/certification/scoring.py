"""What the marks of an attempt come to, in whole numbers: points by subject, the total, and passed or not."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.certification.exam_models import (
    Exam,
    ExamAttempt,
    ExamResult,
    ItemMark,
    MarkCause,
    PaperItem,
)
from portal.certification.qualifications import Blueprint


def marks_in_force(session: Session, attempt_id: int) -> dict[int, int]:
    """Return the points of each item that count: a person's last mark, else the last one at all."""
    rows = session.execute(
        select(ItemMark.item_id, ItemMark.points)
        .where(ItemMark.attempt_id == attempt_id)
        .order_by(ItemMark.cause == MarkCause.PERSON, ItemMark.id)
    )
    return {row.item_id: row.points for row in rows}


def record(session: Session, attempt_id: int, *, cause: str, now: datetime) -> ExamResult:
    """Write what the marks in force come to as another result; the caller holds the attempt."""
    attempt = session.get_one(ExamAttempt, attempt_id)
    exam = session.get_one(Exam, attempt.exam_id)
    blueprint = Blueprint.of(exam.blueprint)
    marks = marks_in_force(session, attempt_id)
    subjects = dict.fromkeys((subject.key for subject in blueprint.subjects), 0)
    for item_id, subject in session.execute(
        select(PaperItem.item_id, PaperItem.subject).where(PaperItem.paper_id == attempt.paper_id)
    ):
        subjects[subject] += marks.get(item_id, 0)
    last = session.scalar(select(func.max(ExamResult.seq)).where(ExamResult.attempt_id == attempt_id)) or 0
    total = sum(subjects.values())
    result = ExamResult(
        attempt_id=attempt_id,
        seq=last + 1,
        subjects=subjects,
        total=total,
        passed=total >= blueprint.pass_average * len(blueprint.subjects)
        and all(points >= blueprint.pass_subject for points in subjects.values()),
        cause=cause,
        at=now,
    )
    session.add(result)
    session.flush()
    return result
