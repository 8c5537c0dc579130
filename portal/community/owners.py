"""Whose turn it is: who can take a question now, and who can keep one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.accounts.models import MentorProfile, MentorTopic, RoleGrant, User
from portal.accounts.vocabulary import Region, Topic
from portal.community.models import MentorAway, Question, QuestionState, Routing
from portal.core import working_time
from portal.core.clock import KST
from portal.core.roles import STAFF, Role

ANSWERING = frozenset({Role.MENTOR, Role.TRAINER})
"""Who answers questions as their work; an operator does for want of them."""

_Id = ColumnElement[int] | InstrumentedAttribute[int]


@dataclass(frozen=True)
class Wanted:
    """What a question asks of its next owner."""

    asker_id: int
    region: Region | None
    topic: Topic
    #: The working days on which the promise would have to be kept.
    days: frozenset[date]
    #: Who has it, and is passed over.
    besides_id: int | None = None


def days_of(now: datetime, promised_at: datetime) -> frozenset[date]:
    """Return the working days of a promise: the one it begins on and the one it ends on."""
    return frozenset({working_time.working_day_at(now), promised_at.astimezone(KST).date()})


def waits() -> ColumnElement[bool]:
    """Return the condition that a `Question` waits for an answer where its owner can see it."""
    is_shown = and_(Question.hidden_at.is_(None), Question.held_at.is_(None), Question.moved_to_id.is_(None))
    return and_(Question.state == QuestionState.WAITING, is_shown)


def is_taken() -> ColumnElement[bool]:
    """Return the condition that a `Question`'s owner took it by themself, for the promise it has now."""
    return exists().where(
        Routing.thread_id == Question.id,
        Routing.owner_id == Question.owner_id,
        Routing.by_id == Question.owner_id,
        Routing.promised_at == Question.promised_at,
    )


def takes_questions(days: Iterable[date]) -> ColumnElement[bool]:
    """Return the condition that a `MentorProfile` is of a mentor neither paused nor away on ``days``."""
    is_mentor = exists().where(RoleGrant.user_id == MentorProfile.user_id, RoleGrant.role == Role.MENTOR)
    is_away = _is_away(MentorProfile.user_id, days)
    return and_(MentorProfile.paused_at.is_(None), is_mentor, ~is_away)


def somebody_else_takes(days: Iterable[date]) -> ColumnElement[bool]:
    """Return the condition that a mentor other than its owner and its asker can take a `Question`."""
    return exists().where(
        takes_questions(days),
        MentorProfile.user_id != Question.owner_id,
        MentorProfile.user_id != Question.author_id,
    )


def can_answer(user_id: _Id, now: datetime) -> ColumnElement[bool]:
    """Return the condition that somebody can keep a promise now: still staff, not paused, not away.

    Who is away from tomorrow counts as away once today's office has closed.
    """
    is_staff = exists().where(RoleGrant.user_id == user_id, RoleGrant.role.in_(STAFF))
    is_paused = exists().where(MentorProfile.user_id == user_id, MentorProfile.paused_at.is_not(None))
    is_away = _is_away(user_id, [working_time.working_day_at(now)])
    return and_(is_staff, ~is_paused, ~is_away)


def is_there(session: Session, user_id: int, *, now: datetime) -> bool:
    """Tell whether somebody can keep a promise now."""
    return bool(session.scalar(select(can_answer(literal(user_id), now))))


def an_operator_takes() -> ColumnElement[bool]:
    """Return the condition that there is an operator other than a `Question`'s owner and its asker."""
    return exists().where(
        RoleGrant.role == Role.OPERATOR,
        RoleGrant.user_id != Question.owner_id,
        RoleGrant.user_id != Question.author_id,
    )


def find_next_mentor_id(session: Session, wanted: Wanted) -> int | None:
    """Return the mentor whose turn it is, or None if nobody takes questions.

    Those who answer the topic come first, then those of the asker's region, then those with the fewest
    questions waiting, then the one who has been here longest.
    """
    answers_topic = exists().where(
        MentorTopic.mentor_id == MentorProfile.user_id, MentorTopic.topic == wanted.topic
    )
    is_near: ColumnElement[bool] = and_(User.region.is_not(None), User.region == wanted.region)
    statement = (
        select(MentorProfile.user_id)
        .join(User, User.id == MentorProfile.user_id)
        .where(takes_questions(wanted.days), MentorProfile.user_id != wanted.asker_id)
        .order_by(case((answers_topic, 0), else_=1), case((is_near, 0), else_=1))
        .order_by(_waiting_for(MentorProfile.user_id), MentorProfile.user_id)
        .limit(1)
    )
    if wanted.besides_id is not None:
        statement = statement.where(MentorProfile.user_id != wanted.besides_id)
    return session.scalar(statement)


def find_operator_id(session: Session, wanted: Wanted) -> int | None:
    """Return the operator with the fewest questions, for when no mentor can take one; None without any."""
    statement = (
        select(RoleGrant.user_id)
        .where(RoleGrant.role == Role.OPERATOR, RoleGrant.user_id != wanted.asker_id)
        .order_by(_waiting_for(RoleGrant.user_id), RoleGrant.user_id)
        .limit(1)
    )
    if wanted.besides_id is not None:
        statement = statement.where(RoleGrant.user_id != wanted.besides_id)
    return session.scalar(statement)


def hold_mentors(session: Session) -> None:
    """Hold everybody who takes questions, so that each sees the load the one before has made.

    All of them, always in the same order: two askers cannot wait for each other.
    """
    session.execute(
        select(MentorProfile.user_id)
        .where(MentorProfile.paused_at.is_(None))
        .order_by(MentorProfile.user_id)
        .with_for_update()
    )


def _waiting_for(user_id: _Id) -> ColumnElement[int]:
    return select(func.count()).where(Question.owner_id == user_id, waits()).scalar_subquery()


def _is_away(user_id: _Id, days: Iterable[date]) -> ColumnElement[bool]:
    on_a_day = [and_(MentorAway.first_day <= day, MentorAway.last_day >= day) for day in sorted(days)]
    return exists().where(MentorAway.mentor_id == user_id, MentorAway.cancelled_at.is_(None), or_(*on_a_day))
