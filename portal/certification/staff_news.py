"""Telling those who issue certificates what came to wait for them: one word a day, however much comes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.accounts.models import RoleGrant, User
from portal.certification.corrections import KIND_NAMES
from portal.certification.life_models import Batch, BatchLine, CertificateRequest, RequestKind, RequestState
from portal.certification.models import Certificate, Proposal, ProposalState
from portal.certification.policy import ISSUERS
from portal.core import clock, db, queue
from portal.core.clock import KST, day_began
from portal.messages.models import Notice
from portal.messages.operations import notify

GATHERED = timedelta(minutes=30)
"""How long the first of a day waits for others; what comes after a day's word is told of the next day."""
MESSAGE = "certificate-work-waits"

UserId = int | InstrumentedAttribute[int]


def list_due_ids(session: Session, now: datetime) -> Sequence[int]:
    """Return who issues certificates, heard nothing today, and has something new that waited long enough."""
    told_at = _told_at(RoleGrant.user_id).correlate(RoleGrant).scalar_subquery()
    is_new = or_(
        *(
            waiting.where(arrived_at <= now - GATHERED, or_(told_at.is_(None), arrived_at > told_at))
            .correlate(RoleGrant)
            .exists()
            for waiting, arrived_at in (
                (_requests(RoleGrant.user_id), CertificateRequest.asked_at),
                (_proposals(RoleGrant.user_id), Proposal.proposed_at),
            )
        )
    )
    statement = select(RoleGrant.user_id).where(RoleGrant.role.in_(ISSUERS)).distinct()
    return session.scalars(
        statement.where(or_(told_at.is_(None), told_at < day_began(now)), is_new).order_by(RoleGrant.user_id)
    ).all()


def tell(user_id: int) -> None:
    """Tell one of the staff how much came to wait for them since they were told last.

    Locks their account and asks anew whether they are due: run twice, the second time does nothing.
    """
    urls, now = current_app.url_map.bind(""), clock.now()
    with db.transaction() as session:
        db.lock(session, User, user_id)
        if user_id not in list_due_ids(session, now):
            return
        told_at = session.scalar(_told_at(user_id))
        requests, proposals = _requests(user_id), _proposals(user_id)
        if told_at is not None:
            requests = requests.where(CertificateRequest.asked_at > told_at)
            proposals = proposals.where(Proposal.proposed_at > told_at)
        what = _words(session.scalars(requests).all(), session.scalars(proposals).all())
        notify(
            session,
            user_id=user_id,
            cause=f"certificate-work:{now.astimezone(KST).date().isoformat()}",
            message=MESSAGE,
            values={"what": what},
            path=urls.build("desk.group", {"key": "certificates"}),
            now=now,
        )


def _requests(user_id: UserId) -> Select[RequestKind]:
    """Return the statement of what holders ask for and this person may take up."""
    return (
        select(CertificateRequest.kind)
        .join(Certificate, Certificate.id == CertificateRequest.certificate_id)
        .where(CertificateRequest.state == RequestState.WAITING, Certificate.holder_id != user_id)
    )


def _proposals(user_id: UserId) -> Select[int | None]:
    """Return the statement of what waits for this person as the second one, by the batch it is in."""
    return (
        select(BatchLine.batch_id)
        .select_from(Proposal)
        .outerjoin(BatchLine, BatchLine.proposal_id == Proposal.id)
        .outerjoin(Batch, Batch.id == BatchLine.batch_id)
        .where(
            Batch.decided_by_id.is_(None),
            Proposal.state == ProposalState.WAITING,
            Proposal.proposed_by_id != user_id,
            Proposal.learner_id != user_id,
        )
    )


def _told_at(user_id: UserId) -> Select[datetime]:
    """Return the statement of when this person was told last."""
    told = select(Notice.created_at).where(Notice.user_id == user_id, Notice.message == MESSAGE)
    return told.order_by(Notice.id.desc()).limit(1)


def _words(requests: Sequence[RequestKind], batch_ids: Sequence[int | None]) -> str:
    """Return how much of each kind in words, e.g. ``이름 고침 2건, 승인할 묶음 1개``.

    ``batch_ids`` has one for each proposal, None for those by themselves, as 일감 counts them.
    """
    counts = [(f"{name} {{}}건", requests.count(kind)) for kind, name in KIND_NAMES.items()]
    counts.append(("승인할 것 {}건", batch_ids.count(None)))
    counts.append(("승인할 묶음 {}개", len({*batch_ids} - {None})))
    return ", ".join(words.format(count) for words, count in counts if count)


TELL = queue.register(
    "certification.tell_staff", run="portal.certification.staff_news.tell", timeout_s=60, due=list_due_ids
)
