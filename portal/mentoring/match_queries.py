"""Reading runs and their pairs, who is kept together and who apart, for operators."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.models import User
from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES
from portal.mentoring.match_models import Conflict, MatchLock, MatchPair, MatchRun, MatchWeights, RunState
from portal.mentoring.matching import Reason
from portal.mentoring.models import MatchProfile, Need, NeedState, Offer
from portal.mentoring.queries import PAGE_SIZE, found
from portal.mentoring.vocabulary import KIND_NAMES

STATE_NAMES = {
    RunState.QUEUED: "짝을 찾는 중",
    RunState.DRAFT: "초안",
    RunState.REVIEWED: "살펴봤어요",
    RunState.PUBLISHED: "부탁을 보냈어요",
    RunState.DISCARDED: "버렸어요",
    RunState.FAILED: "찾지 못했어요",
}


@dataclass(frozen=True)
class RunLine:
    """A run in the list."""

    id: int
    state: RunState
    made_at: datetime
    made_by: str
    pairs: int
    left: int

    @property
    def state_name(self) -> str:
        """Return where the run stands in words."""
        return STATE_NAMES[self.state]


@dataclass(frozen=True)
class RunPage:
    """A run as its page shows it."""

    run: MatchRun
    weights: MatchWeights
    pairs: int
    left: int
    locked: int
    offered: int
    state_name: str


@dataclass(frozen=True)
class PairLine:
    """A pair or somebody left over, in a list."""

    id: int
    who: str
    wants: str
    mentor: str
    points: int
    is_locked: bool
    fix: str


@dataclass(frozen=True)
class PairPage:
    """One pair with everything that speaks for and against it."""

    pair: MatchPair
    run: MatchRun
    who: str
    wants: str
    detail: str
    mentor: str
    services: str
    reasons: tuple[Reason, ...]
    alternative: str
    is_waiting: bool
    lock_mentor: str


def list_runs(session: Session, *, before_id: int | None = None) -> list[RunLine]:
    """Return the runs, newest first; one more than a page."""
    has_mentor = func.sum(case((MatchPair.mentor_id.is_not(None), 1), else_=0))
    counts = (
        select(MatchPair.run_id, func.count().label("rows"), has_mentor.label("pairs"))
        .group_by(MatchPair.run_id)
        .subquery()
    )
    statement = (
        select(MatchRun, User.name, counts.c.rows, counts.c.pairs)
        .join(User, User.id == MatchRun.made_by_id)
        .outerjoin(counts, counts.c.run_id == MatchRun.id)
        .order_by(MatchRun.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if before_id is not None:
        statement = statement.where(MatchRun.id < before_id)
    return [
        RunLine(run.id, run.state, run.made_at, name, pairs or 0, (rows or 0) - (pairs or 0))
        for run, name, rows, pairs in session.execute(statement)
    ]


def get_run(session: Session, run_id: int) -> MatchRun:
    """Return a run, for operators. Raises NotFoundError if there is none."""
    return found(session.get(MatchRun, run_id), "찾는 짝짓기가 없어요.")


def get_run_page(session: Session, run_id: int) -> RunPage:
    """Return what the page of a run shows. Raises NotFoundError if there is none."""
    run = get_run(session, run_id)
    rows, pairs, locked = session.execute(
        select(
            func.count(),
            func.count(MatchPair.mentor_id),
            func.coalesce(func.sum(case((MatchPair.is_locked, 1), else_=0)), 0),
        ).where(MatchPair.run_id == run_id)
    ).one()
    offered = session.scalar(select(func.count()).select_from(Offer).where(Offer.run_id == run_id)) or 0
    weights = session.get_one(MatchWeights, run.weights_id)
    return RunPage(run, weights, pairs, rows - pairs, locked, offered, STATE_NAMES[run.state])


def list_pairs(
    session: Session, run_id: int, *, is_left: bool, after_id: int | None = None
) -> list[PairLine]:
    """Return a run's pairs, or those left over, in the order of their keys; one more than a page."""
    has_none = MatchPair.mentor_id.is_(None)
    statement = (
        select(MatchPair)
        .where(MatchPair.run_id == run_id, has_none if is_left else ~has_none)
        .options(joinedload(MatchPair.need).joinedload(Need.merchant), joinedload(MatchPair.mentor))
        .order_by(MatchPair.id)
        .limit(PAGE_SIZE + 1)
    )
    if after_id is not None:
        statement = statement.where(MatchPair.id > after_id)
    return [
        PairLine(
            id=pair.id,
            who=who_of(pair.need),
            wants=wants_of(pair.need),
            mentor=mentor_name(pair.mentor),
            points=pair.points,
            is_locked=pair.is_locked,
            fix=pair.fix,
        )
        for pair in session.scalars(statement)
    ]


