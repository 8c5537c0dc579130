"""The demo world's hours of mentors, and a visit that did not come about."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.core.clock import KST
from portal.demo.mentoring import moment, offer, page_of
from portal.demo.stories import Story
from portal.mentoring import appeals, changing, hours, operations
from portal.mentoring.visit_models import MissedBy, VisitTime
from portal.mentoring.vocabulary import VisitKind


def tell_hours(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Let a mentor write down when they meet people, and perhaps a day off."""
    mentor = people[row["by"]]
    yield now - timedelta(days=30)
    for weekday in row["weekdays"]:
        hours.add_hours(session, mentor, weekday=weekday, starts=row["from"] * 60, ends=row["until"] * 60)
    if "day_off" in row:
        day = now.astimezone(KST).date() + timedelta(days=row["day_off"])
        hours.take_days_off(session, mentor, starts_on=day, ends_on=day, now=now)


def tell_missed(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Let the two agree, the merchant not come, the mentor write so, and the merchant say why."""
    merchant, mentor, at = people[row["by"]], people[row["mentor"]], now - timedelta(days=row["ago"])
    yield at
    need = operations.ask(
        session,
        merchant,
        topic=Topic(row["topic"]),
        detail=row["detail"],
        wants=VisitKind.VISIT,
        region=merchant.region,
        form_key=f"demo-missed-{row['by']}",
        now=at,
    )
    yield (taken := at + timedelta(hours=5))
    engagement = operations.accept_need(session, need, mentor, link=page_of, now=taken)
    starts_at, path = moment(now, row["day"], row["hour"]), page_of(engagement.id)
    yield (offered := starts_at - timedelta(days=2))
    visit = offer(session, engagement, merchant, {1: starts_at}, kind=VisitKind.VISIT, now=offered)
    yield (chosen := offered + timedelta(hours=3))
    time_id = session.scalars(select(VisitTime.id).where(VisitTime.visit_id == visit.id)).one()
    operations.choose(session, visit, time_id=time_id, path=path, now=chosen)
    yield (written := starts_at + timedelta(hours=2))
    changing.note_missed(session, visit, mentor, missed_by=MissedBy.MERCHANT, path=path, now=written)
    yield (said := written + timedelta(hours=20))
    appeals.appeal(session, visit, merchant, words=row["words"], path="/desk/appeals/", now=said)
