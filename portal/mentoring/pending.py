"""What waits for a member of staff in mentoring, to be counted on their desk."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from portal.accounts.models import User
from portal.core import work
from portal.core.pending import Counted, counted
from portal.core.roles import Role
from portal.mentoring import policy, referral_queries
from portal.mentoring.models import Engagement, Need, NeedState, Referral
from portal.mentoring.plan_models import PlanPaper
from portal.mentoring.visit_models import Appeal, Visit, VisitState


def of(user: User, *, now: datetime) -> Iterator[Counted]:
    """Yield what counts each kind of work this person has here."""
    if user.has_role(Role.MENTOR):
        begun = (
            select(Visit)
            .join(Engagement, Engagement.id == Visit.engagement_id)
            .where(policy.may_lead(user), Visit.state == VisitState.AGREED, Visit.starts_at <= now)
            .order_by(Visit.starts_at, Visit.id)
        )
        yield counted("visits", begun, Visit.starts_at)
        open_needs = (
            select(Need)
            .where(policy.may_view_need(user), Need.state == NeedState.OPEN, Need.merchant_id != user.id)
            .order_by(Need.id)
        )
        yield counted("needs", open_needs, Need.created_at)
    if user.has_role(Role.OPERATOR):
        missed = select(Appeal).where(Appeal.decided_at.is_(None)).order_by(Appeal.id)
        yield counted("visit-appeals", missed, Appeal.made_at)
        yield referrals(now)


def referrals(now: datetime) -> Counted:
    """Return what counts the questions that wait too long for a specialist, or have none."""
    waiting = select(Referral).where(referral_queries.waits_too_long(now)).order_by(Referral.id)
    return counted(
        "referrals", waiting, Referral.made_at, is_late=Referral.made_at < referral_queries.late_before(now)
    )


def of_jobs() -> Iterator[Counted]:
    """Yield what counts the papers that could not be made, for operators."""
    yield counted("job:plans", select(PlanPaper).where(work.has_failed(PlanPaper)), None)
