"""Reading proposals and certificates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import User
from portal.certification import awards, codes, policy
from portal.certification.life_models import BatchLine
from portal.certification.models import (
    Certificate,
    CertificateEvent,
    CertificateKind,
    CertificateTemplate,
    EventKind,
    Proposal,
    ProposalState,
)
from portal.certification.qualification_models import Candidate
from portal.core import work
from portal.core.errors import ForbiddenError, NotFoundError
from portal.courses.models import CourseCompletion

PAGE_SIZE = 20
NO_SUCH_CERTIFICATE = "찾는 수료증이 없어요."


@dataclass(frozen=True)
class CompletionToPropose:
    """A completed course nobody has proposed a certificate for, or whose proposal came back."""

    completion_id: int
    learner_name: str
    course_id: str
    completed_at: datetime
    #: Why the last one was declined or its certificate revoked; empty when there was none.
    returned_because: str


@dataclass(frozen=True)
class ProposalToApprove:
    """A proposal that waits for a second person."""

    proposal_id: int
    learner_name: str
    #: What the certificate would be of: a course, or a qualification with its grade.
    title: str
    #: Null where no course was completed.
    completed_at: datetime | None
    proposed_by_name: str
    proposed_at: datetime
    #: What it would be called: 수료증 or 자격증.
    word: str = "수료증"


@dataclass(frozen=True)
class Unrendered:
    """A certificate whose document a worker has not stored yet."""

    code: str
    number: str
    holder_name: str
    attempts: int
    last_error: str | None
    due_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """One of the person's completed courses without a certificate."""

    course_id: str
    completed_at: datetime
    #: Whether a trainer has proposed it, so that a second person's approval is what is missing.
    is_proposed: bool


@dataclass(frozen=True)
class Event:
    """One line of a certificate's history."""

    kind: EventKind
    by_name: str | None
    at: datetime
    note: str


@dataclass(frozen=True)
class Facts:
    """What a document and its credential say, by the names of the certificate's columns."""

    id: int
    kind: CertificateKind
    number: str
    code: str
    holder_name: str
    holder_hanja: str
    holder_latin: str
    title: str
    course_id: str | None
    qualification_id: str | None
    registration_number: str
    completed_on: date
    valid_until: date | None
    issued_at: datetime
    issuer_name: str
    approver_name: str
    printed: Mapping[str, Any]
    template_id: int | None
    status_index: int
    credential_uuid: str
    #: The account's mail address; None for people who have none.
    holder_email: str | None
    #: Of the template it was approved with; null for those from before there were any.
    layout: int | None
    slots: Mapping[str, str] | None


def list_completions_to_propose(
    session: Session, user: User, *, after_id: int = 0, limit: int = PAGE_SIZE
) -> Sequence[CompletionToPropose]:
    """Return completions this trainer may propose, the oldest first, those after ``after_id`` if given."""
    earlier = (
        select(func.coalesce(Certificate.revoke_reason, Proposal.decline_reason))
        .select_from(Proposal)
        .outerjoin(Certificate, Certificate.proposal_id == Proposal.id)
        .where(Proposal.completion_id == CourseCompletion.id)
        .order_by(Proposal.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            CourseCompletion.id,
            User.name,
            CourseCompletion.course_id,
            CourseCompletion.completed_at,
            earlier,
        )
        .join(User, User.id == CourseCompletion.learner_id)
        .where(is_to_propose(user), CourseCompletion.id > after_id)
        .order_by(CourseCompletion.id)
        .limit(limit)
    )
    return [
        CompletionToPropose(completion_id, name, course_id, completed_at, reason or "")
        for completion_id, name, course_id, completed_at, reason in rows
    ]


def is_to_propose(user: User) -> ColumnElement[bool]:
    """Return the condition that this trainer may propose a completion and nobody has."""
    standing = select(Proposal.id).where(Proposal.completion_id == CourseCompletion.id, policy.is_standing())
    return and_(policy.may_propose(user), ~standing.exists())


