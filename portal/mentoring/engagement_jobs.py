"""Looking after engagements while nobody looks."""

from flask import current_app

from portal.core import clock, db
from portal.mentoring import together


def look_after(engagement_id: int) -> None:
    """Say that a pause or a week of the month after is over; run twice, the second time does nothing."""
    path = current_app.url_map.bind("").build("mentoring.engagement", {"engagement_id": engagement_id})
    with db.transaction() as session:
        together.look_after(session, engagement_id, path=path, now=clock.now())
