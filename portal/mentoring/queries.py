"""Reading needs, engagements, visits and what to do next."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption as ORMOption

from portal.accounts.models import User
from portal.accounts.vocabulary import TOPIC_NAMES
from portal.core.errors import ForbiddenError, NotFoundError
from portal.core.excerpt import first_lines
from portal.core.roles import Role
from portal.mentoring import appointment, policy
from portal.mentoring.models import LIVE_STATES, Engagement, EngagementState, Need, NeedState
from portal.mentoring.visit_models import OPEN_VISIT_STATES, ActionItem, Visit, VisitState
from portal.mentoring.vocabulary import Stage, VisitKind

PAGE_SIZE = 20
ITEMS_AT_ONCE = 3
DAY_VISITS = 5

Row = TypeVar("Row")


#: What an engagement waits for, for its mentor and for everybody else.
_SENTENCES = {
    Stage.TIMES: ("만날 시간을 보내 주세요.", "멘토님이 만날 시간을 고르고 있어요."),
    Stage.CHOICE: ("사장님이 시간을 고르고 있어요.", "멘토님이 보낸 시간 가운데 하나를 고르면 돼요."),
    Stage.MEETING: ("", ""),
    Stage.LOG: ("만난 이야기를 적어 주세요.", "멘토님이 만난 이야기를 적고 있어요."),
    Stage.AFTER: (
        "정한 만남을 모두 마쳤어요. 가끔 안부를 여쭤 주세요.",
        "정한 만남을 모두 마쳤어요. 궁금한 것은 멘토님께 물어보세요.",
    ),
    Stage.PAUSED: ("잠시 쉬는 중이에요.", "잠시 쉬는 중이에요."),
    Stage.ENDED: ("끝난 멘토링이에요.", "끝난 멘토링이에요."),
}


@dataclass(frozen=True)
class OpenItem:
    """One small thing to do that is not done yet."""

    id: int
    text: str
    engagement_id: int
    due_on: date | None


@dataclass(frozen=True)
class NextVisit:
    """An agreed visit as one of its two people sees it."""

    visit_id: int
    engagement_id: int
    starts_at: datetime
    place: str
    kind: VisitKind
    #: Whom one meets: 박정호 멘토님, 김순자 사장님.
    other: str


@dataclass(frozen=True)
class DayVisit(NextVisit):
    """An agreed visit with what a mentor wants to know before it."""

    shop: str
    #: Up to three lines of the last log.
    history: tuple[str, ...]
    open_items: int
    #: The visit has begun: its log can be written.
    has_begun: bool


@dataclass(frozen=True)
class EngagementCard:
    """An engagement in a list."""

    id: int
    is_mentor: bool
    #: Whom the reader works with; both names for an operator.
    other: str
    topic: str
    #: Where it stands and what is next: when and where once agreed.
    sentence: str
    is_agreed: bool
    #: The reader is the one the other waits for.
    is_my_turn: bool


def find_open_need(session: Session, user: User) -> Need | None:
    """Return the merchant's need that waits for a mentor."""
    return session.scalar(select(Need).where(policy.may_withdraw(user), Need.state == NeedState.OPEN))


def find_open_visit(session: Session, engagement_id: int) -> Visit | None:
    """Return the visit an engagement is agreeing on or waiting for.

    For callers that hold the engagement, loaded by its policy.
    """
    return session.scalar(
        select(Visit).where(Visit.engagement_id == engagement_id, Visit.state.in_(OPEN_VISIT_STATES))
    )


def get_need(session: Session, user: User, need_id: int) -> Need:
    """Return the person's own need, to take it back. Raises NotFoundError for anybody else's."""
    need = session.scalar(select(Need).where(Need.id == need_id, policy.may_withdraw(user)))
    return found(need, "찾는 부탁이 없어요.")


def count_open_needs(session: Session, user: User) -> int:
    """Return how many needs wait for a mentor, as far as ``user`` may see them; their own left out."""
    if user.roles.isdisjoint({Role.MENTOR, Role.OPERATOR}):
        return 0
    statement = select(func.count()).select_from(Need)
    return (
        session.scalar(
            statement.where(
                policy.may_view_need(user), Need.state == NeedState.OPEN, Need.merchant_id != user.id
            )
        )
        or 0
    )


