"""The paper twin of a session: handing sheets out, typing them in twice, and what settles a difference.

Who applied for paper gets a paper of the session and an attempt ordered by that paper's own seed, so that the
printed booklet and every later page show the same order. Two people type an answer sheet in, neither seeing
the other's; where they differ a third one looks at the sheet. What comes of it is saved and marked exactly as
if it had been answered on a screen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import (
    allowances,
    answering,
    attempts,
    exam_queries,
    grading,
    regrading,
    releasing,
    sessions,
)
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamPaper,
    Medium,
)
from portal.certification.exam_queries import Question, Sheet
from portal.certification.marking_models import KeyedSheet
from portal.core import db
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.messages.operations import notify_all

Responses = Mapping[str, Mapping[str, Any]]
PAGE_SIZE = 20
NO_SHEET = "찾는 답안지가 없어요. 목록에서 다시 골라 주세요."


@dataclass(frozen=True)
class PaperLine:
    """Somebody who sits a session on paper."""

    user_id: int
    name: str
    #: Null until a booklet was handed out.
    attempt_id: int | None
    paper_number: int | None
    keyed: int
    differs: int
    is_done: bool


def list_lines(session: Session, exam: Exam) -> Sequence[PaperLine]:
    """Return who applied for paper, and how far their sheets are."""
    rows = session.execute(
        select(User.id, User.name)
        .join(ExamApplication, ExamApplication.user_id == User.id)
        .where(
            ExamApplication.exam_id == exam.id,
            ExamApplication.medium == Medium.PAPER,
            ExamApplication.cancelled_at.is_(None),
        )
        .order_by(User.name, User.id)
    ).all()
    tried = session.execute(
        select(ExamAttempt, ExamPaper.number)
        .join(ExamPaper, ExamPaper.id == ExamAttempt.paper_id)
        .where(
            ExamAttempt.exam_id == exam.id,
            ExamAttempt.medium == Medium.PAPER,
            ExamAttempt.state != AttemptState.VOID,
        )
        .order_by(ExamAttempt.id)
    ).all()
    by_user = {attempt.user_id: (attempt, number) for attempt, number in tried}
    sheets = _sheets(session, [attempt.id for attempt, _ in tried])
    return [_line(user_id, name, by_user.get(user_id), sheets) for user_id, name in rows]


def hand_out(session: Session, exam: Exam, user_id: int, by: User, *, now: datetime) -> ExamAttempt:
    """Begin somebody's attempt on paper: which one, and until when; a second press changes nothing.

    Raises ForbiddenError without an application for paper and for oneself, ConflictError outside the window
    and once every attempt is used.
    """
    application = sessions.find_application(session, exam.id, user_id, lock=True)
    if application is None or application.medium is not Medium.PAPER or user_id == by.id:
        raise ForbiddenError("종이로 접수한 분에게만 시험지를 드릴 수 있어요.")
    running = attempts.find_open(session, exam.id, user_id)
    if running is not None:
        return running
    terms = allowances.terms_of(session, exam, user_id, application)
    if not terms.opens_at <= now < terms.closes_at:
        raise ConflictError("시험이 열려 있는 동안에만 시험지를 나눠 드려요.")
    used = select(func.count()).where(ExamAttempt.exam_id == exam.id, ExamAttempt.user_id == user_id)
    tried = session.scalar(used) or 0
    if tried >= terms.attempts:
        raise ConflictError(f"이 회차는 {terms.attempts}번까지 볼 수 있어요. 모두 보셨어요.")
    paper = _next_paper(session, exam.id)
    attempt = ExamAttempt(
        exam_id=exam.id,
        paper_id=paper.id,
        user_id=user_id,
        attempt_no=tried + 1,
        medium=Medium.PAPER,
        seed=paper.seed,
        started_at=now,
        deadline_at=terms.deadline(now),
    )
    session.add(attempt)
    session.flush()  # its page names it
    return attempt


def booklet(session: Session, paper: ExamPaper) -> Sheet:
    """Return a paper's questions as they stand in its booklet."""
    twin = ExamAttempt(exam_id=paper.exam_id, paper_id=paper.id, medium=Medium.PAPER, seed=paper.seed)
    return exam_queries.sheet_of(session, twin)


