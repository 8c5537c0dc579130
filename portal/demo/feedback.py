"""What the demo world says about lessons, and the papers it asked for."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.courses import catalogue, feedback, handouts
from portal.courses import operations as courses
from portal.courses.models import Ending, HandoutKind
from portal.demo.learning import People, at, path_of
from portal.demo.stories import Story


def tell_opinion(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Say whether a lesson helped."""
    course_id, lesson_id = row["at"].split("/")
    course = catalogue.current().course(course_id)
    yield (moment := now - timedelta(hours=row["ago"]))
    feedback.give_opinion(
        session,
        people[row["by"]],
        course,
        course.lesson(lesson_id),
        helped=row["helped"],
        reason=row["reason"],
        now=moment,
    )


def tell_report(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Say that a step differs from a screen, and perhaps let a trainer answer."""
    place = at(row["at"])
    yield (moment := now - timedelta(hours=row["ago"]))
    report = feedback.report(session, people[row["by"]], place, seen=row["seen"], now=moment)
    if "answerer" not in row:
        return
    yield (answered := now - timedelta(hours=row["answered"]))
    feedback.close(
        session,
        report.task_id,
        people[row["answerer"]],
        ending=Ending.AS_IT_IS,
        answer=row["answer"],
        path=path_of(place),
        now=answered,
    )


def tell_handout(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Ask for a lesson or the steps of a course on paper."""
    kind, lesson_id, size_pt = HandoutKind(row["kind"]), row.get("lesson", ""), row["size"]
    course = catalogue.current().course(row["course"])
    yield (moment := now - timedelta(hours=row["ago"]))
    courses.order_handout(
        session,
        people[row["by"]],
        kind,
        course.id,
        lesson_id,
        size_pt=size_pt,
        content_hash=handouts.write(kind, course, lesson_id, size_pt).content_hash,
        now=moment,
    )
