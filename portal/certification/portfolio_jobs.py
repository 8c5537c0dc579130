"""Making portfolios."""

from flask import current_app

from portal.certification import portfolios
from portal.certification.qualification_models import Portfolio
from portal.core import clock, db, work
from portal.core.storage import storage
from portal.courses.handout_pdf import Press
from portal.courses.paper import Paper

LEASE_S = portfolios.MAKE_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""


def make(portfolio_id: int) -> None:
    """Draw and store one portfolio, and tell its candidate.

    Run twice, the second time does nothing. One whose log changed since it was asked for is finished without
    a document: its page offers today's. A failure notes its cause and waits.
    """
    with db.transaction() as session:
        lease = work.claim(session, Portfolio, portfolio_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        ordered = db.lock(session, Portfolio, portfolio_id)
        content_hash, todays = ordered.content_hash, portfolios.write(session, ordered.candidate_id)
    try:
        key = _store(todays) if todays.content_hash == content_hash else None
    except Exception as error:
        with db.transaction() as session:
            words = f"{type(error).__name__}: {error}"
            work.fail(session, Portfolio, portfolio_id, lease=lease, error=words, now=clock.now())
        raise
    path = current_app.url_map.bind("").build("training_logs.portfolio", {"portfolio_id": portfolio_id})
    with db.transaction() as session:
        finished = work.finish(session, Portfolio, portfolio_id, lease=lease, document_key=key)
        if finished and key is not None:
            made = db.lock(session, Portfolio, portfolio_id)
            portfolios.note_made(session, made, path=path, now=clock.now())


def _store(todays: Paper) -> str:
    with Press() as press:
        return storage().put(press.draw(todays))
