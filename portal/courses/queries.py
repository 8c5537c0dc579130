"""Reading courses and what people did in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import work
from portal.core.errors import NotFoundError
from portal.core.i18n import gettext as _
from portal.courses import catalogue, policy
from portal.courses.catalogue import Course, Place
from portal.courses.models import (
    CourseCompletion,
    Draft,
    Enrolment,
    Handout,
    PracticeTry,
    ProofReview,
    ReviewState,
    StepCompletion,
    StepNote,
)
from portal.courses.progress import CourseProgress, last_in
from portal.courses.rehearsal_models import Rehearsal, RehearsalLog
from portal.practice import kinds

PAGE_SIZE = 20


@dataclass(frozen=True)
class Resume:
    """Where a learner goes on, in words and in the pieces of its address."""

    course_id: str
    lesson_id: str
    step_id: str
    course_title: str
    lesson_title: str
    step_title: str
    #: Which step of its lesson it is, from 1, and how many the lesson has.
    step_number: int
    steps_in_lesson: int
    minutes: int
    #: Completed and all steps of the course.
    done: int
    total: int


@dataclass(frozen=True)
class PracticeState:
    """What a learner last did in a practice step."""

    last_try: PracticeTry | None = None
    draft: Draft | None = None
    #: Of the last try, where a person confirms it.
    review: ProofReview | None = None

    @property
    def is_waiting(self) -> bool:
        """Tell whether the last try waits for somebody to confirm it."""
        return self.review is not None and self.review.state is ReviewState.WAITING

    @property
    def has_passed(self) -> bool:
        """Tell whether the last try passed, or was confirmed."""
        if self.review is not None:
            return self.review.state is ReviewState.CONFIRMED
        return self.last_try is not None and self.last_try.passed

    @property
    def hints(self) -> int:
        """Return how many hints are open; they stay open until the practice passes."""
        if self.draft is not None:
            return self.draft.hints
        return self.last_try.hints if self.last_try is not None and not self.has_passed else 0


def list_progress(
    session: Session, user: User | None, courses: Sequence[Course] | None = None
) -> list[CourseProgress]:
    """Return these courses, or all, with how far the person is; for a visitor, every one not begun."""
    return _progress(session, user, catalogue.current().courses if courses is None else courses)


def get_progress(session: Session, user: User | None, course: Course) -> CourseProgress:
    """Return how far the person is in a course."""
    return _progress(session, user, (course,))[0]


def _progress(session: Session, user: User | None, courses: Sequence[Course]) -> list[CourseProgress]:
    if user is None:
        return [CourseProgress(course) for course in courses]
    course_ids = [course.id for course in courses]
    enrolments = session.scalars(
        select(Enrolment).where(policy.may_view(user, Enrolment), Enrolment.course_id.in_(course_ids))
    ).all()
    steps = session.execute(
        select(StepCompletion.course_id, StepCompletion.lesson_id, StepCompletion.step_id).where(
            policy.may_view(user, StepCompletion), StepCompletion.course_id.in_(course_ids)
        )
    ).all()
    completions = session.scalars(
        select(CourseCompletion).where(
            policy.may_view(user, CourseCompletion), CourseCompletion.course_id.in_(course_ids)
        )
    ).all()
    begun = {enrolment.course_id: enrolment for enrolment in enrolments}
    completed = {completion.course_id: completion.completed_at for completion in completions}
    return [
        CourseProgress(
            course,
            frozenset(
                (lesson_id, step_id) for course_id, lesson_id, step_id in steps if course_id == course.id
            ),
            begun[course.id].started_at if course.id in begun else None,
            (begun[course.id].lesson_id, begun[course.id].step_id) if course.id in begun else None,
            completed.get(course.id),
            begun[course.id].moved_at if course.id in begun else None,
        )
        for course in courses
    ]


def find_resume(session: Session, user: User) -> Resume | None:
    """Return where the person goes on in the course they were last in; None if nothing begun is left."""
    last = last_in(list_progress(session, user, catalogue.spoken().courses))
    return _resume(last.place, last) if last and last.place else None


def _resume(place: Place, progress: CourseProgress) -> Resume:
    return Resume(
        course_id=place.course.id,
        lesson_id=place.lesson.id,
        step_id=place.step.id,
        course_title=place.course.title,
        lesson_title=place.lesson.title,
        step_title=place.step.title,
        step_number=place.number,
        steps_in_lesson=len(place.lesson.steps),
        minutes=place.lesson.minutes,
        done=progress.done,
        total=progress.total,
    )


def get_practice_state(session: Session, user: User, place: Place) -> PracticeState:
    """Return the person's last try and draft in a step, and what was said to the try."""
    last = session.scalar(
        select(PracticeTry)
        .where(policy.own_at(user, PracticeTry, place))
        .order_by(PracticeTry.number.desc())
        .limit(1)
    )
    draft = session.scalar(select(Draft).where(policy.own_at(user, Draft, place)))
    review = None
    if last is not None and place.step.practice and kinds.is_confirmed_by_people(place.step.practice):
        review = session.scalar(select(ProofReview).where(ProofReview.try_id == last.id))
    return PracticeState(last, draft, review)


