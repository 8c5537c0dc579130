"""Why this mentor, and why not another: for the operator with points, for the shop owner in words."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import REGION_NAMES
from portal.core.errors import NotFoundError
from portal.mentoring import match_input
from portal.mentoring.match_models import MatchPair, MatchRun, MatchWeights
from portal.mentoring.match_queries import find_services, mentor_name
from portal.mentoring.match_words import Cause, Why, why_not
from portal.mentoring.matching import Mentor, Reason, Shop, Standing, reasons_of
from portal.mentoring.models import Engagement, EngagementState, Need, NeedState, Offer, OfferState
from portal.mentoring.queries import found

MENTORS_FOUND = 10


@dataclass(frozen=True)
class Stand:
    """How a run stands for some needs, with everybody's facts as they are now."""

    shops: dict[int, Shop]
    mentors: dict[int, Mentor]
    standing: Standing

    def why_not(self, need_id: int, mentor_id: int) -> Why | None:
        """Return why the need has not this mentor; None when either is there no more."""
        shop, mentor = self.shops.get(need_id), self.mentors.get(mentor_id)
        return why_not(shop, mentor, self.standing) if shop and mentor else None


@dataclass(frozen=True)
class Answer:
    """What is to be said of one mentor and one shop."""

    mentor_id: int
    mentor: str
    region: str
    words: str
    is_chosen: bool
    reasons: tuple[Reason, ...]

    @property
    def points(self) -> int:
        """Return what the pair would be worth."""
        return sum(reason.points for reason in self.reasons)


@dataclass(frozen=True)
class OwnMatch:
    """Whom a shop owner was matched with, and why, in words."""

    offer_id: int
    need_id: int
    run_id: int
    mentor_id: int
    mentor: str
    reasons: tuple[str, ...]
    #: What the mentor sells for money; empty for nothing.
    services: str
    #: The mentor has said yes.
    is_taken: bool


def read_stand(
    session: Session, run: MatchRun, need_ids: Collection[int], *, instead: dict[int, int] | None = None
) -> Stand:
    """Return how a run stands for some needs; ``instead`` names who was asked after the run's own mentor."""
    mentors = match_input.read_mentors(session, besides_run_id=run.id)
    rows = session.execute(
        select(MatchPair.need_id, MatchPair.mentor_id, MatchPair.is_locked).where(
            MatchPair.run_id == run.id, MatchPair.need_id.in_(need_ids), MatchPair.mentor_id.is_not(None)
        )
    ).all()
    chosen = {row.need_id: row.mentor_id for row in rows} | (instead or {})
    given = session.execute(
        select(MatchPair.mentor_id, func.count())
        .where(MatchPair.run_id == run.id, MatchPair.mentor_id.is_not(None))
        .group_by(MatchPair.mentor_id)
    )
    standing = Standing(
        weights=match_input.weights_of(session.get_one(MatchWeights, run.weights_id)),
        chosen={need_id: mentors[each] for need_id, each in chosen.items() if each in mentors},
        given={mentor_id: count for mentor_id, count in given if mentor_id is not None},
        conflicts=match_input.read_conflicts(session),
        locked_ids=frozenset(row.need_id for row in rows if row.is_locked),
    )
    return Stand(match_input.read_shops(session, Need.id.in_(need_ids)), mentors, standing)


def list_answers(session: Session, run: MatchRun, pair: MatchPair, name: str) -> list[Answer]:
    """Return why (not) each mentor of this name has the pair's need: ten at most, for operators."""
    named = (
        select(User)
        .join(MentorProfile, MentorProfile.user_id == User.id)
        .where(User.name.contains(name, autoescape=True))
        .order_by(User.id)
        .limit(MENTORS_FOUND)
    )
    stand = read_stand(session, run, [pair.need_id])
    return _answers(session.scalars(named).all(), pair.need_id, stand)


def find_own_match(session: Session, user: User) -> OwnMatch | None:
    """Return whom the shop owner was given by a published run, while it lasts."""
    goes_on = exists().where(
        Engagement.need_id == Offer.need_id,
        Engagement.mentor_id == Offer.mentor_id,
        Engagement.state != EngagementState.ENDED,
    )
    offer = session.scalar(
        select(Offer)
        .join(Offer.need)
        .where(
            Need.merchant_id == user.id,
            Offer.run_id.is_not(None),
            or_(
                and_(Offer.state == OfferState.OPEN, Need.state == NeedState.OPEN),
                and_(Offer.state == OfferState.ACCEPTED, goes_on),
            ),
        )
        .options(joinedload(Offer.mentor))
        .order_by(Offer.id.desc())
        .limit(1)
    )
    if offer is None or offer.run_id is None:
        return None
    return OwnMatch(
        offer_id=offer.id,
        need_id=offer.need_id,
        run_id=offer.run_id,
        mentor_id=offer.mentor_id,
        mentor=mentor_name(offer.mentor),
        reasons=tuple(json.loads(offer.reasons)),
        services=find_services(session, offer.mentor_id),
        is_taken=offer.state == OfferState.ACCEPTED,
    )


def get_own_answer(session: Session, user: User, mentor_id: int) -> tuple[OwnMatch, Answer]:
    """Return why the shop owner's match is not this mentor. Raises NotFoundError without either."""
    own = found(find_own_match(session, user), "아직 이어진 멘토님이 없어요. 멘토 화면에서 확인해 주세요.")
    run = session.get_one(MatchRun, own.run_id)
    stand = read_stand(session, run, [own.need_id], instead={own.need_id: own.mentor_id})
    mentor = session.get(User, mentor_id)
    if mentor is None or mentor_id not in stand.mentors:
        raise NotFoundError("찾는 멘토님이 없어요.")
    return own, _answers([mentor], own.need_id, stand)[0]


def _answers(mentors: Sequence[User], need_id: int, stand: Stand) -> list[Answer]:
    answers = []
    for user in mentors:
        why = stand.why_not(need_id, user.id)
        if why is None:
            continue
        shop, mentor = stand.shops[need_id], stand.mentors[user.id]
        answers.append(
            Answer(
                mentor_id=user.id,
                mentor=mentor_name(user),
                region=REGION_NAMES[user.region] if user.region else "",
                words=why.words,
                is_chosen=why.cause == Cause.CHOSEN,
                reasons=reasons_of(shop, mentor, stand.standing.weights),
            )
        )
    return answers
