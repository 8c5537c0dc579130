"""Reminding of a group's meetings while nobody looks."""

from flask import current_app

from portal.core import clock, db
from portal.mentoring import circle_meetings
from portal.mentoring.circle_models import CircleMeeting


def remind(meeting_id: int) -> None:
    """Remind the group of a meeting.

    Run twice, the second time does nothing: what is to be done follows from the row.
    """
    with db.transaction() as session:
        circle_id = session.get_one(CircleMeeting, meeting_id).circle_id
        path = current_app.url_map.bind("").build("circles.circle", {"circle_id": circle_id})
        circle_meetings.look_after(session, meeting_id, path=path, now=clock.now())
