"""Drawing the document of an approved certificate."""

from flask import current_app

from portal.certification import operations, queries
from portal.certification.models import Certificate
from portal.certification.pdf import MissingLetterError, Press, make_sheet
from portal.core import clock, db, settings, work
from portal.core.storage import storage

LEASE_S = operations.RENDER_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""


def render(certificate_id: int) -> None:
    """Draw and store one certificate, and tell its holder.

    Run twice, the second time does nothing. Killed at any point it starts again once its lease has run out:
    the bytes are the same, so storing them again changes nothing, and only the holder of the lease finishes
    the row and tells the holder of the certificate, in one transaction. A failure notes its cause and waits.
    """
    with db.transaction() as session:
        lease = work.claim(session, Certificate, certificate_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        facts = queries.get_facts(session, certificate_id)
    try:
        key = storage().put(_draw(facts))
    except Exception as error:
        _note_failure(certificate_id, lease, error)
        raise
    now = clock.now()
    with db.transaction() as session:
        if work.finish(
            session,
            Certificate,
            certificate_id,
            lease=lease,
            document_key=key,
            pdf_sha256=key,
            rendered_at=now,
        ):
            certificate = db.lock(session, Certificate, certificate_id)
            operations.note_rendered(session, certificate, path=_path_of(certificate), now=now)


def _draw(facts: queries.Facts) -> bytes:
    current = settings.current()
    with Press() as press:
        return press.draw(make_sheet(facts, public_url=current.public_url, is_demo=current.is_demo))


def _note_failure(certificate_id: int, lease: str, error: Exception) -> None:
    with db.transaction() as session:
        work.fail(
            session,
            Certificate,
            certificate_id,
            lease=lease,
            # Ours is a sentence for the operator; of anything else the name of its kind says more.
            error=str(error) if isinstance(error, MissingLetterError) else f"{type(error).__name__}: {error}",
            now=clock.now(),
        )


def _path_of(certificate: Certificate) -> str:
    """Return the path of the certificate's page; a job has no request for `url_for` to lean on."""
    return current_app.url_map.bind("").build("certification.certificate", {"code": certificate.code})
