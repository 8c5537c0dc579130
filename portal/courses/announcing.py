"""Telling those who asked for news that a course has opened."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Consent, ConsentKind
from portal.courses.catalogue import Course
from portal.messages.operations import notify


def announce(session: Session, course: Course, *, path: str, now: datetime) -> int:
    """Tell everybody whose consent to news stands of a course, each once; return to how many it is news."""
    standing = select(Consent.user_id).where(Consent.kind == ConsentKind.NEWS, Consent.withdrawn_at.is_(None))
    readers = session.scalars(standing.order_by(Consent.user_id)).all()
    for user_id in readers:
        notify(
            session,
            user_id=user_id,
            cause=f"course:{course.id}",
            message="course-opened",
            values={"course": course.title},
            path=path,
            now=now,
        )
    return len(readers)
