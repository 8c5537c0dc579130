"""Looking at a marker by night."""

from flask import current_app

from portal.certification import calibrations
from portal.core import clock, db


def look(marker_id: int) -> None:
    """Measure a marker, and tell them and the operators where their points lie apart from the others'.

    Run twice, the second time does nothing.
    """
    urls, now = current_app.url_map.bind(""), clock.now()
    with db.transaction() as session:
        opened = calibrations.look(session, marker_id, now=now)
        if opened is not None:
            calibrations.tell(
                session,
                opened,
                own_path=urls.build("marking.index"),
                path=urls.build("markers.calibration", {"calibration_id": opened.id}),
                now=now,
            )
