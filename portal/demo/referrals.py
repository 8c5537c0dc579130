"""The demo world's specialists, and the hard questions they were handed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.demo.mentoring import page_of
from portal.demo.stories import Story
from portal.mentoring import referrals, specialists
from portal.mentoring.models import Engagement
from portal.mentoring.vocabulary import Field


def tell_specialist(
    session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime
) -> Story:
    """Say which hard questions a mentor answers."""
    yield now - timedelta(days=30)
    specialists.appoint(session, people[row["by"]].id, Field(row["field"]))


def tell_referral(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Hand a shop's question to the specialists, and let one of them answer if ``row`` says so."""
    yield (asked_at := now - timedelta(hours=row["ago"]))
    engagement = session.scalars(
        select(Engagement)
        .where(Engagement.merchant_id == people[row["for"]].id)
        .order_by(Engagement.id.desc())
    ).first()
    if engagement is None:
        raise LookupError(f"{row['for']} has no mentor in the demo world yet.")
    asked = referrals.Asked(Field(row["field"]), row["question"], f"demo-referral-{row['for']}")
    referral = referrals.ask(
        session, engagement, asked, path="/mentoring/referrals/", desk="/desk/referrals/", now=asked_at
    )
    if "answer" not in row:
        return
    yield (answered_at := asked_at + timedelta(hours=4))
    specialist = people[row["taken_by"]]
    referrals.take(session, referral, specialist, now=answered_at)
    session.flush()  # the answer reads who took it
    referrals.answer(
        session, referral, specialist, text=row["answer"], path=page_of(engagement.id), now=answered_at
    )