def get_pair_page(session: Session, run_id: int, pair_id: int) -> PairPage:
    """Return one pair of a run. Raises NotFoundError if there is none."""
    pair = session.scalar(
        select(MatchPair)
        .where(MatchPair.id == pair_id, MatchPair.run_id == run_id)
        .options(
            joinedload(MatchPair.need).joinedload(Need.merchant),
            joinedload(MatchPair.mentor),
            joinedload(MatchPair.alternative),
        )
    )
    pair = found(pair, "찾는 짝이 없어요.")
    lock = session.get(MatchLock, pair.need_id)
    return PairPage(
        pair=pair,
        run=session.get_one(MatchRun, run_id),
        who=who_of(pair.need),
        wants=wants_of(pair.need),
        detail=pair.need.detail,
        mentor=mentor_name(pair.mentor),
        services=find_services(session, pair.mentor_id),
        reasons=tuple(Reason(each["points"], each["words"]) for each in json.loads(pair.reasons)),
        alternative=mentor_name(pair.alternative),
        is_waiting=pair.need.state == NeedState.OPEN,
        lock_mentor=mentor_name(session.get(User, lock.mentor_id)) if lock else "",
    )


def list_locks(session: Session, *, after_id: int | None = None) -> Sequence[tuple[int, str, str, datetime]]:
    """Return who is kept together: need, shop, mentor and since when; one more than a page."""
    statement = (
        select(MatchLock, Need, User)
        .join(Need, Need.id == MatchLock.need_id)
        .join(User, User.id == MatchLock.mentor_id)
        .where(Need.state == NeedState.OPEN)
        .options(joinedload(Need.merchant))
        .order_by(MatchLock.need_id)
        .limit(PAGE_SIZE + 1)
    )
    if after_id is not None:
        statement = statement.where(MatchLock.need_id > after_id)
    return [
        (lock.need_id, who_of(need), mentor_name(mentor), lock.made_at)
        for lock, need, mentor in session.execute(statement)
    ]


def list_conflicts(session: Session, *, before_id: int | None = None) -> Sequence[tuple[Conflict, str, str]]:
    """Return who must not meet, newest first, with the names of mentor and merchant; one more than a page."""
    mentor, merchant = aliased(User), aliased(User)
    statement = (
        select(Conflict, mentor.name, merchant.name)
        .join(mentor, mentor.id == Conflict.mentor_id)
        .join(merchant, merchant.id == Conflict.merchant_id)
        .where(Conflict.ended_at.is_(None))
        .order_by(Conflict.id.desc())
        .limit(PAGE_SIZE + 1)
    )
    if before_id is not None:
        statement = statement.where(Conflict.id < before_id)
    return [(conflict, one, other) for conflict, one, other in session.execute(statement)]


def find_services(session: Session, mentor_id: int | None) -> str:
    """Return what a mentor sells for money, as every shop sees it before it agrees; empty for nothing."""
    statement = select(MatchProfile.services).where(
        MatchProfile.mentor_id == mentor_id, MatchProfile.sells_services.is_(True)
    )
    return session.scalar(statement) or ""


def who_of(need: Need) -> str:
    """Return whose need it is; needs its merchant loaded."""
    shop = f"({need.merchant.shop_name})" if need.merchant.shop_name else ""
    return f"{need.merchant.name} 사장님{shop}"


def wants_of(need: Need) -> str:
    """Return what is wanted and where."""
    region = REGION_NAMES[need.region] if need.region else ""
    return " · ".join(part for part in (TOPIC_NAMES[need.topic], KIND_NAMES[need.wants], region) if part)


def mentor_name(user: User | None) -> str:
    """Return how pages name a mentor; empty for nobody."""
    return f"{user.name} 멘토님" if user else ""
