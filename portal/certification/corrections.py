"""Requests of holders for another certificate: somebody takes one up, and a second person decides.

A corrected name and a renewal go the same way: the holder asks, a trainer or operator looks into it and
proposes, another one approves, and the new certificate takes the place of the old one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import chain, names
from portal.certification.life_models import CertificateRequest, RequestKind, RequestState
from portal.certification.models import Certificate, CertificateState, EventKind, Proposal
from portal.certification.names import Wanted
from portal.core import db
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.messages.operations import notify

SHOWN = 50
KIND_NAMES = {RequestKind.CORRECTION: "이름 고침", RequestKind.RENEWAL: "갱신"}
UNDER_WAY = (RequestState.WAITING, RequestState.PROPOSED)


@dataclass(frozen=True)
class Asked:
    """A request that waits for somebody to take it up, with what it is about."""

    request: CertificateRequest
    certificate: Certificate

    @property
    def title(self) -> str:
        """What is asked for, in a few words."""
        return f"{self.certificate.holder_name} 님 · {KIND_NAMES[self.request.kind]}"


def ask(
    session: Session, certificate: Certificate, holder: User, wanted: Wanted, *, reason: str, now: datetime
) -> CertificateRequest:
    """Ask for the same certificate with a corrected name; a second press returns the request under way.

    Raises DomainError (``name`` …) for a name that cannot be printed or stands there already, ConflictError
    for a certificate that no longer stands.
    """
    names.check(wanted)
    certificate = lock_own(session, certificate, holder)
    if wanted == Wanted(certificate.holder_name, certificate.holder_hanja, certificate.holder_latin):
        raise DomainError("지금 적힌 이름과 같아요. 바르게 고친 이름을 적어 주세요.", field="name")
    return keep(
        session,
        CertificateRequest(
            certificate_id=certificate.id,
            kind=RequestKind.CORRECTION,
            name=wanted.name,
            hanja=wanted.hanja,
            latin=wanted.latin,
            reason=reason.strip(),
            asked_at=now,
        ),
    )


def lock_own(session: Session, certificate: Certificate, holder: User) -> Certificate:
    """Return the holder's own certificate, locked. Raises ConflictError for one that no longer stands."""
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.holder_id != holder.id:
        raise ForbiddenError("받은 분만 부탁할 수 있어요.")
    if certificate.state is not CertificateState.ACTIVE or not certificate.is_rendered:
        raise ConflictError("지금 쓰는 증서가 아니에요. 내 자격에서 새 증서를 골라 주세요.")
    return certificate


def keep(session: Session, request: CertificateRequest) -> CertificateRequest:
    """Add a request, or return the one under way for the same certificate. The caller locked that."""
    standing = find_under_way(session, request.certificate_id)
    if standing is not None:
        if standing.kind is not request.kind:
            raise ConflictError("이 증서로 부탁하신 일이 아직 남아 있어요. 끝나면 다시 부탁해 주세요.")
        return standing
    session.add(request)
    session.flush()
    return request


def find_under_way(session: Session, certificate_id: int) -> CertificateRequest | None:
    """Return what is asked for in the place of a certificate, if anything."""
    found: CertificateRequest | None = session.scalar(
        select(CertificateRequest).where(
            CertificateRequest.certificate_id == certificate_id, CertificateRequest.state.in_(UNDER_WAY)
        )
    )
    return found


def find_last(session: Session, certificate_id: int) -> CertificateRequest | None:
    """Return what was last asked for in the place of a certificate, whatever came of it."""
    found: CertificateRequest | None = session.scalar(
        select(CertificateRequest)
        .where(CertificateRequest.certificate_id == certificate_id)
        .order_by(CertificateRequest.id.desc())
        .limit(1)
    )
    return found


def find_of_proposal(session: Session, proposal: Proposal) -> Asked | None:
    """Return the request that a proposal answers with its certificate, or None for a first certificate."""
    row = session.execute(
        select(CertificateRequest, Certificate)
        .join(Certificate, Certificate.id == CertificateRequest.certificate_id)
        .where(CertificateRequest.proposal_id == proposal.id)
    ).one_or_none()
    return Asked(row[0], row[1]) if row else None


def list_waiting(session: Session, user: User, *, limit: int = SHOWN) -> Sequence[Asked]:
    """Return requests nobody has taken up, the oldest first; never one's own."""
    return [Asked(*row) for row in session.execute(select_waiting(user).limit(limit))]


