"""Whose account a person may see."""

from sqlalchemy import ColumnElement

from portal.accounts.models import SignIn, User


def may_end(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may end a device's session: their own only."""
    return SignIn.user_id == user.id
