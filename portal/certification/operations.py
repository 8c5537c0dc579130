"""Proposing, approving, declining and revoking. Two people issue a certificate, and nobody for themself."""

import uuid
from dataclasses import fields
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import User
from portal.certification import (
    awards,
    candidates,
    chain,
    codes,
    corrections,
    designs,
    ledger,
    names,
    numbering,
    policy,
    queries,
    reminders,
    standings,
)
from portal.certification.life_models import CertificateRequest, PrintedName, RequestKind
from portal.certification.models import (
    Certificate,
    CertificateKind,
    CertificateState,
    EventKind,
    Proposal,
    ProposalState,
)
from portal.certification.qualification_models import Candidate
from portal.certification.vocabulary import RevokeClass
from portal.core import db, queue, settings
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.core.korean import with_particle
from portal.courses.models import CourseCompletion
from portal.messages.operations import notify

RENDER_WITHIN_S = 120
RENDER_TAKES = 25
"""Certificates a job draws with one press: setting it up costs as much as a few of them."""
RENDER = queue.register(
    "certification.render",
    run="portal.certification.jobs.render",
    timeout_s=RENDER_WITHIN_S,
    due=queries.list_due_ids,
    takes=RENDER_TAKES,
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
    chain.note(session, proposal.id, EventKind.PROPOSED, by=trainer, now=now)
    return proposal


def propose_candidate(
    session: Session, candidate: Candidate, trainer: User, *, path: str, now: datetime
) -> Proposal:
    """Propose what a qualification ends with; a second press returns the proposal that stands.

    Looks first for what is newly met. Holds the candidate's row, so that two trainers at once make one
    proposal. Raises ForbiddenError for oneself and ConflictError that names what is still missing.
    """
    candidate = db.lock(session, Candidate, candidate.id)
    if candidate.user_id == trainer.id:
        raise ForbiddenError("내 것은 다른 강사님이 제안해야 해요.")
    if candidate.left_at is not None:
        raise ConflictError("그만둔 분이에요. 다시 시작하신 뒤에 제안할 수 있어요.")
    standing = candidates.find_proposal(session, candidate)
    if standing is not None:
        return standing
    ledger.record(session, candidate, path=path, now=now)
    missing = standings.missing(session, candidate)
    if missing:
        titles = ", ".join(f"‘{each.title}’" for each in missing)
        raise ConflictError(f"아직 제안할 수 없어요. {with_particle(titles, '이/가')} 남았어요.")
    if _holds_one(session, candidate):
        raise ConflictError("이미 같은 증서가 있어요. 그 증서를 갱신하거나 취소한 뒤에 제안해 주세요.")
    proposal = Proposal(
        candidate_id=candidate.id,
        learner_id=candidate.user_id,
        proposed_by_id=trainer.id,
        proposed_at=now,
    )
    session.add(proposal)
    session.flush()  # the event needs the proposal's id
    chain.note(session, proposal.id, EventKind.PROPOSED, by=trainer, now=now)
    return proposal


def approve(
    session: Session, proposal: Proposal, approver: User, *, is_drawn_later: bool = False, now: datetime
) -> Certificate:
    """Decide that the certificate is issued; a second press returns the one issued.

    Number, code, template and everything the document says are fixed here, in one transaction with the
    decision; a worker draws the document, for which a batch asks once for many (``is_drawn_later``). What it
    takes the place of is superseded. Raises ForbiddenError for the proposer and the learner, and
    ConflictError for a proposal that was declined, for a certificate that no longer stands, and for a name
    nobody confirmed.
    """
    proposal = db.lock(session, Proposal, proposal.id)
    if approver.id in (proposal.proposed_by_id, proposal.learner_id):
        raise ForbiddenError("제안한 사람과 받는 사람은 승인할 수 없어요. 다른 분이 승인해요.")
    if proposal.state is ProposalState.APPROVED:
        return session.scalars(select(Certificate).where(Certificate.proposal_id == proposal.id)).one()
    _refuse_unless_waiting(proposal)
    award = awards.of_proposal(session, proposal, now=now)
    asked = awards.find_request(session, proposal)
    name = _printed_name(session, proposal, award, asked)
    if asked is not None:
        _supersede(session, asked.certificate_id, by=approver, now=now)
        if asked.kind is RequestKind.CORRECTION:
            wanted = names.Wanted(asked.name, asked.hanja, asked.latin)
            name = names.keep(session, proposal.learner_id, wanted, now=now)
    _decide(proposal, ProposalState.APPROVED, approver, now=now)
    # Locks the chain, so that the lots and numbers drawn below are nobody else's meanwhile.
    chain.note(session, proposal.id, EventKind.APPROVED, by=approver, now=now)
    certificate = _make(session, proposal, award, name, now=now)
    certificate.approver_name = approver.name
    certificate.supersedes_id = asked.certificate_id if asked else None
    session.add(certificate)
    session.flush()  # the job needs the certificate's id
    if not is_drawn_later:
        queue.enqueue(session, RENDER, certificate.id)
    return certificate


def _make(
    session: Session, proposal: Proposal, award: awards.Award, name: PrintedName, *, now: datetime
) -> Certificate:
    """Return the certificate of an award with the numbers and lots it will keep; the caller adds it."""
    year = now.astimezone(KST).year
    serial = numbering.take_serial(session, award.series, year)
    return Certificate(
        **_columns_of(award, address=settings.current().public_url),
        proposal_id=proposal.id,
        holder_id=proposal.learner_id,
        holder_name=name.name,
        holder_hanja=name.hanja,
        holder_latin=name.latin,
        issuer_name=ISSUER_NAME,
        template_id=designs.current(session, award.kind, now=now).id,
        year=year,
        serial=serial,
        number=numbering.number_of(award, year, serial),
        code=codes.make(),
        status_index=numbering.draw_status_index(session),
        credential_uuid=_name_anew(),
        remind_at=reminders.first_at(award.valid_until, now=now),
        issued_at=now,
        due_at=now,
    )


def decline(
    session: Session, proposal: Proposal, approver: User, *, reason: str, path: str, now: datetime
) -> None:
    """Send a proposal back with a reason that its proposer is told once; a second press changes nothing.

    Raises as `send_back`.
    """
    if send_back(session, proposal, approver, reason=reason, now=now):
        notify(
            session,
            user_id=proposal.proposed_by_id,
            cause=f"certificate-declined:{proposal.id}",
            message="certificate-declined",
            values={},
            path=path,
            now=now,
        )


def send_back(session: Session, proposal: Proposal, approver: User, *, reason: str, now: datetime) -> bool:
    """Decline a proposal and tell nobody; False if it was declined before.

    Raises ForbiddenError for the proposer and the learner, and ConflictError once it is approved.
    """
    proposal = db.lock(session, Proposal, proposal.id)
    if approver.id in (proposal.proposed_by_id, proposal.learner_id):
        raise ForbiddenError("제안한 사람과 받는 사람은 돌려보낼 수 없어요.")
    if proposal.state is ProposalState.DECLINED:
        return False
    _refuse_unless_waiting(proposal)
    if not reason.strip():
        raise DomainError("돌려보내는 까닭을 적어 주세요.", field="reason")
    _decide(proposal, ProposalState.DECLINED, approver, now=now)
    proposal.decline_reason = reason.strip()
    corrections.follow_decline(session, proposal, approver, reason=proposal.decline_reason, now=now)
    chain.note(session, proposal.id, EventKind.DECLINED, by=approver, now=now, note=proposal.decline_reason)
    return True


def revoke(
    session: Session,
    certificate: Certificate,
    by: User,
    *,
    why: RevokeClass,
    reason: str,
    path: str,
    now: datetime,
) -> None:
    """Take a certificate back for good and tell its holder once; a second press changes nothing.

    Strangers are told ``why``, the holder the ``reason`` too. A worker's work on it is called off; what it
    was of may be proposed anew. Raises DomainError without a reason, ForbiddenError for one's own, and
    ConflictError for one that is superseded: its successor is the one to revoke.
    """
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.holder_id == by.id:
        raise ForbiddenError("내 수료증은 다른 분이 취소해야 해요.")
    if certificate.is_revoked:
        return
    if certificate.state is CertificateState.SUPERSEDED:
        raise ConflictError("새 증서로 바뀐 증서예요. 새 증서를 취소해 주세요.")
    if not reason.strip():
        raise DomainError("취소하는 까닭을 적어 주세요.", field="reason")
    _free(session, certificate)
    certificate.state, certificate.revoked_at = CertificateState.REVOKED, now
    certificate.revoked_by_id, certificate.revoke_class = by.id, why
    certificate.revoke_reason = note = reason.strip()
    certificate.remind_at, certificate.due_at, certificate.lease = None, None, None
    chain.note(session, certificate.proposal_id, EventKind.REVOKED, by=by, now=now, note=note)
    notify(
        session,
        user_id=certificate.holder_id,
        cause=f"certificate-revoked:{certificate.id}",
        message="certificate-revoked",
        values={"word": certificate.word},
        path=path,
        now=now,
    )


def _free(session: Session, certificate: Certificate) -> None:
    """Let what a revoked certificate, and those whose place it took, were of be proposed anew."""
    each: Certificate | None = certificate
    while each is not None:
        db.lock(session, Proposal, each.proposal_id).state = ProposalState.REVOKED
        each = session.get(Certificate, each.supersedes_id) if each.supersedes_id else None


def retry_render(session: Session, certificate: Certificate, by: User, *, now: datetime) -> None:
    """Let a worker try again now what it has not drawn yet.

    A worker that is at it loses its lease. Raises ConflictError once the document is stored or called off.
    """
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.due_at is None:
        raise ConflictError("이미 다 만들었거나 취소된 수료증이에요.")
    certificate.due_at = now
    certificate.lease = None
    chain.note(session, certificate.proposal_id, EventKind.RETRIED, by=by, now=now)
    queue.enqueue(session, RENDER, certificate.id)


def name_credential(session: Session, certificate_id: int) -> None:
    """Give a certificate that was approved before there were credentials what one needs."""
    certificate = db.lock(session, Certificate, certificate_id)
    certificate.credential_uuid = certificate.credential_uuid or _name_anew()
    if certificate.status_index is None:
        certificate.status_index = numbering.draw_status_index(session)


def note_rendered(session: Session, certificate: Certificate, *, path: str, now: datetime) -> None:
    """Note that the document is stored, with its hash, so that the chain seals it; tell the holder, once.

    Call it in the transaction in which `work.finish` said yes.
    """
    seal = certificate.pdf_sha256 or ""
    chain.note(session, certificate.proposal_id, EventKind.RENDERED, by=None, now=now, note=seal)
    notify(
        session,
        user_id=certificate.holder_id,
        cause=f"certificate:{certificate.id}",
        message="certificate-ready",
        values={"word": certificate.word},
        path=path,
        now=now,
    )


def _holds_one(session: Session, candidate: Candidate) -> bool:
    """Tell whether the person has an active certificate of the qualification already."""
    held = select(Certificate.id).where(
        Certificate.holder_id == candidate.user_id,
        Certificate.qualification_id == candidate.qualification_id,
        Certificate.state == CertificateState.ACTIVE,
    )
    return session.scalar(held) is not None


def _refuse_unless_waiting(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.WAITING:
        raise ConflictError("이미 다르게 정해진 제안이에요. 일감에서 다시 봐 주세요.")


def _decide(proposal: Proposal, state: ProposalState, by: User, *, now: datetime) -> None:
    proposal.state = state
    proposal.decided_by_id = by.id
    proposal.decided_at = now


def _columns_of(award: awards.Award, *, address: str) -> dict[str, object]:
    """Return what the certificate takes over, with the portal's address as its QR code will say it."""
    columns: dict[str, object] = {each.name: getattr(award, each.name) for each in fields(award)}
    return {**columns, "printed": {**award.printed, "address": address}}


def _printed_name(
    session: Session, proposal: Proposal, award: awards.Award, asked: CertificateRequest | None
) -> PrintedName:
    """Return the name to print: a correction's, else the one the person confirmed, else the account's.

    Raises ConflictError for a 자격증 whose name nobody confirmed.
    """
    if asked is not None and asked.kind is RequestKind.CORRECTION:
        return PrintedName(name=asked.name, hanja=asked.hanja, latin=asked.latin)
    confirmed = session.get(PrintedName, proposal.learner_id)
    if confirmed is not None:
        return confirmed
    if award.kind is CertificateKind.QUALIFICATION:
        raise ConflictError("받는 분이 아직 이름을 확인하지 않았어요. 확인하시면 승인할 수 있어요.")
    return PrintedName(name=accounts.get_user(session, proposal.learner_id).name, hanja="", latin="")


def _supersede(session: Session, certificate_id: int, *, by: User, now: datetime) -> None:
    """End the certificate that a new one takes the place of. Raises ConflictError if it no longer stands."""
    replaced = db.lock(session, Certificate, certificate_id)
    if replaced.state is not CertificateState.ACTIVE:
        raise ConflictError("바꾸려던 증서가 이미 취소됐거나 바뀌었어요. 다시 살펴봐 주세요.")
    replaced.state, replaced.superseded_at = CertificateState.SUPERSEDED, now
    replaced.due_at, replaced.lease, replaced.remind_at = None, None, None
    chain.note(session, replaced.proposal_id, EventKind.SUPERSEDED, by=by, now=now)
    session.flush()  # only one may be active: this one ends before the next begins


def _name_anew() -> str:
    return f"urn:uuid:{uuid.uuid4()}"
