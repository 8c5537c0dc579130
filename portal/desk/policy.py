"""Whose learning somebody looks at as their work: trainers and operators all, mentors that of their shops."""

from sqlalchemy import ColumnElement, and_, exists, true
from sqlalchemy.orm import InstrumentedAttribute

from portal.accounts.models import User
from portal.core.roles import Role
from portal.mentoring.models import Engagement, EngagementState


def may_check(user: User, learner_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may look at what a learner has sent; never their own."""
    is_theirs = (
        true()
        if user.has_role(Role.TRAINER) or user.has_role(Role.OPERATOR)
        else exists().where(
            Engagement.merchant_id == learner_id,
            Engagement.mentor_id == user.id,
            Engagement.state != EngagementState.ENDED,
        )
    )
    return and_(learner_id != user.id, is_theirs)
