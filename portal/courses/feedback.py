"""What learners say about lessons: whether one helped, and where a step differs from their screen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from portal.accounts.models import User
from portal.core import db
from portal.core.errors import ConflictError, NotFoundError
from portal.core.i18n import gettext as _
from portal.core.i18n import noted
from portal.courses import catalogue, operations, policy
from portal.courses.catalogue import Course, Place
from portal.courses.lesson_file import Lesson
from portal.courses.models import Ending, LessonOpinion, StepReport, StepTask
from portal.messages import operations as messages

LONGEST = 1000
"""Characters of a reason, a report and an answer."""

_JUST_MENDED = noted("방금 이 단계를 살펴보고 답했어요. 화면을 다시 열어 봐 주세요.")
OPINIONS = 50
"""How many of the newest opinions a trainer sees."""


@dataclass(frozen=True)
class TaskLine:
    """An open task as a list shows it; titles are of today's content, empty for a step that is gone."""

    id: int
    course_title: str
    step_title: str
    reports: int
    opened_at: datetime


@dataclass(frozen=True)
class OpinionLine:
    """One opinion with the title of its lesson; the learner is not named."""

    lesson_title: str
    helped: bool
    reason: str
    given_at: datetime


def give_opinion(
    session: Session,
    learner: User,
    course: Course,
    lesson: Lesson,
    *,
    helped: bool,
    reason: str | None,
    now: datetime,
) -> None:
    """Keep whether a lesson helped; a second opinion takes the place of the first.

    Without a reason (None) the one given before stays.
    """
    operations.enrol(session, learner, course, now=now)  # its lock lets two devices come one after the other
    opinion = find_opinion(session, learner, course, lesson)
    if opinion is None:
        opinion = LessonOpinion(learner_id=learner.id, course_id=course.id, lesson_id=lesson.id, reason="")
        session.add(opinion)
    opinion.helped, opinion.given_at = helped, now
    opinion.reason = opinion.reason if reason is None else reason


def find_opinion(session: Session, learner: User, course: Course, lesson: Lesson) -> LessonOpinion | None:
    """Return what the learner said of a lesson."""
    return session.scalar(
        select(LessonOpinion).where(
            policy.may_view(learner, LessonOpinion),
            LessonOpinion.course_id == course.id,
            LessonOpinion.lesson_id == lesson.id,
        )
    )


def report(session: Session, learner: User, place: Place, *, seen: str, now: datetime) -> StepReport:
    """Tell the trainers that a step differs from a screen: one open task a step, one report a learner in it.

    Raises ConflictError for a learner who has told it already.
    """
    task = db.lock(session, StepTask, _open_task(session, place, now=now))
    if task.closed_at is not None:  # by a trainer, while we waited for the lock
        raise ConflictError(_JUST_MENDED)
    told = session.scalar(
        select(StepReport.id).where(StepReport.task_id == task.id, StepReport.learner_id == learner.id)
    )
    if told is not None:
        raise ConflictError(_("이 단계는 이미 알려 주셨어요. 고치면 알림으로 답해 드릴게요."))
    made = StepReport(
        task_id=task.id,
        learner_id=learner.id,
        seen=seen,
        content_hash=place.step.content_hash,
        created_at=now,
    )
    session.add(made)
    return made


def _open_task(session: Session, place: Place, *, now: datetime) -> int:
    """Return the id of the step's open task, made if there is none."""
    find = select(StepTask.id).where(
        StepTask.course_id == place.course.id,
        StepTask.lesson_id == place.lesson.id,
        StepTask.step_id == place.step.id,
        StepTask.closed_at.is_(None),
    )
    key = session.scalar(find)
    if key is None:
        task = StepTask(
            course_id=place.course.id,
            lesson_id=place.lesson.id,
            step_id=place.step.id,
            content_hash=place.step.content_hash,
            opened_at=now,
        )
        try:
            with session.begin_nested():
                session.add(task)
        except IntegrityError:
            pass  # another learner opened it in this moment
        key = session.scalar(find)
    if key is None:
        raise ConflictError(_JUST_MENDED)
    return key


def close(
    session: Session, task_id: int, trainer: User, *, ending: Ending, answer: str, path: str, now: datetime
) -> None:
    """End a task and answer everybody who reported; ``path`` is the step's page.

    Raises NotFoundError for no such task, ConflictError for one that has ended, and for a task that is said
    to be fixed while the step reads as it did.
    """
    task = db.lock(session, StepTask, task_id)
    if task.closed_at is not None:
        raise ConflictError("다른 분이 이미 답한 일이에요.")
    if ending is Ending.FIXED and not has_changed(task):
        raise ConflictError("이 단계의 글이 아직 그대로예요. 고친 글을 올린 다음에 눌러 주세요.")
    task.closed_at, task.closed_by_id, task.ending, task.answer = now, trainer.id, ending, answer
    for each in session.execute(
        select(StepReport.id, StepReport.learner_id).where(StepReport.task_id == task.id)
    ):
        messages.notify(
            session,
            user_id=each.learner_id,
            cause=f"step-report:{each.id}",
            message="step-mended" if ending is Ending.FIXED else "step-looked-at",
            values={"answer": answer},
            path=path,
            now=now,
        )


def has_changed(task: StepTask) -> bool:
    """Tell whether the step reads otherwise than when it was reported, or is gone."""
    place = find_place(task)
    return place is None or place.step.content_hash != task.content_hash


def find_place(task: StepTask) -> Place | None:
    """Return the step of a task, or None if it is taught no more."""
    try:
        return catalogue.current().place(task.course_id, task.lesson_id, task.step_id)
    except NotFoundError:
        return None


def list_tasks(session: Session) -> Sequence[TaskLine]:
    """Return the open tasks, the oldest first."""
    rows = session.execute(
        select(StepTask, func.count(StepReport.id))
        .join(StepReport, StepReport.task_id == StepTask.id)
        .where(StepTask.closed_at.is_(None))
        .group_by(StepTask.id)
        .order_by(StepTask.opened_at, StepTask.id)
    ).all()
    lines = []
    for task, reports in rows:
        place = find_place(task)
        titles = (place.course.title, place.step.title) if place else (task.course_id, task.step_id)
        lines.append(TaskLine(task.id, *titles, reports, task.opened_at))
    return lines


def get_task(session: Session, task_id: int) -> StepTask:
    """Return a task with its reports and who wrote them; raises NotFoundError."""
    task = session.scalar(
        select(StepTask)
        .options(selectinload(StepTask.reports).joinedload(StepReport.learner))
        .where(StepTask.id == task_id)
    )
    if task is None:
        raise NotFoundError("찾는 일이 없어요. 목록에서 다시 골라 주세요.")
    return task


def list_opinions(session: Session) -> list[OpinionLine]:
    """Return the newest opinions that say something to an author: a reason, or that a lesson was hard."""
    rows = session.scalars(
        select(LessonOpinion)
        .where((LessonOpinion.reason != "") | LessonOpinion.helped.is_(False))
        .order_by(LessonOpinion.given_at.desc(), LessonOpinion.id.desc())
        .limit(OPINIONS)
    ).all()
    titles = {
        (course.id, lesson.id): lesson.title
        for course in catalogue.current().courses
        for lesson in course.lessons
    }
    return [
        OpinionLine(
            titles.get((row.course_id, row.lesson_id), row.lesson_id), row.helped, row.reason, row.given_at
        )
        for row in rows
    ]
