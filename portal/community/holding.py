"""A newcomer's first words wait until somebody has looked; a question still goes to its mentor at once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.community import texts, trust
from portal.community.models import Board, Post, Question
from portal.community.moderation_models import (
    ModerationAction,
    ModerationLine,
    ReviewCause,
    ReviewItem,
    ReviewState,
)
from portal.community.texts import Text


def hold_newcomers(session: Session, text: Text, *, now: datetime) -> None:
    """Hold a text that was just written if its author is a newcomer, and put it into the review queue.

    Not on the board of an association: its manager let them in, and nobody else reads it. Call it once the
    text has its id, in the transaction that adds it. A post that is held is not counted.
    """
    if texts.thread_of(session, text).board == Board.GROUP:
        return
    text.held_at = now
    session.flush()  # or this very text would count as a public one
    if not trust.weigh(session, text.author_id).is_newcomer:
        text.held_at = None
        return
    session.add(ReviewItem(cause=ReviewCause.FIRST_POST, opened_at=now, **texts.about(text)))
    session.flush()  # the count below reads the database
    if isinstance(text, Post):
        texts.recount(session, text.thread_id)


def release(session: Session, text: Text, *, by_id: int, reason: str, now: datetime) -> None:
    """Let everybody read a held text, close what waits about it, and note who did it.

    Nothing for a text that is not held. The caller holds the text.
    """
    if text.held_at is None:
        return
    text.held_at = None
    for item in session.scalars(
        select(ReviewItem).where(
            ReviewItem.state == ReviewState.PENDING,
            ReviewItem.cause == ReviewCause.FIRST_POST,
            *(getattr(ReviewItem, column) == key for column, key in texts.about(text).items()),
        )
    ):
        item.state, item.version = ReviewState.APPROVED, item.version + 1
        item.decided_at, item.decided_by_id, item.decision_reason = now, by_id, reason
    session.add(
        ModerationLine(
            moderator_id=by_id,
            action=ModerationAction.RELEASED,
            reason=reason,
            at=now,
            **texts.about(text),
        )
    )
    session.flush()  # the count below reads the database
    if isinstance(text, Post):
        texts.recount(session, text.thread_id)


def release_answered(session: Session, question: Question, *, by_id: int, now: datetime) -> None:
    """Let everybody read a question whose answer shows that somebody has looked at it."""
    release(session, question, by_id=by_id, reason="답하면서 살펴봤어요.", now=now)
