"""What a mentor or trainer says to a reply that met every rule, and which replies others should read too."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.core import db
from portal.core.errors import ConflictError, ForbiddenError
from portal.courses import policy
from portal.courses.catalogue import Place
from portal.courses.models import PracticeTry
from portal.courses.reply_models import Phrase, ReplyReview
from portal.messages import operations as messages


@dataclass(frozen=True)
class Said:
    """Where a learner's last reply at a step stands: waiting, commented on, chosen, shown to others."""

    review: ReplyReview
    phrase: Phrase | None

    @property
    def is_waiting(self) -> bool:
        """Tell whether nobody has read it yet."""
        return self.review.reviewed_at is None

    @property
    def is_shared(self) -> bool:
        """Tell whether others can read it."""
        return self.phrase is not None and not (self.phrase.withdrawn_at or self.phrase.removed_at)


def let_read(session: Session, tried: PracticeTry, *, now: datetime) -> None:
    """Let a mentor or trainer read a reply that has passed; a better one takes the place of one that waits.

    The caller holds the learner's enrolment.
    """
    waiting = session.scalar(
        select(ReplyReview).where(
            ReplyReview.learner_id == tried.learner_id,
            ReplyReview.course_id == tried.course_id,
            ReplyReview.lesson_id == tried.lesson_id,
            ReplyReview.step_id == tried.step_id,
            ReplyReview.reviewed_at.is_(None),
        )
    )
    if waiting is not None:
        waiting.tried = tried
        return
    session.add(
        ReplyReview(
            learner_id=tried.learner_id,
            course_id=tried.course_id,
            lesson_id=tried.lesson_id,
            step_id=tried.step_id,
            tried=tried,
            sent_at=now,
        )
    )


def find_said(session: Session, user: User, place: Place) -> Said | None:
    """Return what became of the person's last reply at a step that somebody read or will read."""
    row = session.execute(
        select(ReplyReview, Phrase)
        .outerjoin(Phrase, Phrase.review_id == ReplyReview.id)
        .where(policy.own_at(user, ReplyReview, place))
        .options(joinedload(ReplyReview.tried), joinedload(ReplyReview.reviewer))
        .order_by(ReplyReview.id.desc())
        .limit(1)
    ).one_or_none()
    return Said(*row) if row else None


def comment(
    session: Session,
    review_id: int,
    reviewer: User,
    *,
    seen_try_id: int,
    words: str,
    is_best: bool,
    path: str,
    now: datetime,
) -> None:
    """Say something to a reply, and perhaps that others should read it; its writer is told.

    ``seen_try_id`` is the try the reviewer read, ``path`` the step's page. Holds the review. Raises
    NotFoundError for none, ForbiddenError for one's own, ConflictError for one that somebody else has
    answered or that the writer has written anew.
    """
    review = db.lock(session, ReplyReview, review_id)
    if review.learner_id == reviewer.id:
        raise ForbiddenError("내가 쓴 답장은 다른 분이 읽어요.")
    if review.reviewed_at is not None:
        raise ConflictError("다른 분이 이미 답한 답장이에요.")
    if review.try_id != seen_try_id:
        raise ConflictError("그사이에 쓴 분이 답장을 고쳤어요. 새 답장을 읽고 다시 보내 주세요.")
    review.reviewed_at, review.reviewed_by_id = now, reviewer.id
    review.comment, review.is_best = words, is_best
    messages.notify(
        session,
        user_id=review.learner_id,
        cause=f"reply:{review.id}",
        message="reply-chosen" if is_best else "reply-read",
        values={"reviewer": reviewer.title},
        path=path,
        now=now,
    )
