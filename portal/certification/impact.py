"""What a mentor did in a span of days: each number, and the list it is counted from."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import User
from portal.community import policy
from portal.community.models import Post, PostKind, Question, Routing, Story, StoryFacts
from portal.core.clock import KST
from portal.mentoring.circle_models import Circle, CircleMeeting, MeetingState
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import ActionItem, Visit, VisitState

PAGE_SIZE = 20


class What(StrEnum):
    """What is counted."""

    QUESTIONS = "questions"
    PROMISES = "promises"
    VISITS = "visits"
    GROUPS = "groups"
    ITEMS = "items"
    FIRST_ORDERS = "first-orders"


@dataclass(frozen=True)
class Span:
    """Days in Korea, the last one included."""

    first_day: date
    last_day: date

    def holds(self, moment: Any) -> ColumnElement[bool]:
        """Return the condition that a moment lies within."""
        start = datetime.combine(self.first_day, time(), KST)
        end = datetime.combine(self.last_day + timedelta(days=1), time(), KST)
        return and_(moment >= start, moment < end)


@dataclass(frozen=True)
class Numbers:
    """What a mentor did; each number is as long as its list."""

    questions: int
    #: Promises that were kept, and those whose time has passed while they stayed with the mentor.
    promises: int
    promises_kept: int
    visits: int
    visit_minutes: int
    groups: int
    group_minutes: int
    items: int
    first_orders: int

    @property
    def is_nothing(self) -> bool:
        """Tell whether there is nothing to write down."""
        return not any(asdict(self).values())


@dataclass(frozen=True)
class Line:
    """One row of a list."""

    id: int
    words: str
    at: datetime
    #: The question, story or engagement behind it; 0 for what has no page.
    target_id: int
    #: How long it lasted; 0 for what has no length.
    minutes: int
    #: 0 for a promise that was not kept, else 1.
    kept: int


def month_of(day: date) -> Span:
    """Return the month of a day."""
    return Span(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


def year_of(day: date) -> Span:
    """Return the year of a day."""
    return Span(date(day.year, 1, 1), date(day.year, 12, 31))


def count(session: Session, mentor: User, span: Span, *, now: datetime) -> Numbers:
    """Count what ``mentor`` did in ``span``, as far as it has happened by ``now``."""

    def total(what: What) -> tuple[int, int, int]:
        rows = _LISTS[what](mentor, span, now).subquery()
        minutes, kept = (func.coalesce(func.sum(column), 0) for column in (rows.c.minutes, rows.c.kept))
        row = session.execute(select(func.count(rows.c.id), minutes, kept)).one()
        return row[0], row[1], row[2]

    visits, visit_minutes, _ = total(What.VISITS)
    groups, group_minutes, _ = total(What.GROUPS)
    promises, _, promises_kept = total(What.PROMISES)
    return Numbers(
        questions=total(What.QUESTIONS)[0],
        promises=promises,
        promises_kept=promises_kept,
        visits=visits,
        visit_minutes=visit_minutes,
        groups=groups,
        group_minutes=group_minutes,
        items=total(What.ITEMS)[0],
        first_orders=total(What.FIRST_ORDERS)[0],
    )


def list_lines(
    session: Session, mentor: User, what: What, span: Span, *, now: datetime, before_id: int | None = None
) -> list[Line]:
    """Return what a number counts, the newest first, one more than a page."""
    rows = _LISTS[what](mentor, span, now).subquery()
    statement = select(rows).order_by(rows.c.id.desc()).limit(PAGE_SIZE + 1)
    if before_id is not None:
        statement = statement.where(rows.c.id < before_id)
    return [Line(*row) for row in session.execute(statement)]


def _questions(mentor: User, span: Span, _now: datetime) -> Select[Any]:
    """Return the questions of others that the mentor answered in these days, each once."""
    answered = (
        select(Post.thread_id, func.min(Post.created_at).label("at"))
        .where(_is_answer_of(mentor), span.holds(Post.created_at))
        .group_by(Post.thread_id)
        .subquery()
    )
    return (
        _lines(Question.id, Question.title, answered.c.at, Question.id)
        .join(answered, answered.c.thread_id == Question.id)
        .where(policy.may_read(mentor), Question.author_id != mentor.id)
    )


def _promises(mentor: User, span: Span, now: datetime) -> Select[Any]:
    """Return the promises for these days that were kept, or whose time has passed.

    One that went to somebody else in time, or that somebody else answered in time, was not left to them.
    """
    later, answer = aliased(Routing), aliased(Post)
    went_on = exists().where(
        later.thread_id == Routing.thread_id,
        later.id > Routing.id,
        later.former_id == mentor.id,
        later.owner_id != mentor.id,
        later.at <= Routing.promised_at,
    )
    in_time = exists().where(
        answer.thread_id == Routing.thread_id,
        answer.kind == PostKind.ANSWER,
        answer.hidden_at.is_(None),
        answer.created_at.between(Routing.at, Routing.promised_at),
    )
    is_kept = in_time.where(answer.author_id == mentor.id)
    by_another = in_time.where(answer.author_id != mentor.id)
    return (
        _lines(
            Routing.id,
            Question.title,
            Routing.promised_at,
            Question.id,
            kept=case((is_kept, 1), else_=0),
        )
        .join(Question, Question.id == Routing.thread_id)
        .where(
            Routing.owner_id == mentor.id,
            span.holds(Routing.promised_at),
            or_(Routing.promised_at <= now, is_kept),
            or_(is_kept, and_(~went_on, ~by_another)),
            policy.may_read(mentor),
        )
    )


def _visits(mentor: User, span: Span, _now: datetime) -> Select[Any]:
    """Return the visits that were held."""
    return (
        _lines(Visit.id, Visit.place, Visit.starts_at, Visit.engagement_id, minutes=Visit.minutes)
        .select_from(Visit)
        .where(Visit.mentor_id == mentor.id, Visit.state == VisitState.HELD, span.holds(Visit.starts_at))
    )


def _groups(mentor: User, span: Span, _now: datetime) -> Select[Any]:
    """Return the meetings of the mentor's groups that were held."""
    return (
        _lines(
            CircleMeeting.id, Circle.name, CircleMeeting.starts_at, literal(0), minutes=CircleMeeting.minutes
        )
        .join(Circle, Circle.id == CircleMeeting.circle_id)
        .where(
            Circle.mentor_id == mentor.id,
            CircleMeeting.state == MeetingState.HELD,
            span.holds(CircleMeeting.starts_at),
        )
    )


