"""What is stored of a certificate beside its row: the bytes of each thing issued, by place and hash."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import codes, policy
from portal.certification.life_models import Artifact, ArtifactKind
from portal.certification.models import Certificate
from portal.certification.vocabulary import Visibility
from portal.core.errors import NotFoundError

NONE_OPEN = "이 번호로 나간 전자 증명이 없거나, 받은 분이 남에게 보이지 않게 했어요."


def add(
    session: Session,
    certificate_id: int,
    stored: Mapping[ArtifactKind, str],
    signed_by: Mapping[ArtifactKind, str],
    *,
    now: datetime,
) -> None:
    """Note what is stored of a certificate, by the storage's keys, and which key signed it.

    The storage names what it keeps by its SHA-256. There is one thing of each kind: call it in
    the transaction in which `work.finish` said yes.
    """
    for kind, key in stored.items():
        session.add(
            Artifact(
                certificate_id=certificate_id,
                kind=kind,
                storage_key=key,
                sha256=key,
                key_id=signed_by.get(kind, ""),
                made_at=now,
            )
        )


def find(session: Session, certificate_id: int, kind: ArtifactKind) -> Artifact | None:
    """Return what is stored of a certificate; None for what was issued without it or is still being made."""
    found: Artifact | None = session.scalar(
        select(Artifact).where(Artifact.certificate_id == certificate_id, Artifact.kind == kind)
    )
    return found


def get_open(
    session: Session, user: User | None, code: str, kind: ArtifactKind
) -> tuple[Certificate, Artifact]:
    """Return what is stored under a code, for anybody unless the holder hides it.

    Raises NotFoundError, in the same words, for an unknown code and for what is hidden from ``user``.
    """
    is_open = Certificate.visibility != Visibility.OFF
    row = None
    if codes.is_well_formed(code):
        row = session.execute(
            select(Certificate, Artifact)
            .join(Artifact, Artifact.certificate_id == Certificate.id)
            .where(
                Certificate.code == code,
                Artifact.kind == kind,
                is_open if user is None else or_(is_open, policy.may_view(user)),
            )
        ).one_or_none()
    if row is None:
        raise NotFoundError(NONE_OPEN)
    return row[0], row[1]
