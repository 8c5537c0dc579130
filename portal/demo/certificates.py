"""The demo world's 자격증 of earlier years, and what their holders ask for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    candidates,
    corrections,
    holders,
    ledger,
    names,
    operations,
    qualifications,
    standings,
)
from portal.certification.models import Certificate, CertificateState
from portal.certification.names import Wanted
from portal.certification.qualification_models import Candidate, LedgerKind
from portal.certification.vocabulary import Visibility
from portal.demo.stories import Story

QUALIFICATION = "designer-2"

Find = Callable[[str], User]


def tell_held(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Let somebody earn the qualification long ago, and two people issue the certificate."""
    yield (at := now - timedelta(days=row["days"], hours=3))
    holder = people[row["by"]]
    candidate = _waived_candidate(session, holder, by=people[row["approver"]], now=at)
    names.confirm(session, holder, _wanted(row, holder.name), now=at)
    trainer = people[row["proposer"]]
    proposal = operations.propose_candidate(session, candidate, trainer, path=_page_of(candidate), now=at)
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
    candidate = candidates.join(session, holder, qualifications.current().get(QUALIFICATION), now=now)
    session.flush()  # the path names its id
    for requirement in standings.missing(session, candidate):
        ledger.decide(
            session,
            candidate,
            by,
            requirement=requirement.key,
            kind=LedgerKind.WAIVED,
            reason="예전 종이 기록을 보고 옮겼어요.",
            path=_page_of(candidate),
            now=now,
            tells=False,
        )
    return candidate


def _page_of(candidate: Candidate) -> str:
    return f"/certification/candidates/{candidate.id}/"


def _wanted(row: dict[str, Any], name: str) -> Wanted:
    return Wanted(name, row.get("hanja", ""), row.get("latin", ""))
