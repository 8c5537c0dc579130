"""Asking to look again at one's exam: within a week of the release, answered by somebody who did not mark it.

Points an examiner sets are a person's mark: no regrade and no rule changes them any more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    appealing,
    exam_queries,
    marking_queue,
    papers,
    releasing,
    result_page,
    scoring,
)
from portal.certification.appealing import About
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAttempt,
    ExamResult,
    ItemMark,
    MarkCause,
)
from portal.certification.marking_models import MarkingSheet
from portal.certification.policy import ISSUERS
from portal.certification.qualification_models import Appeal, AppealState
from portal.certification.qualifications import Blueprint
from portal.certification.result_page import AnswerLine, Shown
from portal.core import db
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError

FILED_WITHIN = timedelta(days=7)
SHOWN = 20
NOT_BY_MARKER = "내가 채점한 답안이에요. 다른 분이 답해요."


@dataclass(frozen=True)
class CaseLine:
    """An appeal in the examiners' list."""

    appeal_id: int
    number: str
    exam: str
    filed_at: datetime
    answer_by: datetime
    is_overdue: bool


@dataclass(frozen=True)
class Case:
    """An appeal as an examiner reads it: the answers and points, and no name."""

    appeal: Appeal
    number: str
    title: str
    result: ExamResult | None
    answers: tuple[AnswerLine, ...]
    #: The item of each answer, by its number.
    items: Mapping[int, int]


def until(exam: Exam) -> datetime | None:
    """Return until when somebody may ask; None before the release."""
    return exam.released_at + FILED_WITHIN if exam.released_at else None


def find(session: Session, attempt_id: int) -> Appeal | None:
    """Return the appeal about an attempt, whatever became of it; the caller has authorised its reader."""
    return next(iter(appealing.list_about(session, About(attempt_id=attempt_id))), None)


def can_file(session: Session, shown: Shown, *, now: datetime) -> bool:
    """Tell whether the page of somebody's own result offers to ask."""
    last = until(shown.exam)
    counts = shown.attempt.state is not AttemptState.VOID and shown.result is not None
    return counts and last is not None and now <= last and find(session, shown.attempt.id) is None


def file(session: Session, user: User, shown: Shown, *, text: str, path: str, now: datetime) -> Appeal:
    """Ask to look again at one's own attempt; a second press gives the same appeal.

    ``path`` is the examiners' list. Raises ConflictError before the release, a week after it, and once it was
    answered.
    """
    last = until(shown.exam)
    if last is None or shown.result is None:
        raise ConflictError("결과를 발표한 뒤에 이의를 신청할 수 있어요.")
    made = find(session, shown.attempt.id)
    if made is not None and made.state is not AppealState.OPEN:
        raise ConflictError("이 시험의 이의 신청에는 이미 답해 드렸어요. 더 궁금하면 전화로 물어보세요.")
    if now > last:
        raise ConflictError("이의 신청은 발표하고 7일 안에 할 수 있어요. 궁금하면 전화로 물어보세요.")
    about = About(attempt_id=shown.attempt.id)
    return appealing.file(session, user, about=about, text=text, path=path, now=now)


def list_open(session: Session, user: User, *, now: datetime) -> Sequence[CaseLine]:
    """Return what this person may answer, the oldest first; nothing for who is no staff."""
    if user.roles.isdisjoint(ISSUERS):
        return []
    return [
        CaseLine(
            appeal.id,
            marking_queue.number_of(attempt),
            exam_queries.title_of(exam),
            appeal.filed_at,
            appeal.answer_by,
            appeal.answer_by < now,
        )
        for appeal, attempt, exam in session.execute(select_open(user).limit(SHOWN))
    ]


def select_open(user: User) -> Select[Appeal, ExamAttempt, Exam]:
    """Return the statement of the appeals about exams that a member of staff may answer."""
    return (
        select(Appeal, ExamAttempt, Exam)
        .join(ExamAttempt, ExamAttempt.id == Appeal.attempt_id)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(Appeal.state == AppealState.OPEN, Appeal.user_id != user.id, ~_marked(user))
        .order_by(Appeal.answer_by, Appeal.id)
    )


