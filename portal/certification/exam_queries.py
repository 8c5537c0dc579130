"""Reading exams: the sessions somebody may apply for, and one attempt as its person sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.certification import allowances, awards, generated, grading, papers, scoring, sessions
from portal.certification.allowances import Terms
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamItem,
    ExamKind,
    ExamPaper,
    Medium,
    PaperItem,
)
from portal.certification.qualification_models import Candidate
from portal.certification.qualifications import Blueprint
from portal.core.errors import NotFoundError

NO_SUCH_EXAM = "찾는 시험이 없어요. 시험 목록에서 다시 골라 주세요."
KINDS = {ExamKind.WRITTEN: "필기", ExamKind.PRACTICAL: "실기"}
SHOWN_FOR = timedelta(days=60)
"""How long a session that nobody applied for stays on the list after it closed."""


@dataclass(frozen=True)
class Line:
    """A session on somebody's list."""

    exam: Exam
    title: str
    #: How they sit it; null for who has not applied.
    medium: Medium | None
    #: Whether an attempt is open, over, or there is none.
    attempt: AttemptState | None
    #: After this they do not start any more: later than the session's own where they were given more.
    closes_at: datetime
    #: They need not sit it.
    is_waived: bool
    #: They cannot apply before the written exam is passed.
    is_locked: bool


@dataclass(frozen=True)
class Running:
    """The exam somebody is sitting at this moment."""

    exam_id: int
    title: str
    deadline_at: datetime


@dataclass(frozen=True)
class Standing:
    """Where somebody stands with a session."""

    exam: Exam
    title: str
    application: ExamApplication | None
    terms: Terms
    #: Attempts that count, the newest first.
    attempts: Sequence[ExamAttempt]
    #: Why they cannot apply; empty where they can or did.
    why_not: str

    @property
    def is_on_the_way(self) -> bool:
        """Tell whether they have begun what the exam is for."""
        return self.why_not != sessions.NOT_BEGUN

    @property
    def running(self) -> ExamAttempt | None:
        """The attempt that is open."""
        return next((each for each in self.attempts if each.state is AttemptState.OPEN), None)

    @property
    def left(self) -> int:
        """How many attempts are left."""
        return max(self.terms.attempts - len(self.attempts), 0)


@dataclass(frozen=True)
class Question:
    """One question of an attempt, in the attempt's own order and words."""

    number: int
    item: ExamItem
    subject: str
    stem: str
    choices: Sequence[Mapping[str, str]]
    #: What was last saved; empty for nothing.
    response: Mapping[str, Any]
    points: int

    @property
    def is_answered(self) -> bool:
        """Tell whether something was chosen or typed."""
        return grading.is_answered(self.response)


@dataclass(frozen=True)
class Sheet:
    """An attempt with its questions."""

    attempt: ExamAttempt
    exam: Exam
    title: str
    questions: Sequence[Question]
    #: The number of the question whose answer was saved last: there somebody goes on. The first before that.
    last_saved: int = 1

    @property
    def unanswered(self) -> list[int]:
        """The numbers of the questions without an answer."""
        return [each.number for each in self.questions if not each.is_answered]

    def question(self, number: int) -> Question:
        """Return a question by its number. Raises NotFoundError for none."""
        if not 1 <= number <= len(self.questions):
            raise NotFoundError("없는 문제 번호예요. 목록에서 골라 주세요.")
        return self.questions[number - 1]


def title_of(exam: Exam) -> str:
    """Return what a session is called, with 모의 검정 where it was a mock one."""
    mock = " 모의 검정" if exam.is_mock else ""
    return f"{awards.title_of(None, exam.qualification_id)}{mock} {KINDS[exam.kind]} {exam.session_no}회"


def get_exam(session: Session, exam_id: int) -> Exam:
    """Return a session. Raises NotFoundError for none."""
    exam = session.get(Exam, exam_id)
    if exam is None:
        raise NotFoundError(NO_SUCH_EXAM)
    return exam


