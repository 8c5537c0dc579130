"""What somebody reads of their own exam: passed or not, points by subject, what to study, their answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import bank, exam_queries, generated, papers, scoring
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAttempt,
    ExamItem,
    ExamKind,
    ExamPaper,
    ExamResult,
    MarkCause,
    PaperItem,
)
from portal.certification.item_html import item_html
from portal.certification.marking_models import MarkingSheet
from portal.certification.qualifications import Blueprint, Subject
from portal.core.errors import NotFoundError

NO_RESULT = "찾는 결과가 없어요. 자격 화면에서 다시 골라 주세요."
STEPS_EACH, STEPS_IN_ALL = 3, 5
ANSWERS_ON_PAGE = 40
"""More than these are shown one subject at a time, or the page would be too heavy for a slow line."""
CAUSES = {"marking": "채점", "regrade": "재채점", "appeal": "이의 신청"}


@dataclass(frozen=True)
class SubjectLine:
    """One subject in words and points."""

    title: str
    points: int
    words: str
    is_enough: bool


@dataclass(frozen=True)
class StudyStep:
    """A step to look at again."""

    title: str
    course_id: str
    lesson_id: str
    step_id: str


@dataclass(frozen=True)
class AnswerLine:
    """One question as its person saw it, what they answered, and what is right."""

    number: int
    subject: str
    stem: Markup
    case: Markup
    said: str
    right: str
    why: str
    points: int
    most: int
    #: Whether somebody set the points in person.
    is_by_person: bool


@dataclass(frozen=True)
class Shown:
    """Everything about one attempt that its person may know."""

    attempt: ExamAttempt
    exam: Exam
    title: str
    is_released: bool
    result: ExamResult | None
    #: Why it is not passed; empty where it is.
    reason: str
    subjects: tuple[SubjectLine, ...]
    study: tuple[StudyStep, ...]
    answers: tuple[AnswerLine, ...]
    #: What markers of a practical exam say, without their names.
    comments: tuple[str, ...]
    #: Results after the first, each with what it came from and when.
    changes: tuple[tuple[str, datetime], ...]


def by_subject(
    answers: Sequence[AnswerLine], chosen: str
) -> tuple[Sequence[AnswerLine], tuple[tuple[str, bool], ...]]:
    """Return the answers to show and the subjects to choose from, each with whether it is the one shown.

    Few answers are shown whole, with nothing to choose; an unknown choice is the first subject.
    """
    subjects = tuple(dict.fromkeys(line.subject for line in answers))
    if len(answers) <= ANSWERS_ON_PAGE:
        return answers, ()
    shown = chosen if chosen in subjects else subjects[0]
    of_it = [line for line in answers if line.subject == shown]
    return of_it, tuple((subject, subject == shown) for subject in subjects)


def find_last(session: Session, user: User, exam_id: int) -> int:
    """Return the person's last attempt at a session that counts. Raises NotFoundError where there is none."""
    found = session.scalar(
        select(ExamAttempt.id)
        .where(
            ExamAttempt.exam_id == exam_id,
            ExamAttempt.user_id == user.id,
            ExamAttempt.state != AttemptState.VOID,
        )
        .order_by(ExamAttempt.id.desc())
        .limit(1)
    )
    if found is None:
        raise NotFoundError(NO_RESULT)
    return found


