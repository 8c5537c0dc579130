"""Closing what is solved and has long been quiet, so that the lists show what is alive."""

from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portal.community.models import Post, Question, QuestionState
from portal.core import clock, db, queue
from portal.core.errors import ConflictError

QUIET = timedelta(days=30)
CLOSE_WITHIN_S = 30
AT_ONCE = 200
"""How many one sweep queues; the next one takes the rest."""


def refuse_if_closed(question: Question) -> None:
    """Raise ConflictError under a closed question: only its asker opens it, by asking on."""
    if question.closed_at is not None:
        raise ConflictError("오래전에 해결되어 닫힌 질문이에요. 궁금한 것이 있으면 새로 질문해 주세요.")


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the solved questions in which nothing has happened for QUIET, the longest quiet first."""
    return list(session.scalars(_due(now).order_by(Question.last_post_at).limit(AT_ONCE)))


def close(question_id: int) -> None:
    """Close a question if it is still due; run twice, the second time does nothing. Nobody is told."""
    with db.transaction() as session:
        close_due(session, question_id, now=clock.now())


def close_due(session: Session, question_id: int, *, now: datetime) -> None:
    """Close a question that is due now. Holds it, so that a word written meanwhile keeps it open."""
    question = db.lock(session, Question, question_id)
    if session.scalar(_due(now).where(Question.id == question_id)) is not None:
        question.closed_at = now


def _due(now: datetime) -> Select[int]:
    """Return the statement of what is due: quiet, and accepted long ago too."""
    accepted = exists().where(Post.thread_id == Question.id, Post.accepted_at <= now - QUIET)
    return select(Question.id).where(
        Question.state == QuestionState.ACCEPTED,
        Question.closed_at.is_(None),
        Question.last_post_at <= now - QUIET,
        accepted,
    )


CLOSE = queue.register(
    "community.close", run="portal.community.closing.close", timeout_s=CLOSE_WITHIN_S, due=list_due_ids
)
