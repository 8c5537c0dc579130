"""The proof that what was issued can be drawn again: some are each night, and must give the same bytes (K30).

What a document said is stored: the certificate's row, its template version, its credential. If drawing them
anew gives other bytes, something that must not change has: a sheet's file, the typeface, the program that
draws. The documents themselves are stored and served unchanged, so nobody's certificate is in danger; the
alarm comes before an audit does.

Where somebody changed the tools on purpose, an operator accepts with a reason what these tools make of old
documents. From then on each certificate has to come out as it first did with them; that it was not altered
before that is for the chain to say (`flask certificates check`).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, false, func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant, User
from portal.certification import chain
from portal.certification.models import Certificate, CertificateEvent, EventKind
from portal.core import db, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.roles import Role
from portal.messages.operations import notify

AT_HOUR = 3
"""Three in the morning: nobody waits for a certificate then."""
LEAST, SHARE = 3, 0.01
REDRAW_WITHIN_S = 120
REDRAW_TAKES = 25
SHOWN = 20
AGAIN = ", again"
"""What the tools are called where, accepted, they draw a certificate in a third way."""
_DRAWN = re.compile(r"[0-9a-f]{16} instead of ")


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

    ``tools`` names what drew it: operators are told once for each set of tools that gives other bytes, and of
    tools that were accepted only where a certificate comes out in a third way. Two workers at the same one
    note it once.
    """
    certificate = db.lock(session, Certificate, certificate_id)
    if certificate.redrawn_at is not None and certificate.redrawn_at >= night_of(now):
        return False
    certificate.redrawn_at = now
    if certificate.drawn_sha256 == found_sha256:
        return False
    came_out = f"{found_sha256[:16]} instead of {(certificate.drawn_sha256 or '')[:16]}"
    note, is_open = f"{tools}: {came_out}", True
    if tools in _list_accepted(session):
        before = _last_with(session, certificate, tools)
        if before == note:
            return False
        is_open = before is not None or not _DRAWN.match(came_out)
        note = f"{tools}{AGAIN}: {came_out}" if is_open else note
    chain.note(session, certificate.proposal_id, EventKind.DRIFTED, by=None, now=now, note=note)
    if is_open:
        _tell_operators(session, certificate, note.partition(": ")[0], path=path, now=now)
    return is_open


def accept(session: Session, code: str, by: User, *, reason: str, now: datetime) -> None:
    """Accept what the tools that drew this certificate anew make of old documents; a second press is nothing.

    Stored documents stay as they are. Raises NotFoundError for one that came out as it was, ConflictError for
    one that could not be drawn at all or that accepted tools draw in a third way, DomainError (``reason``).
    """
    drifted = get_drifted(session, code)
    certificate_id = session.scalars(select(Certificate.id).where(Certificate.code == code)).one()
    certificate = db.lock(session, Certificate, certificate_id)
    tools, _, came_out = drifted.note.partition(": ")
    if tools in _list_accepted(session):
        return
    if tools.endswith(AGAIN) or not _DRAWN.match(came_out):
        raise ConflictError("이것은 프로그램을 바꿔서 달라진 것이 아니에요. 까닭을 찾아 고쳐 주세요.")
    if not reason.strip():
        raise DomainError("왜 괜찮은지 적어 주세요.", field="reason")
    note = f"{tools}: {reason.strip()}"
    chain.note(session, certificate.proposal_id, EventKind.ACCEPTED, by=by, now=now, note=note)


def get_drifted(session: Session, code: str) -> Drifted:
    """Return what came out differently when last drawn anew, accepted or not. Raises NotFoundError."""
    row = session.execute(_drifted().where(Certificate.code == code).limit(1)).first()
    if row is None:
        raise NotFoundError("다시 그려 보니 달라진 증서가 아니에요. ‘작업 상태’에서 다시 골라 주세요.")
    return Drifted(*row)


def list_drifted(session: Session) -> Sequence[Drifted]:
    """Return what came out differently when last drawn anew, the newest first: for the page of jobs.

    What accepted tools make of a certificate is left out.
    """
    is_accepted = or_(
        false(),
        *(CertificateEvent.note.startswith(f"{each}: ", autoescape=True) for each in _list_accepted(session)),
    )
    return [Drifted(*row) for row in session.execute(_drifted().where(~is_accepted).limit(SHOWN))]


def _drifted() -> Select[str, str, datetime, str]:
    return (
        select(Certificate.number, Certificate.code, CertificateEvent.at, CertificateEvent.note)
        .join(CertificateEvent, CertificateEvent.proposal_id == Certificate.proposal_id)
        .where(CertificateEvent.kind == EventKind.DRIFTED, CertificateEvent.at == Certificate.redrawn_at)
        .order_by(CertificateEvent.id.desc())
    )


def _list_accepted(session: Session) -> set[str]:
    """Return the names of the tools that were accepted."""
    notes = session.scalars(select(CertificateEvent.note).where(CertificateEvent.kind == EventKind.ACCEPTED))
    return {note.partition(": ")[0] for note in notes}


def _last_with(session: Session, certificate: Certificate, tools: str) -> str | None:
    """Return how a certificate came out when these tools last drew it, None where they never did."""
    found: str | None = session.scalar(
        select(CertificateEvent.note)
        .where(
            CertificateEvent.proposal_id == certificate.proposal_id,
            CertificateEvent.kind == EventKind.DRIFTED,
            CertificateEvent.note.startswith(f"{tools}: ", autoescape=True),
        )
        .order_by(CertificateEvent.id.desc())
        .limit(1)
    )
    return found


def _tell_operators(
    session: Session, certificate: Certificate, tools: str, *, path: str, now: datetime
) -> None:
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
