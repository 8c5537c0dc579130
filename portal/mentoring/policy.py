"""Whose need and whose engagement it is.

An open need is for every mentor to see, without name and telephone; while one mentor is asked to take it, for
that one alone. An engagement is its two people's and the operators'; only its mentor proposes and writes,
only its merchant chooses; each ticks their own. A group is its mentor's, its members' and the operators'.
"""

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from portal.accounts.models import User
from portal.core.roles import Role
from portal.mentoring.circle_models import Circle, CircleMember
from portal.mentoring.match_models import Conflict
from portal.mentoring.models import Engagement, Need, NeedState, Offer, OfferState
from portal.mentoring.visit_models import ActionItem


def may_view_need(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a need."""
    if user.has_role(Role.OPERATOR):
        return true()
    if user.has_role(Role.MENTOR):
        is_free = or_(~is_offered(), is_offered(to=user))
        of_anybody = and_(Need.state == NeedState.OPEN, is_free, ~_is_kept_from(user))
        return or_(Need.merchant_id == user.id, of_anybody)
    return may_withdraw(user)


def _is_kept_from(user: User) -> ColumnElement[bool]:
    """Return the condition that a mentor must not meet a need's merchant, or was their mentor before."""
    clashes = exists().where(
        Conflict.mentor_id == user.id, Conflict.merchant_id == Need.merchant_id, Conflict.ended_at.is_(None)
    )
    later = aliased(Need)
    was_before = exists().where(
        Engagement.mentor_id == user.id,
        Engagement.need_id == later.follows_id,
        later.merchant_id == Need.merchant_id,
    )
    return or_(clashes, was_before)


def is_offered(*, to: User | None = None) -> ColumnElement[bool]:
    """Return the condition that a mentor, or the mentor ``to``, is being asked to take a need."""
    whom = true() if to is None else Offer.mentor_id == to.id
    return exists().where(Offer.need_id == Need.id, Offer.state == OfferState.OPEN, whom)


def may_answer(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` says yes or no to an offer."""
    return Offer.mentor_id == user.id


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
    """Return the condition under which ``user`` proposes times and writes the log, while a mentor."""
    return Engagement.mentor_id == user.id if user.has_role(Role.MENTOR) else false()


def may_choose_for(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` presses what a merchant says on the telephone.

    An operator who is one of the two has their own button or none.
    """
    return not_(is_party(user)) if user.has_role(Role.OPERATOR) else false()


def may_tick(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` says that an item is done: whose it is."""
    hers = and_(may_choose(user), ActionItem.is_mentors.is_(False))
    return or_(hers, and_(may_lead(user), ActionItem.is_mentors.is_(True)))


def may_choose(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` chooses a time."""
    return Engagement.merchant_id == user.id


def reads_mentor_note(engagement: Engagement, user: User) -> bool:
    """Tell whether ``user`` reads what a mentor noted for themself: that mentor, nobody else."""
    return user.id == engagement.mentor_id


def reads_operator_note(engagement: Engagement, user: User) -> bool:
    """Tell whether ``user`` reads what a mentor told operators: they and its writer, never the merchant."""
    return user.id == engagement.mentor_id or (
        user.has_role(Role.OPERATOR) and user.id != engagement.merchant_id
    )


def may_view_circle(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a group, its people and its meetings."""
    return true() if user.has_role(Role.OPERATOR) else is_in_circle(user)


def is_in_circle(user: User) -> ColumnElement[bool]:
    """Return the condition that ``user`` teaches a group or belongs to it."""
    return or_(may_lead_circle(user), is_member(user))


def is_member(user: User) -> ColumnElement[bool]:
    """Return the condition that ``user`` belongs to a group now."""
    return exists().where(
        CircleMember.circle_id == Circle.id, CircleMember.user_id == user.id, CircleMember.left_at.is_(None)
    )


def may_lead_circle(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` plans meetings and writes down what was done."""
    return Circle.mentor_id == user.id if user.has_role(Role.MENTOR) else false()


def may_manage_circle(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` gives the number out and ends the group."""
    return true() if user.has_role(Role.OPERATOR) else may_lead_circle(user)


def has_accompanied(
    user_id: int | InstrumentedAttribute[int], other_id: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Return the condition that two people, by their ids or the columns of these, ever went together.

    One was the other's mentor, whichever of the two, or taught a group the other belonged to; also when that
    has ended.
    """
    engaged = or_(
        and_(Engagement.mentor_id == user_id, Engagement.merchant_id == other_id),
        and_(Engagement.merchant_id == user_id, Engagement.mentor_id == other_id),
    )
    in_circle = and_(
        CircleMember.circle_id == Circle.id,
        or_(
            and_(Circle.mentor_id == user_id, CircleMember.user_id == other_id),
            and_(CircleMember.user_id == user_id, Circle.mentor_id == other_id),
        ),
    )
    return or_(exists().where(engaged), exists().where(in_circle))
