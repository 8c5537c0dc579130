"""Somebody asks to look again at a requirement or at an exam's result: asked, promised, answered once.

What an answer changes (a requirement opened again, a result worked out anew) is for the caller to do in the
same transaction; here stands what both kinds share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant, User
from portal.certification.exam_models import ExamAttempt
from portal.certification.policy import ISSUERS
from portal.certification.qualification_models import Appeal, AppealState, Candidate
from portal.core import db
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from portal.core.working_time import CLOSES, add_working_days
from portal.messages.operations import notify

PAGE_SIZE = 20
ANSWERED_WITHIN_DAYS = 7
"""Working days; the promise ends when offices close."""
NO_APPEAL = "찾는 이의 신청이 없어요. 목록에서 다시 골라 주세요."


@dataclass(frozen=True)
class About:
    """What is looked at again: one requirement of a candidate, or the result of one attempt."""

    candidate_id: int | None = None
    requirement: str = ""
    attempt_id: int | None = None


@dataclass(frozen=True)
class AppealLine:
    """One appeal as staff read it in a list."""

    id: int
    who: str
    #: Either of the two is set.
    candidate_id: int | None
    requirement: str
    attempt_id: int | None
    text: str
    filed_at: datetime
    answer_by: datetime
    is_overdue: bool


def file(session: Session, user: User, *, about: About, text: str, path: str, now: datetime) -> Appeal:
    """Ask to look again, and tell the operators; while it is open a second press gives the same one.

    ``path`` is where it is answered. Holds what it is about. Raises ForbiddenError for somebody else's,
    DomainError (``text``) without words.
    """
    if _lock_owner(session, about) != user.id:
        raise ForbiddenError("내 것에만 이의를 신청할 수 있어요.")
    if not text.strip():
        raise DomainError("무엇을 다시 봐 주면 좋을지 적어 주세요.", field="text")
    standing = find_open(session, about)
    if standing is not None:
        return standing
    last_day = add_working_days(now.astimezone(KST).date(), ANSWERED_WITHIN_DAYS)
    made = Appeal(
        user_id=user.id,
        candidate_id=about.candidate_id,
        requirement=about.requirement,
        attempt_id=about.attempt_id,
        text=text.strip(),
        filed_at=now,
        answer_by=datetime.combine(last_day, CLOSES, KST),
        state=AppealState.OPEN,
    )
    session.add(made)
    session.flush()  # the notices name its id
    for user_id in _operators(session, but=user):
        notify(
            session,
            user_id=user_id,
            cause=f"certification-appeal:{made.id}",
            message="certification-appeal-filed",
            values={"who": user.name},
            path=path,
            now=now,
        )
    return made


def answer(
    session: Session, appeal: Appeal, by: User, *, is_upheld: bool, words: str, path: str, now: datetime
) -> bool:
    """Answer an appeal and tell the one who asked, once; tell whether this was the answer.

    The same answer again changes nothing and is False, so that what follows from it is done once. ``path`` is
    where its person reads it. Raises ForbiddenError for one's own and for who is no staff, ConflictError for
    another answer, DomainError (``answer``) without words.
    """
    appeal = db.lock(session, Appeal, appeal.id)
    if appeal.user_id == by.id or by.roles.isdisjoint(ISSUERS):
        raise ForbiddenError("내 이의 신청은 다른 분이 답해요." if appeal.user_id == by.id else NO_APPEAL)
    state = AppealState.UPHELD if is_upheld else AppealState.DISMISSED
    if appeal.state is not AppealState.OPEN:
        if appeal.state is state:
            return False
        raise ConflictError("다른 분이 먼저 답했어요. 목록에서 다시 봐 주세요.")
    if not words.strip():
        raise DomainError("어떻게 보았는지 답을 적어 주세요.", field="answer")
    appeal.state, appeal.answer = state, words.strip()
    appeal.answered_by_id, appeal.answered_at = by.id, now
    notify(
        session,
        user_id=appeal.user_id,
        cause=f"certification-appeal:{appeal.id}:answered",
        message="certification-appeal-upheld" if is_upheld else "certification-appeal-dismissed",
        values={},
        path=path,
        now=now,
    )
    return True


def get(session: Session, user: User, appeal_id: int) -> Appeal:
    """Return an appeal to the one who asked, to trainers and to operators. Raises NotFoundError else."""
    found: Appeal | None = session.scalar(select(Appeal).where(Appeal.id == appeal_id, may_view(user)))
    if found is None:
        raise NotFoundError(NO_APPEAL)
    return found


def get_to_answer(session: Session, user: User, appeal_id: int) -> Appeal:
    """Return an appeal this person may answer; NotFoundError as `get`, ForbiddenError for one's own."""
    found = get(session, user, appeal_id)
    if found.user_id == user.id:
        raise ForbiddenError("내 이의 신청은 다른 분이 답해요.")
    return found


