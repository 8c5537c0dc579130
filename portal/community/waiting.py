"""What waits, as staff see it: the questions one can take, the way each came, and broken promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, selectinload

from portal.accounts.models import RoleGrant, User
from portal.community import owners, policy, queries
from portal.community.models import Question, Routing, RoutingCause
from portal.community.queries import QuestionLine
from portal.core import korean
from portal.core.roles import STAFF

STEPS_MAX = 40


@dataclass(frozen=True)
class StepLine:
    """One step of a question's way, in words."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Breach:
    """A question whose promise was broken, with the way it came since."""

    line: QuestionLine
    steps: Sequence[StepLine]


def list_waiting(
    session: Session, user: User, *, is_own: bool, after_id: int | None = None, now: datetime
) -> list[QuestionLine]:
    """Return a page of the questions that wait, and one more: the user's own, or those they could take.

    The oldest promise first, those behind ``after_id`` if given.
    """
    mine = Question.owner_id == user.id
    statement = (
        _waiting(user)
        .where(mine if is_own else and_(~mine, policy.may_answer(user)))
        .limit(queries.PAGE_SIZE + 1)
    )
    return queries.read_lines(session, _behind(session, statement, after_id), user, now=now)


def list_taken_ids(session: Session, lines: Sequence[QuestionLine]) -> set[int]:
    """Return which questions their owner took by themself for the promise that runs: nobody else may."""
    return set(
        session.scalars(
            select(Question.id).where(
                Question.id.in_([line.id for line in lines if not line.is_late]), owners.is_taken()
            )
        )
    )


def list_steps(session: Session, reader: User | None, question_id: int) -> list[StepLine]:
    """Return how a question came to its owner, the first step first; nothing for those who are not staff."""
    if reader is None or reader.roles.isdisjoint(STAFF):
        return []
    return _list_steps(session, [question_id]).get(question_id, [])


def list_breaches(session: Session, user: User, *, now: datetime, after_id: int = 0) -> list[Breach]:
    """Return the waiting questions that broke a promise or wait for a mentor, the oldest promise first.

    Those that went on to another mentor stay in the list until they are answered. For operators, a page from
    behind ``after_id``.
    """
    statement = _waiting(user).where(needs_an_operator(now)).limit(queries.PAGE_SIZE)
    statement = _behind(session, statement, after_id)
    lines = queries.read_lines(session, statement, user, now=now)
    steps = _list_steps(session, [line.id for line in lines])
    return [Breach(line, steps.get(line.id, [])) for line in lines]


def _waiting(user: User) -> queries.Questions:
    return (
        queries.select_lines()
        .where(policy.may_read(user), owners.waits())
        .order_by(Question.promised_at, Question.id)
    )


def _behind(session: Session, statement: queries.Questions, after_id: int | None) -> queries.Questions:
    """Return the statement of what comes behind a question in the order of the promises."""
    last = session.get(Question, after_id) if after_id else None
    if last is None:
        return statement
    return statement.where(tuple_(Question.promised_at, Question.id) > (last.promised_at, last.id))


def needs_an_operator(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a question is late, was late since it was last asked, or has no mentor."""
    later = aliased(Routing)
    is_asked_again = exists().where(
        later.thread_id == Routing.thread_id, later.cause == RoutingCause.ASKED_ON, later.id > Routing.id
    )
    was_late = exists().where(
        Routing.thread_id == Question.id, Routing.former_promise < Routing.at, ~is_asked_again
    )
    answers = exists().where(RoleGrant.user_id == Question.owner_id, RoleGrant.role.in_(owners.ANSWERING))
    return or_(Question.promised_at < now, was_late, ~answers)


def _list_steps(session: Session, question_ids: list[int]) -> dict[int, list[StepLine]]:
    """Return the steps of some questions, the newest ``STEPS_MAX`` of each, in two statements."""
    if not question_ids:
        return {}
    rows = session.scalars(
        select(Routing)
        .where(Routing.thread_id.in_(question_ids))
        .order_by(Routing.id.desc())
        .limit(STEPS_MAX * len(question_ids))
    ).all()
    involved = {user_id for row in rows for user_id in (row.owner_id, row.former_id, row.by_id) if user_id}
    people = session.scalars(select(User).where(User.id.in_(involved)).options(selectinload(User.grants)))
    titles = {user.id: user.title for user in people}
    steps: dict[int, list[StepLine]] = {}
    for row in reversed(rows):
        steps.setdefault(row.thread_id, []).append(StepLine(row.at, _words(row, titles)))
    return steps


def _words(row: Routing, titles: dict[int, str]) -> str:
    owner, former, by = (titles.get(user_id or 0, "") for user_id in (row.owner_id, row.former_id, row.by_id))
    until = f"{korean.dated_time(row.promised_at, now=row.at)}까지"
    missed = f"{former}이 약속한 시간까지 답이 없어"
    if row.cause == RoutingCause.ASKED:
        return f"질문이 왔어요. {owner}이 {until} 답하기로 했어요."
    if row.cause == RoutingCause.ASKED_ON:
        return f"더 물어봤어요. {owner}이 {until} 답하기로 했어요."
    if row.cause == RoutingCause.TAKEN:
        return f"{former} 질문을 {owner}이 직접 맡았어요. {until} 답해요."
    if row.cause == RoutingCause.HANDED:
        return f"{by}이 {former} 질문을 {owner}께 넘겼어요. {until} 답해요."
    if row.cause == RoutingCause.OWNER_AWAY:
        return f"{former}이 쉬게 되어 {owner}께 넘어갔어요. {until} 답해요."
    if row.cause == RoutingCause.LATE:
        return f"{missed} {owner}께 넘어갔어요. {until} 답해요."
    if row.owner_id == row.former_id:
        return f"{missed} 운영자에게 알렸어요. 맡을 다른 멘토님이 없었어요."
    return f"맡을 멘토님이 없어 {former} 질문이 운영자 {owner}께 갔어요. {until} 답해요."
