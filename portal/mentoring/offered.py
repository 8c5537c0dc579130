"""Reading what a mentor is asked: the shop without its name, why this mentor, and until when to answer."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import MentorTopic, User
from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES
from portal.core import korean
from portal.core.korean import masked_name
from portal.core.personal_numbers import mask_numbers
from portal.core.roles import Role
from portal.mentoring import policy
from portal.mentoring.models import Need, Offer, OfferState
from portal.mentoring.queries import found
from portal.mentoring.vocabulary import KIND_NAMES
from portal.mentoring.wishes import times_in_words

OFFERS_MAX = 20


@dataclass(frozen=True)
class OfferCard:
    """An offer as its mentor sees it before answering: no name, no telephone."""

    id: int
    who: str
    topic: str
    detail: str
    kind: str
    #: When the shop's owner has time, in words.
    times: str
    reasons: tuple[str, ...]
    #: Until when to answer, in words.
    by: str
    is_open: bool
    is_accepted: bool


def get_offer(session: Session, user: User, offer_id: int) -> Offer:
    """Return an offer made to this mentor, with its need and merchant. Raises NotFoundError for others'."""
    offer = session.scalar(_with_need().where(Offer.id == offer_id, policy.may_answer(user)))
    return found(offer, "찾는 부탁이 없어요.")


def list_open(session: Session, user: User, *, now: datetime) -> list[OfferCard]:
    """Return what waits for this mentor's answer, the nearest deadline first."""
    if not user.has_role(Role.MENTOR):
        return []
    statement = (
        _with_need()
        .where(policy.may_answer(user), Offer.state == OfferState.OPEN)
        .order_by(Offer.answer_by, Offer.id)
        .limit(OFFERS_MAX)
    )
    topics = _topics_of(session, user)
    return [card(offer, user, topics, now=now) for offer in session.scalars(statement)]


def read(session: Session, user: User, offer_id: int, *, now: datetime) -> OfferCard:
    """Return one offer for its mentor. Raises as `get_offer` does."""
    return card(get_offer(session, user, offer_id), user, _topics_of(session, user), now=now)


def card(offer: Offer, user: User, topics: frozenset[str], *, now: datetime) -> OfferCard:
    """Return an offer in words; why comes from the matching, or from what can be seen without it."""
    need = offer.need
    region = REGION_NAMES[need.region] if need.region else ""
    who = (f"{masked_name(need.merchant.name)} 사장님", need.merchant.business_type, region)
    return OfferCard(
        id=offer.id,
        who=", ".join(part for part in who if part),
        topic=TOPIC_NAMES[need.topic],
        detail=mask_numbers(need.detail),
        kind=KIND_NAMES[need.wants],
        times=times_in_words([(each.weekday, each.part) for each in need.times]),
        reasons=tuple(json.loads(offer.reasons)) or _plain_reasons(need, user, topics),
        by=f"{korean.dated_time(offer.answer_by, now=now)}까지",
        is_open=offer.state == OfferState.OPEN,
        is_accepted=offer.state == OfferState.ACCEPTED,
    )


def _plain_reasons(need: Need, user: User, topics: frozenset[str]) -> tuple[str, ...]:
    reasons = []
    if need.topic in topics:
        reasons.append(f"멘토님이 돕겠다고 하신 일이에요: {TOPIC_NAMES[need.topic]}")
    if need.region is not None and need.region == user.region:
        reasons.append(f"같은 지역에 있는 가게예요: {REGION_NAMES[need.region]}")
    if need.preferred_mentor_id == user.id:
        reasons.append("사장님이 멘토님을 바라셨어요.")
    return tuple(reasons) or ("지금 새 가게를 맡을 자리가 있으세요.",)


def _topics_of(session: Session, user: User) -> frozenset[str]:
    return frozenset(session.scalars(select(MentorTopic.topic).where(MentorTopic.mentor_id == user.id)))


def _with_need() -> Select[Offer]:
    need = joinedload(Offer.need)
    return select(Offer).options(need.joinedload(Need.merchant), need.selectinload(Need.times))