def _items(mentor: User, span: Span, _now: datetime) -> Select[Any]:
    """Return the small things that shops of the mentor did."""
    return (
        _lines(ActionItem.id, ActionItem.text, ActionItem.done_at, Visit.engagement_id)
        .join(Visit, Visit.id == ActionItem.visit_id)
        .where(Visit.mentor_id == mentor.id, ActionItem.is_mentors.is_(False), span.holds(ActionItem.done_at))
    )


def _first_orders(mentor: User, span: Span, _now: datetime) -> Select[Any]:
    """Return the first public story of each shop whose mentor this was by then.

    Every rung of a story stands on a first order, whose evidence two people have seen.
    """
    earlier, earlier_facts = aliased(Story), aliased(StoryFacts)
    is_not_first = exists().where(
        earlier.id == earlier_facts.thread_id,
        earlier.author_id == Story.author_id,
        earlier_facts.withdrawn_at.is_(None),
        earlier_facts.published_at < StoryFacts.published_at,
    )
    was_mentor = exists().where(
        Engagement.mentor_id == mentor.id,
        Engagement.merchant_id == Story.author_id,
        Engagement.started_at < StoryFacts.published_at,
    )
    return (
        _lines(Story.id, Story.title, StoryFacts.published_at, Story.id)
        .join(StoryFacts, StoryFacts.thread_id == Story.id)
        .where(
            StoryFacts.withdrawn_at.is_(None),
            span.holds(StoryFacts.published_at),
            was_mentor,
            ~is_not_first,
            policy.may_read(mentor),
        )
    )


_LISTS: Mapping[What, Callable[[User, Span, datetime], Select[Any]]] = {
    What.QUESTIONS: _questions,
    What.PROMISES: _promises,
    What.VISITS: _visits,
    What.GROUPS: _groups,
    What.ITEMS: _items,
    What.FIRST_ORDERS: _first_orders,
}


def _is_answer_of(mentor: User) -> ColumnElement[bool]:
    return and_(Post.author_id == mentor.id, Post.kind == PostKind.ANSWER, Post.hidden_at.is_(None))


def _lines(
    row_id: Any, words: Any, at: Any, target_id: Any, *, minutes: Any = None, kept: Any = None
) -> Select[Any]:
    """Return a statement with the columns of `Line`; minutes are 0 and ``kept`` is 1 unless given."""
    return select(
        row_id.label("id"),
        words.label("words"),
        at.label("at"),
        target_id.label("target_id"),
        (literal(0) if minutes is None else minutes).label("minutes"),
        (literal(1) if kept is None else kept).label("kept"),
    )
