"""The demo world's engagements beyond their visits: agreed on, tried out, resting, and asked for anew."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.clock import KST
from portal.demo.stories import Story
from portal.mentoring import agreements, guides, offers, operations, together
from portal.mentoring.models import Engagement, GoalJudge, Need

PATHS = offers.Paths(
    offer=lambda row_id: f"/mentoring/offers/{row_id}/",
    engagement=lambda row_id: f"/mentoring/engagements/{row_id}/",
    home="/mentoring/",
    needs="/mentoring/needs/",
    own_state="/mentoring/me/",
)


def tell_offer(
    session: Session, people: dict[str, User], need: Need, row: dict[str, Any], *, now: datetime
) -> Story:
    """Ask a mentor to take a need; the answer is still open."""
    yield (asked := now - timedelta(hours=3))
    offers.make(
        session,
        need=need,
        mentor_id=people[row["to"]].id,
        reasons=row["reasons"],
        next_mentor_ids=[people[key].id for key in row["next"]],
        paths=PATHS,
        now=asked,
    )


def tell_agreement(
    session: Session, engagement: Engagement, merchant: User, row: dict[str, Any], *, at: datetime
) -> Story:
    """Write the agreement, and confirm it if ``row`` says so."""
    path = f"{PATHS.engagement(engagement.id)}agreement"
    yield at
    agreements.write(
        session,
        engagement,
        goal=row["goal"],
        visits_planned=row.get("visits", 4),
        contact=row["contact"],
        judge=GoalJudge(row.get("judge", "mentor")),
        version=guides.current().text.version,
        path=path,
        now=at,
    )
    if row["confirmed"]:
        yield (confirmed := at + timedelta(hours=1))
        seen = agreements.fingerprint(engagement)
        agreements.confirm(session, engagement, merchant, seen=seen, path=path, now=confirmed)


def tell_rest(
    session: Session,
    people: dict[str, User],
    engagement: Engagement,
    row: dict[str, Any],
    *,
    now: datetime,
) -> Story:
    """Go on, rest, end or ask for another mentor, as ``row`` says."""
    merchant, mentor = people[row["by"]], people[row["mentor"]]
    path = PATHS.engagement(engagement.id)
    if row.get("goes_on"):
        yield (at := now - timedelta(hours=20))
        for user in (merchant, mentor):
            together.go_on(session, engagement, user, path=path, now=at)
    if "rests_days" in row:
        yield (at := now - timedelta(hours=10))
        day = at.astimezone(KST).date() + timedelta(days=row["rests_days"])
        together.pause(session, engagement, merchant, look_again_on=day, path=path, now=at)
    if "another" in row:
        yield (at := now - timedelta(hours=8))
        need = together.ask_for_another(
            session,
            engagement,
            merchant,
            reason=row["another"]["reason"],
            form_key=f"demo-another-{row['by']}",
            path=path,
            home=PATHS.home,
            now=at,
        )
        yield (taken := now - timedelta(hours=6))
        taker = people[row["another"]["mentor"]]
        operations.accept_need(session, need, taker, link=PATHS.engagement, now=taken)
