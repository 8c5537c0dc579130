"""Whether a certificate stands, and what strangers may know of it: page, JSON and lists say the same."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from portal.certification.models import Certificate, CertificateState
from portal.certification.vocabulary import RevokeClass, Visibility
from portal.core.clock import KST
from portal.core.korean import masked_name


class Status(StrEnum):
    """What becomes of a certificate, seen from outside. ``issuing``: there is no document yet to compare."""

    ISSUING = "issuing"
    ACTIVE = "active"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


WORDS: Mapping[Status, str] = {
    Status.ISSUING: "만드는 중",
    Status.ACTIVE: "유효",
    Status.EXPIRED: "기간이 끝남",
    Status.SUPERSEDED: "대체됨",
    Status.REVOKED: "취소됨",
}
WHY_REVOKED: Mapping[RevokeClass, str] = {
    RevokeClass.ERROR: "잘못 나간 증서예요.",
    RevokeClass.MISCONDUCT: "바르지 않은 방법으로 받은 증서예요.",
    RevokeClass.REQUEST: "받은 분이 취소를 바라셨어요.",
}


def status_of(certificate: Certificate, *, now: datetime) -> Status:
    """Return where a certificate stands; its last day, in Korea, still counts."""
    if certificate.state is CertificateState.REVOKED:
        return Status.REVOKED
    if certificate.state is CertificateState.SUPERSEDED:
        return Status.SUPERSEDED
    if not certificate.is_rendered:
        return Status.ISSUING
    ends = certificate.valid_until
    return Status.EXPIRED if ends is not None and ends < now.astimezone(KST).date() else Status.ACTIVE


def facts_for_strangers(certificate: Certificate, *, now: datetime) -> dict[str, str | bool | None]:
    """Return everything that anybody with the code may know, and nothing else.

    Of one whose holder shows nothing: whether it stands, what it is of and who issued it.
    """
    revoked_at, until = certificate.revoked_at, certificate.valid_until
    facts: dict[str, str | bool | None] = {
        "status": status_of(certificate, now=now).value,
        "kind": certificate.kind.value,
        "title": certificate.title,
        "issuer": certificate.issuer_name,
    }
    if certificate.visibility is Visibility.OFF:
        return facts
    if certificate.course_id is not None:
        facts["course"] = certificate.title  # its name before there were certificates of anything else
    return facts | {
        "number": certificate.number,
        "grade": str(certificate.printed.get("grade", "")) or None,
        "registration_number": certificate.registration_number or None,
        "holder": masked_name(certificate.holder_name),
        "completed_on": certificate.completed_on.isoformat(),
        "issued_at": certificate.issued_at.isoformat(),
        "valid_until": until.isoformat() if until else None,
        "revoked_at": revoked_at.isoformat() if revoked_at else None,
        "revoked_because": certificate.revoke_class.value if certificate.revoke_class else None,
        "has_successor": certificate.state is CertificateState.SUPERSEDED,
        "pdf_sha256": certificate.pdf_sha256,
    }
