"""A requirement of the written exam: a released result that passed."""

from sqlalchemy.orm import Session

from portal.certification.exam_models import ExamKind
from portal.certification.kinds import exam
from portal.certification.kinds.verdict import Asked, Verdict

read = exam.read


def judge(session: Session, asked: Asked) -> Verdict:
    """Look at the results of the written exam."""
    return exam.judge_exam(session, asked, ExamKind.WRITTEN)
