"""The demo world's needs, visits and things to do."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.core.clock import KST
from portal.mentoring import operations
from portal.mentoring.models import ActionItem, Engagement, Visit, VisitKind, VisitTime

OFFERED_BEFORE = timedelta(days=2)


def add_needs(
    session: Session, people: dict[str, User], rows: list[dict[str, Any]], *, now: datetime
) -> None:
    """Add needs, who took them, their visits and what became of them."""
    for row in sorted(rows, key=lambda row: -int(row["ago"])):
        merchant, at = people[row["by"]], now - timedelta(days=row["ago"])
        need = operations.ask(
            session,
            merchant,
            topic=Topic(row["topic"]),
            detail=row["detail"],
            wants=VisitKind(row["wants"]),
            region=merchant.region,
            form_key=f"demo-need-{row['by']}",
            now=at,
        )
        if "mentor" not in row:
            continue
        mentor = people[row["mentor"]]
        engagement = operations.accept_need(session, need, mentor, link=_path, now=at + timedelta(hours=5))
        for visit in row.get("visit", []):
            _hold(session, engagement, merchant, visit, now=now)
        if "proposed" in row:
            times = dict(enumerate((_moment(now, *pair) for pair in row["proposed"]), start=1))
            _offer(session, engagement, merchant, times, now=now - timedelta(hours=4))
        if row.get("ended"):
            operations.end(session, engagement, merchant, reason="", path=_path(engagement.id), now=now)


def _hold(
    session: Session, engagement: Engagement, merchant: User, row: dict[str, Any], *, now: datetime
) -> None:
    """Offer and choose one moment; when it is past, write the log and tick what is done."""
    starts_at = _moment(now, row["day"], row["hour"])
    offered = min(starts_at, now) - OFFERED_BEFORE
    path = _path(engagement.id)
    visit = _offer(session, engagement, merchant, {1: starts_at}, now=offered)
    time_id = session.scalars(select(VisitTime.id).where(VisitTime.visit_id == visit.id)).one()
    operations.choose(session, visit, time_id=time_id, path=path, now=offered + timedelta(hours=3))
    if "log" not in row:
        return
    operations.write_log(
        session, visit, log=row["log"], items=row["items"], path=path, now=starts_at + timedelta(hours=2)
    )
    session.flush()  # the things to do are ticked below
    items = session.scalars(select(ActionItem).where(ActionItem.visit_id == visit.id)).all()
    for item in items[: row.get("done", 0)]:
        operations.set_done(item, is_done=True, now=starts_at + timedelta(days=1))


def _offer(
    session: Session, engagement: Engagement, merchant: User, times: dict[int, datetime], *, now: datetime
) -> Visit:
    visit = operations.propose(
        session,
        engagement,
        kind=VisitKind.VISIT,
        place=merchant.shop_name,
        remark="",
        times=times,
        form_key=f"demo-visit-{engagement.id}-{times[1].isoformat()}",
        path=_path(engagement.id),
        now=now,
    )
    session.flush()  # choosing reads the moments
    return visit


def _moment(now: datetime, day: int, hour: int) -> datetime:
    """Return the moment ``day`` days from today at ``hour`` o'clock in Korea."""
    return datetime.combine(now.astimezone(KST).date() + timedelta(days=day), time(hour), KST)


def _path(engagement_id: int) -> str:
    return f"/mentoring/engagements/{engagement_id}/"
