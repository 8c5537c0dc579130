"""Questions are public, their pictures are not; staff answer; only the asker asks on and accepts.

A late question is handed to another mentor by operators.
"""

from sqlalchemy import ColumnElement, and_, false, or_, true

from portal.accounts.models import User
from portal.community import moderation_models  # noqa: F401 - known to the mapper
from portal.community.models import Question
from portal.core.roles import STAFF, Role


def may_accept(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may say that an answer solved the question."""
    return false() if user is None else Question.author_id == user.id


def may_follow_up(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may ask on."""
    return may_accept(user)


def may_answer(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may answer: staff, and never themself."""
    return and_(_is_staff(user), Question.author_id != user.id) if user is not None else false()


def may_hand_over(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may give a question to another mentor: operators."""
    return true() if user is not None and user.has_role(Role.OPERATOR) else false()


def may_see_picture(user: User | None) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see the picture.

    Numbers in a text can be found and masked, those in a picture cannot: so it is not public.
    """
    return or_(may_accept(user), _is_staff(user))


def _is_staff(user: User | None) -> ColumnElement[bool]:
    return true() if user is not None and not user.roles.isdisjoint(STAFF) else false()
