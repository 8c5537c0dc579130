"""From marks to a result: whole points only, nothing rounded, and a person's mark wins for ever."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.certification import generated, grading
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAnswer,
    ExamAttempt,
    ExamItem,
    ExamPaper,
    ExamResult,
    ItemMark,
    MarkCause,
    PaperItem,
)
from portal.certification.qualifications import Blueprint
from portal.core import db


@dataclass(frozen=True)
class Score:
    """What an attempt comes to."""

    subjects: dict[str, int]
    total: int
    passed: bool
    #: Subjects below the least each must have (과락).
    failed_subjects: tuple[str, ...]


def score(blueprint: Blueprint, points: Iterable[tuple[str, int]]) -> Score:
    """Add up points given by subject.

    It is passed with ``pass_average`` on average and ``pass_subject`` in each. The average is never worked
    out: 299 points in five subjects stand against 60 × 5 = 300, so 59.8 fails, as one subject with 39 does.
    """
    subjects = {subject.key: 0 for subject in blueprint.subjects}
    for subject, each in points:
        subjects[subject] = subjects.get(subject, 0) + each
    total = sum(subjects.values())
    failed = tuple(key for key, each in subjects.items() if each < blueprint.pass_subject)
    passed = total >= blueprint.pass_average * len(blueprint.subjects) and not failed
    return Score(subjects, total, passed, failed)


def last_answers(session: Session, attempt_id: int) -> dict[int, ExamAnswer]:
    """Return the answer that counts for each item that has one: the last saved."""
    rows = session.scalars(
        select(ExamAnswer)
        .where(ExamAnswer.attempt_id == attempt_id)
        .order_by(ExamAnswer.item_id, ExamAnswer.seq)
    )
    return {row.item_id: row for row in rows}


def marks_in_force(session: Session, attempt_id: int) -> dict[int, ItemMark]:
    """Return the mark that counts for each item that has one: a person's last one, else the last one."""
    rows = session.scalars(select(ItemMark).where(ItemMark.attempt_id == attempt_id).order_by(ItemMark.id))
    counted: dict[int, ItemMark] = {}
    for row in rows:
        before = counted.get(row.item_id)
        if before is None or before.cause is not MarkCause.PERSON or row.cause is MarkCause.PERSON:
            counted[row.item_id] = row
    return counted


def numbers_of(paper: ExamPaper, item: ExamItem) -> dict[str, int]:
    """Return the drawn numbers of an item on a paper: the same on screen and in the paper twin."""
    return generated.drawn(item.content, f"{paper.seed}/{item.id}")


def mark_by_rules(session: Session, attempt: ExamAttempt, *, now: datetime) -> None:
    """Mark every item rules can judge and nobody has marked yet. Twice changes nothing."""
    paper = session.get_one(ExamPaper, attempt.paper_id)
    answers, marked = last_answers(session, attempt.id), marks_in_force(session, attempt.id)
    for place in places(session, attempt.paper_id):
        if place.item.kind not in grading.BY_RULES or place.item_id in marked:
            continue
        answer = answers.get(place.item_id)
        right = answer is not None and grading.is_right(
            place.item.kind, place.item.content, answer.response, numbers_of(paper, place.item)
        )
        session.add(
            ItemMark(
                attempt_id=attempt.id,
                item_id=place.item_id,
                points=place.points if right else 0,
                cause=MarkCause.RULES,
                at=now,
            )
        )
    session.flush()  # the result is worked out from rows


def places(session: Session, paper_id: int) -> Sequence[PaperItem]:
    """Return what a paper asks, by place, with its items."""
    return session.scalars(
        select(PaperItem)
        .where(PaperItem.paper_id == paper_id)
        .options(joinedload(PaperItem.item))
        .order_by(PaperItem.place)
    ).all()


def settle(session: Session, attempt: ExamAttempt, *, cause: str, now: datetime) -> ExamResult | None:
    """Work out the result of a finished attempt and write it down where it is new or another than before.

    Returns the result that counts, or None while the attempt is open, void, or an item has no mark yet.
    """
    attempt = db.lock(session, ExamAttempt, attempt.id)
    if attempt.state in {AttemptState.OPEN, AttemptState.VOID}:
        return None
    marks = marks_in_force(session, attempt.id)
    asked = places(session, attempt.paper_id)
    if any(place.item_id not in marks for place in asked):
        return None
    exam = session.get_one(Exam, attempt.exam_id)
    scored = score(
        Blueprint.of(exam.blueprint), [(place.subject, marks[place.item_id].points) for place in asked]
    )
    before = result_of(session, attempt.id)
    if before and _is_same(before, scored):
        return before
    result = ExamResult(
        attempt_id=attempt.id,
        seq=before.seq + 1 if before else 1,
        subjects=scored.subjects,
        total=scored.total,
        passed=scored.passed,
        cause=cause,
        at=now,
    )
    session.add(result)
    session.flush()  # whoever settles again sees it
    return result


def result_of(session: Session, attempt_id: int) -> ExamResult | None:
    """Return the result that counts: the last."""
    return session.scalars(
        select(ExamResult).where(ExamResult.attempt_id == attempt_id).order_by(ExamResult.seq.desc()).limit(1)
    ).first()


def _is_same(result: ExamResult, scored: Score) -> bool:
    subjects: Mapping[str, int] = result.subjects
    return subjects == scored.subjects and (result.total, result.passed) == (scored.total, scored.passed)
