"""A diagnosis is its learner's own."""

from sqlalchemy import ColumnElement

from portal.accounts.models import User
from portal.diagnosis.models import Diagnosis


def may_view(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see and go on with a diagnosis."""
    return Diagnosis.learner_id == user.id
