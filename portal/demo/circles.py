"""The demo world's groups that a mentor teaches together."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.demo.mentoring import moment
from portal.demo.stories import Story
from portal.mentoring import circle_meetings, circles
from portal.mentoring.circle_models import Circle
from portal.mentoring.vocabulary import VisitKind

PLANNED_BEFORE = timedelta(days=5)


def tell_circle(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Open a group, let its members join, and let it meet; what is past is written down."""
    at = now - timedelta(days=row["ago"])
    yield at
    described = circles.Described(
        name=row["name"],
        region=Region(row["region"]),
        topic=Topic(row["topic"]),
        goal=row["goal"],
        places=row["places"],
    )
    circle = circles.open_circle(
        session,
        people[row["by"]],
        described,
        mentor_id=people[row["mentor"]].id,
        form_key=f"demo-circle-{row['ago']}",
        now=at,
    )
    for hours, key in enumerate(row["members"], start=1):
        joined = at + timedelta(hours=hours)
        yield joined
        circles.join(session, people[key], code=circle.code, path_of=_page_of, now=joined)
    for meeting in row["meeting"]:
        yield from _meet(session, people, circle, meeting, now=now)


def _meet(
    session: Session, people: dict[str, User], circle: Circle, row: dict[str, Any], *, now: datetime
) -> Story:
    starts_at, path = moment(now, row["day"], row["hour"]), _page_of(circle.id)
    yield (planned_at := min(starts_at, now) - PLANNED_BEFORE)
    planned = circle_meetings.Planned(
        kind=VisitKind.VISIT, starts_at=starts_at, minutes=90, place=row["place"], plan=row["plan"]
    )
    meeting = circle_meetings.plan(
        session, circle, planned, form_key=f"demo-meeting-{row['day']}", path=path, now=planned_at
    )
    if "log" not in row:
        return
    yield (written := starts_at + timedelta(hours=2))
    circle_meetings.write_log(
        session,
        meeting,
        log=row["log"],
        present_ids=[people[key].id for key in row["present"]],
        path=path,
        now=written,
    )


def _page_of(circle_id: int) -> str:
    return f"/mentoring/circles/{circle_id}/"
