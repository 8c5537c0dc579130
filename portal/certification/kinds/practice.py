"""A requirement of practices: so many of a hundred of some courses' practices passed."""

from typing import Any

from sqlalchemy.orm import Session

from portal.certification.kinds.course import count_waiting, next_at
from portal.certification.kinds.verdict import Asked, Progress, Verdict
from portal.courses import catalogue, queries
from portal.courses.catalogue import Course
from portal.courses.toml_file import Keys


def read(keys: Keys) -> dict[str, Any]:
    """Read the courses of a requirement, and how many of a hundred practices are enough."""
    keys.allow("key", "kind", "title", "courses", "passed_percent")
    percent = keys.whole("passed_percent", least=1, most=100)
    return {"courses": list(keys.texts("courses")), "passed_percent": percent}


def judge(session: Session, asked: Asked) -> Verdict:
    """Count the practices of today's courses; those of a course completed earlier are all passed."""
    courses = [catalogue.current().find_course(course_id) for course_id in asked.params["courses"]]
    if not courses or any(course is None for course in courses):
        return Verdict(Progress.NOT_YET, "연습할 과정이 아직 열리지 않았어요. 열리면 알려 드려요.")
    progress = queries.list_progress(session, asked.user, [course for course in courses if course])
    counts = [
        _count(each.course, each.done_keys, is_complete=each.completed_at is not None) for each in progress
    ]
    passed, total = sum(passed for passed, _ in counts), sum(total for _, total in counts)
    if total and passed * 100 >= total * asked.params["passed_percent"]:
        return Verdict(
            Progress.MET,
            f"연습 {total}개 가운데 {passed}개를 맞혔어요.",
            evidence=tuple(f"practice:{each.course.id}@{each.course.version}" for each in progress),
        )
    waiting = sum(count_waiting(session, asked, each.course) for each in progress)
    if (passed + waiting) * 100 >= total * asked.params["passed_percent"]:
        return Verdict(Progress.WAITING, f"보내신 실천 {waiting}개를 멘토님이나 강사님이 확인하고 있어요.")
    going_on = next(
        each for each, (passed, total) in zip(progress, counts, strict=True) if passed < total or not total
    )
    words = f"연습 {total}개 가운데 {passed}개를 맞혔어요." if passed else f"연습 {total}개가 기다려요."
    return Verdict(Progress.NOT_YET, words, next=next_at(going_on.place or going_on.course.places[0]))


def _count(course: Course, done: frozenset[tuple[str, str]], *, is_complete: bool) -> tuple[int, int]:
    """Return how many practices of a course are passed, and how many there are."""
    keys = [place.key for place in course.places if place.step.practice is not None]
    return len(keys) if is_complete else sum(key in done for key in keys), len(keys)
