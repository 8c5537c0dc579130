"""Making the handouts somebody asked for."""

from portal.core import clock, db, work
from portal.core.errors import NotFoundError
from portal.core.storage import storage
from portal.courses import handouts, operations
from portal.courses.handout_pdf import Press
from portal.courses.models import Handout

LEASE_S = operations.MAKE_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""


def make_handout(handout_id: int) -> None:
    """Draw and store one handout.

    Run twice, the second time does nothing. A handout whose content changed since it was asked for is
    finished without a document: its page then offers today's. A failure notes its cause and waits.
    """
    with db.transaction() as session:
        lease = work.claim(session, Handout, handout_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        handout = db.lock(session, Handout, handout_id)
    try:
        key = _store(handout)
    except Exception as error:
        _note_failure(handout_id, lease, error)
        raise
    made_at = clock.now() if key else None
    with db.transaction() as session:
        work.finish(session, Handout, handout_id, lease=lease, document_key=key, made_at=made_at)


def _store(handout: Handout) -> str | None:
    """Return the key of the stored document; None if the content is no longer what was asked for."""
    try:
        paper = handouts.write_named(handout.kind, handout.course_id, handout.lesson_id, handout.size_pt)
    except NotFoundError:
        return None
    if paper.content_hash != handout.content_hash:
        return None
    with Press() as press:
        return storage().put(press.draw(paper))


def _note_failure(handout_id: int, lease: str, error: Exception) -> None:
    with db.transaction() as session:
        work.fail(
            session,
            Handout,
            handout_id,
            lease=lease,
            error=f"{type(error).__name__}: {error}",
            now=clock.now(),
        )
