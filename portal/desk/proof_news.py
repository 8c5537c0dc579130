"""Telling those who confirm that something waits: one word for all that came in half an hour."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant
from portal.core import clock, db, queue
from portal.core.roles import Role
from portal.courses.models import PracticeTry, ProofReview, ReviewState
from portal.mentoring.models import Engagement, EngagementState
from portal.messages.operations import notify

GATHERED = timedelta(minutes=30)
"""How long the first proof waits for others, so that a class of twenty is one notice."""
AT_ONCE = 500


def _untold(now: datetime) -> Select[int]:
    """Return the statement of what nobody was told of."""
    return (
        select(ProofReview.id)
        .where(ProofReview.state == ReviewState.WAITING, ProofReview.told_at.is_(None))
        .where(ProofReview.sent_at <= now - GATHERED)
        .order_by(ProofReview.id)
    )


def list_due_ids(session: Session, now: datetime) -> Sequence[int]:
    """Return the oldest proof nobody was told of, if its half hour is over: its job tells of all."""
    return session.scalars(_untold(now).limit(1)).all()


def tell(review_id: int) -> None:
    """Tell the mentor of each shop, or all trainers where there is none, how much waits for them.

    Run twice, the second time does nothing: what was told of is marked in the same transaction.
    """
    with db.transaction() as session:
        _tell(session, review_id, path=current_app.url_map.bind("").build("desk.proofs"), now=clock.now())


def _tell(session: Session, review_id: int, *, path: str, now: datetime) -> None:
    waiting = session.scalars(
        select(ProofReview).where(ProofReview.id.in_(_untold(now).limit(AT_ONCE))).with_for_update()
    ).all()
    if review_id not in {review.id for review in waiting}:
        return
    counts = Counter[int]()
    trainers = set(session.scalars(select(RoleGrant.user_id).where(RoleGrant.role == Role.TRAINER)))
    for learner_id, mentor_id in session.execute(
        select(PracticeTry.learner_id, Engagement.mentor_id)
        .outerjoin(
            Engagement,
            (Engagement.merchant_id == PracticeTry.learner_id) & (Engagement.state != EngagementState.ENDED),
        )
        .where(PracticeTry.id.in_([review.try_id for review in waiting]))
    ):
        counts.update({mentor_id} if mentor_id else trainers - {learner_id})
    for user_id, count in sorted(counts.items()):
        notify(
            session,
            user_id=user_id,
            cause=f"proofs:{review_id}",
            message="proofs-wait",
            values={"count": f"{count}건"},
            path=path,
            now=now,
        )
    for review in waiting:
        review.told_at = now


TELL = queue.register(
    "desk.tell_of_proofs", run="portal.desk.proof_news.tell", timeout_s=60, due=list_due_ids
)
