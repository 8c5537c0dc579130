"""Looking after the promises while nobody looks."""

from flask import current_app

from portal.community import promises
from portal.core import clock, db


def watch(question_id: int) -> None:
    """Remind the owner of a question, or let it go on to the next one.

    Run twice, the second time does nothing: what is to be done follows from the row. Killed before its
    commit it has done nothing, and the sweep finds the question again.
    """
    with db.transaction() as session:
        promises.look_after(session, question_id, paths=_paths(question_id), now=clock.now())


def _paths(question_id: int) -> promises.Paths:
    """Return where the notices lead; a job has no request for `url_for` to lean on."""
    urls = current_app.url_map.bind("")
    return promises.Paths(
        question=urls.build("community.question", {"question_id": question_id}),
        rest=urls.build("promises.rest"),
    )