def get_sheet(session: Session, user: User, attempt_id: int) -> Sheet:
    """Return the answer sheet of an attempt on paper, for typing it in.

    Raises NotFoundError for any other, ForbiddenError for one's own exam.
    """
    attempt = session.get(ExamAttempt, attempt_id)
    if attempt is None or attempt.medium is not Medium.PAPER:
        raise NotFoundError(NO_SHEET)
    releasing.get_exam(session, user, attempt.exam_id)
    return exam_queries.sheet_of(session, attempt)


def find_keyed(session: Session, user: User, attempt_id: int) -> KeyedSheet | None:
    """Return what this person typed in of a sheet, if they did."""
    return session.scalars(
        select(KeyedSheet).where(KeyedSheet.attempt_id == attempt_id, KeyedSheet.keyer_id == user.id)
    ).first()


def list_differing(session: Session, sheet: Sheet) -> list[int]:
    """Return the numbers of the questions in which two people read a sheet differently."""
    keyed = _sheets(session, [sheet.attempt.id]).get(sheet.attempt.id, [])
    if len(keyed) < 2:
        return []
    return [q.number for q in sheet.questions if not _agree(q, keyed[0].responses, keyed[1].responses)]


def key(session: Session, sheet: Sheet, by: User, *, responses: Responses, now: datetime) -> bool:
    """Keep what somebody reads on a sheet; tell whether the attempt is handed in now.

    ``responses`` are by item id as text. The first two are kept as they are; a third one settles where they
    differ. A second press of the same person changes nothing. Holds the attempt. Raises ConflictError once
    the sheet is in, and for a third person where nothing differs.
    """
    attempt = db.lock(session, ExamAttempt, sheet.attempt.id)
    keyed = _sheets(session, [attempt.id]).get(attempt.id, [])
    if any(each.keyer_id == by.id for each in keyed):
        return attempt.state is not AttemptState.OPEN
    if attempt.state is not AttemptState.OPEN:
        raise ConflictError("이미 다 입력한 답안지예요.")
    known = {str(question.item.id) for question in sheet.questions}
    made = KeyedSheet(
        attempt_id=attempt.id,
        slot=len(keyed) + 1,
        keyer_id=by.id,
        responses={item: dict(given) for item, given in responses.items() if item in known and given},
        keyed_at=now,
    )
    session.add(made)
    session.flush()
    keyed = [*keyed, made]
    agreed = _settled(sheet, keyed)
    if agreed is None:
        return False
    for question in sheet.questions:
        if response := agreed.get(str(question.item.id)):
            answering.save(session, attempt, question.item.id, response, client_at=None, now=now)
    attempts.submit(session, attempt, now=now)
    regrading.apply_to(session, attempt, now=now)
    return True


def set_place(session: Session, exam: Exam, place: str, *, own_path: str, now: datetime) -> None:
    """Say when and where those who chose paper sit a session, and tell them; the same again changes nothing.

    ``own_path`` is the session as they see it. Holds the session. Raises DomainError (``place``) without
    words and ConflictError once it is over.
    """
    exam = db.lock(session, Exam, exam.id)
    if exam.closes_at <= now:
        raise ConflictError("끝난 시험이라 바꿀 수 없어요.")
    if not place.strip():
        raise DomainError("언제 어디서 보는지 적어 주세요.", field="place")
    if exam.paper_place == place.strip():
        return
    exam.paper_place = place.strip()
    on_paper = select(ExamApplication.user_id).where(
        ExamApplication.exam_id == exam.id,
        ExamApplication.medium == Medium.PAPER,
        ExamApplication.cancelled_at.is_(None),
    )
    notify_all(
        session,
        session.scalars(on_paper.order_by(ExamApplication.user_id)).all(),
        cause=f"exam-place:{exam.id}:{now.isoformat()}",
        message="exam-place",
        values={"exam": exam_queries.title_of(exam)},
        path=own_path,
        now=now,
    )


