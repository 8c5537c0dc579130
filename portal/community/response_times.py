"""How long questions wait for their first answer by somebody else than the asker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import policy
from portal.community.models import Question, Routing, RoutingCause
from portal.community.thread_models import PublicCopy
from portal.core import korean, working_time

WITHIN = timedelta(days=28)
"""Four whole weeks: long enough for an even number, short enough to say how it is now."""


class Standing(StrEnum):
    """How a question stands to the promise it was asked with."""

    KEPT = "kept"
    LATE = "late"
    WAITING = "waiting"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class Wait:
    """A question of these weeks, and how long it waited for its first answer or has waited until now."""

    id: int
    title: str
    asked_at: datetime
    promised_at: datetime
    answered_at: datetime | None
    standing: Standing
    working_time: timedelta

    @property
    def took(self) -> str:
        """The wait in words."""
        return korean.hours_and_minutes(self.working_time)


@dataclass(frozen=True)
class ResponseTimes:
    """The questions of these weeks."""

    waits: Sequence[Wait]

    def of(self, standing: Standing | None) -> list[Wait]:
        """Return the questions that stand like this, or all answered ones, the longest wait first."""
        chosen = [
            wait for wait in self.waits if (wait.standing == standing if standing else wait.answered_at)
        ]
        return sorted(chosen, key=lambda wait: (wait.working_time, wait.id), reverse=True)

    @property
    def median(self) -> timedelta | None:
        """The working time in which half of the answered questions had their first answer."""
        answered = self.of(None)
        if not answered:
            return None
        return timedelta(seconds=median(wait.working_time.total_seconds() for wait in answered))


def get_response_times(session: Session, user: User, *, now: datetime) -> ResponseTimes:
    """Return how the questions asked in the last `WITHIN` were answered, against their first promise."""
    first_promise = func.coalesce(Routing.promised_at, Question.promised_at)
    is_copy = exists().where(PublicCopy.public_id == Question.id)  # nobody asked and waited for it
    rows = session.execute(
        select(Question.id, Question.title, Question.created_at, first_promise, Question.first_answer_at)
        .outerjoin(Routing, and_(Routing.thread_id == Question.id, Routing.cause == RoutingCause.ASKED))
        .where(
            policy.may_read(user),
            Question.created_at > now - WITHIN,
            Question.moved_to_id.is_(None),
            ~is_copy,
        )
    )
    return ResponseTimes([_wait(*row, now=now) for row in rows])


def _wait(
    question_id: int,
    title: str,
    asked_at: datetime,
    promised_at: datetime,
    answered_at: datetime | None,
    *,
    now: datetime,
) -> Wait:
    is_in_time = (answered_at or now) <= promised_at
    if answered_at is None:
        standing = Standing.WAITING if is_in_time else Standing.OVERDUE
    else:
        standing = Standing.KEPT if is_in_time else Standing.LATE
    return Wait(
        id=question_id,
        title=title,
        asked_at=asked_at,
        promised_at=promised_at,
        answered_at=answered_at,
        standing=standing,
        working_time=working_time.working_time_between(asked_at, answered_at or now),
    )
