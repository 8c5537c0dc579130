"""Making what an approved certificate consists of: a signed document, its credential and its badge."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app

from portal.certification import artifacts, badge, credential, keys, operations, queries, sealing
from portal.certification.keys import KeysMissingError, Ring
from portal.certification.life_models import ArtifactKind
from portal.certification.models import Certificate, CertificateKind
from portal.certification.pdf import MissingLetterError, Press, make_sheet
from portal.core import clock, db, korean, settings, work
from portal.core.settings import Settings
from portal.core.storage import Storage, storage

LEASE_S = operations.RENDER_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""
STOP_AFTER_S = operations.RENDER_WITHIN_S // 2
"""When a job begins no further certificate."""


@dataclass(frozen=True)
class Made:
    """Everything that is issued of one certificate, as bytes."""

    #: The signed document.
    pdf: bytes
    #: The document before it was signed: what drawing it anew with the same credential must give.
    drawn: bytes
    credential: bytes
    credential_jwt: bytes
    badge_svg: bytes
    badge_png: bytes


def render(certificate_id: int) -> None:
    """Make and store one certificate and then others that are due, with one press, and tell their holders.

    Each is claimed, made and finished by itself, as if it were alone. Run twice, the second time does
    nothing. Killed at any point it starts again once its lease has run out: the bytes are the same, so
    storing them again changes nothing, and only the holder of the lease finishes the row and tells the holder
    of the certificate, in one transaction. A failure notes its cause and waits, and stops nobody else; it is
    raised at the end.
    """
    failed: list[Exception] = []
    stop_at = time.monotonic() + STOP_AFTER_S
    with Press() as press:
        for each in _due_from(certificate_id):
            try:
                _render(each, press)
            except Exception as error:  # noqa: BLE001 - noted on its row, raised below
                failed.append(error)
            if time.monotonic() > stop_at:
                break
    if failed:
        raise failed[0]


def _due_from(certificate_id: int) -> Iterator[int]:
    """Yield the certificate and then what else is due, looked up anew while others work on the same list."""
    yield certificate_id
    for _ in range(operations.RENDER_TAKES - 1):
        with db.transaction() as session:
            due = work.list_due(session, Certificate, now=clock.now(), limit=1)
        if not due:
            return
        yield due[0]


def _render(certificate_id: int, press: Press) -> None:
    with db.transaction() as session:
        lease = work.claim(session, Certificate, certificate_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        operations.name_credential(session, certificate_id)
        facts = queries.get_facts(session, certificate_id)
    current = settings.current()
    try:
        ring = keys.current(current)
        made = make(facts, press, ring, current)
        stored = store(made, storage())
    except Exception as error:
        _note_failure(certificate_id, lease, error)
        raise
    finish(certificate_id, lease, made, stored, ring)


def make(facts: queries.Facts, press: Press, ring: Ring, current: Settings) -> Made:
    """Return everything that is issued of a certificate; the same facts and keys give the same bytes.

    Raises MissingLetterError for a name or title the typeface cannot write.
    """
    sheet = make_sheet(facts, public_url=current.public_url, is_demo=current.is_demo)
    claims = credential.make(facts, ring, public_url=current.public_url)
    drawn = press.draw(sheet, claims.json)
    shown = badge.Badge(
        word="자격증" if facts.kind is CertificateKind.QUALIFICATION else "수료증",
        title=facts.title,
        issuer="예시" if current.is_demo else facts.issuer_name,
        day=korean.plain_day(facts.issued_at),
    )
    return Made(
        pdf=sealing.seal(drawn, ring.pdf, at=facts.issued_at),
        drawn=drawn,
        credential=claims.json,
        credential_jwt=claims.jwt,
        badge_svg=badge.draw_svg(shown, claims.json),
        badge_png=badge.draw_png(shown, claims.json),
    )


def store(made: Made, place: Storage) -> dict[ArtifactKind, str]:
    """Store everything and return where, by kind. What is stored already stays as it is."""
    return {
        ArtifactKind.PDF: place.put(made.pdf),
        ArtifactKind.CREDENTIAL: place.put(made.credential),
        ArtifactKind.CREDENTIAL_JWT: place.put(made.credential_jwt),
        ArtifactKind.BADGE_SVG: place.put(made.badge_svg),
        ArtifactKind.BADGE_PNG: place.put(made.badge_png),
    }


def finish(certificate_id: int, lease: str, made: Made, stored: dict[ArtifactKind, str], ring: Ring) -> None:
    """Note in one transaction what is stored, and tell the holder; nothing if the lease is lost."""
    now = clock.now()
    signed_by = {
        ArtifactKind.PDF: ring.pdf.thumbprint,
        ArtifactKind.CREDENTIAL: ring.credential.thumbprint,
        ArtifactKind.CREDENTIAL_JWT: ring.jwt.thumbprint,
    }
    with db.transaction() as session:
        if work.finish(
            session,
            Certificate,
            certificate_id,
            lease=lease,
            document_key=stored[ArtifactKind.PDF],
            pdf_sha256=Storage.key_of(made.pdf),
            drawn_sha256=Storage.key_of(made.drawn),
            rendered_at=now,
        ):
            artifacts.add(session, certificate_id, stored, signed_by, now=now)
            certificate = db.lock(session, Certificate, certificate_id)
            operations.note_rendered(session, certificate, path=_path_of(certificate), now=now)


def _note_failure(certificate_id: int, lease: str, error: Exception) -> None:
    # Ours are sentences for the operator; of anything else the name of its kind says more.
    is_ours = isinstance(error, (MissingLetterError, KeysMissingError))
    with db.transaction() as session:
        work.fail(
            session,
            Certificate,
            certificate_id,
            lease=lease,
            error=str(error) if is_ours else f"{type(error).__name__}: {error}",
            now=clock.now(),
        )


def _path_of(certificate: Certificate) -> str:
    """Return the path of the certificate's page; a job has no request for `url_for` to lean on."""
    return current_app.url_map.bind("").build("certification.certificate", {"code": certificate.code})
