"""How long, how often and until when somebody may sit an exam.

More time comes from three sides: everybody who ticked the box gets it by policy, and staff may give it to one
person or to everybody of an association, with a reason. They do not add up: the most generous counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification.exam_models import Allowance, Exam, ExamApplication
from portal.certification.qualifications import Blueprint
from portal.community.models import Association, AssociationMember
from portal.core.errors import DomainError

MOST_PERCENT, MOST_ATTEMPTS = 300, 5


@dataclass(frozen=True)
class More:
    """What somebody is given beyond the session's terms."""

    extra_percent: int = 0
    extra_attempts: int = 0
    open_until: datetime | None = None


@dataclass(frozen=True)
class Terms:
    """What holds for one person in one exam."""

    minutes: int
    #: How many of the minutes nobody else has.
    extra_minutes: int
    attempts: int
    opens_at: datetime
    #: After this nobody starts any more.
    closes_at: datetime

    def deadline(self, now: datetime) -> datetime:
        """Return the end of an attempt that starts now.

        Nobody goes on past the closing but for the minutes they have more than others.
        """
        last = self.closes_at + timedelta(minutes=self.extra_minutes)
        return min(now + timedelta(minutes=self.minutes), last)


def terms_of(session: Session, exam: Exam, user_id: int, application: ExamApplication | None) -> Terms:
    """Return what holds for a person: the session's own terms, and what is allowed beyond them."""
    given = session.scalars(select(Allowance).where(Allowance.exam_id == exam.id, _is_for(user_id))).all()
    percents = [each.extra_percent for each in given]
    if application is not None and application.wants_more_time:
        percents.append(Blueprint.of(exam.blueprint).more_time_percent)
    later = [each.open_until for each in given if each.open_until is not None]
    minutes = _more(exam.minutes, max(percents, default=0))
    return Terms(
        minutes=minutes,
        extra_minutes=minutes - exam.minutes,
        attempts=exam.attempts_max + max((each.extra_attempts for each in given), default=0),
        opens_at=exam.opens_at,
        closes_at=max([exam.closes_at, *later]),
    )


def find_later_closings(session: Session, user_id: int) -> dict[int, datetime]:
    """Return until when a person may start exams that are open longer for them, by the exam's id."""
    rows = session.execute(
        select(Allowance.exam_id, func.max(Allowance.open_until))
        .where(Allowance.open_until.is_not(None), _is_for(user_id))
        .group_by(Allowance.exam_id)
    )
    return {exam_id: until for exam_id, until in rows if until is not None}


def give(
    session: Session,
    exam: Exam,
    by: User,
    *,
    user_id: int | None = None,
    association_id: int | None = None,
    more: More,
    reason: str,
    now: datetime,
) -> Allowance:
    """Give one person or one association more. Rows are only ever added; the most generous counts."""
    if (user_id is None) == (association_id is None):
        raise DomainError("한 사람이나 상인회 하나를 골라 주세요.", field="whom")
    if association_id is not None and session.get(Association, association_id) is None:
        raise DomainError("찾는 상인회가 없어요. 다시 골라 주세요.", field="whom")
    if user_id == by.id:
        raise DomainError("내 시험 조건은 다른 분이 정해요.", field="whom")
    if more == More():
        raise DomainError("무엇을 더 드릴지 하나는 골라 주세요.", field="extra_percent")
    if more.open_until is not None and more.open_until <= exam.closes_at:
        raise DomainError("원래 끝나는 때보다 뒤로 정해 주세요.", field="open_on")
    if not reason.strip():
        raise DomainError("까닭을 적어 주세요.", field="reason")
    allowance = Allowance(
        exam_id=exam.id,
        user_id=user_id,
        association_id=association_id,
        extra_percent=min(more.extra_percent, MOST_PERCENT),
        extra_attempts=min(more.extra_attempts, MOST_ATTEMPTS),
        open_until=more.open_until,
        reason=reason.strip(),
        given_by_id=by.id,
        given_at=now,
    )
    session.add(allowance)
    session.flush()  # its page lists it
    return allowance


def list_given(session: Session, exam: Exam) -> Sequence[Allowance]:
    """Return what was given beyond a session's terms, the newest first."""
    return session.scalars(
        select(Allowance).where(Allowance.exam_id == exam.id).order_by(Allowance.id.desc())
    ).all()


def list_whom(session: Session, exam: Exam) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return the people who applied or were given something, and the associations, with their names."""
    applied = select(ExamApplication.user_id).where(
        ExamApplication.exam_id == exam.id, ExamApplication.cancelled_at.is_(None)
    )
    given = select(Allowance.user_id).where(Allowance.exam_id == exam.id, Allowance.user_id.is_not(None))
    people = session.execute(
        select(User.id, User.name)
        .where(or_(User.id.in_(applied), User.id.in_(given)))
        .order_by(User.name, User.id)
    )
    associations = session.execute(
        select(Association.id, Association.name).order_by(Association.name, Association.id)
    )
    return [(each, name) for each, name in people], [(each, name) for each, name in associations]


def _is_for(user_id: int) -> ColumnElement[bool]:
    theirs = select(AssociationMember.association_id).where(
        AssociationMember.user_id == user_id, AssociationMember.left_at.is_(None)
    )
    return or_(Allowance.user_id == user_id, Allowance.association_id.in_(theirs))


def _more(minutes: int, percent: int) -> int:
    """Return the minutes with so many percent more, the last begun minute whole."""
    return -(-minutes * (100 + percent) // 100)