def select_waiting(user: User) -> Select[CertificateRequest, Certificate]:
    """Return the statement of the requests this person could take up, the oldest first."""
    return (
        select(CertificateRequest, Certificate)
        .join(Certificate, Certificate.id == CertificateRequest.certificate_id)
        .where(CertificateRequest.state == RequestState.WAITING, Certificate.holder_id != user.id)
        .order_by(CertificateRequest.id)
    )


def get(session: Session, user: User, request_id: int) -> Asked:
    """Return a request to look into, for trainers and operators. Raises NotFoundError for one's own."""
    row = session.execute(
        select(CertificateRequest, Certificate)
        .join(Certificate, Certificate.id == CertificateRequest.certificate_id)
        .where(CertificateRequest.id == request_id, Certificate.holder_id != user.id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("찾는 부탁이 없어요.")
    return Asked(row[0], row[1])


def take_up(session: Session, request: CertificateRequest, by: User, *, now: datetime) -> Proposal:
    """Propose what the holder asked for; a second press returns that proposal.

    Raises ForbiddenError for one's own, ConflictError for a request that was declined and for a certificate
    that no longer stands.
    """
    request = db.lock(session, CertificateRequest, request.id)
    replaced = db.lock(session, Certificate, request.certificate_id)
    _refuse_own(replaced, by)
    if request.state is RequestState.PROPOSED:
        return session.get_one(Proposal, request.proposal_id)
    if request.state is RequestState.DECLINED:
        raise ConflictError("이미 돌려보낸 부탁이에요.")
    if replaced.state is not CertificateState.ACTIVE:
        raise ConflictError("바꾸려던 증서가 이미 취소됐거나 바뀌었어요. 부탁을 돌려보내 주세요.")
    first = session.get_one(Proposal, replaced.proposal_id)
    proposal = Proposal(
        completion_id=first.completion_id,
        candidate_id=first.candidate_id,
        course_id=first.course_id,
        learner_id=replaced.holder_id,
        is_replacement=True,
        proposed_by_id=by.id,
        proposed_at=now,
    )
    session.add(proposal)
    session.flush()  # the request and the event need the proposal's id
    request.state, request.proposal_id = RequestState.PROPOSED, proposal.id
    request.decided_by_id, request.decided_at = by.id, now
    chain.note(session, proposal.id, EventKind.PROPOSED, by=by, now=now, note=replaced.number)
    return proposal


def decline(session: Session, request: CertificateRequest, by: User, *, reason: str, now: datetime) -> None:
    """Send a request back with a reason that its holder is told once; a second press changes nothing."""
    request = db.lock(session, CertificateRequest, request.id)
    replaced = session.get_one(Certificate, request.certificate_id)
    _refuse_own(replaced, by)
    if request.state is RequestState.DECLINED:
        return
    if request.state is RequestState.PROPOSED:
        raise ConflictError("이미 제안한 부탁이에요. 제안을 보는 분이 정해요.")
    if not reason.strip():
        raise DomainError("돌려보내는 까닭을 적어 주세요.", field="reason")
    _note_declined(session, request, replaced, by, reason=reason.strip(), now=now)


def follow_decline(session: Session, proposal: Proposal, by: User, *, reason: str, now: datetime) -> None:
    """Decline the request with the proposal that answered it; nothing for a first certificate."""
    asked = find_of_proposal(session, proposal)
    if asked is not None:
        asked.request.proposal_id = None
        _note_declined(session, asked.request, asked.certificate, by, reason=reason, now=now)


def page_of(certificate: Certificate) -> str:
    """Return the path of a certificate's page, for a holder who is told from another page."""
    return f"/certification/certificates/{certificate.code}/"


def _note_declined(
    session: Session,
    request: CertificateRequest,
    replaced: Certificate,
    by: User,
    *,
    reason: str,
    now: datetime,
) -> None:
    request.state, request.decline_reason = RequestState.DECLINED, reason
    request.decided_by_id, request.decided_at = by.id, now
    notify(
        session,
        user_id=replaced.holder_id,
        cause=f"certificate-request-declined:{request.id}",
        message="certificate-request-declined",
        values={"what": "이름을 고치는" if request.kind is RequestKind.CORRECTION else "갱신하는"},
        path=page_of(replaced),
        now=now,
    )


def _refuse_own(replaced: Certificate, by: User) -> None:
    if replaced.holder_id == by.id:
        raise ForbiddenError("내 부탁은 다른 분이 살펴봐요.")
