"""Drawing the documents of statements."""

from flask import current_app

from portal.certification import operations, statements
from portal.certification.pdf import MissingLetterError
from portal.certification.statement_models import Statement
from portal.certification.statement_pdf import StatementPress, make_sheet
from portal.core import clock, db, settings, work
from portal.core.storage import storage

LEASE_S = operations.RENDER_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""


def draw(statement_id: int) -> None:
    """Draw and store one statement, and tell its mentor.

    Run twice, the second time does nothing; killed at any point it starts again once its lease has run out,
    and only the holder of the lease finishes the row. A failure notes its cause and waits.
    """
    with db.transaction() as session:
        lease = work.claim(session, Statement, statement_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        current = settings.current()
        sheet = make_sheet(
            db.lock(session, Statement, statement_id), public_url=current.public_url, is_demo=current.is_demo
        )
    try:
        with StatementPress() as press:
            key = storage().put(press.draw(sheet))
    except Exception as error:
        _note_failure(statement_id, lease, error)
        raise
    now, drawn = clock.now(), {"document_key": key, "pdf_sha256": key}
    with db.transaction() as session:
        if work.finish(session, Statement, statement_id, lease=lease, rendered_at=now, **drawn):
            statement = db.lock(session, Statement, statement_id)
            statements.note_drawn(session, statement, path=_path_of(statement), now=now)


def _note_failure(statement_id: int, lease: str, error: Exception) -> None:
    words = str(error) if isinstance(error, MissingLetterError) else f"{type(error).__name__}: {error}"
    with db.transaction() as session:
        work.fail(session, Statement, statement_id, lease=lease, error=words, now=clock.now())


def _path_of(statement: Statement) -> str:
    """Return the path of the statement's page; a job has no request for `url_for` to lean on."""
    return current_app.url_map.bind("").build("impact.statement", {"code": statement.code})
