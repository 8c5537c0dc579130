"""Printing the paper twins somebody asked for."""

from portal.certification import twin_prints
from portal.certification.marking_models import PaperPrint
from portal.core import clock, db, work
from portal.core.storage import storage
from portal.courses.handout_pdf import Press

LEASE_S = twin_prints.MAKE_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""


def make(print_id: int) -> None:
    """Draw and store one booklet; run twice, the second time does nothing. A failure notes its cause."""
    with db.transaction() as session:
        lease = work.claim(session, PaperPrint, print_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        _made, paper = twin_prints.get_to_draw(session, print_id)
    try:
        with Press() as press:
            key = storage().put(press.draw(paper))
    except Exception as error:
        with db.transaction() as session:
            words = f"{type(error).__name__}: {error}"
            work.fail(session, PaperPrint, print_id, lease=lease, error=words, now=clock.now())
        raise
    with db.transaction() as session:
        work.finish(session, PaperPrint, print_id, lease=lease, document_key=key)