def get_own(session: Session, user: User, attempt_id: int) -> Shown:
    """Return one's own attempt: all of it once the session is released, before that no more than that it is.

    Raises NotFoundError for somebody else's.
    """
    row = session.execute(
        select(ExamAttempt, Exam)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(ExamAttempt.id == attempt_id, ExamAttempt.user_id == user.id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_RESULT)
    return show(session, row[0], row[1])


def show(session: Session, attempt: ExamAttempt, exam: Exam) -> Shown:
    """Return what there is to know of an attempt; the caller has authorised its reader."""
    title = exam_queries.title_of(exam)
    result = scoring.result_of(session, attempt.id) if exam.released_at else None
    if result is None or attempt.state is AttemptState.VOID:
        released = exam.released_at is not None
        return Shown(attempt, exam, title, released, None, "", (), (), (), (), ())
    blueprint = Blueprint.of(exam.blueprint)
    is_written = exam.kind is ExamKind.WRITTEN
    places = papers.in_order(attempt, blueprint, scoring.places(session, attempt.paper_id))
    marks = scoring.marks_in_force(session, attempt.id)
    weak = [place for place in places if marks[place.item_id].points * 100 < place.points * 60]
    weak.sort(key=lambda place: result.subjects.get(place.subject, 0))
    return Shown(
        attempt=attempt,
        exam=exam,
        title=title,
        is_released=True,
        result=result,
        reason=_reason(blueprint, result),
        subjects=tuple(_line(blueprint, subject, result) for subject in blueprint.subjects),
        study=tuple(_study(weak)),
        answers=answer_lines(session, attempt, blueprint, places) if is_written else (),
        comments=() if is_written else _comments(session, attempt.id),
        changes=_changes(session, attempt.id),
    )


def answer_lines(
    session: Session, attempt: ExamAttempt, blueprint: Blueprint, places: Sequence[PaperItem]
) -> tuple[AnswerLine, ...]:
    """Return the questions in the attempt's own order, with what was answered and what is right."""
    answers = scoring.last_answers(session, attempt.id)
    marks = scoring.marks_in_force(session, attempt.id)
    paper = session.get_one(ExamPaper, attempt.paper_id)
    subjects = {subject.key: subject.title for subject in blueprint.subjects}
    lines = []
    for number, place in enumerate(places, start=1):
        content = place.item.content
        numbers = scoring.numbers_of(paper, place.item)
        answer = answers.get(place.item_id)
        mark = marks.get(place.item_id)
        lines.append(
            AnswerLine(
                number=number,
                subject=subjects.get(place.subject, place.subject),
                stem=item_html(generated.stem(content, numbers)),
                case=item_html(content.get("case", {}).get("text", "")),
                said=in_words(place.item, answer.response if answer else {}) or "답하지 않았어요",
                right=right_words(place.item, numbers),
                why=content.get("why", ""),
                points=mark.points if mark else 0,
                most=place.points,
                is_by_person=mark is not None and mark.cause is MarkCause.PERSON,
            )
        )
    return tuple(lines)


def in_words(item: ExamItem, response: dict[str, Any]) -> str:
    """Return a response as its person would say it; empty for none."""
    if "chosen" in response:
        texts = {choice["key"]: choice["text"] for choice in item.content.get("choices", [])}
        return ", ".join(texts.get(key, key) for key in response["chosen"])
    if "matched" in response:
        return _pairs_in_words(item, response["matched"])
    return str(response.get("text", ""))


def right_words(item: ExamItem, numbers: dict[str, int]) -> str:
    """Return the right answer of an item in words; empty for an essay."""
    key = item.content.get("key", [])
    match item.kind:
        case "choice" | "multiple" | "true_false":
            return in_words(item, {"chosen": key})
        case "numeric":
            right = [value for value, _off in generated.values(item.content, numbers)]
            return ", ".join(
                str(int(each)) if each.denominator == 1 else f"{float(each):g}" for each in right
            )
        case "matching":
            return _pairs_in_words(item, {pair["row"]: pair["option"] for pair in key})
        case "short":
            return ", ".join(key)
        case _:
            return ""


def _pairs_in_words(item: ExamItem, matched: dict[str, str]) -> str:
    rows = {row["key"]: row["text"] for row in item.content["rows"]}
    options = {option["key"]: option["text"] for option in item.content["options"]}
    return ", ".join(f"{rows.get(row, row)} – {options.get(to, to)}" for row, to in matched.items())


def _reason(blueprint: Blueprint, result: ExamResult) -> str:
    if result.passed:
        return ""
    low = [
        subject.title
        for subject in blueprint.subjects
        if result.subjects.get(subject.key, 0) < blueprint.pass_subject
    ]
    if low:
        return f"{blueprint.pass_subject}점보다 낮은 과목이 있어요: {', '.join(low)}."
    wanted = blueprint.pass_average * len(blueprint.subjects)
    return f"모두 {wanted}점이 있어야 하는데 {result.total}점이에요. {wanted - result.total}점이 모자라요."


def _line(blueprint: Blueprint, subject: Subject, result: ExamResult) -> SubjectLine:
    points = result.subjects.get(subject.key, 0)
    if points < blueprint.pass_subject:
        return SubjectLine(subject.title, points, f"{blueprint.pass_subject}점보다 낮아요", is_enough=False)
    if points < blueprint.pass_average:
        return SubjectLine(subject.title, points, "조금 더 공부하면 좋아요", is_enough=True)
    return SubjectLine(subject.title, points, "잘하셨어요", is_enough=True)


def _study(weak: Sequence[PaperItem]) -> list[StudyStep]:
    """Return the steps that teach what was answered wrong, each once, a few for each subject and in all."""
    steps: dict[str, StudyStep] = {}
    taken: dict[str, int] = {}
    for place in weak:
        written = place.item.content.get("step", "")
        if not written or written in steps or taken.get(place.subject, 0) >= STEPS_EACH:
            continue
        step = _find_step(written)
        if step is not None:
            steps[written] = step
            taken[place.subject] = taken.get(place.subject, 0) + 1
    return list(steps.values())[:STEPS_IN_ALL]


def _find_step(written: str) -> StudyStep | None:
    """Return the step of ``course/lesson`` or ``course/lesson/step``; None for one taught no more."""
    place = bank.find_step(written)
    if place is None:
        return None
    is_whole = written.count("/") < 2
    title = place.lesson.title if is_whole else f"{place.lesson.title} · {place.step.title}"
    return StudyStep(title, place.course.id, place.lesson.id, place.step.id)


def _comments(session: Session, attempt_id: int) -> tuple[str, ...]:
    return tuple(
        session.scalars(
            select(MarkingSheet.comment)
            .where(
                MarkingSheet.attempt_id == attempt_id,
                MarkingSheet.finished_at.is_not(None),
                MarkingSheet.comment != "",
            )
            .order_by(MarkingSheet.slot)
        )
    )


def _changes(session: Session, attempt_id: int) -> tuple[tuple[str, datetime], ...]:
    rows = session.execute(
        select(ExamResult.cause, ExamResult.at)
        .where(ExamResult.attempt_id == attempt_id, ExamResult.seq > 1)
        .order_by(ExamResult.seq)
    )
    return tuple((CAUSES.get(cause.partition(":")[0], cause), at) for cause, at in rows)
