"""The demo world's needs, visits and things to do."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.core.clock import KST
from portal.demo import engagements
from portal.demo.stories import Story
from portal.mentoring import logs, operations, plan
from portal.mentoring.models import Engagement
from portal.mentoring.operations import Plan
from portal.mentoring.visit_models import ActionItem, Visit, VisitTime
from portal.mentoring.vocabulary import Channel, Manner, VisitKind, VisitStep
from portal.mentoring.wishes import Wishes

OFFERED_BEFORE = timedelta(days=2)


def tell_need(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Ask for a mentor; if one takes it, let them meet and go on, rest or part, as ``row`` says."""
    merchant, at = people[row["by"]], now - timedelta(days=row["ago"])
    kind = VisitKind(row["wants"])
    yield at
    need = operations.ask(
        session,
        merchant,
        topic=Topic(row["topic"]),
        detail=row["detail"],
        wants=kind,
        region=merchant.region,
        form_key=f"demo-need-{row['by']}",
        now=at,
        wishes=Wishes(
            channel=Channel(row["channel"]) if "channel" in row else None,
            manner=Manner(row["manner"]) if "manner" in row else None,
            preferred_mentor_id=people[row["prefers"]].id if "prefers" in row else None,
        ),
    )
    if "offer" in row:
        session.flush()  # the offer names the need's id
        yield from engagements.tell_offer(session, people, need, row["offer"], now=now)
    if "mentor" not in row:
        return
    yield (taken_at := at + timedelta(hours=5))
    engagement = operations.accept_need(session, need, people[row["mentor"]], link=page_of, now=taken_at)
    if "agreement" in row:
        agreed_at = taken_at + timedelta(hours=1)
        agreement = row["agreement"]
        yield from engagements.tell_agreement(session, engagement, merchant, agreement, at=agreed_at)
    for visit in row.get("visit", []):
        yield from _meet(session, engagement, merchant, visit, kind=kind, now=now)
    if "proposed" in row:
        times = dict(enumerate((moment(now, *pair) for pair in row["proposed"]), start=1))
        yield (offered := now - timedelta(hours=4))
        offer(session, engagement, merchant, times, kind=kind, now=offered)
    yield from engagements.tell_rest(session, people, engagement, row, now=now)


def tell_paper(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Ask for what was agreed on paper."""
    yield (moment := now - timedelta(hours=row["ago"]))
    merchant = people[row["by"]]
    engagement_id = session.scalars(
        select(Engagement.id).where(Engagement.merchant_id == merchant.id).order_by(Engagement.id.desc())
    ).first()
    agreed = plan.get_plan_to_draw(session, engagement_id or 0, now=moment)
    content_hash = plan.write(agreed, row["size"]).content_hash
    plan.order(session, agreed, size_pt=row["size"], content_hash=content_hash, now=moment)


def _meet(
    session: Session,
    engagement: Engagement,
    merchant: User,
    row: dict[str, Any],
    *,
    kind: VisitKind,
    now: datetime,
) -> Story:
    """Offer and choose one moment; when it is past, write the log, if there is one, and tick what is done."""
    starts_at = moment(now, row["day"], row["hour"])
    offered, path = min(starts_at, now) - OFFERED_BEFORE, page_of(engagement.id)
    yield offered
    visit = offer(session, engagement, merchant, {1: starts_at}, kind=kind, now=offered)
    yield (chosen := offered + timedelta(hours=3))
    time_id = session.scalars(select(VisitTime.id).where(VisitTime.visit_id == visit.id)).one()
    operations.choose(session, visit, time_id=time_id, path=path, now=chosen)
    if "log" not in row:
        return
    yield (written := starts_at + timedelta(hours=2))
    logs.write_log(session, visit, _written(row, starts_at), path=path, now=written)
    session.flush()  # the things to do are ticked below
    items = session.scalars(select(ActionItem).where(ActionItem.visit_id == visit.id)).all()
    for item in items[: row.get("done", 0)]:
        logs.set_done(session, item, merchant, is_done=True, now=starts_at + timedelta(days=1))


def _written(row: dict[str, Any], starts_at: datetime) -> logs.Written:
    """Return what the mentor writes; things to do are due a week later."""
    due_on = starts_at.astimezone(KST).date() + timedelta(days=7)
    return logs.Written(
        log=row["log"],
        items=[logs.Todo(text, due_on=due_on) for text in row["items"]],
        step=VisitStep(row["step"]) if "step" in row else None,
        mentor_note=row.get("mentor_note", ""),
        operator_note=row.get("operator_note", ""),
    )


def offer(
    session: Session,
    engagement: Engagement,
    merchant: User,
    times: dict[int, datetime],
    *,
    kind: VisitKind,
    now: datetime,
) -> Visit:
    """Offer moments to meet, as the mentor's form would."""
    visit = operations.propose(
        session,
        engagement,
        Plan(kind=kind, place=merchant.shop_name if kind == VisitKind.VISIT else "전화"),
        times=times,
        form_key=f"demo-visit-{engagement.id}-{times[1].isoformat()}",
        path=page_of(engagement.id),
        now=now,
    )
    session.flush()  # choosing reads the moments
    return visit


def moment(now: datetime, day: int, hour: int) -> datetime:
    """Return the moment ``day`` days from today at ``hour`` o'clock in Korea."""
    return datetime.combine(now.astimezone(KST).date() + timedelta(days=day), time(hour), KST)


def page_of(engagement_id: int) -> str:
    """Return the page the two share."""
    return f"/mentoring/engagements/{engagement_id}/"
