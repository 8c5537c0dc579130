"""The demo world's batches of certificates, and a draft of what they might look like."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import batches, designs
from portal.certification.models import CertificateKind
from portal.courses.models import CourseCompletion
from portal.demo.stories import Story


def tell_batch(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Propose some people together; where there is an approver, issue what the worker would."""
    yield (proposed_at := now - timedelta(hours=row["ago"]))
    learners = [people[key].id for key in row["people"]]
    completions = session.scalars(
        select(CourseCompletion.id).where(
            CourseCompletion.learner_id.in_(learners), CourseCompletion.course_id == row["course"]
        )
    )
    batch = batches.propose(
        session,
        [f"completion:{each}" for each in completions],
        people[row["by"]],
        title=row["title"],
        form_key=f"demo-batch-{row['ago']:04d}",
        now=proposed_at,
    )
    if "approver" not in row:
        return
    yield (approved_at := proposed_at + timedelta(hours=2))
    batches.approve(session, batch, people[row["approver"]], now=approved_at)
    for proposal_id in batches.list_open(session, batch.id):
        batches.issue_line(session, batch.id, proposal_id, now=approved_at)
    batch.due_at = None


def tell_design(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Write a draft."""
    yield (at := now - timedelta(hours=row["ago"]))
    slots = {**designs.NOBODY, **{key: row[key] for key in row.keys() - {"by", "ago", "kind"}}}
    designs.draft(
        session,
        CertificateKind(row["kind"]),
        slots,
        people[row["by"]],
        form_key=f"demo-design-{row['ago']:04d}",
        now=at,
    )