def list_engagements(
    session: Session, user: User, *, is_active: bool, now: datetime, before_id: int | None = None
) -> list[EngagementCard]:
    """Return the engagements ``user`` may see, newest first; one more than a page."""
    has_ended = Engagement.state == EngagementState.ENDED
    is_open = and_(Visit.engagement_id == Engagement.id, Visit.state.in_(OPEN_VISIT_STATES))
    statement = (
        select(Engagement, Visit)
        .outerjoin(Visit, is_open)
        .where(policy.may_view(user), ~has_ended if is_active else has_ended)
        .options(joinedload(Engagement.need), joinedload(Engagement.merchant), joinedload(Engagement.mentor))
        .order_by(Engagement.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if before_id is not None:
        statement = statement.where(Engagement.id < before_id)
    return [_card(engagement, visit, user, now=now) for engagement, visit in session.execute(statement)]


def list_without_time(session: Session, user: User, *, now: datetime) -> list[EngagementCard]:
    """Return the engagements this mentor has yet to send times for, three at most.

    Met longest ago comes first, or taken on where they never met; the month after the last is left out.
    """
    is_met = (Visit.engagement_id == Engagement.id) & (Visit.state == VisitState.HELD)
    met_at = select(func.max(Visit.starts_at)).where(is_met).scalar_subquery()
    is_open = (Visit.engagement_id == Engagement.id) & Visit.state.in_(OPEN_VISIT_STATES)
    statement = (
        select(Engagement)
        .where(
            policy.may_lead(user),
            Engagement.state.in_(LIVE_STATES),
            Engagement.follow_up_until.is_(None),
            ~select(Visit.id).where(is_open).exists(),
        )
        .options(joinedload(Engagement.need), joinedload(Engagement.merchant), joinedload(Engagement.mentor))
        .order_by(func.coalesce(met_at, Engagement.started_at), Engagement.id)
        .limit(ITEMS_AT_ONCE)
    )
    return [_card(engagement, None, user, now=now) for engagement in session.scalars(statement)]


def get_engagement(session: Session, user: User, engagement_id: int, *, lead: bool = False) -> Engagement:
    """Return an engagement one may see, with its need and people; ``lead`` asks for its mentor.

    Raises NotFoundError for a stranger's, ForbiddenError when only its mentor may. Operators only look, so
    every caller that changes something passes a person of the engagement: see `get_own_engagement`.
    """
    row = session.execute(
        select(Engagement, policy.may_lead(user))
        .where(Engagement.id == engagement_id, policy.may_view(user))
        .options(joinedload(Engagement.need), joinedload(Engagement.merchant), joinedload(Engagement.mentor))
    ).one_or_none()
    engagement, may_lead = found(row, "찾는 멘토링이 없어요.")
    if lead and not may_lead:
        raise ForbiddenError("이 가게를 맡은 멘토님만 할 수 있어요.")
    return engagement


def get_own_engagement(session: Session, user: User, engagement_id: int) -> Engagement:
    """Return an engagement of which ``user`` is one of the two. Raises as `get_engagement` does."""
    engagement = get_engagement(session, user, engagement_id)
    if user.id not in {engagement.merchant_id, engagement.mentor_id}:
        raise ForbiddenError("함께하는 두 분만 할 수 있어요.")
    return engagement


def get_engagement_to_end(session: Session, user: User, engagement_id: int) -> Engagement:
    """Return an engagement ``user`` may end: one of the two, or an operator when neither of them can."""
    if user.has_role(Role.OPERATOR):
        return get_engagement(session, user, engagement_id)
    return get_own_engagement(session, user, engagement_id)


def get_visit(
    session: Session, user: User, visit_id: int, *, lead: bool = False, choose: bool = False
) -> Visit:
    """Return a visit, its engagement and people, for one of the two; ``lead`` and ``choose`` ask for which.

    Raises NotFoundError for a stranger's, ForbiddenError for the wrong side and for operators.
    """
    row = session.execute(
        select(Visit, policy.may_lead(user), policy.may_choose(user))
        .join(Visit.engagement)
        .where(Visit.id == visit_id, policy.may_view(user))
        .options(*_with_people())
    ).one_or_none()
    visit, may_lead, may_choose = found(row, "찾는 약속이 없어요.")
    if lead and not may_lead:
        raise ForbiddenError("이 가게를 맡은 멘토님만 할 수 있어요.")
    if choose and not may_choose:
        raise ForbiddenError("가게 사장님만 고를 수 있어요.")
    if not may_lead and not may_choose:
        raise ForbiddenError("함께하는 두 분만 할 수 있어요.")
    return visit


def get_item(session: Session, user: User, item_id: int) -> ActionItem:
    """Return an item to tick, its visit loaded. Raises NotFoundError, or ForbiddenError for the other's."""
    row = session.execute(
        select(ActionItem, policy.may_tick(user))
        .join(ActionItem.visit)
        .join(Visit.engagement)
        .where(ActionItem.id == item_id, policy.may_view(user))
        .options(contains_eager(ActionItem.visit))
    ).one_or_none()
    item, may_tick = found(row, "찾는 할 일이 없어요.")
    if not may_tick:
        who = "멘토님" if item.is_mentors else "가게 사장님"
        raise ForbiddenError(f"{who}만 표시할 수 있어요.")
    return item


def get_item_to_return(session: Session, user: User, item_id: int) -> ActionItem:
    """Return an item its mentor may ask more of, its visit loaded. Raises NotFoundError for others."""
    item = session.scalar(
        select(ActionItem)
        .join(ActionItem.visit)
        .join(Visit.engagement)
        .where(ActionItem.id == item_id, policy.may_lead(user))
        .options(contains_eager(ActionItem.visit))
    )
    return found(item, "찾는 할 일이 없어요.")


def list_open_items(session: Session, user: User) -> list[OpenItem]:
    """Return what the person has still to do, that of the last visit first, three at most."""
    statement = (
        select(ActionItem.id, ActionItem.text, Visit.engagement_id, ActionItem.due_on)
        .join(ActionItem.visit)
        .join(Visit.engagement)
        .where(policy.may_tick(user), ActionItem.done_at.is_(None), Visit.state == VisitState.HELD)
        .order_by(Visit.log_written_at.desc(), Visit.id.desc(), ActionItem.position)
        .limit(ITEMS_AT_ONCE)
    )
    return [OpenItem(*row) for row in session.execute(statement)]


def find_next_visit(session: Session, user: User) -> NextVisit | None:
    """Return the agreed visit that comes first, for either of its two people.

    One that has begun and is not yet written down counts too.
    """
    statement = (
        select(Visit)
        .join(Visit.engagement)
        .where(policy.is_party(user), Visit.state == VisitState.AGREED)
        .options(*_with_people())
        .order_by(Visit.starts_at, Visit.id)
        .limit(1)
    )
    visit = session.scalar(statement)
    if visit is None or visit.starts_at is None:
        return None
    return NextVisit(
        visit_id=visit.id,
        engagement_id=visit.engagement_id,
        starts_at=visit.starts_at,
        place=visit.place,
        kind=visit.kind,
        other=other_side(visit.engagement, user),
    )


def list_mentor_day(session: Session, user: User, now: datetime) -> list[DayVisit]:
    """Return the mentor's visits not yet written down and those to come, soonest first, five at most."""
    previous = aliased(Visit)
    last_log = (
        select(previous.log)
        .where(previous.engagement_id == Visit.engagement_id, previous.state == VisitState.HELD)
        .order_by(previous.log_written_at.desc(), previous.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    open_items = (
        select(func.count(ActionItem.id))
        .join(previous, previous.id == ActionItem.visit_id)
        .where(previous.engagement_id == Visit.engagement_id, ActionItem.done_at.is_(None))
        .scalar_subquery()
    )
    statement = (
        select(Visit, last_log, open_items)
        .join(Visit.engagement)
        .where(policy.may_lead(user), Visit.state == VisitState.AGREED)
        .options(*_with_people())
        .order_by(Visit.starts_at, Visit.id)
        .limit(DAY_VISITS)
    )
    return [
        DayVisit(
            visit_id=visit.id,
            engagement_id=visit.engagement_id,
            starts_at=visit.starts_at,
            place=visit.place,
            kind=visit.kind,
            other=other_side(visit.engagement, user),
            shop=visit.engagement.merchant.shop_name,
            history=first_lines(log or ""),
            open_items=count,
            has_begun=visit.starts_at <= now,
        )
        for visit, log, count in session.execute(statement)
        if visit.starts_at is not None
    ]


def other_side(engagement: Engagement, user: User) -> str:
    """Return whom ``user`` works with; both for an operator. Needs both people loaded."""
    merchant, mentor = f"{engagement.merchant.name} 사장님", f"{engagement.mentor.name} 멘토님"
    if user.id == engagement.merchant_id:
        return mentor
    return merchant if user.id == engagement.mentor_id else f"{merchant}, {mentor}"


def stage_of(engagement: Engagement, visit: Visit | None, *, now: datetime) -> Stage:
    """Return what the engagement waits for, given its open visit."""
    if visit is not None and visit.starts_at is not None and visit.starts_at <= now:
        return Stage.LOG
    if engagement.state == EngagementState.ENDED:
        return Stage.ENDED
    if engagement.state == EngagementState.PAUSED:
        return Stage.PAUSED
    if visit is None:
        return Stage.AFTER if engagement.follow_up_until else Stage.TIMES
    return Stage.CHOICE if visit.starts_at is None else Stage.MEETING


def when_and_where(visit: Visit | None, *, now: datetime) -> str:
    """Return the agreed time and place in words; empty until agreed."""
    if visit is None or visit.starts_at is None:
        return ""
    return appointment.words(visit.starts_at, visit.place, now=now)


def found(row: Row | None, message: str) -> Row:
    """Return the row. Raises NotFoundError with ``message`` if there is none."""
    if row is None:
        raise NotFoundError(message)
    return row


def _card(engagement: Engagement, visit: Visit | None, user: User, *, now: datetime) -> EngagementCard:
    stage = stage_of(engagement, visit, now=now)
    is_mentor, is_merchant = user.id == engagement.mentor_id, user.id == engagement.merchant_id
    for_mentor, for_others = _SENTENCES[stage]
    return EngagementCard(
        id=engagement.id,
        is_mentor=is_mentor,
        other=other_side(engagement, user),
        topic=TOPIC_NAMES[engagement.need.topic],
        sentence=when_and_where(visit, now=now)
        if stage == Stage.MEETING
        else (for_mentor if is_mentor else for_others),
        is_agreed=stage == Stage.MEETING,
        is_my_turn=(is_mentor and stage in {Stage.TIMES, Stage.LOG})
        or (is_merchant and stage == Stage.CHOICE),
    )


def _with_people() -> tuple[ORMOption, ORMOption]:
    merchant = contains_eager(Visit.engagement).joinedload(Engagement.merchant)
    mentor = contains_eager(Visit.engagement).joinedload(Engagement.mentor)
    return merchant, mentor
