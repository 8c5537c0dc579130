"""Proposing, approving, declining and revoking. Two people issue a certificate, and nobody for themself."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import User
from portal.certification import codes, policy, queries
from portal.certification.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    EventKind,
    Proposal,
    ProposalState,
    SerialCounter,
)
from portal.core import db, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.courses.models import CourseCompletion
from portal.messages.operations import notify

RENDER_WITHIN_S = 120
RENDER = queue.register(
    "certification.render",
    run="portal.certification.jobs.render",
    timeout_s=RENDER_WITHIN_S,
    due=queries.list_due_ids,
)
ISSUER_NAME = "장터배움"


def propose(session: Session, completion: CourseCompletion, trainer: User, *, now: datetime) -> Proposal:
    """Propose a certificate for a completed course; a second press returns the proposal that stands.

    Holds the completion's row, so that two trainers at once make one proposal. Raises ForbiddenError for
    one's own completion.
    """
    completion = db.lock(session, CourseCompletion, completion.id)
    if completion.learner_id == trainer.id:
        raise ForbiddenError("내 수료증은 다른 강사님이 제안해야 해요.")
    standing = session.scalar(
        select(Proposal).where(Proposal.completion_id == completion.id, policy.is_standing())
    )
    if standing is not None:
        return standing
    proposal = Proposal(
        completion_id=completion.id,
        learner_id=completion.learner_id,
        course_id=completion.course_id,
        proposed_by_id=trainer.id,
        proposed_at=now,
    )
    session.add(proposal)
    session.flush()  # the event needs the proposal's id
    _note(session, proposal.id, EventKind.PROPOSED, by=trainer, now=now)
    return proposal


def approve(
    session: Session, proposal: Proposal, approver: User, *, course_title: str, now: datetime
) -> Certificate:
    """Decide that the certificate is issued; a second press returns the one issued.

    Number, code and everything the document says are fixed here, in one transaction with the decision; the
    document itself is drawn by a worker. Raises ForbiddenError for the proposer and the learner, and
    ConflictError for a proposal that was declined.
    """
    proposal = db.lock(session, Proposal, proposal.id)
    if approver.id in (proposal.proposed_by_id, proposal.learner_id):
        raise ForbiddenError("제안한 사람과 받는 사람은 승인할 수 없어요. 다른 분이 승인해요.")
    if proposal.state is ProposalState.APPROVED:
        return session.scalars(select(Certificate).where(Certificate.proposal_id == proposal.id)).one()
    _refuse_unless_waiting(proposal)
    completion = session.get_one(CourseCompletion, proposal.completion_id)
    year = now.astimezone(KST).year
    serial = _take_serial(session, year)
    certificate = Certificate(
        proposal_id=proposal.id,
        holder_id=proposal.learner_id,
        course_id=proposal.course_id,
        holder_name=accounts.get_user(session, proposal.learner_id).name,
        course_title=course_title,
        completed_on=completion.completed_at.astimezone(KST).date(),
        issuer_name=ISSUER_NAME,
        approver_name=approver.name,
        year=year,
        serial=serial,
        number=f"{year}-C-{serial:05d}",
        code=codes.make(),
        issued_at=now,
        due_at=now,
    )
    session.add(certificate)
    _decide(proposal, ProposalState.APPROVED, approver, now=now)
    _note(session, proposal.id, EventKind.APPROVED, by=approver, now=now)
    session.flush()  # the job needs the certificate's id
    queue.enqueue(session, RENDER, certificate.id)
    return certificate


def decline(
    session: Session, proposal: Proposal, approver: User, *, reason: str, path: str, now: datetime
) -> None:
    """Send a proposal back with a reason that its proposer is told once; a second press changes nothing.

    Raises ForbiddenError for the proposer and the learner, and ConflictError once it is approved.
    """
    proposal = db.lock(session, Proposal, proposal.id)
    if approver.id in (proposal.proposed_by_id, proposal.learner_id):
        raise ForbiddenError("제안한 사람과 받는 사람은 돌려보낼 수 없어요.")
    if proposal.state is ProposalState.DECLINED:
        return
    _refuse_unless_waiting(proposal)
    if not reason.strip():
        raise DomainError("돌려보내는 까닭을 적어 주세요.", field="reason")
    _decide(proposal, ProposalState.DECLINED, approver, now=now)
    proposal.decline_reason = reason.strip()
    _note(session, proposal.id, EventKind.DECLINED, by=approver, now=now, note=proposal.decline_reason)
    notify(
        session,
        user_id=proposal.proposed_by_id,
        cause=f"certificate-declined:{proposal.id}",
        message="certificate-declined",
        values={},
        path=path,
        now=now,
    )


def revoke(
    session: Session, certificate: Certificate, by: User, *, reason: str, path: str, now: datetime
) -> None:
    """Take a certificate back for good and tell its holder once; a second press changes nothing.

    Whatever a worker still had to do is called off. The completion may be proposed anew. Raises
    DomainError without a reason, ForbiddenError for one's own.
    """
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.holder_id == by.id:
        raise ForbiddenError("내 수료증은 다른 분이 취소해야 해요.")
    if certificate.is_revoked:
        return
    if not reason.strip():
        raise DomainError("취소하는 까닭을 적어 주세요.", field="reason")
    proposal = db.lock(session, Proposal, certificate.proposal_id)
    proposal.state = ProposalState.REVOKED
    certificate.state = CertificateState.REVOKED
    certificate.revoked_at = now
    certificate.revoked_by_id = by.id
    certificate.revoke_reason = reason.strip()
    certificate.due_at = None
    certificate.lease = None
    _note(session, proposal.id, EventKind.REVOKED, by=by, now=now, note=certificate.revoke_reason)
    notify(
        session,
        user_id=certificate.holder_id,
        cause=f"certificate-revoked:{certificate.id}",
        message="certificate-revoked",
        values={},
        path=path,
        now=now,
    )


def retry_render(session: Session, certificate: Certificate, by: User, *, now: datetime) -> None:
    """Let a worker try again now what it has not drawn yet.

    A worker that is at it loses its lease. Raises ConflictError once the document is stored or called off.
    """
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.due_at is None:
        raise ConflictError("이미 다 만들었거나 취소된 수료증이에요.")
    certificate.due_at = now
    certificate.lease = None
    _note(session, certificate.proposal_id, EventKind.RETRIED, by=by, now=now)
    queue.enqueue(session, RENDER, certificate.id)


def note_rendered(session: Session, certificate: Certificate, *, path: str, now: datetime) -> None:
    """Note that the document is stored and tell the holder, once.

    Call it in the transaction in which `work.finish` said yes.
    """
    _note(session, certificate.proposal_id, EventKind.RENDERED, by=None, now=now)
    notify(
        session,
        user_id=certificate.holder_id,
        cause=f"certificate:{certificate.id}",
        message="certificate-ready",
        values={},
        path=path,
        now=now,
    )


def _refuse_unless_waiting(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.WAITING:
        raise ConflictError("이미 다르게 정해진 제안이에요. 일감에서 다시 봐 주세요.")


def _decide(proposal: Proposal, state: ProposalState, by: User, *, now: datetime) -> None:
    proposal.state = state
    proposal.decided_by_id = by.id
    proposal.decided_at = now


def _take_serial(session: Session, year: int) -> int:
    """Return the year's next serial; the counter's row stays locked until the approval commits or not."""
    following = (
        update(SerialCounter)
        .where(SerialCounter.year == year)
        .values(last=SerialCounter.last + 1)
        .returning(SerialCounter.last)
        .execution_options(synchronize_session=False)
    )
    taken = session.scalar(following)
    if taken is None:
        _start_counting(session, year)
        taken = session.scalars(following).one()
    return taken


def _start_counting(session: Session, year: int) -> None:
    """Make the year's counter, unless another approval just did."""
    try:
        with session.begin_nested():
            session.add(SerialCounter(year=year, last=0))
    except IntegrityError:
        return


def _note(
    session: Session, proposal_id: int, kind: EventKind, *, by: User | None, now: datetime, note: str = ""
) -> None:
    session.add(
        CertificateEvent(proposal_id=proposal_id, kind=kind, by_id=by.id if by else None, at=now, note=note)
    )