def list_proposals_to_approve(
    session: Session, user: User, *, after_id: int = 0, limit: int = PAGE_SIZE
) -> Sequence[ProposalToApprove]:
    """Return proposals that wait for this person as the second one, the oldest first."""
    learner, proposer = aliased(User), aliased(User)
    rows = session.execute(
        select(
            Proposal.id,
            learner.name,
            Proposal.course_id,
            Candidate.qualification_id,
            CourseCompletion.completed_at,
            proposer.name,
            Proposal.proposed_at,
        )
        .join(learner, learner.id == Proposal.learner_id)
        .join(proposer, proposer.id == Proposal.proposed_by_id)
        .outerjoin(CourseCompletion, CourseCompletion.id == Proposal.completion_id)
        .outerjoin(Candidate, Candidate.id == Proposal.candidate_id)
        .where(is_to_approve(user), Proposal.id > after_id)
        .order_by(Proposal.id)
        .limit(limit)
    )
    return [
        ProposalToApprove(
            proposal_id, name, awards.title_of(course_id, qualification_id), completed_at, proposer_name, at
        )
        for proposal_id, name, course_id, qualification_id, completed_at, proposer_name, at in rows
    ]


def is_to_approve(user: User) -> ColumnElement[bool]:
    """Return the condition that a proposal waits for this person; those of a batch are approved with it."""
    in_batch = select(BatchLine.proposal_id).where(BatchLine.proposal_id == Proposal.id).exists()
    return and_(Proposal.state == ProposalState.WAITING, policy.may_decide(user), ~in_batch)


def list_unrendered(session: Session, *, limit: int = PAGE_SIZE) -> Sequence[Unrendered]:
    """Return certificates without a document, the most often tried first, for the operator."""
    rows = session.execute(
        select(
            Certificate.code,
            Certificate.number,
            Certificate.holder_name,
            Certificate.attempts,
            Certificate.last_error,
            Certificate.due_at,
        )
        .where(Certificate.due_at.is_not(None))
        .order_by(Certificate.attempts.desc(), Certificate.id)
        .limit(limit)
    )
    return [Unrendered(*row) for row in rows]


def list_certificates(session: Session, user: User, *, limit: int = 100) -> Sequence[Certificate]:
    """Return the person's own certificates, newest first."""
    statement = select(Certificate).where(Certificate.holder_id == user.id)
    return session.scalars(statement.order_by(Certificate.id.desc()).limit(limit)).all()


def list_waiting(session: Session, user: User, *, limit: int = 100) -> Sequence[Waiting]:
    """Return the person's completed courses that have no certificate yet, newest first."""
    approved = select(Proposal.id).where(
        Proposal.completion_id == CourseCompletion.id, Proposal.state == ProposalState.APPROVED
    )
    proposed = select(Proposal.id).where(
        Proposal.completion_id == CourseCompletion.id, Proposal.state == ProposalState.WAITING
    )
    rows = session.execute(
        select(CourseCompletion.course_id, CourseCompletion.completed_at, proposed.exists())
        .where(CourseCompletion.learner_id == user.id, ~approved.exists())
        .order_by(CourseCompletion.id.desc())
        .limit(limit)
    )
    return [Waiting(*row) for row in rows]