def count_rehearsals(session: Session, user: User, place: Place) -> int:
    """Return how many rehearsals of a step the person has written down."""
    statement = (
        select(func.count())
        .select_from(Rehearsal)
        .join(RehearsalLog, RehearsalLog.rehearsal_id == Rehearsal.id)
        .where(policy.own_at(user, Rehearsal, place))
    )
    return session.scalar(statement) or 0


def find_photo(session: Session, user: User, place: Place, number: int) -> str:
    """Return the key of the picture a person sent in a try; raises NotFoundError."""
    answer = session.scalar(
        select(PracticeTry.answer).where(
            policy.own_at(user, PracticeTry, place), PracticeTry.number == number
        )
    )
    if not answer or not answer.get("photo"):
        raise NotFoundError(_("찾는 사진이 없어요."))
    return answer["photo"]


def find_note(session: Session, user: User, place: Place) -> StepNote | None:
    """Return what the person wrote down at a step, or None."""
    note: StepNote | None = session.scalar(select(StepNote).where(policy.own_at(user, StepNote, place)))
    return note


def list_notes(session: Session, user: User, course: Course) -> Sequence[StepNote]:
    """Return everything the person wrote down in a course, the oldest first."""
    return session.scalars(
        select(StepNote)
        .where(policy.may_view(user, StepNote), StepNote.course_id == course.id, StepNote.text != "")
        .order_by(StepNote.id)
    ).all()


def get_handout(session: Session, user: User, handout_id: int) -> Handout:
    """Return a handout this person may have; raises NotFoundError."""
    handout: Handout | None = session.scalar(
        select(Handout).where(Handout.id == handout_id, policy.may_view_handout(user))
    )
    if handout is None:
        raise NotFoundError("찾는 인쇄물이 없어요. 수업에서 다시 받아 주세요.")
    return handout


def list_failed_handouts(session: Session) -> Sequence[Handout]:
    """Return the handouts that could not be made yet, the longest waiting first: for the page of jobs."""
    return session.scalars(
        select(Handout).where(work.has_failed(Handout)).order_by(Handout.id).limit(PAGE_SIZE)
    ).all()


def list_due_handout_ids(session: Session, now: datetime) -> list[int]:
    """Return the handouts a worker should make now."""
    return work.list_due(session, Handout, now=now)


def names_photo(session: Session, key: str) -> bool:
    """Tell whether any practice names the picture stored under ``key``."""
    named = (exists().where(model.answer["photo"].as_string() == key) for model in (PracticeTry, Draft))
    return bool(session.scalar(select(or_(*named))))
