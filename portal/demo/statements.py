"""The demo world's statements of what mentors did; their documents are drawn when the world is loaded."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.certification import statements
from portal.certification.impact import Span
from portal.core.clock import KST
from portal.demo.stories import Story


def tell_statement(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Ask for a statement of the days until yesterday."""
    yield (asked_at := now - timedelta(hours=row["ago"]))
    last_day = asked_at.astimezone(KST).date() - timedelta(days=1)
    span = Span(last_day - timedelta(days=row["days"] - 1), last_day)
    statements.order(session, get_user(session, people[row["by"]].id), span, now=asked_at)