def list_exams_on_paper(
    session: Session, user: User, *, now: datetime, after_id: int = 0
) -> Sequence[tuple[Exam, str]]:
    """Return the unreleased sessions that somebody sits on paper and this person may look after.

    The first to open first, a page from behind ``after_id``.
    """
    statement = select_exams_on_paper(user, now)
    last = session.get(Exam, after_id) if after_id else None
    if last is not None:
        statement = statement.where(tuple_(Exam.opens_at, Exam.id) > (last.opens_at, last.id))
    return [(exam, exam_queries.title_of(exam)) for exam in session.scalars(statement.limit(PAGE_SIZE))]


def select_exams_on_paper(user: User, now: datetime) -> Select[Exam]:
    """Return the statement of `list_exams_on_paper`."""
    on_paper = select(ExamApplication.exam_id).where(
        ExamApplication.medium == Medium.PAPER, ExamApplication.cancelled_at.is_(None)
    )
    return (
        select(Exam)
        .where(
            Exam.id.in_(on_paper),
            Exam.released_at.is_(None),
            Exam.apply_until <= now,
            releasing.may_lead(user),
            ~releasing.sits(user),
        )
        .order_by(Exam.opens_at, Exam.id)
    )


def _settled(sheet: Sheet, keyed: Sequence[KeyedSheet]) -> Responses | None:
    """Return what the typed sheets come to, or None while they have to be looked at again."""
    if len(keyed) < 2:
        return None
    one, other = keyed[0].responses, keyed[1].responses
    differing = [q for q in sheet.questions if not _agree(q, one, other)]
    if not differing:
        return one
    if len(keyed) < 3:
        return None
    third = keyed[2].responses
    return {**one, **{str(q.item.id): third.get(str(q.item.id), {}) for q in differing}}


def _agree(question: Question, one: Responses, other: Responses) -> bool:
    mine, theirs = (each.get(str(question.item.id), {}) for each in (one, other))
    return _read(mine) == _read(theirs)


def _read(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of a typed response counts, as the marking reads it."""
    return {**response, "text": grading.squeezed(response["text"])} if "text" in response else response


def _line(
    user_id: int,
    name: str,
    tried: tuple[ExamAttempt, int] | None,
    sheets: Mapping[int, Sequence[KeyedSheet]],
) -> PaperLine:
    if tried is None:
        return PaperLine(user_id, name, None, None, 0, 0, is_done=False)
    attempt, number = tried
    keyed = sheets.get(attempt.id, [])
    differs = 0
    if len(keyed) >= 2:
        one, other = keyed[0].responses, keyed[1].responses
        differs = sum(
            _read(one.get(item, {})) != _read(other.get(item, {})) for item in one.keys() | other.keys()
        )
    is_done = attempt.state is not AttemptState.OPEN
    return PaperLine(user_id, name, attempt.id, number, len(keyed), differs, is_done)


def _sheets(session: Session, attempt_ids: Sequence[int]) -> dict[int, list[KeyedSheet]]:
    found: dict[int, list[KeyedSheet]] = {}
    for sheet in session.scalars(
        select(KeyedSheet)
        .where(KeyedSheet.attempt_id.in_(attempt_ids))
        .order_by(KeyedSheet.attempt_id, KeyedSheet.slot)
    ):
        found.setdefault(sheet.attempt_id, []).append(sheet)
    return found


def _next_paper(session: Session, exam_id: int) -> ExamPaper:
    """Return the paper of a session that the fewest sit."""
    sat = select(func.count()).where(ExamAttempt.paper_id == ExamPaper.id).scalar_subquery()
    papers = select(ExamPaper).where(ExamPaper.exam_id == exam_id).order_by(sat, ExamPaper.number)
    found = session.scalars(papers.limit(1)).first()
    if found is None:
        raise ConflictError("이 회차에는 시험지가 없어요.")
    return found