def get_case(session: Session, user: User, appeal_id: int) -> Case:
    """Return an appeal about an exam to somebody who may answer it.

    Raises NotFoundError for who is no staff and ForbiddenError for one's own and for who marked it.
    """
    appeal = appealing.get_to_answer(session, user, appeal_id)
    row = session.execute(
        select(ExamAttempt, Exam, _marked(user))
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(ExamAttempt.id == appeal.attempt_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(appealing.NO_APPEAL)
    if row[2] and appeal.answered_by_id != user.id:
        raise ForbiddenError(NOT_BY_MARKER)
    attempt, exam = row[0], row[1]
    blueprint = Blueprint.of(exam.blueprint)
    places = papers.in_order(attempt, blueprint, scoring.places(session, attempt.paper_id))
    return Case(
        appeal=appeal,
        number=marking_queue.number_of(attempt),
        title=exam_queries.title_of(exam),
        result=scoring.result_of(session, attempt.id),
        answers=result_page.answer_lines(session, attempt, blueprint, places),
        items={number: place.item_id for number, place in enumerate(places, start=1)},
    )


def answer(
    session: Session,
    case: Case,
    by: User,
    *,
    is_upheld: bool,
    words: str,
    points: Mapping[int, int],
    path: str,
    now: datetime,
) -> None:
    """Answer an appeal and set points, by question number; its person is told once.

    A second press changes nothing. ``path`` is the person's result. Holds the attempt. Raises DomainError
    (``points``) for points there are not, for an appeal that is upheld without another point, and for points
    where it is dismissed.
    """
    _refuse_points(case, points, is_upheld=is_upheld)
    attempt = db.lock(session, ExamAttempt, case.appeal.attempt_id)
    answers = appealing.answer(session, case.appeal, by, is_upheld=is_upheld, words=words, path=path, now=now)
    if not answers or not points:
        return
    for number, given in points.items():
        session.add(
            ItemMark(
                attempt_id=attempt.id,
                item_id=case.items[number],
                points=given,
                cause=MarkCause.PERSON,
                by_id=by.id,
                reason=words.strip(),
                at=now,
            )
        )
    session.flush()  # the result is worked out from rows
    scoring.settle(session, attempt, cause=f"appeal:{case.appeal.id}", now=now)
    exam = session.get_one(Exam, attempt.exam_id)
    releasing.tell_candidates_ledger(session, exam, [attempt.user_id], now=now)


def _refuse_points(case: Case, points: Mapping[int, int], *, is_upheld: bool) -> None:
    most = {line.number: line.most for line in case.answers}
    for number, given in points.items():
        if number not in most:
            raise DomainError("이 시험지에 없는 문제예요.", field="points")
        if not 0 <= given <= most[number]:
            raise DomainError(f"{number}번은 0점부터 {most[number]}점까지예요.", field="points")
    if points and not is_upheld:
        raise DomainError("점수를 고치려면 ‘받아들여요’를 골라 주세요.", field="points")
    stands = {line.number: line.points for line in case.answers}
    changes = any(given != stands[number] for number, given in points.items())
    if is_upheld and not changes and case.appeal.state is AppealState.OPEN:
        # Its person is told that something changed.
        raise DomainError(
            "받아들이면 어느 문제가 몇 점이 되는지 적어 주세요. "
            "바뀌는 점수가 없으면 ‘그대로 둬요’를 골라 주세요.",
            field="points",
        )


def _marked(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` marked an attempt, as a marker or in person."""
    return or_(
        exists().where(MarkingSheet.attempt_id == ExamAttempt.id, MarkingSheet.marker_id == user.id),
        exists().where(
            and_(
                ItemMark.attempt_id == ExamAttempt.id,
                ItemMark.by_id == user.id,
                ItemMark.cause == MarkCause.PERSON,
            )
        ),
    )
