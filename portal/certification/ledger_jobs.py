"""Looking through the ledger of a candidate for what is newly met."""

import logging
from datetime import timedelta

from flask import current_app

from portal.certification import ledger
from portal.certification.qualification_models import Candidate
from portal.core import clock, db
from portal.core.errors import NotFoundError

log = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(hours=6)
"""A candidate of a qualification that is no longer in the files is looked at rarely, and loses nothing."""


def check(candidate_id: int) -> None:
    """Write what is newly met. Run twice, the second time writes nothing."""
    now = clock.now()
    try:
        with db.transaction() as session:
            candidate = session.get_one(Candidate, candidate_id)
            ledger.record(session, candidate, path=path_of(candidate_id), now=now)
    except NotFoundError:
        log.warning("The qualification of candidate %s is not in the files.", candidate_id)
        with db.transaction() as session:
            db.lock(session, Candidate, candidate_id).check_at = now + AGAIN_AFTER


def path_of(candidate_id: int) -> str:
    """Return the path of a candidate's page; a job has no request for `url_for` to lean on."""
    return current_app.url_map.bind("").build("candidates.show", {"candidate_id": candidate_id})