def get_completion(session: Session, user: User, completion_id: int) -> CourseCompletion:
    """Return a completion to propose.

    Raises NotFoundError if there is none and ForbiddenError for one's own.
    """
    row = session.execute(
        select(CourseCompletion, policy.may_propose(user)).where(CourseCompletion.id == completion_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("마친 과정을 찾지 못했어요.")
    completion: CourseCompletion = row[0]
    if not row[1]:
        raise ForbiddenError("내 수료증은 다른 강사님이 제안해야 해요.")
    return completion


def get_proposal(session: Session, user: User, proposal_id: int, *, decide: bool = False) -> Proposal:
    """Return a proposal an issuer may see, and may decide on if asked.

    Raises NotFoundError for anybody else, ForbiddenError for the one who proposed it.
    """
    row = session.execute(
        select(Proposal, policy.may_decide(user)).where(
            Proposal.id == proposal_id, policy.may_see_proposal(user)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError("찾는 제안이 없어요.")
    proposal: Proposal = row[0]
    if decide and not row[1]:
        raise ForbiddenError("내가 제안한 수료증은 다른 분이 승인해요.")
    return proposal


def describe_proposal(session: Session, proposal: Proposal) -> ProposalToApprove:
    """Return what a second person reads before deciding."""
    learner, proposer = aliased(User), aliased(User)
    row = session.execute(
        select(learner.name, proposer.name, CourseCompletion.completed_at, Candidate.qualification_id)
        .select_from(Proposal)
        .join(learner, learner.id == Proposal.learner_id)
        .join(proposer, proposer.id == Proposal.proposed_by_id)
        .outerjoin(CourseCompletion, CourseCompletion.id == Proposal.completion_id)
        .outerjoin(Candidate, Candidate.id == Proposal.candidate_id)
        .where(Proposal.id == proposal.id)
    ).one()
    title = awards.title_of(proposal.course_id, row[3])
    word = awards.word_of(row[3])
    return ProposalToApprove(proposal.id, row[0], title, row[2], row[1], proposal.proposed_at, word)


def list_returns(session: Session, proposal: Proposal) -> Sequence[Event]:
    """Return how earlier proposals for the same completion or candidate came back, the newest first."""
    same = (
        Proposal.completion_id == proposal.completion_id
        if proposal.completion_id is not None
        else Proposal.candidate_id == proposal.candidate_id
    )
    rows = session.execute(
        select(CertificateEvent.kind, User.name, CertificateEvent.at, CertificateEvent.note)
        .join(Proposal, Proposal.id == CertificateEvent.proposal_id)
        .outerjoin(User, User.id == CertificateEvent.by_id)
        .where(
            same,
            Proposal.id < proposal.id,
            CertificateEvent.kind.in_([EventKind.DECLINED, EventKind.REVOKED]),
        )
        .order_by(CertificateEvent.id.desc())
        .limit(PAGE_SIZE)
    )
    return [Event(*row) for row in rows]


def get_certificate(session: Session, user: User, code: str) -> Certificate:
    """Return a certificate its holder or an issuer may see. Raises NotFoundError for anybody else."""
    if not codes.is_well_formed(code):
        raise NotFoundError(NO_SUCH_CERTIFICATE)
    certificate: Certificate | None = session.scalar(
        select(Certificate).where(Certificate.code == code, policy.may_view(user))
    )
    if certificate is None:
        raise NotFoundError(NO_SUCH_CERTIFICATE)
    return certificate


def get_own(session: Session, user: User, code: str) -> Certificate:
    """Return the holder's own certificate. Raises NotFoundError for anybody else, staff too."""
    certificate = get_certificate(session, user, code)
    if certificate.holder_id != user.id:
        raise NotFoundError(NO_SUCH_CERTIFICATE)
    return certificate


def find_successor_code(session: Session, certificate: Certificate) -> str | None:
    """Return the code of what took the place of a certificate, for those who may see this one."""
    code: str | None = session.scalar(
        select(Certificate.code).where(Certificate.supersedes_id == certificate.id)
    )
    return code


def get_certificate_to_revoke(session: Session, user: User, code: str) -> Certificate:
    """Return a certificate this person may take back.

    Raises NotFoundError for one they may not see, ForbiddenError for one they may only see.
    """
    certificate = get_certificate(session, user, code)
    allowed = session.scalar(
        select(Certificate.id).where(Certificate.id == certificate.id, policy.may_revoke(user))
    )
    if allowed is None:
        raise ForbiddenError("이 수료증은 다른 분이 취소해야 해요.")
    return certificate


def find_certificate(session: Session, code: str) -> Certificate | None:
    """Return the certificate with this code, whoever asks, or None: for the public verification."""
    if not codes.is_well_formed(code):
        return None
    certificate: Certificate | None = session.scalar(select(Certificate).where(Certificate.code == code))
    return certificate


def list_events(session: Session, certificate: Certificate) -> Sequence[Event]:
    """Return what happened to a certificate, the oldest first."""
    rows = session.execute(
        select(CertificateEvent.kind, User.name, CertificateEvent.at, CertificateEvent.note)
        .outerjoin(User, User.id == CertificateEvent.by_id)
        .where(CertificateEvent.proposal_id == certificate.proposal_id)
        .order_by(CertificateEvent.id)
        .limit(100)
    )
    return [Event(*row) for row in rows]


def get_facts(session: Session, certificate_id: int) -> Facts:
    """Return what the document and the credential of a certificate say, for the worker."""
    elsewhere = {"holder_email", "layout", "slots"}
    columns = [getattr(Certificate, each.name) for each in fields(Facts) if each.name not in elsewhere]
    row: Sequence[Any] = session.execute(
        select(*columns, User.email, CertificateTemplate.layout, CertificateTemplate.slots)
        .join(User, User.id == Certificate.holder_id)
        .outerjoin(CertificateTemplate, CertificateTemplate.id == Certificate.template_id)
        .where(Certificate.id == certificate_id)
    ).one()
    return Facts(*row)


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the certificates whose document a worker should draw now."""
    return work.list_due(session, Certificate, now=now)
