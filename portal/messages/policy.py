"""Notices are read by the person they are for, and by nobody else."""

from sqlalchemy import ColumnElement

from portal.messages.models import Notice


def may_view(user_id: int | ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition under which somebody, in kept statements whoever is given, may see a notice."""
    return Notice.user_id == user_id