def list_for(session: Session, user: User, *, now: datetime, limit: int = 50) -> list[Line]:
    """Return the sessions of what somebody trains for and those they applied for, the last to open first."""
    trains_for = select(Candidate.qualification_id).where(
        Candidate.user_id == user.id, Candidate.left_at.is_(None)
    )
    applied = select(ExamApplication.exam_id, ExamApplication.medium).where(
        ExamApplication.user_id == user.id, ExamApplication.cancelled_at.is_(None)
    )
    media: dict[int, Medium] = dict(session.execute(applied).all())
    exams = session.scalars(
        select(Exam)
        .where(
            or_(
                Exam.id.in_(media),
                Exam.qualification_id.in_(trains_for) & (Exam.closes_at > now - SHOWN_FOR),
            )
        )
        .order_by(Exam.opens_at.desc(), Exam.id.desc())
        .limit(limit)
    ).all()
    states = _last_states(session, user.id, [exam.id for exam in exams])
    later = allowances.find_later_closings(session, user.id)
    waived, locked = sessions.list_waived(session, user), sessions.list_locked(session, user, exams)
    return [
        Line(
            exam,
            title_of(exam),
            media.get(exam.id),
            states.get(exam.id),
            closes_at=max(exam.closes_at, later.get(exam.id, exam.closes_at)),
            is_waived=(exam.qualification_id, exam.kind) in waived,
            is_locked=exam.id in locked,
        )
        for exam in exams
    ]


def _last_states(session: Session, user_id: int, exam_ids: Sequence[int]) -> dict[int, AttemptState]:
    rows = session.execute(
        select(ExamAttempt.exam_id, ExamAttempt.state)
        .where(
            ExamAttempt.user_id == user_id,
            ExamAttempt.exam_id.in_(exam_ids),
            ExamAttempt.state != AttemptState.VOID,
        )
        .order_by(ExamAttempt.attempt_no)
    )
    return dict(rows.all())


def get_standing(session: Session, user: User, exam_id: int, *, now: datetime) -> Standing:
    """Return where somebody stands with a session."""
    exam = get_exam(session, exam_id)
    application = sessions.find_application(session, exam.id, user.id)
    tried = session.scalars(
        select(ExamAttempt)
        .where(
            ExamAttempt.exam_id == exam.id,
            ExamAttempt.user_id == user.id,
            ExamAttempt.state != AttemptState.VOID,
        )
        .order_by(ExamAttempt.attempt_no.desc())
    ).all()
    return Standing(
        exam=exam,
        title=title_of(exam),
        application=application,
        terms=allowances.terms_of(session, exam, user.id, application),
        attempts=tried,
        why_not="" if application else sessions.why_not(session, exam, user, now=now),
    )


def find_running(session: Session, user: User, *, now: datetime) -> Running | None:
    """Return the exam somebody is sitting on a screen at this moment, or None."""
    found = session.execute(
        select(ExamAttempt, Exam)
        .join(Exam, Exam.id == ExamAttempt.exam_id)
        .where(
            ExamAttempt.user_id == user.id,
            ExamAttempt.state == AttemptState.OPEN,
            ExamAttempt.medium == Medium.ONLINE,
            ExamAttempt.deadline_at > now,
        )
        .order_by(ExamAttempt.deadline_at)
        .limit(1)
    ).first()
    return Running(found[1].id, title_of(found[1]), found[0].deadline_at) if found else None


def get_open_sheet(session: Session, user: User, exam_id: int) -> Sheet:
    """Return the person's open attempt at a session. Raises NotFoundError for none."""
    attempt = session.scalars(
        select(ExamAttempt).where(
            ExamAttempt.exam_id == exam_id,
            ExamAttempt.user_id == user.id,
            ExamAttempt.state == AttemptState.OPEN,
        )
    ).first()
    if attempt is None:
        raise NotFoundError("풀고 있는 시험이 없어요. 시험 화면에서 지금 어떤지 봐 주세요.")
    return sheet_of(session, attempt)


