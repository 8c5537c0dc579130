"""What became of the word to a holder that the certificate is there, and saying it again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import chain
from portal.certification.models import Certificate, CertificateEvent, EventKind
from portal.core import db
from portal.core.clock import KST
from portal.core.errors import ConflictError, ForbiddenError
from portal.messages import queries as messages
from portal.messages.operations import notify
from portal.messages.queries import Told


def causes_of(session: Session, certificate: Certificate) -> list[str]:
    """Return what the holder was told of this certificate by: that it was there, again, and its end."""
    return [
        f"certificate:{certificate.id}",
        f"certificate-revoked:{certificate.id}",
        *(_again(certificate, at) for at in _moments(session, certificate)),
    ]


def list_told(session: Session, certificate: Certificate) -> Sequence[Told]:
    """Return each word to the holder with its ways and where they stand, the newest first."""
    return messages.list_told(session, certificate.holder_id, causes_of(session, certificate))


def send_again(session: Session, certificate: Certificate, by: User, *, path: str, now: datetime) -> None:
    """Tell the holder once more where the certificate is, at most once on a day in Korea.

    Raises ForbiddenError for one's own, ConflictError for a certificate that is not there or stands no more,
    and for a second time on one day.
    """
    certificate = db.lock(session, Certificate, certificate.id)
    if certificate.holder_id == by.id:
        raise ForbiddenError("내 증서는 다른 분이 다시 보내 줘요.")
    if certificate.is_revoked or certificate.superseded_at or certificate.rendered_at is None:
        raise ConflictError("지금 쓰는 증서가 아니라서 보내지 않았어요.")
    today = now.astimezone(KST).date()
    if any(at.astimezone(KST).date() >= today for at in _moments(session, certificate)):
        raise ConflictError("오늘은 이미 보냈어요. 내일 다시 보낼 수 있어요.")
    chain.note(session, certificate.proposal_id, EventKind.SENT_AGAIN, by=by, now=now)
    notify(
        session,
        user_id=certificate.holder_id,
        cause=_again(certificate, now),
        message="certificate-again",
        values={},
        path=path,
        now=now,
    )


def _moments(session: Session, certificate: Certificate) -> Sequence[datetime]:
    return session.scalars(
        select(CertificateEvent.at).where(
            CertificateEvent.proposal_id == certificate.proposal_id,
            CertificateEvent.kind == EventKind.SENT_AGAIN,
        )
    ).all()


def _again(certificate: Certificate, at: datetime) -> str:
    return f"certificate-again:{certificate.id}:{at.astimezone(KST).date()}"
