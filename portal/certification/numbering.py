"""The numbers a certificate carries: one of its series and year without a gap, and a place drawn by lot."""

import secrets

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.certification import awards
from portal.certification.models import Certificate, CertificateKind, SerialCounter

STATUS_LIST_BITS = 131_072
"""Places in the public status list, the least that Bitstring Status List v1.0 allows for privacy."""


def take_serial(session: Session, series: str, year: int) -> int:
    """Return the next serial of a series in a year; the counter stays locked until the approval ends."""
    following = (
        update(SerialCounter)
        .where(SerialCounter.series == series, SerialCounter.year == year)
        .values(last=SerialCounter.last + 1)
        .returning(SerialCounter.last)
        .execution_options(synchronize_session=False)
    )
    taken = session.scalar(following)
    if taken is None:
        _start_counting(session, series, year)
        taken = session.scalars(following).one()
    return taken


def _start_counting(session: Session, series: str, year: int) -> None:
    """Make the counter, unless another approval just did."""
    try:
        with session.begin_nested():
            session.add(SerialCounter(series=series, year=year, last=0))
    except IntegrityError:
        return


def number_of(award: awards.Award, year: int, serial: int) -> str:
    """Return ``2026-C-00017`` for 수료증 and ``DDD2-2026-000017`` for 자격증: two series nobody confuses."""
    if award.kind is CertificateKind.COMPLETION:
        return f"{year}-{award.series}-{serial:05d}"
    return f"{award.series}-{year}-{serial:06d}"


def draw_status_index(session: Session) -> int:
    """Return a free place in the public status list, by lot.

    The caller holds the chain's lock; without it the row's constraint refuses a place drawn twice.
    """
    while True:
        drawn = secrets.randbelow(STATUS_LIST_BITS)
        if session.scalar(select(Certificate.id).where(Certificate.status_index == drawn)) is None:
            return drawn
