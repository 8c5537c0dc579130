"""The demo world's matching: what mentors told, a run that was published, and a draft to look through."""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Region
from portal.demo.engagements import PATHS
from portal.demo.stories import Story
from portal.mentoring import match_input, match_profile, match_runs, offers
from portal.mentoring.match_jobs import solve
from portal.mentoring.match_models import MatchRun, MatchWeights, RunState
from portal.mentoring.match_profile import Told
from portal.mentoring.models import Offer
from portal.mentoring.vocabulary import Channel, Manner

log = logging.getLogger(__name__)

LOOKED_THROUGH = timedelta(minutes=20)


def tell_match_profile(
    session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime
) -> Story:
    """Let a mentor tell what the matching asks."""
    yield now - timedelta(days=30)
    match_profile.save_profile(
        session,
        people[row["by"]],
        Told(
            regions=[Region(region) for region in row["regions"]],
            channels=[Channel(channel) for channel in row["channels"]],
            market=row.get("market", ""),
            sells_services="services" in row,
            services=row.get("services", ""),
            manner=Manner(row["manner"]) if "manner" in row else None,
            speaks_english=row.get("english", False),
        ),
    )


def tell_run(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Match everybody who waits at that moment, as the worker would; publish the run if ``row`` says so.

    Without the solver the demo world has no runs, and says so.
    """
    operator, at = people[row["by"]], now - timedelta(hours=row["hours_ago"])
    yield at
    session.flush()  # the run reads who waits
    run = match_runs.start(session, operator, seed=1, form_key=f"demo-run-{row['hours_ago']}", now=at)
    if not _compute(session, run, now=at):
        return
    if row.get("published"):
        yield (then := at + LOOKED_THROUGH)
        match_runs.review(session, run, operator, now=then)
        match_runs.publish(session, run, operator, now=then)
        for offer_id in session.scalars(
            select(Offer.id).where(Offer.run_id == run.id).order_by(Offer.id)
        ).all():
            offers.look_after(session, offer_id, paths=PATHS, now=then)


def _compute(session: Session, run: MatchRun, *, now: datetime) -> bool:
    weights = session.get_one(MatchWeights, run.weights_id)
    run.due_at = None
    try:
        result = solve(match_input.read_problem(session, weights, seed=run.seed))
    except ModuleNotFoundError:
        log.warning("The demo world has no matching: requirements-matching.lock is not installed.")
        run.state = RunState.DISCARDED
        return False
    match_runs.write(session, run.id, result)
    run.state, run.computed_at, run.total = RunState.DRAFT, now, result.total
    return True
