"""What learners wrote and somebody reads with them: replies to customers."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.errors import NotFoundError
from portal.courses import catalogue
from portal.courses.models import PracticeTry
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


def list_replies(session: Session, user: User, *, after_id: int = 0) -> list[ReplyLine]:
    """Return the replies that wait to be read, the oldest first, ``LIMIT`` from after an id."""
    rows = session.execute(
        _replies(user)
        .where(ReplyReview.reviewed_at.is_(None), ReplyReview.id > after_id)
        .order_by(ReplyReview.id)
        .limit(LIMIT)
    )
    return [_reply_line(*row) for row in rows]


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
