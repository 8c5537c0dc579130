"""What is stored of a certificate beside its row: the bytes of each thing issued, by place and hash."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification.life_models import Artifact, ArtifactKind


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
