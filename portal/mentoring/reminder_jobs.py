"""Reminding of visits while nobody looks."""

from flask import current_app
from sqlalchemy.orm import Session

from portal.core import clock, db
from portal.mentoring import reminders
from portal.mentoring.visit_models import Visit


def remind(visit_id: int) -> None:
    """Remind the two of a visit.

    Run twice, the second time does nothing: what is to be done follows from the row. Killed before its
    commit it has done nothing, and the sweep finds the visit again.
    """
    with db.transaction() as session:
        reminders.look_after(session, visit_id, path=_path(session, visit_id), now=clock.now())


def _path(session: Session, visit_id: int) -> str:
    """Return where the notices lead; a job has no request for `url_for` to lean on."""
    engagement_id = session.get_one(Visit, visit_id).engagement_id
    return current_app.url_map.bind("").build("mentoring.engagement", {"engagement_id": engagement_id})
