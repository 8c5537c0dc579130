"""Issuing the certificates of an approved batch, one by one."""

import logging
import time

from portal.certification import batches, operations
from portal.certification.life_models import Batch
from portal.core import clock, db, queue, work
from portal.core.errors import DomainError

log = logging.getLogger(__name__)

LEASE_S = batches.ISSUE_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""
STOP_AFTER_S = batches.ISSUE_WITHIN_S - 60


def issue(batch_id: int) -> None:
    """Approve what is open of a batch and have it drawn.

    Run twice, the second time does nothing. Killed at any point it goes on with the next line once its lease
    has run out: a line is approved and done in one transaction. Lines it has no time for are another run's.
    """
    with db.transaction() as session:
        lease = work.claim(session, Batch, batch_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        open_lines = batches.list_open(session, batch_id)
    stop_at = time.monotonic() + STOP_AFTER_S
    issued = []
    for proposal_id in open_lines:
        if time.monotonic() > stop_at:
            break
        certificate_id = _issue_line(batch_id, proposal_id)
        if certificate_id is not None:
            issued.append(certificate_id)
    with db.transaction() as session:
        for certificate_id in issued[:: operations.RENDER_TAKES]:
            queue.enqueue(session, operations.RENDER, certificate_id)
        if work.finish(session, Batch, batch_id, lease=lease) and batches.list_open(session, batch_id):
            db.lock(session, Batch, batch_id).due_at = clock.now()
            queue.enqueue(session, batches.ISSUE, batch_id)


def _issue_line(batch_id: int, proposal_id: int) -> int | None:
    """Return the certificate of one line, or None after noting what was wrong with it."""
    try:
        with db.transaction() as session:
            return batches.issue_line(session, batch_id, proposal_id, now=clock.now()).id
    except DomainError as refusal:
        _note_failed(batch_id, proposal_id, refusal.message)
    except Exception as error:
        log.exception("Proposal %s of batch %s was not approved.", proposal_id, batch_id)
        _note_failed(batch_id, proposal_id, f"{type(error).__name__}: {error}")
    return None


def _note_failed(batch_id: int, proposal_id: int, words: str) -> None:
    with db.transaction() as session:
        batches.note_failed(session, batch_id, proposal_id, words)
