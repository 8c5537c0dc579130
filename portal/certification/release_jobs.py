"""Releasing results on the day somebody set."""

from flask import current_app

from portal.certification import releasing
from portal.core import clock, db


def release(exam_id: int) -> None:
    """Release a session's results if its day has come; run twice, the second time does nothing."""
    urls = current_app.url_map.bind("")
    with db.transaction() as session:
        releasing.release_due(
            session,
            exam_id,
            path=urls.build("releases.results", {"exam_id": exam_id}),
            own_path=urls.build("results.own", {"exam_id": exam_id}),
            now=clock.now(),
        )
