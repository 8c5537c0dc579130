"""Whose need and whose engagement it is.

An open need is for every mentor to see, without name and telephone. An engagement is its two people's and the
operators'; only its mentor proposes and writes, only its merchant chooses and ticks.
"""

from sqlalchemy import ColumnElement, false, not_, or_, true

from portal.accounts.models import User
from portal.core.roles import Role
from portal.mentoring.models import Engagement, Need, NeedState


def may_view_need(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a need."""
    if user.has_role(Role.OPERATOR):
        return true()
    if user.has_role(Role.MENTOR):
        return or_(Need.merchant_id == user.id, Need.state == NeedState.OPEN)
    return may_withdraw(user)


def may_accept(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may take a need: a mentor, and not their own."""
    return Need.merchant_id != user.id if user.has_role(Role.MENTOR) else false()


def may_withdraw(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may take a need back."""
    return Need.merchant_id == user.id


def may_view(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see an engagement, its visits and its items."""
    return true() if user.has_role(Role.OPERATOR) else is_party(user)


def is_party(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` is one of an engagement's two people."""
    return or_(may_choose(user), may_lead(user))


def may_lead(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` proposes times and writes the log."""
    return Engagement.mentor_id == user.id


def may_choose_for(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` presses what a merchant says on the telephone.

    An operator who is one of the two has their own button or none.
    """
    return not_(is_party(user)) if user.has_role(Role.OPERATOR) else false()


def may_choose(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` chooses a time and ticks what is done."""
    return Engagement.merchant_id == user.id
