"""Eight at once, on both engines."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db
from portal.courses import operations
from portal.courses.catalogue import Catalogue
from portal.courses.models import CourseCompletion, Draft, Enrolment, PracticeTry, StepCompletion
from tests.factories import make_step_completion, make_user

Race = Callable[[list[Callable[[], Any]]], list[Any]]


def finish(small: Catalogue, learner: User, lesson_id: str, step_id: str) -> Callable[[], None]:
    place = small.place("small", lesson_id, step_id)

    def call() -> None:
        with db.transaction() as session:
            operations.complete_reading(session, learner, place, now=clock.now())

    return call


def pick(small: Catalogue, learner: User, number: int) -> Callable[[], int]:
    place = small.place("small", "first", "practice-pick")

    def call() -> int:
        with db.transaction() as session:
            answer = {"choice": "weather"}
            tried = operations.answer(session, learner, place, number=number, answer=answer, now=clock.now())
        return tried.id

    return call


def save(small: Catalogue, learner: User) -> Callable[[], None]:
    place = small.place("small", "first", "practice-sum")

    def call() -> None:
        with db.transaction() as session:
            operations.save_draft(session, learner, place, number=1, answer={"amount": "12"}, now=clock.now())

    return call


def count(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_course_is_completed_once(committed: Session, race: Race, small: Catalogue) -> None:
    learner = make_user(committed)
    for place in small.courses[0].places[:-1]:
        make_step_completion(committed, learner, *place.key, course_id="small")
    committed.commit()

    results = race([finish(small, learner, "second", "back")] * 8)

    assert results == [None] * 8
    assert count(committed, CourseCompletion) == 1
    assert count(committed, StepCompletion) == 6


def test_two_last_steps_at_once_complete_the_course(committed: Session, race: Race, small: Catalogue) -> None:
    learner = make_user(committed)
    for place in small.courses[0].places[1:-1]:
        make_step_completion(committed, learner, *place.key, course_id="small")
    committed.commit()

    results = race([finish(small, learner, "second", "back"), finish(small, learner, "first", "fee")] * 4)

    assert results == [None] * 8
    assert count(committed, CourseCompletion) == 1


def test_beginning_on_eight_devices_is_beginning_once(
    committed: Session, race: Race, small: Catalogue
) -> None:
    learner = make_user(committed)
    committed.commit()

    assert race([finish(small, learner, "first", "fee")] * 8) == [None] * 8
    assert count(committed, Enrolment) == count(committed, StepCompletion) == 1


def test_one_answer_pressed_eight_times_is_one_try(committed: Session, race: Race, small: Catalogue) -> None:
    learner = make_user(committed)
    committed.commit()

    results = race([pick(small, learner, 1)] * 8)

    assert len(set(results)) == 1
    assert count(committed, PracticeTry) == 1


def test_eight_drafts_are_one(committed: Session, race: Race, small: Catalogue) -> None:
    learner = make_user(committed)
    committed.commit()

    assert race([save(small, learner)] * 8) == [None] * 8
    assert count(committed, Draft) == 1
