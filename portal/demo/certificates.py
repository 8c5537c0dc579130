"""The demo world's 자격증 of earlier years, and what their holders ask for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import chain, corrections, holders, names, operations, qualifications
from portal.certification.models import Certificate, CertificateState, EventKind, Proposal, Visibility
from portal.certification.names import Wanted
from portal.certification.qualification_models import Candidate, LedgerEntry, LedgerKind, QualificationVersion
from portal.core.clock import KST
from portal.demo.stories import Story

QUALIFICATION = "designer-2"

Find = Callable[[str], User]


def tell_held(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Let somebody earn the qualification long ago, and two people issue the certificate."""
    yield (at := now - timedelta(days=row["days"], hours=3))
    holder = people[row["by"]]
    candidate = _waived_candidate(session, holder, by=people[row["approver"]], now=at)
    names.confirm(session, holder, _wanted(row, holder.name), now=at)
    proposal = Proposal(
        candidate_id=candidate.id,
        learner_id=holder.id,
        proposed_by_id=people[row["proposer"]].id,
        proposed_at=at,
    )
    session.add(proposal)
    session.flush()
    chain.note(session, proposal.id, EventKind.PROPOSED, by=people[row["proposer"]], now=at)
    yield (approved := at + timedelta(hours=2))
    certificate = operations.approve(session, proposal, people[row["approver"]], now=approved)
    if "visibility" in row:
        yield (chosen := approved + timedelta(hours=1))
        holders.choose(session, certificate, holder, Visibility(row["visibility"]), now=chosen)


def tell_later(session: Session, find: Find, row: dict[str, Any], *, now: datetime) -> None:
    """Let a holder ask for a corrected name, and perhaps two people give it."""
    holder = find(row["by"])
    certificate = session.scalars(
        select(Certificate)
        .where(Certificate.holder_id == holder.id, Certificate.state == CertificateState.ACTIVE)
        .order_by(Certificate.id)
        .limit(1)
    ).one()
    wanted = _wanted(row, row["name"])
    request = corrections.ask(session, certificate, holder, wanted, reason=row["reason"], now=now)
    if "taken_by" in row:
        proposal = corrections.take_up(session, request, find(row["taken_by"]), now=now)
        operations.approve(session, proposal, find(row["approver"]), now=now)


def _waived_candidate(session: Session, holder: User, *, by: User, now: datetime) -> Candidate:
    """Return who had done everything before there was this ledger: a person took over each requirement."""
    version = _frozen(session, now=now)
    candidate = Candidate(
        user_id=holder.id, qualification_id=QUALIFICATION, version_id=version.id, joined_at=now
    )
    session.add(candidate)
    session.flush()
    for requirement in version.rules["requirements"]:
        session.add(
            LedgerEntry(
                candidate_id=candidate.id,
                requirement=requirement["key"],
                kind=LedgerKind.WAIVED,
                version_id=version.id,
                by_id=by.id,
                at=now,
                note="예전 종이 기록을 보고 옮겼어요.",
            )
        )
    session.flush()
    return candidate


def _frozen(session: Session, *, now: datetime) -> QualificationVersion:
    """Return the rules of that day as they are kept, copied when they are first used."""
    rules = qualifications.current().get(QUALIFICATION).version_on(now.astimezone(KST).date())
    found = session.scalar(
        select(QualificationVersion).where(
            QualificationVersion.qualification_id == QUALIFICATION,
            QualificationVersion.number == rules.number,
        )
    )
    if found is None:
        found = QualificationVersion(
            qualification_id=QUALIFICATION,
            number=rules.number,
            rules=rules.rules,
            digest=rules.digest,
            frozen_at=now,
        )
        session.add(found)
        session.flush()
    return found


def _wanted(row: dict[str, Any], name: str) -> Wanted:
    return Wanted(name, row.get("hanja", ""), row.get("latin", ""))
