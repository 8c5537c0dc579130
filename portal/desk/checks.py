"""What learners wrote and somebody looks at with them: replies to customers, rehearsals of a broadcast."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import User
from portal.core.errors import NotFoundError
from portal.courses import catalogue, rehearsals
from portal.courses.models import PracticeTry
from portal.courses.rehearsal_models import Rehearsal, RehearsalCheck, RehearsalLog
from portal.courses.rehearsals import Logged
from portal.courses.reply_models import ReplyReview
from portal.desk import policy
from portal.desk.queries import LIMIT, step_title


@dataclass(frozen=True)
class ReplyLine:
    """A reply to a customer that met every rule, and what was said to it."""

    id: int
    try_id: int
    learner_name: str
    course_id: str
    lesson_id: str
    step_id: str
    step_title: str
    sent_at: datetime
    #: What was to be answered; empty where it is taught no more.
    question: str
    reply: str
    is_reviewed: bool
    comment: str
    is_best: bool


@dataclass(frozen=True)
class RehearsalLine:
    """Somebody who rehearsed a broadcast often enough that a person should say something to it."""

    #: Of the last rehearsal.
    id: int
    learner_name: str
    step_title: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class RehearsalPage:
    """The rehearsals of one learner at one step."""

    id: int
    learner_name: str
    course_id: str
    lesson_id: str
    step_id: str
    step_title: str
    logged: list[Logged]

    @property
    def is_checked(self) -> bool:
        """Tell whether somebody has said something to one of them."""
        return any(each.check for each in self.logged)


def list_replies(session: Session, user: User, *, after_id: int = 0) -> list[ReplyLine]:
    """Return the replies that wait to be read, the oldest first, ``LIMIT`` from after an id."""
    rows = session.execute(select_replies(user).where(ReplyReview.id > after_id).limit(LIMIT))
    return [_reply_line(*row) for row in rows]


def select_replies(user: User) -> Select[ReplyReview, PracticeTry, str]:
    """Return the statement of the replies that wait to be read by this person, the oldest first."""
    return _replies(user).where(ReplyReview.reviewed_at.is_(None)).order_by(ReplyReview.id)


def get_reply(session: Session, user: User, review_id: int) -> ReplyLine:
    """Return one reply this person may read; raises NotFoundError."""
    found = session.execute(_replies(user).where(ReplyReview.id == review_id)).first()
    if found is None:
        raise NotFoundError("찾는 답장이 없어요. 목록에서 다시 골라 주세요.")
    return _reply_line(*found)


def _replies(user: User) -> Select[ReplyReview, PracticeTry, str]:
    return (
        select(ReplyReview, PracticeTry, User.name)
        .join(PracticeTry, PracticeTry.id == ReplyReview.try_id)
        .join(User, User.id == ReplyReview.learner_id)
        .where(policy.may_check(user, ReplyReview.learner_id))
    )


def _reply_line(review: ReplyReview, tried: PracticeTry, name: str) -> ReplyLine:
    return ReplyLine(
        id=review.id,
        try_id=tried.id,
        learner_name=name,
        course_id=review.course_id,
        lesson_id=review.lesson_id,
        step_id=review.step_id,
        step_title=step_title(review.course_id, review.lesson_id, review.step_id),
        sent_at=review.sent_at,
        question=_question(review, tried),
        reply=tried.answer["reply"],
        is_reviewed=review.reviewed_at is not None,
        comment=review.comment,
        is_best=review.is_best,
    )


def _question(review: ReplyReview, tried: PracticeTry) -> str:
    try:
        place = catalogue.current().place(review.course_id, review.lesson_id, review.step_id)
    except NotFoundError:
        return ""
    return place.step.practice.ask(tried.seed) if place.step.practice else ""


def list_rehearsals(session: Session, user: User, *, after_id: int = 0) -> list[RehearsalLine]:
    """Return who rehearsed often enough and nobody has looked yet, the longest waiting first.

    ``LIMIT`` from those whose last rehearsal came after ``after_id``.
    """
    rows = session.execute(select_rehearsals(user).having(func.max(Rehearsal.id) > after_id).limit(LIMIT))
    return [
        RehearsalLine(key, name, step_title(course_id, lesson_id, step_id), many, at)
        for key, name, course_id, lesson_id, step_id, many, at in rows
    ]


def select_rehearsals(user: User) -> Select[int, str, str, str, str, int, datetime]:
    """Return the statement of `list_rehearsals`."""
    place = (Rehearsal.learner_id, Rehearsal.course_id, Rehearsal.lesson_id, Rehearsal.step_id)
    other = aliased(Rehearsal)
    is_checked = exists().where(
        RehearsalCheck.rehearsal_id == other.id,
        other.learner_id == Rehearsal.learner_id,
        other.course_id == Rehearsal.course_id,
        other.lesson_id == Rehearsal.lesson_id,
        other.step_id == Rehearsal.step_id,
    )
    last_id, count, last_at = func.max(Rehearsal.id), func.count(), func.max(RehearsalLog.logged_at)
    return (
        select(last_id, User.name, *place[1:], count, last_at)
        .join(RehearsalLog, RehearsalLog.rehearsal_id == Rehearsal.id)
        .join(User, User.id == Rehearsal.learner_id)
        .where(policy.may_check(user, Rehearsal.learner_id), ~is_checked)
        .group_by(User.name, *place)
        .having(count >= rehearsals.TO_CHECK)
        .order_by(last_id)
    )


def get_rehearsal(session: Session, user: User, rehearsal_id: int) -> Rehearsal:
    """Return a rehearsal this person may look at, if it was written down; raises NotFoundError."""
    found: Rehearsal | None = session.scalar(
        select(Rehearsal)
        .join(RehearsalLog, RehearsalLog.rehearsal_id == Rehearsal.id)
        .where(Rehearsal.id == rehearsal_id, policy.may_check(user, Rehearsal.learner_id))
    )
    if found is None:
        raise NotFoundError("찾는 연습이 없어요. 목록에서 다시 골라 주세요.")
    return found


def get_rehearsals(session: Session, user: User, rehearsal_id: int) -> RehearsalPage:
    """Return a rehearsal with those beside it, for this person to look at; raises NotFoundError."""
    found = get_rehearsal(session, user, rehearsal_id)
    return RehearsalPage(
        id=found.id,
        learner_name=session.get_one(User, found.learner_id).name,
        course_id=found.course_id,
        lesson_id=found.lesson_id,
        step_id=found.step_id,
        step_title=step_title(found.course_id, found.lesson_id, found.step_id),
        logged=rehearsals.list_beside(session, found),
    )
