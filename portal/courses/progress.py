"""How far somebody is, counted from what they did and what the course is today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from operator import itemgetter

from portal.courses.catalogue import Course, Place
from portal.courses.lesson_file import Lesson


@dataclass(frozen=True)
class LessonProgress:
    """How many steps of a lesson are completed; ``number`` counts lessons from 1 over all chapters."""

    number: int
    lesson: Lesson
    done: int
    opener: Place | None

    @property
    def is_done(self) -> bool:
        """Tell whether every step is completed."""
        return self.done == len(self.lesson.steps)


@dataclass(frozen=True)
class ChapterProgress:
    """The lessons of a chapter, each with how far it is done."""

    title: str
    lessons: tuple[LessonProgress, ...]


@dataclass(frozen=True)
class CourseProgress:
    """How far one person, or nobody yet, is in a course."""

    course: Course
    done_keys: frozenset[tuple[str, str]] = frozenset()
    started_at: datetime | None = None
    #: The key of the step the learner is at.
    at: tuple[str, str] | None = None
    completed_at: datetime | None = None
    #: When the learner last did anything in the course.
    moved_at: datetime | None = None

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
    def chapters(self) -> tuple[ChapterProgress, ...]:
        """Return each chapter with how far its lessons are done."""
        numbers = count(1)
        return tuple(
            ChapterProgress(
                chapter.title,
                tuple(
                    LessonProgress(next(numbers), lesson, self.done_in(lesson), self.opener(lesson))
                    for lesson in chapter.lessons
                ),
            )
            for chapter in self.course.chapters
        )

    def opener(self, lesson: Lesson) -> Place | None:
        """Return the first step still to complete before the lesson opens; None for an open lesson.

        A lesson somebody has completed steps of stays open: a later edit closes nothing.
        """
        if self.started_at is None or self.done_in(lesson):
            return None
        return next(
            (
                place
                for place in self.course.places
                if place.key not in self.done_keys
                and (place.lesson.id in lesson.after or "/".join(place.key) in lesson.after)
            ),
            None,
        )

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
        left = [place for place in (*places[here:], *places[:here]) if place.key not in self.done_keys]
        return next((place for place in left if self.opener(place.lesson) is None), next(iter(left), None))


def last_in(courses: Iterable[CourseProgress]) -> CourseProgress | None:
    """Return the course the learner was in last, of those with a step left; None if nothing begun is left."""
    begun = [(each.moved_at, each) for each in courses if each.moved_at and each.place]
    return max(begun, key=itemgetter(0))[1] if begun else None
