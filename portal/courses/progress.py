"""How far somebody is, counted from what they did and what the course is today."""

from dataclasses import dataclass
from datetime import datetime

from portal.courses.catalogue import Course, Place
from portal.courses.lesson_file import Lesson


@dataclass(frozen=True)
class LessonProgress:
    """How many steps of a lesson are completed."""

    lesson: Lesson
    done: int

    @property
    def is_done(self) -> bool:
        """Tell whether every step is completed."""
        return self.done == len(self.lesson.steps)


@dataclass(frozen=True)
class CourseProgress:
    """How far one person, or nobody yet, is in a course."""

    course: Course
    done_keys: frozenset[tuple[str, str]] = frozenset()
    started_at: datetime | None = None
    #: The key of the step the learner is at.
    at: tuple[str, str] | None = None
    completed_at: datetime | None = None

    @property
    def done(self) -> int:
        """Return how many steps of today's course are completed."""
        return sum(place.key in self.done_keys for place in self.course.places)

    @property
    def total(self) -> int:
        """Return how many steps the course has."""
        return len(self.course.places)

    @property
    def is_started(self) -> bool:
        """Tell whether the learner began."""
        return self.started_at is not None

    @property
    def is_complete(self) -> bool:
        """Tell whether the course was completed and no step was added to it since."""
        return self.completed_at is not None and self.place is None

    @property
    def lessons(self) -> tuple[LessonProgress, ...]:
        """Return each lesson with its completed steps."""
        return tuple(LessonProgress(lesson, self.done_in(lesson)) for lesson in self.course.lessons)

    def done_in(self, lesson: Lesson) -> int:
        """Return how many steps of a lesson are completed."""
        return sum((lesson.id, step.id) in self.done_keys for step in lesson.steps)

    @property
    def place(self) -> Place | None:
        """Return where to go on: where the learner is, or the next step to do; None when all are done."""
        return self._next_of(self.course.places)

    def place_in(self, lesson: Lesson) -> Place:
        """Return the step at which to open a lesson: where the learner is, the next to do, or the first."""
        places = tuple(place for place in self.course.places if place.lesson.id == lesson.id)
        return self._next_of(places) or places[0]

    def _next_of(self, places: tuple[Place, ...]) -> Place | None:
        here = next((at for at, place in enumerate(places) if place.key == self.at), 0)
        in_turn = (*places[here:], *places[:here])
        return next((place for place in in_turn if place.key not in self.done_keys), None)
