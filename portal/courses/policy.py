"""Progress is its learner's own. Completed courses are seen by trainers and operators too."""

from sqlalchemy import ColumnElement, and_

from portal.accounts.models import User
from portal.courses.catalogue import Place
from portal.courses.models import (
    CourseCompletion,
    Draft,
    Enrolment,
    LessonOpinion,
    PracticeTry,
    StepCompletion,
)

OWNED = (
    type[LessonOpinion]
    | type[Enrolment]
    | type[StepCompletion]
    | type[PracticeTry]
    | type[Draft]
    | type[CourseCompletion]
)
AT_STEP = type[StepCompletion] | type[PracticeTry] | type[Draft]


def may_view(user: User, model: OWNED) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a row of their learning: it is their own."""
    return model.learner_id == user.id


def own_at(user: User, model: AT_STEP, place: Place) -> ColumnElement[bool]:
    """Return the condition for the user's own rows of one step."""
    return and_(
        may_view(user, model),
        model.course_id == place.course.id,
        model.lesson_id == place.lesson.id,
        model.step_id == place.step.id,
    )
