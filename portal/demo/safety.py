"""What the demo world reports and hides, and the pictures it lets everybody see."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import covering, moderation, reports
from portal.community.models import Post, Thread
from portal.community.moderation import Paths
from portal.community.moderation_models import ReportReason
from portal.community.texts import Text
from portal.demo.stories import Story

People = dict[str, User]


def tell_text_report(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Say that a thread, or its first post, is wrong."""
    yield (at := now - timedelta(hours=row["ago"]))
    text = _find(session, row)
    reason = ReportReason(row["reason"])
    reports.report(
        session, text, people[row["by"]], reason=reason, words=row["words"], path=_path(text), now=at
    )


def tell_hiding(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Hide a thread, with a reason."""
    yield (at := now - timedelta(hours=row["ago"]))
    text = _find(session, row)
    paths = Paths(text=_path(text), elsewhere="/community/")
    moderation.hide(session, text, people[row["by"]], reason=row["reason"], paths=paths, now=at)


def tell_opened_picture(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Let everybody see a picture that somebody has looked at."""
    yield (at := now - timedelta(hours=row["ago"]))
    covering.open_picture(session, _find(session, row), people[row["by"]], is_open=True, now=at)


def _find(session: Session, row: dict[str, Any]) -> Text:
    """Return the thread of a title, or its first post if the row is about that."""
    thread = session.scalars(select(Thread).where(Thread.title == row["thread"])).one()
    if not row.get("about_post", False):
        return thread
    return session.scalars(select(Post).where(Post.thread_id == thread.id).order_by(Post.id).limit(1)).one()


def _path(text: Text) -> str:
    thread_id = text.id if isinstance(text, Thread) else text.thread_id
    return f"/community/questions/{thread_id}/"