def sheet_of(session: Session, attempt: ExamAttempt) -> Sheet:
    """Return an attempt with its questions as they were shown: the same now, later and in an appeal."""
    exam = session.get_one(Exam, attempt.exam_id)
    paper = session.get_one(ExamPaper, attempt.paper_id)
    blueprint = Blueprint.of(exam.blueprint)
    titles = {subject.key: subject.title for subject in blueprint.subjects}
    answers = scoring.last_answers(session, attempt.id)
    ordered = papers.in_order(attempt, blueprint, scoring.places(session, paper.id))
    questions = [
        Question(
            number=number,
            item=place.item,
            subject=titles.get(place.subject, place.subject),
            stem=generated.stem(place.item.content, scoring.numbers_of(paper, place.item)),
            choices=papers.choices_in_order(attempt, place.item),
            response=answers[place.item_id].response if place.item_id in answers else {},
            points=place.points,
        )
        for number, place in enumerate(ordered, start=1)
    ]
    newest = max(answers.values(), key=lambda answer: answer.id, default=None)
    last_saved = next((each.number for each in questions if newest and each.item.id == newest.item_id), 1)
    return Sheet(attempt, exam, title_of(exam), questions, last_saved)


@dataclass(frozen=True)
class Counted:
    """A session on the staff's list."""

    exam: Exam
    title: str
    applied: int
    running: int
    finished: int


def list_all(session: Session, *, before_id: int = 0, limit: int = 20) -> list[Counted]:
    """Return sessions for staff, the newest first, with how many applied, sit and are done."""
    statement = select(Exam).order_by(Exam.id.desc()).limit(limit)
    if before_id:
        statement = statement.where(Exam.id < before_id)
    exams = session.scalars(statement).all()
    ids = [exam.id for exam in exams]
    applied = session.execute(
        select(ExamApplication.exam_id, func.count())
        .where(ExamApplication.exam_id.in_(ids), ExamApplication.cancelled_at.is_(None))
        .group_by(ExamApplication.exam_id)
    )
    tried = session.execute(
        select(ExamAttempt.exam_id, ExamAttempt.state, func.count())
        .where(ExamAttempt.exam_id.in_(ids), ExamAttempt.state != AttemptState.VOID)
        .group_by(ExamAttempt.exam_id, ExamAttempt.state)
    )
    by_exam = dict(applied.all())
    running: dict[int, int] = {}
    finished: dict[int, int] = {}
    for exam_id, state, many in tried:
        counted = running if state is AttemptState.OPEN else finished
        counted[exam_id] = counted.get(exam_id, 0) + many
    return [
        Counted(
            exam, title_of(exam), by_exam.get(exam.id, 0), running.get(exam.id, 0), finished.get(exam.id, 0)
        )
        for exam in exams
    ]


def list_candidates_in(session: Session, exam: Exam) -> Sequence[tuple[ExamApplication, User]]:
    """Return who applied for a session, by name."""
    return session.execute(
        select(ExamApplication, User)
        .join(User, User.id == ExamApplication.user_id)
        .where(ExamApplication.exam_id == exam.id, ExamApplication.cancelled_at.is_(None))
        .order_by(User.name, User.id)
    ).all()


def list_attempts_in(session: Session, exam: Exam) -> Sequence[ExamAttempt]:
    """Return every attempt at a session with its person, by start."""
    return session.scalars(
        select(ExamAttempt)
        .where(ExamAttempt.exam_id == exam.id)
        .options(joinedload(ExamAttempt.user))
        .order_by(ExamAttempt.id)
    ).all()


def list_papers(session: Session, exam: Exam) -> Sequence[tuple[ExamPaper, int, int]]:
    """Return a session's papers, each with how many items it has and how often it was handed out."""
    items = select(func.count()).where(PaperItem.paper_id == ExamPaper.id).scalar_subquery()
    used = select(func.count()).where(ExamAttempt.paper_id == ExamPaper.id).scalar_subquery()
    return session.execute(
        select(ExamPaper, items, used).where(ExamPaper.exam_id == exam.id).order_by(ExamPaper.number)
    ).all()
