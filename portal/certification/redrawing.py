"""The proof that what was issued can be drawn again: some are each night, and must give the same bytes (K30).

What a document said is stored: the certificate's row, its template version, its credential. If drawing them
anew gives other bytes, something that must not change has: a sheet's file, the typeface, the program that
draws. The documents themselves are stored and served unchanged, so nobody's certificate is in danger; the
alarm comes before an audit does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant
from portal.certification import chain
from portal.certification.models import Certificate, CertificateEvent, EventKind
from portal.core import db, queue
from portal.core.clock import KST
from portal.core.roles import Role
from portal.messages.operations import notify

AT_HOUR = 3
"""Three in the morning: nobody waits for a certificate then."""
LEAST, SHARE = 3, 0.01
REDRAW_WITHIN_S = 120
REDRAW_TAKES = 25
SHOWN = 20


@dataclass(frozen=True)
class Drifted:
    """A certificate that came out differently when it was last drawn anew."""

    number: str
    code: str
    at: datetime
    note: str


def night_of(now: datetime) -> datetime:
    """Return when the night began that is looked after now: the last three in the morning in Korea."""
    local = now.astimezone(KST)
    began = local.replace(hour=AT_HOUR, minute=0, second=0, microsecond=0)
    return began if began <= local else began - timedelta(days=1)


def list_due_ids(session: Session, now: datetime) -> Sequence[int]:
    """Return what is still to be drawn anew this night: 1 %, at least three, the longest unseen first.

    Nothing has to remember that a night is done: what was drawn anew says when.
    """
    night = night_of(now)
    drawn = Certificate.drawn_sha256.is_not(None)
    in_all, seen = session.execute(
        select(func.count(), func.count().filter(Certificate.redrawn_at >= night)).where(drawn)
    ).one()
    wanted = max(LEAST, math.ceil(in_all * SHARE)) - seen
    if wanted <= 0:
        return []
    return session.scalars(
        select(Certificate.id)
        .where(
            drawn,
            Certificate.rendered_at < night,
            or_(Certificate.redrawn_at.is_(None), Certificate.redrawn_at < night),
        )
        .order_by(Certificate.redrawn_at.nulls_first(), Certificate.id)
        .limit(min(wanted, 200))
    ).all()


REDRAW = queue.register(
    "certification.redraw",
    run="portal.certification.redraw_jobs.redraw",
    timeout_s=REDRAW_WITHIN_S,
    due=list_due_ids,
    takes=REDRAW_TAKES,
)


def note_redrawn(
    session: Session,
    certificate_id: int,
    *,
    found_sha256: str,
    tools: str,
    path: str,
    now: datetime,
) -> bool:
    """Note that a certificate was drawn anew, and tell operators if it came out differently; True if it did.

    ``tools`` names what drew it: operators are told once for each set of tools that gives other bytes. Two
    workers at the same one note it once.
    """
    certificate = db.lock(session, Certificate, certificate_id)
    if certificate.redrawn_at is not None and certificate.redrawn_at >= night_of(now):
        return False
    certificate.redrawn_at = now
    if certificate.drawn_sha256 == found_sha256:
        return False
    note = f"{tools}: {found_sha256[:16]} instead of {(certificate.drawn_sha256 or '')[:16]}"
    chain.note(session, certificate.proposal_id, EventKind.DRIFTED, by=None, now=now, note=note)
    operators = select(RoleGrant.user_id).where(RoleGrant.role == Role.OPERATOR).order_by(RoleGrant.user_id)
    for user_id in session.scalars(operators).all():
        notify(
            session,
            user_id=user_id,
            cause=f"certificate-drifted:{tools}",
            message="certificate-drifted",
            values={"number": certificate.number},
            path=path,
            now=now,
        )
    return True


def list_drifted(session: Session) -> Sequence[Drifted]:
    """Return what came out differently when last drawn anew, the newest first: for the page of jobs."""
    rows = session.execute(
        select(Certificate.number, Certificate.code, CertificateEvent.at, CertificateEvent.note)
        .join(CertificateEvent, CertificateEvent.proposal_id == Certificate.proposal_id)
        .where(CertificateEvent.kind == EventKind.DRIFTED, CertificateEvent.at == Certificate.redrawn_at)
        .order_by(CertificateEvent.id.desc())
        .limit(SHOWN)
    )
    return [Drifted(*row) for row in rows]
