"""The chain of certificate events: each line is sealed to the one before, so that no change goes unseen.

A digest is SHA-256 over the one before and what the line says, as JSON with sorted keys. Whoever
kept one digest can tell later whether anything before it was altered, left out or put in.
"""

import hashlib
import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification.models import (
    Certificate,
    CertificateEvent,
    CertificateState,
    ChainHead,
    EventKind,
)
from portal.core.clock import KST

START = "0" * 64
BATCH = 1000
DAYS = 60
LOOKED_AT = 5000
"""Links that one page of days is made from."""


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


def list_altered(session: Session) -> Iterator[str]:
    """Yield a sentence for each certificate that no longer is what the chain sealed: its state, its file."""
    last = (
        select(
            CertificateEvent.proposal_id, CertificateEvent.kind, func.max(CertificateEvent.seq).label("seq")
        )
        .group_by(CertificateEvent.proposal_id, CertificateEvent.kind)
        .subquery()
    )
    said: dict[int, dict[EventKind, str]] = {}
    for proposal_id, kind, note in session.execute(
        select(CertificateEvent.proposal_id, CertificateEvent.kind, CertificateEvent.note)
        .join(last, last.c.seq == CertificateEvent.seq)
        .where(CertificateEvent.kind.in_((EventKind.RENDERED, EventKind.REVOKED, EventKind.SUPERSEDED)))
        .execution_options(yield_per=BATCH)
    ):
        said.setdefault(proposal_id, {})[kind] = note
    columns = (Certificate.proposal_id, Certificate.number, Certificate.state, Certificate.pdf_sha256)
    for proposal_id, number, state, file in session.execute(
        select(*columns).order_by(Certificate.id).execution_options(yield_per=BATCH)
    ):
        events = said.get(proposal_id, {})
        if state is not _state_after(events):
            yield f"Certificate {number} is {state.value}, but its events say {_state_after(events).value}."
        if (sealed := events.get(EventKind.RENDERED)) and sealed != file:
            yield f"Certificate {number} names another file than the one that was sealed."


def _state_after(events: Container[EventKind]) -> CertificateState:
    if EventKind.REVOKED in events:
        return CertificateState.REVOKED
    return CertificateState.SUPERSEDED if EventKind.SUPERSEDED in events else CertificateState.ACTIVE


@dataclass(frozen=True)
class Day:
    """What sealed everything until the end of one day in Korea."""

    day: date
    seq: int
    digest: str


def list_days(session: Session, *, before: date | None = None) -> list[Day]:
    """Return the last link of each day on which anything happened, the newest first, those before a day."""
    statement = select(CertificateEvent.at, CertificateEvent.seq, CertificateEvent.digest)
    if before is not None:
        statement = statement.where(CertificateEvent.at < datetime.combine(before, time(), KST))
    days: dict[date, Day] = {}
    for at, seq, digest in session.execute(statement.order_by(CertificateEvent.seq.desc()).limit(LOOKED_AT)):
        day = at.astimezone(KST).date()
        days.setdefault(day, Day(day, seq, digest))
    return list(days.values())[:DAYS]


def list_contradictions(session: Session, kept: Iterable[tuple[int, str]]) -> Iterator[str]:
    """Yield a sentence for each link that somebody copied and that says something else now, or is gone."""
    for seq, digest in kept:
        found = session.scalar(select(CertificateEvent.digest).where(CertificateEvent.seq == seq))
        if found != digest:
            yield f"Link {seq} was {digest} when it was copied; now it is {found or 'missing'}."


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
