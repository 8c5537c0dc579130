"""Sending a whole batch back with one reason, where its approver finds it wrong."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import batches, operations
from portal.certification.life_models import Batch, BatchLine
from portal.certification.models import Proposal
from portal.core import db
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.messages.operations import notify


def decline_batch(
    session: Session, batch: Batch, approver: User, *, reason: str, path: str, now: datetime
) -> None:
    """Send everybody of a batch back with one reason, of which its proposer is told once.

    Whoever was sent back before keeps the reason they have. A second press changes nothing. Raises
    ForbiddenError for the one who proposed it and for one of those it is for, DomainError without a reason,
    and ConflictError once it is approved.
    """
    batch = db.lock(session, Batch, batch.id)
    if batch.proposed_by_id == approver.id:
        raise ForbiddenError("내가 제안한 묶음은 다른 분이 돌려보내요.")
    proposals = _lock_proposals(session, batch)
    if any(each.learner_id == approver.id for each in proposals):
        raise ForbiddenError("이 묶음에는 내 것도 있어요. 다른 분이 돌려보내요.")
    if batch.decided_by_id is not None:
        if batches.is_declined(session, batch):
            return
        raise ConflictError("이미 승인한 묶음이에요. 잘못 나간 증서는 한 분씩 취소해 주세요.")
    if not reason.strip():
        raise DomainError("돌려보내는 까닭을 적어 주세요.", field="reason")
    for each in proposals:
        operations.send_back(session, each, approver, reason=reason, now=now)
    batch.decided_by_id, batch.decided_at = approver.id, now
    notify(
        session,
        user_id=batch.proposed_by_id,
        cause=f"certificate-batch-declined:{batch.id}",
        message="certificate-batch-declined",
        values={"batch": batch.title},
        path=path,
        now=now,
    )


def _lock_proposals(session: Session, batch: Batch) -> Sequence[Proposal]:
    """Lock every proposal of a batch, in their order, before the chain: that comes last for everybody."""
    found = session.scalars(
        select(BatchLine.proposal_id).where(BatchLine.batch_id == batch.id).order_by(BatchLine.proposal_id)
    ).all()
    return [db.lock(session, Proposal, proposal_id) for proposal_id in found]
