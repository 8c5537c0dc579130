"""Finding the certificate or statement that a file is, byte for byte; nothing of the file is kept."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification.models import Certificate
from portal.certification.statement_models import Statement

MAX_BYTES = 5 * 1024 * 1024


def find(session: Session, content: bytes) -> Certificate | Statement | None:
    """Return what was issued with these very bytes, or None. A file saved anew or scanned has others."""
    sha256 = hashlib.sha256(content).hexdigest()
    certificate: Certificate | None = session.scalar(
        select(Certificate).where(Certificate.pdf_sha256 == sha256)
    )
    if certificate is not None:
        return certificate
    statement: Statement | None = session.scalar(select(Statement).where(Statement.pdf_sha256 == sha256))
    return statement
