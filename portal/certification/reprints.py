"""Printing a certificate for its holder at a counter: first somebody looks at an identity card."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import chain
from portal.certification.models import Certificate, CertificateEvent, CertificateState, EventKind
from portal.core import db
from portal.core.errors import ConflictError, DomainError

SAME_PRESS = timedelta(minutes=1)


class Shown(StrEnum):
    """Which card the holder showed. No number of it is kept."""

    RESIDENT = "resident"
    DRIVING = "driving"
    PASSPORT = "passport"
    OTHER = "other"


SHOWN_WORDS = {
    Shown.RESIDENT: "주민등록증",
    Shown.DRIVING: "운전면허증",
    Shown.PASSPORT: "여권",
    Shown.OTHER: "다른 신분증",
}


@dataclass(frozen=True)
class Check:
    """What whoever prints says: that it is the holder, by which card, and where they stand."""

    is_holder: bool
    shown: Shown
    place: str


def note_print(session: Session, certificate: Certificate, by: User, check: Check, *, now: datetime) -> None:
    """Note that a certificate is printed for its holder; a second press within a minute is the same print.

    Raises DomainError (``is_holder``, ``place``) unless somebody looked, ConflictError for a certificate that
    no longer stands.
    """
    if not check.is_holder:
        raise DomainError("신분증을 보고 받은 분이 맞는지 먼저 확인해 주세요.", field="is_holder")
    if not check.place.strip():
        raise DomainError("어디에서 인쇄하는지 적어 주세요.", field="place")
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.state is not CertificateState.ACTIVE or not certificate.is_rendered:
        raise ConflictError("지금 쓰는 증서가 아니라서 인쇄해 드릴 수 없어요. 새 증서가 있는지 봐 주세요.")
    note = f"{check.place.strip()} · {SHOWN_WORDS[check.shown]} 확인"
    again = session.scalar(
        select(CertificateEvent.id).where(
            CertificateEvent.proposal_id == certificate.proposal_id,
            CertificateEvent.kind == EventKind.REPRINTED,
            CertificateEvent.by_id == by.id,
            CertificateEvent.note == note,
            CertificateEvent.at > now - SAME_PRESS,
        )
    )
    if again is None:
        chain.note(session, certificate.proposal_id, EventKind.REPRINTED, by=by, now=now, note=note)
