"""Progress is its learner's own. Completed courses are seen by trainers and operators too."""

from sqlalchemy import ColumnElement, and_, false, true

from portal.accounts.models import User
from portal.core.roles import Role
from portal.courses.catalogue import Place
from portal.courses.models import AtStep, CourseCompletion, Enrolment, Handout, HandoutKind, LessonOpinion
from portal.courses.reply_models import Phrase

MODERATORS = frozenset({Role.TRAINER, Role.OPERATOR})
OWNED = type[AtStep] | type[LessonOpinion] | type[Enrolment] | type[CourseCompletion]


def may_view(user: User, model: OWNED) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a row of their learning: it is their own."""
    return model.learner_id == user.id


def own_at(user: User, model: type[AtStep], place: Place) -> ColumnElement[bool]:
    """Return the condition for the user's own rows of one step."""
    return and_(
        may_view(user, model),
        model.course_id == place.course.id,
        model.lesson_id == place.lesson.id,
        model.step_id == place.step.id,
    )


def may_order(user: User, kind: HandoutKind) -> bool:
    """Tell whether ``user`` may ask for this kind of handout: what is for a class is the trainers'."""
    return kind is not HandoutKind.CLASS_PACK or user.has_role(Role.TRAINER)


def may_view_handout(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a handout: whoever may ask for its kind.

    Operators see all: unmade ones are their work.
    """
    sees_all = user.has_role(Role.OPERATOR)
    return Handout.kind.in_([kind for kind in HandoutKind if sees_all or may_order(user, kind)])


def may_view_phrase() -> ColumnElement[bool]:
    """Return the condition under which whoever is signed in may read a reply of the phrase book.

    Its writer's yes stands, and no moderator took it out.
    """
    return and_(Phrase.withdrawn_at.is_(None), Phrase.removed_at.is_(None))


def may_remove_phrase(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may take a reply out of the phrase book: moderators."""
    return false() if user.roles.isdisjoint(MODERATORS) else true()