def find_open(session: Session, about: About) -> Appeal | None:
    """Return the appeal about something that waits for an answer, or None."""
    found: Appeal | None = session.scalar(
        select(Appeal).where(_is_about(about), Appeal.state == AppealState.OPEN)
    )
    return found


def list_about(session: Session, about: About) -> Sequence[Appeal]:
    """Return every appeal about something, the newest first; the caller has authorised its reader.

    Without a requirement those of all of a candidate's.
    """
    return session.scalars(
        select(Appeal).where(_is_about(about)).order_by(Appeal.id.desc()).limit(PAGE_SIZE)
    ).all()


def list_open(
    session: Session, user: User, *, now: datetime, after_id: int = 0, overdue_only: bool = False
) -> Sequence[AppealLine]:
    """Return what waits for an answer and is not the reader's own, the oldest first, for staff."""
    statement = (
        select(Appeal, User.name)
        .join(User, User.id == Appeal.user_id)
        .where(waits_for(user), Appeal.id > after_id)
        .order_by(Appeal.id)
        .limit(PAGE_SIZE)
    )
    if overdue_only:
        statement = statement.where(Appeal.answer_by < now)
    return [
        AppealLine(
            id=appeal.id,
            who=name,
            candidate_id=appeal.candidate_id,
            requirement=appeal.requirement,
            attempt_id=appeal.attempt_id,
            text=appeal.text,
            filed_at=appeal.filed_at,
            answer_by=appeal.answer_by,
            is_overdue=appeal.answer_by < now,
        )
        for appeal, name in session.execute(statement)
    ]


def may_view(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see an appeal: who asked, trainers, operators."""
    return or_(Appeal.user_id == user.id, _is_staff(user))


def waits_for(user: User) -> ColumnElement[bool]:
    """Return the condition that an appeal waits for an answer by this member of staff."""
    return and_(Appeal.state == AppealState.OPEN, Appeal.user_id != user.id, _is_staff(user))


def _is_staff(user: User) -> ColumnElement[bool]:
    return true() if not user.roles.isdisjoint(ISSUERS) else Appeal.id.is_(None)


def _is_about(about: About) -> ColumnElement[bool]:
    if about.attempt_id is not None:
        return Appeal.attempt_id == about.attempt_id
    of_candidate = Appeal.candidate_id == about.candidate_id
    return and_(of_candidate, Appeal.requirement == about.requirement) if about.requirement else of_candidate


def _lock_owner(session: Session, about: About) -> int:
    """Hold what an appeal is about, so that two presses make one, and return whose it is."""
    if about.attempt_id is not None:
        return db.lock(session, ExamAttempt, about.attempt_id).user_id
    return db.lock(session, Candidate, about.candidate_id).user_id


def _operators(session: Session, *, but: User) -> Sequence[int]:
    return session.scalars(
        select(RoleGrant.user_id)
        .where(RoleGrant.role == Role.OPERATOR, RoleGrant.user_id != but.id)
        .order_by(RoleGrant.user_id)
    ).all()
