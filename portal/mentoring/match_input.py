"""Reading what a run depends on: who waits, who could help, what is fixed and who must not meet."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from portal.accounts.models import MentorProfile, MentorTopic, RoleGrant, User
from portal.core.roles import Role
from portal.mentoring import matching
from portal.mentoring.match_models import Conflict, MatchLock, MatchPair, MatchWeights
from portal.mentoring.matching import Mentor, Problem, Shop, Weights
from portal.mentoring.models import (
    Engagement,
    EngagementState,
    MatchProfile,
    MentorChannel,
    MentorRegion,
    Need,
    NeedState,
    NeedTime,
    Offer,
    OfferState,
)
from portal.mentoring.visit_models import Availability

_REFUSED = (OfferState.DECLINED, OfferState.EXPIRED)


def waits() -> ColumnElement[bool]:
    """Return the condition that a `Need` waits and no mentor is being asked to take it."""
    asked = aliased(Offer)  # beside the offers that the query around may join
    is_asked = exists().where(asked.need_id == Need.id, asked.state == OfferState.OPEN)
    return and_(Need.state == NeedState.OPEN, ~is_asked)


def read_problem(session: Session, weights: MatchWeights, *, seed: int) -> Problem:
    """Return everything a run depends on, as it is now."""
    shops = read_shops(session, waits())
    locks = select(MatchLock.need_id, MatchLock.mentor_id)
    return Problem(
        shops=tuple(shops.values()),
        mentors=tuple(read_mentors(session).values()),
        weights=weights_of(weights),
        seed=seed,
        conflicts=read_conflicts(session),
        locks={need_id: mentor_id for need_id, mentor_id in session.execute(locks) if need_id in shops},
    )


def weights_of(row: MatchWeights) -> Weights:
    """Return a row of weights as the matching takes it."""
    return Weights(
        id=row.id,
        topic=row.topic,
        channel=row.channel,
        region=row.region,
        time=row.time,
        manner=row.manner,
        preference=row.preference,
        fairness=row.fairness,
    )


def read_conflicts(session: Session) -> frozenset[tuple[int, int]]:
    """Return who must not meet: mentor and owner of a shop."""
    standing = select(Conflict.mentor_id, Conflict.merchant_id).where(Conflict.ended_at.is_(None))
    return frozenset((mentor_id, merchant_id) for mentor_id, merchant_id in session.execute(standing))


def read_shops(session: Session, condition: ColumnElement[bool]) -> dict[int, Shop]:
    """Return the needs of a condition on `Need`, by their ids."""
    rows = session.execute(
        select(
            Need.id,
            Need.merchant_id,
            Need.topic,
            Need.wants,
            Need.region,
            Need.channel,
            Need.manner,
            Need.market,
            Need.wants_english,
            Need.preferred_mentor_id,
        )
        .where(condition)
        .order_by(Need.id)
    ).all()
    times = _grouped(
        session.execute(
            select(NeedTime.need_id, NeedTime.weekday, NeedTime.part)
            .join(Need, Need.id == NeedTime.need_id)
            .where(condition)
        )
    )
    refused = _grouped(
        session.execute(
            select(Offer.need_id, Offer.mentor_id)
            .join(Need, Need.id == Offer.need_id)
            .where(condition, Offer.state.in_(_REFUSED))
        )
    )
    helped = _grouped(
        session.execute(
            select(Need.id, Engagement.mentor_id)
            .join(Engagement, Engagement.merchant_id == Need.merchant_id)
            .where(condition, Engagement.state == EngagementState.ENDED)
        )
    )
    return {row.id: _shop(row, times[row.id], refused[row.id], helped[row.id]) for row in rows}


def read_mentors(session: Session, *, besides_run_id: int | None = None) -> dict[int, Mentor]:
    """Return every mentor by account id; seats that ``besides_run_id`` itself has filled count as free."""
    rows = _read_mentor_rows(session)
    taken = _count_taken(session, besides_run_id)
    topics = _grouped(session.execute(select(MentorTopic.mentor_id, MentorTopic.topic)))
    regions = _grouped(session.execute(select(MentorRegion.mentor_id, MentorRegion.region)))
    channels = _grouped(session.execute(select(MentorChannel.mentor_id, MentorChannel.channel)))
    hours = _grouped(
        session.execute(
            select(
                Availability.mentor_id,
                Availability.weekday,
                Availability.starts_minute,
                Availability.ends_minute,
            )
        )
    )
    return {
        row.user_id: Mentor(
            id=row.user_id,
            topics=_only(topics[row.user_id]),
            home=row.region,
            regions=_only(regions[row.user_id]),
            capacity=row.capacity,
            taken=taken[row.user_id],
            channels=_only(channels[row.user_id]),
            times=matching.times_of_hours((day, starts, ends) for day, starts, ends in hours[row.user_id]),
            manner=row.manner,
            market=matching.market_of(row.market or ""),
            sells_services=row.sells_services,
            speaks_english=bool(row.speaks_english),
            is_resting=bool(row.is_resting),
        )
        for row in rows
    }


def _read_mentor_rows(session: Session) -> Any:
    return session.execute(
        select(
            MentorProfile.user_id,
            MentorProfile.capacity,
            User.region,
            or_(MentorProfile.paused_at.is_not(None), MentorProfile.left_at.is_not(None)).label("is_resting"),
            MatchProfile.market,
            MatchProfile.sells_services,
            MatchProfile.speaks_english,
            MatchProfile.manner,
        )
        .join(User, User.id == MentorProfile.user_id)
        .join(RoleGrant, and_(RoleGrant.user_id == User.id, RoleGrant.role == Role.MENTOR))
        .outerjoin(MatchProfile, MatchProfile.mentor_id == MentorProfile.user_id)
        .order_by(MentorProfile.user_id)
    ).all()


def _shop(row: Any, times: list[Any], refused: list[Any], helped: list[Any]) -> Shop:
    # Whoever wants a former mentor again says so; one who did not take the need is not asked twice.
    again = _only(helped) - {row.preferred_mentor_id}
    return Shop(
        id=row.id,
        owner_id=row.merchant_id,
        topic=row.topic,
        wants=row.wants,
        region=row.region,
        channel=row.channel,
        times=matching.times_of((weekday, part) for weekday, part in times),
        manner=row.manner,
        market=matching.market_of(row.market),
        wants_english=row.wants_english,
        preferred_id=row.preferred_mentor_id,
        former_ids=again | _only(refused),
    )


def _count_taken(session: Session, besides_run_id: int | None) -> Counter[int]:
    """Return how many seats of each mentor are taken: by shops looked after and by those offered."""
    engaged = select(Engagement.mentor_id, func.count()).where(Engagement.state != EngagementState.ENDED)
    offered = select(Offer.mentor_id, func.count()).where(Offer.state == OfferState.OPEN)
    if besides_run_id is not None:
        by_run = exists().where(
            MatchPair.run_id == besides_run_id,
            MatchPair.need_id == Engagement.need_id,
            MatchPair.mentor_id == Engagement.mentor_id,
        )
        engaged = engaged.where(~by_run)
        offered = offered.where(or_(Offer.run_id.is_(None), Offer.run_id != besides_run_id))
    taken: Counter[int] = Counter()
    columns: Mapping[Any, InstrumentedAttribute[int]] = {
        engaged: Engagement.mentor_id,
        offered: Offer.mentor_id,
    }
    for statement, column in columns.items():
        for mentor_id, count in session.execute(statement.group_by(column)):
            taken[mentor_id] += count
    return taken


def _grouped(rows: Any) -> defaultdict[int, list[Any]]:
    """Return the rest of each row by its first column."""
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for first, *rest in rows:
        found[first].append(rest)
    return found


def _only(rows: list[Any]) -> frozenset[Any]:
    return frozenset(value for (value,) in rows)
