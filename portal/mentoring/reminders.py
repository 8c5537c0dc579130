"""Reminding the two of an agreed visit: the day before at six in the evening, and two hours before.

When to look next stands in the visit's row, so a worker that was down finds it later and sends only what
still helps: tomorrow's reminder is nobody's on the day itself, and nothing is sent once the visit has begun.
"""

from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, korean, queue
from portal.core.clock import KST
from portal.mentoring.models import Engagement
from portal.mentoring.telling import tell
from portal.mentoring.visit_models import Visit, VisitState
from portal.messages.operations import Beside

EVENING = time(18)
"""The shop is closing and the day after is being thought of."""
SHORTLY = timedelta(hours=2)
DUE_MAX = 200


def next_moment(starts_at: datetime, *, now: datetime) -> datetime | None:
    """Return when to remind next of what begins then; None when nothing is left to remind of."""
    day_before = starts_at.astimezone(KST).date() - timedelta(days=1)
    moments = (datetime.combine(day_before, EVENING, KST), starts_at - SHORTLY)
    return next((moment for moment in moments if moment > now), None)


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the visits somebody is to be reminded of now, the soonest first."""
    return list(
        session.scalars(
            select(Visit.id)
            .where(Visit.state == VisitState.AGREED, Visit.remind_at <= now)
            .order_by(Visit.remind_at, Visit.id)
            .limit(DUE_MAX)
        )
    )


REMIND = queue.register(
    "mentoring.remind", run="portal.mentoring.reminder_jobs.remind", timeout_s=30, due=list_due_ids
)


def look_after(session: Session, visit_id: int, *, path: str, now: datetime) -> None:
    """Remind the two of a visit as far as it still helps, and note when to look again.

    Run twice, the second time does nothing. Holds the visit.
    """
    visit = db.lock(session, Visit, visit_id)
    if visit.state != VisitState.AGREED or visit.starts_at is None:
        return
    if visit.remind_at is None or visit.remind_at > now:
        return
    day = visit.starts_at.astimezone(KST).date()
    if now >= visit.starts_at - SHORTLY:
        _remind(session, visit, "visit-soon", until=visit.starts_at, path=path, now=now)
    elif now.astimezone(KST).date() < day:
        midnight = datetime.combine(day, time(), KST)
        _remind(session, visit, "visit-tomorrow", until=midnight, path=path, now=now)
    visit.remind_at = next_moment(visit.starts_at, now=now)


def _remind(
    session: Session, visit: Visit, message: str, *, until: datetime, path: str, now: datetime
) -> None:
    """Tell both, unless it is too late; what cannot leave before ``until`` leaves no more."""
    if visit.starts_at is None or now >= until:
        return
    engagement = session.get_one(Engagement, visit.engagement_id)
    others = {
        engagement.merchant_id: f"{session.get_one(User, engagement.mentor_id).name} 멘토님",
        engagement.mentor_id: f"{session.get_one(User, engagement.merchant_id).name} 사장님",
    }
    when = korean.dated_time(visit.starts_at, now=now)
    for user_id, other in others.items():
        values = {"other": other, "when": when, "place": visit.place}
        tell(session, visit, user_id, message, values, path=path, now=now, beside=Beside(until=until))
