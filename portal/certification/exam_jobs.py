"""Closing attempts whose time ran out while nobody looks."""

from portal.certification import attempts
from portal.certification.exam_models import ExamAttempt
from portal.core import clock, db


def close(attempt_id: int) -> None:
    """Close an overdue attempt with the answers it has; run twice, the second time does nothing."""
    with db.transaction() as session:
        attempts.close(session, db.lock(session, ExamAttempt, attempt_id), now=clock.now())
