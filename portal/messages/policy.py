"""Notices are read by the person they are for, and by nobody else."""

from sqlalchemy import ColumnElement

from portal.accounts.models import User
from portal.messages.models import Notice


def may_view(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a notice."""
    return Notice.user_id == user.id
