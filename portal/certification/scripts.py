"""Scripts of practical exams and who marks them: two people apart, each for a while, and a third if need be.

A marker takes the script that has waited longest and has it for four working hours; meanwhile nobody else
gets that place. Drafts may be half done. When two have finished the result is worked out (`marking`), or a
third place opens. Nobody who marks learns whose script it is, or what another one gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import exam_queries, marking, scoring
from portal.certification.exam_models import (
    Exam,
    ExamAttempt,
    ExamItem,
    ItemMark,
    MarkCause,
    PaperItem,
)
from portal.certification.item_html import item_html
from portal.certification.marking_models import MarkingSheet
from portal.certification.marking_queue import SHOWN, number_of, select_drafts, select_waiting
from portal.certification.qualifications import Blueprint, Subject
from portal.core import db
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.working_time import add_working_hours

LEASE_HOURS = 4
"""Working hours a marker has a script; every saving begins them anew."""
NO_SCRIPT = "맡은 답안이 아니에요. 시간이 지나 다른 분이 맡았을 수 있어요."
NOTHING_LEFT = "지금은 채점할 답안이 없어요."


@dataclass(frozen=True)
class SheetLine:
    """A script somebody has taken, in their list."""

    sheet_id: int
    number: str
    exam: str
    done: int
    places: int
    lease_until: datetime


@dataclass(frozen=True)
class Task:
    """One task of a script: what was asked, what was written, and what points are given for."""

    subject: Subject
    stem: Markup
    case: Markup
    #: What its author holds to be a good answer.
    why: str
    answer: str
    places: tuple[marking.Place, ...]


@dataclass(frozen=True)
class Script:
    """A script as its marker reads it."""

    marker_id: int
    sheet: MarkingSheet
    number: str
    exam: str
    blueprint: Blueprint
    tasks: tuple[Task, ...]


def list_mine(session: Session, marker: User) -> Sequence[SheetLine]:
    """Return the scripts this person has taken and not finished, the first to run out first."""
    rows = session.execute(
        select_drafts(marker)
        .with_only_columns(MarkingSheet, ExamAttempt, Exam)
        .order_by(None)
        .order_by(MarkingSheet.lease_until, MarkingSheet.id)
        .limit(SHOWN)
    )
    return [
        SheetLine(
            sheet.id,
            number_of(attempt),
            exam_queries.title_of(exam),
            len(sheet.points),
            len(marking.places(Blueprint.of(exam.blueprint))),
            sheet.lease_until,
        )
        for sheet, attempt, exam in rows
    ]


def take(session: Session, marker: User, *, now: datetime) -> MarkingSheet:
    """Give this person the script that has waited longest; the one they have, if they have one already.

    That one is kept even after its time, as long as nobody else took the place. Holds the scripts it looks
    at, in their order, so that many at once get different places. Raises ConflictError when there is nothing
    to mark.
    """
    for attempt_id, sheet_id in session.execute(select_drafts(marker)).all():
        db.lock(session, ExamAttempt, attempt_id)
        sheet = db.lock(session, MarkingSheet, sheet_id)
        if sheet.marker_id == marker.id and sheet.finished_at is None:
            sheet.lease_until = add_working_hours(now, LEASE_HOURS)
            return sheet
    for attempt_id in session.scalars(select_waiting(marker, now).limit(SHOWN)).all():
        db.lock(session, ExamAttempt, attempt_id)
        if session.scalar(select_waiting(marker, now).where(ExamAttempt.id == attempt_id)) is not None:
            return _take_place(session, attempt_id, marker, now=now)
    raise ConflictError(NOTHING_LEFT)


def get_script(session: Session, marker: User, sheet_id: int) -> Script:
    """Return a script its marker has taken. Raises NotFoundError for anybody else's.

    After its time it stays theirs until somebody else takes the place.
    """
    row = session.execute(
        select(MarkingSheet, ExamAttempt, Exam)
        .join(ExamAttempt, ExamAttempt.id == MarkingSheet.attempt_id)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(MarkingSheet.id == sheet_id, MarkingSheet.marker_id == marker.id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_SCRIPT)
    sheet, attempt, exam = row
    blueprint = Blueprint.of(exam.blueprint)
    tasks = tuple(_tasks(session, attempt, blueprint))
    return Script(marker.id, sheet, number_of(attempt), exam_queries.title_of(exam), blueprint, tasks)


def save(
    session: Session, script: Script, *, points: marking.Points, comment: str, finish: bool, now: datetime
) -> bool:
    """Keep the points given so far and begin the lease anew; tell whether the sheet is finished now.

    Finishing twice changes nothing. Holds the script. Raises DomainError for points there are not, for a
    comment or points that lack when finishing, NotFoundError once somebody else has the place, and
    ConflictError for other points on a finished sheet.
    """
    db.lock(session, ExamAttempt, script.sheet.attempt_id)
    sheet = db.lock(session, MarkingSheet, script.sheet.id)
    if sheet.marker_id != script.marker_id:
        raise NotFoundError(NO_SCRIPT)
    if sheet.finished_at is not None:
        if finish and sheet.points == dict(points):
            return True
        raise ConflictError("이미 채점을 마친 답안이에요. 고칠 것이 있으면 결과 화면에서 알려 주세요.")
    _refuse_points(script.blueprint, points, finish=finish)
    sheet.points, sheet.comment = dict(points), comment.strip()
    sheet.lease_until = add_working_hours(now, LEASE_HOURS)
    if finish:
        sheet.finished_at = now
        session.flush()  # the settling reads all sheets
        _settle(session, sheet.attempt_id, script.blueprint, now=now)
    return finish


def _refuse_points(blueprint: Blueprint, points: marking.Points, *, finish: bool) -> None:
    for key, words in marking.faults(blueprint, points).items():
        raise DomainError(words, field=key)
    if finish and (open_places := marking.lacking(blueprint, points)):
        raise DomainError("점수를 적어 주세요. 없으면 0점이라고 적어 주세요.", field=open_places[0])


def give_back(session: Session, script: Script) -> None:
    """Let somebody else take the place; what was drafted is gone.

    Raises ConflictError once it is finished.
    """
    sheet = db.lock(session, MarkingSheet, script.sheet.id)
    if sheet.marker_id != script.marker_id:
        raise NotFoundError(NO_SCRIPT)
    if sheet.finished_at is not None:
        raise ConflictError("이미 채점을 마친 답안이에요.")
    session.delete(sheet)


def _take_place(session: Session, attempt_id: int, marker: User, *, now: datetime) -> MarkingSheet:
    """Return this person's sheet in a free place; the caller holds the attempt and knows there is one."""
    session.flush()
    sheets = session.scalars(select(MarkingSheet).where(MarkingSheet.attempt_id == attempt_id)).all()
    until = add_working_hours(now, LEASE_HOURS)
    left = {sheet.slot: sheet for sheet in sheets if not sheet.finished_at and sheet.lease_until <= now}
    if left:
        sheet = left[min(left)]
        sheet.marker_id, sheet.points, sheet.comment = marker.id, {}, ""
        sheet.started_at, sheet.lease_until = now, until
    else:
        slot = min({1, 2, 3} - {sheet.slot for sheet in sheets})
        sheet = MarkingSheet(
            attempt_id=attempt_id,
            slot=slot,
            marker_id=marker.id,
            lease_until=until,
            points={},
            started_at=now,
        )
        session.add(sheet)
    session.flush()  # the page is its id's
    return sheet


