"""What waits for staff around exams, for their desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    exam_appeals,
    exam_queries,
    marking_queue,
    regrades,
    releasing,
    scripts,
    twins,
)
from portal.certification.marking_queue import LateScript
from portal.core.roles import Role


@dataclass(frozen=True)
class Named:
    """A row of the desk: what is opened, and in words."""

    id: int
    title: str


@dataclass(frozen=True)
class ExamDesk:
    """Everything around exams that waits for one member of staff."""

    #: Scripts this person has taken, and those that wait for somebody; none for who does not mark.
    drafts: int
    waiting: int
    late: Sequence[LateScript]
    to_release: Sequence[Named]
    appeals: int
    regrades: Sequence[Named]
    on_paper: Sequence[Named]


def count_late(session: Session, *, now: datetime) -> int:
    """Return how many scripts nobody has finished marking in time, as far as the list shows them."""
    return len(marking_queue.list_late(session, now=now))


def get(session: Session, user: User, *, now: datetime) -> ExamDesk:
    """Return what waits around exams for a trainer or an operator."""
    marks = user.has_role(Role.TRAINER)
    return ExamDesk(
        drafts=len(scripts.list_mine(session, user)) if marks else 0,
        waiting=marking_queue.count_waiting(session, user, now=now) if marks else 0,
        late=marking_queue.list_late(session, now=now) if user.has_role(Role.OPERATOR) else (),
        to_release=list_to_release(session, user, now=now),
        appeals=len(exam_appeals.list_open(session, user, now=now)),
        regrades=list_regrades(session, user),
        on_paper=list_on_paper(session, user, now=now),
    )


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
