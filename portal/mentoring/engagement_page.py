"""The page a merchant and a mentor share, read in one go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portal.accounts.models import User
from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES
from portal.core import korean
from portal.core.excerpt import first_lines
from portal.mentoring import journey, policy, preparing, queries
from portal.mentoring.guides import Agenda
from portal.mentoring.journey import Journey
from portal.mentoring.models import Engagement, EngagementState
from portal.mentoring.visit_models import OPEN_VISIT_STATES, ActionItem, Visit, VisitState, VisitTime
from portal.mentoring.vocabulary import KIND_NAMES, Stage

HISTORY_SIZE = 10


@dataclass(frozen=True)
class TimeChoice:
    """A moment to choose."""

    id: int
    words: str
    is_past: bool


@dataclass(frozen=True)
class Meeting:
    """The visit two people are agreeing on or waiting for."""

    id: int
    words: str
    kind: str
    place: str
    remark: str
    times: tuple[TimeChoice, ...]


@dataclass(frozen=True)
class Held:
    """A visit that was held: three lines of its log, the whole of it, and its items."""

    id: int
    words: str
    summary: tuple[str, ...]
    log: str
    has_more: bool
    items: Sequence[ActionItem]
    #: The mentor's own, for the mentor alone; empty for everybody else.
    mentor_note: str
    #: For operators and its writer; empty for the merchant.
    operator_note: str


@dataclass(frozen=True)
class EngagementPage:
    """The page two people share."""

    id: int
    is_mentor: bool
    is_merchant: bool
    is_active: bool
    other: str
    shop: str
    #: The other one's telephone while the engagement lasts; empty for anybody else.
    phone: str
    topic: str
    detail: str
    stage: Stage
    meeting: Meeting | None
    #: What the merchant wrote when the last times did not suit.
    wish: str
    #: Why it ended, for operators only.
    ended_reason: str
    history: tuple[Held, ...]
    #: How far the two have come, and what they look at when they meet next.
    way: Journey
    agenda: Agenda
    next_before: int | None


def read(
    session: Session, user: User, engagement_id: int, *, now: datetime, before_id: int | None = None
) -> EngagementPage:
    """Return everything the page shows, for the two and for operators. Raises NotFoundError for others.

    ``before_id`` turns the pages of the history.
    """
    engagement = queries.get_engagement(session, user, engagement_id)
    last = _find_last(session, engagement)
    held = _list_held(session, engagement, before_id)
    is_open = last is not None and last.state in OPEN_VISIT_STATES
    visit = last if is_open else None
    is_active = engagement.state != EngagementState.ENDED
    other = engagement.mentor if user.id == engagement.merchant_id else engagement.merchant
    is_party = user.id in {engagement.merchant_id, engagement.mentor_id}
    return EngagementPage(
        id=engagement.id,
        is_mentor=user.id == engagement.mentor_id,
        is_merchant=user.id == engagement.merchant_id,
        is_active=is_active,
        other=queries.other_side(engagement, user),
        shop=shop_of(engagement),
        phone=other.phone_shown if is_active and is_party else "",
        topic=TOPIC_NAMES[engagement.need.topic],
        detail=engagement.need.detail,
        stage=queries.stage_of(engagement, visit, now=now),
        meeting=_meeting(visit, now=now) if visit else None,
        wish=last.wish if last and not is_open else "",
        ended_reason="" if is_party else engagement.ended_reason,
        history=tuple(_held(row, engagement, user, now=now) for row in held[:HISTORY_SIZE]),
        way=journey.read(session, user, engagement, now=now),
        agenda=preparing.agenda_of(session, visit, engagement),
        next_before=held[HISTORY_SIZE - 1].id if len(held) > HISTORY_SIZE else None,
    )


def shop_of(engagement: Engagement) -> str:
    """Return where the shop is, in words: ``순자네 반찬(서울)``. Needs its need and merchant loaded."""
    name = engagement.merchant.shop_name or f"{engagement.merchant.name} 사장님 가게"
    return f"{name}({REGION_NAMES[engagement.need.region]})" if engagement.need.region else name


def list_words(session: Session, visit: Visit, *, now: datetime) -> tuple[str, ...]:
    """Return what a visit was agreed on, or the moments offered; for callers that hold the visit."""
    if visit.starts_at is not None:
        return (queries.when_and_where(visit, now=now),)
    statement = (
        select(VisitTime.starts_at).where(VisitTime.visit_id == visit.id).order_by(VisitTime.starts_at)
    )
    return tuple(korean.dated_time(moment, now=now) for moment in session.scalars(statement))


def _find_last(session: Session, engagement: Engagement) -> Visit | None:
    """Return the newest visit, with its times."""
    return session.scalar(
        select(Visit)
        .where(Visit.engagement_id == engagement.id)
        .options(selectinload(Visit.times))
        .order_by(Visit.id.desc())
        .limit(1)
    )


def _list_held(session: Session, engagement: Engagement, before_id: int | None) -> Sequence[Visit]:
    """Return visits with a log, newest first, one more than a page."""
    statement = select(Visit).where(Visit.engagement_id == engagement.id, Visit.state == VisitState.HELD)
    if before_id is not None:
        statement = statement.where(Visit.id < before_id)
    return session.scalars(
        statement.options(selectinload(Visit.items).selectinload(ActionItem.returns))
        .order_by(Visit.id.desc())
        .limit(HISTORY_SIZE + 1)
    ).all()


def _meeting(visit: Visit, *, now: datetime) -> Meeting:
    return Meeting(
        id=visit.id,
        words=queries.when_and_where(visit, now=now),
        kind=KIND_NAMES[visit.kind],
        place=visit.place,
        remark=visit.remark,
        times=tuple(
            TimeChoice(row.id, korean.dated_time(row.starts_at, now=now), is_past=row.starts_at <= now)
            for row in visit.times
        ),
    )


def _held(visit: Visit, engagement: Engagement, user: User, *, now: datetime) -> Held:
    summary = first_lines(visit.log)
    return Held(
        id=visit.id,
        words=queries.when_and_where(visit, now=now),
        summary=summary,
        log=visit.log,
        has_more="\n".join(summary) != visit.log.strip(),
        items=visit.items,
        mentor_note=visit.mentor_note if policy.reads_mentor_note(engagement, user) else "",
        operator_note=visit.operator_note if policy.reads_operator_note(engagement, user) else "",
    )
