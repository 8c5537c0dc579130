"""A requirement of courses: every one of them completed."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.certification.kinds.verdict import Asked, Next, Progress, ToDo, Verdict
from portal.core import korean
from portal.courses import catalogue, queries
from portal.courses.catalogue import Course, Place
from portal.courses.models import CourseCompletion, PracticeTry, ProofReview, ReviewState
from portal.courses.toml_file import Keys


def read(keys: Keys) -> dict[str, Any]:
    """Read the courses of a requirement."""
    keys.allow("key", "kind", "title", "courses")
    return {"courses": list(keys.texts("courses"))}


def judge(session: Session, asked: Asked) -> Verdict:
    """Look at the completions. One that was granted stays, whatever is added to its course later."""
    wanted = list(asked.params["courses"])
    completions = session.scalars(
        select(CourseCompletion)
        .where(CourseCompletion.learner_id == asked.user.id, CourseCompletion.course_id.in_(wanted))
        .order_by(CourseCompletion.id)
    ).all()
    done = {each.course_id for each in completions}
    missing = [course_id for course_id in wanted if course_id not in done]
    if missing:
        return _missing(session, asked, missing[0], have=len(done), wanted=len(wanted))
    last = max(each.completed_at for each in completions)
    return Verdict(
        Progress.MET,
        f"{korean.plain_day(last)}에 {_titles(wanted)} 과정을 마쳤어요.",
        evidence=tuple(f"course_completion:{each.id}" for each in completions),
    )


def _missing(session: Session, asked: Asked, course_id: str, *, have: int, wanted: int) -> Verdict:
    course = catalogue.current().find_course(course_id)
    if course is None:
        return Verdict(Progress.NOT_YET, "들어야 할 과정이 아직 열리지 않았어요. 열리면 알려 드려요.")
    progress = queries.get_progress(session, asked.user, course)
    done = f"과정 {wanted}개 가운데 {have}개를 마쳤어요. " if have else ""
    if not progress.is_started:
        return Verdict(
            Progress.NOT_YET,
            f"{done}{korean.with_particle(f'‘{course.title}’', '을/를')} 아직 시작하지 않았어요.",
            next=next_at(progress.place or course.places[0]),
        )
    left = progress.total - progress.done
    waiting = count_waiting(session, asked, course)
    if waiting and waiting >= left:
        return Verdict(
            Progress.WAITING, f"{done}보내신 실천 {waiting}개를 멘토님이나 강사님이 확인하면 마쳐요."
        )
    return Verdict(
        Progress.NOT_YET,
        f"{done}‘{course.title}’ {progress.total}단계 가운데 {progress.done}단계를 마쳤어요.",
        next=next_at(progress.place or course.places[0]),
    )


def next_at(place: Place) -> Next:
    """Return the step at which somebody goes on in a course."""
    return Next(ToDo.COURSE, place.course.id, place.lesson.id, place.step.id)


def count_waiting(session: Session, asked: Asked, course: Course) -> int:
    """Return how many tasks of a course, done outside, wait for somebody to confirm them."""
    return (
        session.scalar(
            select(func.count(ProofReview.id))
            .join(PracticeTry, PracticeTry.id == ProofReview.try_id)
            .where(
                PracticeTry.learner_id == asked.user.id,
                PracticeTry.course_id == course.id,
                ProofReview.state == ReviewState.WAITING,
            )
        )
        or 0
    )


def _titles(course_ids: list[str]) -> str:
    found = (catalogue.current().find_course(course_id) for course_id in course_ids)
    return ", ".join(f"‘{course.title}’" for course in found if course)