def _settle(session: Session, attempt_id: int, blueprint: Blueprint, *, now: datetime) -> None:
    """Write the points once the finished sheets agree; the caller holds the attempt."""
    sheets = session.scalars(
        select(MarkingSheet)
        .where(MarkingSheet.attempt_id == attempt_id, MarkingSheet.finished_at.is_not(None))
        .order_by(MarkingSheet.slot)
    ).all()
    given = [marking.by_subject(blueprint, sheet.points) for sheet in sheets]
    settled = marking.settle(blueprint, given)
    if settled is None:
        return
    attempt = session.get_one(ExamAttempt, attempt_id)
    for item_id, subject in session.execute(
        select(PaperItem.item_id, PaperItem.subject).where(PaperItem.paper_id == attempt.paper_id)
    ):
        session.add(
            ItemMark(
                attempt_id=attempt_id,
                item_id=item_id,
                points=settled[subject],
                cause=MarkCause.MARKERS,
                reason=f"채점자 {len(sheets)}명",
                at=now,
            )
        )
    session.flush()  # the scoring reads the marks
    scoring.settle(session, attempt, cause="marking", now=now)


def _tasks(session: Session, attempt: ExamAttempt, blueprint: Blueprint) -> Sequence[Task]:
    answers = scoring.last_answers(session, attempt.id)
    subjects = {subject.key: subject for subject in blueprint.subjects}
    rows = session.execute(
        select(PaperItem.subject, ExamItem)
        .join(ExamItem, ExamItem.id == PaperItem.item_id)
        .where(PaperItem.paper_id == attempt.paper_id)
        .order_by(PaperItem.place)
    )
    return [
        Task(
            subjects[subject],
            item_html(item.content["stem"]),
            item_html(item.content.get("case", {}).get("text", "")),
            item.content.get("why", ""),
            str(answers[item.id].response.get("text", "")) if item.id in answers else "",
            tuple(place for place in marking.places(blueprint) if place.subject == subject),
        )
        for subject, item in rows
    ]
