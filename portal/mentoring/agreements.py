"""The page two people agree on: what for, how often, how they reach each other, what stays between them."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db
from portal.core.errors import ConflictError
from portal.mentoring.models import Engagement, EngagementState, GoalJudge
from portal.mentoring.telling import about
from portal.messages.operations import mark_cause_read, notify

VISITS_MIN, VISITS_MAX = 1, 12


def write(
    session: Session,
    engagement: Engagement,
    *,
    goal: str,
    visits_planned: int,
    contact: str,
    judge: GoalJudge,
    version: str,
    path: str,
    now: datetime,
) -> None:
    """Write the agreement, which its mentor thereby confirms, and ask the merchant; changed, it asks anew.

    The same words again change nothing. Raises ConflictError once the engagement ended. Holds the engagement.
    """
    engagement = db.lock(session, Engagement, engagement.id)
    _require_lasting(engagement)
    before = fingerprint(engagement)
    engagement.goal, engagement.visits_planned, engagement.contact = goal, visits_planned, contact
    engagement.goal_judge, engagement.agreement_version = judge, version
    after = fingerprint(engagement)
    if before == after and engagement.mentor_agreed_at is not None:
        return
    engagement.mentor_agreed_at, engagement.merchant_agreed_at = now, None
    mentor = session.get_one(User, engagement.mentor_id)
    notify(
        session,
        user_id=engagement.merchant_id,
        cause=f"agreement:{engagement.id}:{after}",
        message="agreement-written",
        values={"mentor": f"{mentor.name} 멘토님"},
        about=about(engagement.id),
        path=path,
        now=now,
    )


def confirm(
    session: Session, engagement: Engagement, user: User, *, seen: str, path: str, now: datetime
) -> None:
    """Agree to what stands on the page; a second press changes nothing.

    ``seen`` is the `fingerprint` of what the person read. Raises ConflictError when it was changed since, is
    not written yet, or the engagement ended. Holds the engagement.
    """
    engagement = db.lock(session, Engagement, engagement.id)
    _require_lasting(engagement)
    if not engagement.agreement_version:
        raise ConflictError("멘토님이 아직 약속을 적고 있어요. 다 적으면 알려 드려요.")
    if seen != fingerprint(engagement):
        raise ConflictError("그사이에 글이 바뀌었어요. 바뀐 글을 읽고 다시 눌러 주세요.")
    if user.id == engagement.mentor_id:
        engagement.mentor_agreed_at = engagement.mentor_agreed_at or now
        return
    mark_cause_read(session, user_id=user.id, cause=f"agreement:{engagement.id}:{seen}", now=now)
    if engagement.merchant_agreed_at is not None:
        return
    engagement.merchant_agreed_at = now
    notify(
        session,
        user_id=engagement.mentor_id,
        cause=f"agreed:{engagement.id}:{seen}",
        message="agreement-confirmed",
        values={"merchant": f"{user.name} 사장님"},
        about=about(engagement.id),
        path=path,
        now=now,
    )


def set_goal_reached(session: Session, engagement: Engagement, *, is_reached: bool, now: datetime) -> None:
    """Say as its mentor that the goal is reached, or not yet. Raises ConflictError when its items say so."""
    engagement = db.lock(session, Engagement, engagement.id)
    if engagement.goal_judge != GoalJudge.MENTOR:
        raise ConflictError("이 목표는 해 볼 일을 다 하면 저절로 이룬 것으로 보여요.")
    engagement.goal_reached_at = (engagement.goal_reached_at or now) if is_reached else None


def fingerprint(engagement: Engagement) -> str:
    """Return a short name of what the agreement says, which changes with every word of it."""
    said = (
        engagement.goal,
        str(engagement.visits_planned),
        engagement.contact,
        engagement.goal_judge.value,
        engagement.agreement_version,
    )
    return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


def _require_lasting(engagement: Engagement) -> None:
    if engagement.state == EngagementState.ENDED:
        raise ConflictError("끝난 멘토링이에요. 적어 둔 약속은 그대로 볼 수 있어요.")
