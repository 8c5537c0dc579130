"""Certificates of a qualification with believable defaults. The session is flushed, not committed."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import awards, names, operations, reminders
from portal.certification.models import Certificate, CertificateKind, Proposal
from portal.certification.names import Wanted
from portal.core import clock
from portal.core.clock import KST
from portal.core.roles import Role
from tests.exam_factories import make_candidate
from tests.factories import make_user


def make_held(
    session: Session, holder: User | None = None, *, at: datetime | None = None, **columns: Any
) -> Certificate:
    """Return a 자격증 of the second grade, issued by two people and drawn unless told otherwise."""
    now = at or clock.now()
    holder = holder or make_user(session)
    names.confirm(session, holder, Wanted(holder.name), now=now)
    proposal = Proposal(
        candidate_id=make_candidate(session, holder, joined_at=now).id,
        learner_id=holder.id,
        proposed_by_id=make_user(session, Role.TRAINER).id,
        proposed_at=now,
    )
    session.add(proposal)
    session.flush()
    certificate = operations.approve(session, proposal, make_user(session, Role.TRAINER), now=now)
    until = awards.last_day(now.astimezone(KST).date(), 3)
    as_registered = {
        "valid_until": until,
        "remind_at": reminders.first_at(until, now=now),
        "kind": CertificateKind.QUALIFICATION,
        "registration_number": "0000-000000",
        "printed": {"grade": "2급"},
    }
    drawn = {"document_key": "k", "pdf_sha256": f"{certificate.id:064d}", "rendered_at": now, "due_at": None}
    for name, value in {**as_registered, **drawn, **columns}.items():
        setattr(certificate, name, value)
    session.flush()
    return certificate
