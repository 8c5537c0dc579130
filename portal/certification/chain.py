"""The chain of certificate events: each line is sealed to the one before, so that no change goes unseen.

A digest is SHA-256 over the one before and what the line says, as JSON with sorted keys. Whoever
kept one digest can tell later whether anything before it was altered, left out or put in.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification.models import CertificateEvent, ChainHead, EventKind

START = "0" * 64
BATCH = 1000


def note(
    session: Session, proposal_id: int, kind: EventKind, *, by: User | None, now: datetime, note: str = ""
) -> CertificateEvent:
    """Add a line to a certificate's history; the chain's head stays locked until the transaction ends."""
    head = _locked_head(session)
    event = CertificateEvent(
        proposal_id=proposal_id,
        kind=kind,
        by_id=by.id if by else None,
        at=now,
        note=note,
        seq=head.seq + 1,
    )
    event.digest = digest_of(event, before=head.digest)
    session.add(event)
    head.seq, head.digest = event.seq, event.digest
    return event


def digest_of(event: CertificateEvent, *, before: str) -> str:
    """Return the digest that seals ``event`` to the link whose digest is ``before``."""
    line = {
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "before": before,
        "by": event.by_id,
        "kind": event.kind.value,
        "note": event.note,
        "proposal": event.proposal_id,
        "seq": event.seq,
    }
    written = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def list_breaks(session: Session) -> Iterator[str]:
    """Yield a sentence for each place where the chain does not hold, reading it from its start."""
    before, expected = START, 1
    statement = select(CertificateEvent).order_by(CertificateEvent.seq).execution_options(yield_per=BATCH)
    for event in session.scalars(statement):
        if event.seq != expected:
            yield f"Link {expected} is missing: the next one there is has number {event.seq}."
        if event.digest != digest_of(event, before=before):
            yield f"Link {event.seq} (event {event.id}) does not seal what it says to link {expected - 1}."
        before, expected = event.digest, event.seq + 1
    head = session.get(ChainHead, 1)
    if (head.seq, head.digest) != (expected - 1, before) if head else expected > 1:
        yield f"The head is not link {expected - 1}: links at the end are missing or were put in."


def newest(session: Session) -> tuple[int, str]:
    """Return how many links the chain has and the digest of the last, which seals all before it."""
    head = session.get(ChainHead, 1)
    return (head.seq, head.digest) if head else (0, START)


def _locked_head(session: Session) -> ChainHead:
    """Return the one head, locked; the first event of all makes it."""
    find = select(ChainHead).where(ChainHead.id == 1).with_for_update()
    find = find.execution_options(populate_existing=True)
    head = session.scalar(find)
    if head is None:
        try:
            with session.begin_nested():
                session.add(ChainHead(id=1, seq=0, digest=START))
        except IntegrityError:
            pass  # another transaction made it in this moment
        head = session.scalars(find).one()
    return head
