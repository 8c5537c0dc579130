"""The mentors' own course: who has completed it is 단골 멘토, everybody else is on the way."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.accounts.models import User
from portal.courses import catalogue
from portal.courses import queries as courses
from portal.courses.models import CourseCompletion

COURSE = "mentor-track"
"""The folder of the course below content/lessons."""


@dataclass(frozen=True)
class Track:
    """How far a mentor is in the course, in steps."""

    course_id: str
    title: str
    done: int
    total: int
    #: Completed once; a step that is added later takes nothing back.
    is_trained: bool


def is_trained(mentor_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Return the condition that a mentor has completed the course."""
    return exists().where(CourseCompletion.learner_id == mentor_id, CourseCompletion.course_id == COURSE)


def find_track(session: Session, mentor: User) -> Track | None:
    """Return how far a mentor is; None where the course is not taught."""
    course = catalogue.current().find_course(COURSE)
    if course is None:
        return None
    progress = courses.get_progress(session, mentor, course)
    has_completed = session.scalar(select(is_trained(User.id)).where(User.id == mentor.id))
    return Track(course.id, course.title, progress.done, progress.total, bool(has_completed))
