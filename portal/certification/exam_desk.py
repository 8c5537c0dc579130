"""Rows of what waits for staff around exams, for their desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import exam_queries, regrades, releasing, twins


@dataclass(frozen=True)
class Named:
    """A row of the desk: what is opened, and in words."""

    id: int
    title: str


def list_to_release(session: Session, user: User, *, now: datetime, after_id: int = 0) -> Sequence[Named]:
    """Return the sessions that are over and this person can release, a page from behind ``after_id``."""
    exams = releasing.list_to_release(session, user, now=now, after_id=after_id)
    return [Named(exam.id, exam_queries.title_of(exam)) for exam in exams]


def list_regrades(session: Session, user: User, *, after_id: int = 0) -> Sequence[Named]:
    """Return the regrades this person may decide on, a page from behind ``after_id``."""
    proposed = regrades.list_waiting(session, user, after_id=after_id)
    return [Named(regrade.id, exam_queries.title_of(exam)) for regrade, exam in proposed]


def list_on_paper(session: Session, user: User, *, now: datetime, after_id: int = 0) -> Sequence[Named]:
    """Return the sessions somebody sits on paper, a page from behind ``after_id``."""
    exams = twins.list_exams_on_paper(session, user, now=now, after_id=after_id)
    return [Named(exam.id, title) for exam, title in exams]
