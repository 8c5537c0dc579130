"""K4: wherever a process dies in the one issue step: one certificate, the same bytes, one notice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count as count_from
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import jobs, keys
from portal.certification.keys import NO_KEYS, KeysMissingError
from portal.certification.life_models import Artifact, ArtifactKind
from portal.certification.models import Certificate, CertificateEvent, EventKind
from portal.core import clock, db
from portal.core.storage import Storage
from portal.messages.models import Notice
from tests.factories import make_certificate

PUTS = len(ArtifactKind)
#: What the job's commits end; those between end the reading before.
COMMITS = {2: "the claim", 4: "the end"}
#: Every boundary: what a process did last before it died.
BOUNDARIES = [
    "before the claim is committed",
    "after the claim is committed",
    "before blob 1 is stored",
    *(f"after blob {number} is stored" for number in range(1, PUTS + 1)),
    "before the end is committed",
    "after the end is committed",
]


class KilledError(BaseException):
    """The process ends here. Not an Exception: nothing may catch it and tidy up."""


class DyingStorage(Storage):
    """Stores as ever, and ends the process before or after the blob it is told; keeps what it was given."""

    def __init__(self, place: Storage, boundary: str) -> None:
        super().__init__(place.folder)
        self.boundary = boundary
        self.given: list[str] = []

    def put(self, content: bytes) -> str:
        number = len(self.given) + 1
        if self.boundary == f"before blob {number} is stored":
            raise KilledError
        self.given.append(super().put(content))
        if self.boundary == f"after blob {number} is stored":
            raise KilledError
        return self.given[-1]


@contextmanager
def dying(app: Flask, boundary: str) -> Iterator[DyingStorage]:
    """Let the block's process die at ``boundary``."""
    good = app.extensions["portal_storage"]
    storage = app.extensions["portal_storage"] = DyingStorage(good, boundary)
    commits = count_from(1)

    def die() -> None:
        raise KilledError

    def before_commit(session: Session) -> None:
        what = COMMITS.get(next(commits))
        if boundary == f"before {what} is committed":
            die()
        if boundary == f"after {what} is committed":
            db.after_commit(session, die)

    event.listen(Session, "before_commit", before_commit)
    try:
        yield storage
    finally:
        event.remove(Session, "before_commit", before_commit)
        app.extensions["portal_storage"] = good


def work(app: Flask, certificate: Certificate) -> None:
    with app.app_context():
        jobs.render(certificate.id)


def let_the_lease_run_out(session: Session, certificate: Certificate) -> None:
    session.rollback()
    session.execute(
        update(Certificate)
        .where(Certificate.id == certificate.id, Certificate.due_at.is_not(None))
        .values(due_at=clock.now() - timedelta(seconds=1))
    )
    session.commit()


def count(session: Session, model: Any, *where: Any) -> Any:
    return session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_k4_dying_at_any_boundary_leaves_one_certificate_the_same_bytes_and_one_notice(
    session: Session, isolated: Flask, learner: User, boundary: str
) -> None:
    certificate = make_certificate(session, learner=learner)
    session.commit()

    with dying(isolated, boundary) as storage, pytest.raises(KilledError):
        work(isolated, certificate)
    session.refresh(certificate)
    is_claimed = boundary != "before the claim is committed"
    assert (certificate.attempts, certificate.is_rendered) == (
        int(is_claimed),
        boundary == "after the end is committed",
    )
    let_the_lease_run_out(session, certificate)
    work(isolated, certificate)
    work(isolated, certificate)

    session.refresh(certificate)
    stored = session.scalars(select(Artifact).where(Artifact.certificate_id == certificate.id)).all()
    assert {each.kind for each in stored} == set(ArtifactKind)
    assert len(stored) == PUTS
    assert set(storage.given) <= {each.storage_key for each in stored}
    assert certificate.pdf_sha256 in {each.sha256 for each in stored}
    assert certificate.due_at is None
    assert count(session, Notice, Notice.user_id == learner.id) == 1
    rendered = (
        CertificateEvent.proposal_id == certificate.proposal_id,
        CertificateEvent.kind == EventKind.RENDERED,
    )
    assert count(session, CertificateEvent, *rendered) == 1


def test_what_is_stored_names_the_keys_that_signed_it(
    session: Session, isolated: Flask, learner: User
) -> None:
    certificate = make_certificate(session, learner=learner)
    session.commit()

    work(isolated, certificate)

    by_kind = {
        each.kind: each
        for each in session.scalars(select(Artifact).where(Artifact.certificate_id == certificate.id))
    }
    ring = keys.current(isolated.extensions["portal_settings"])
    assert by_kind[ArtifactKind.PDF].key_id == ring.pdf.thumbprint
    assert by_kind[ArtifactKind.CREDENTIAL].key_id == ring.credential.thumbprint
    assert by_kind[ArtifactKind.CREDENTIAL_JWT].key_id == ring.jwt.thumbprint
    assert by_kind[ArtifactKind.BADGE_PNG].key_id == ""


def test_without_keys_the_operator_reads_what_to_do_and_nothing_is_issued(
    session: Session, isolated: Flask, learner: User
) -> None:
    certificate = make_certificate(session, learner=learner)
    session.commit()
    folder = isolated.extensions["portal_settings"].signing_key_dir
    folder.rename(folder.with_name("away"))

    try:
        with pytest.raises(KeysMissingError):
            work(isolated, certificate)
    finally:
        folder.with_name("away").rename(folder)
    session.refresh(certificate)

    assert certificate.last_error == NO_KEYS
    assert count(session, Artifact) == 0
    let_the_lease_run_out(session, certificate)
    work(isolated, certificate)
    session.refresh(certificate)
    assert certificate.is_rendered


def test_one_approved_before_there_were_credentials_gets_its_own(
    session: Session, isolated: Flask, learner: User
) -> None:
    certificate = make_certificate(session, learner=learner)
    session.execute(update(Certificate).values(credential_uuid=None, status_index=None))
    session.commit()

    work(isolated, certificate)

    session.refresh(certificate)
    assert (certificate.credential_uuid or "").startswith("urn:uuid:")
    assert certificate.status_index is not None
    assert count(session, Artifact, Artifact.certificate_id == certificate.id) == PUTS
