"""Runs of the matching: queued, computed, looked through, published. Nobody hears of one before that."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant, User
from portal.core import db, queue, work
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring import match_input, offers
from portal.mentoring.match_models import MatchPair, MatchRun, MatchWeights, RunState
from portal.mentoring.matching import FIELDS_READ, PROTECTING, Mentor, Result, Shop, Weights, obstacles
from portal.mentoring.models import Need, NeedState, Offer

MATCH_WITHIN_S = 300
TRIES_MAX = 3
ROWS_AT_ONCE = 2000
WITH_PAIRS = (RunState.DRAFT, RunState.REVIEWED, RunState.PUBLISHED)
WEIGHTS = ("topic", "channel", "region", "time", "manner", "preference", "fairness")

MATCH = queue.register(
    "mentoring.match",
    run="portal.mentoring.match_jobs.compute",
    timeout_s=MATCH_WITHIN_S,
    due=lambda session, now: work.list_due(session, MatchRun, now=now),
)


@dataclass(frozen=True)
class Published:
    """What publishing did: how many mentors are asked, how many pairs were passed over."""

    offered: int
    skipped: int


def find_weights(session: Session) -> MatchWeights | None:
    """Return the weights in force, or None before the first run."""
    return session.scalar(select(MatchWeights).order_by(MatchWeights.id.desc()).limit(1))


def get_or_make_weights(session: Session, *, now: datetime) -> MatchWeights:
    """Return the weights in force, the first ones made once. Holds the operators' grants."""
    _hold_operators(session)
    weights = find_weights(session)
    if weights is None:
        begun = Weights(id=0)
        values = {name: getattr(begun, name) for name in WEIGHTS}
        weights = MatchWeights(made_at=now, remark="처음 기준", **values)
        session.add(weights)
        session.flush()  # runs name the weights' id
    return weights


def change_weights(
    session: Session, operator: User, values: Mapping[str, int], *, remark: str, now: datetime
) -> MatchWeights:
    """Put other weights in force; the same ones again change nothing. Holds the operators' grants."""
    weights = get_or_make_weights(session, now=now)
    if all(getattr(weights, name) == values[name] for name in WEIGHTS):
        return weights
    changed = MatchWeights(
        made_at=now, made_by_id=operator.id, remark=remark, **{name: values[name] for name in WEIGHTS}
    )
    session.add(changed)
    session.flush()  # the run that tries them names their id
    return changed


def start(session: Session, operator: User, *, seed: int, form_key: str, now: datetime) -> MatchRun:
    """Queue a run by the weights in force, to be compared with the newest run that has pairs.

    The same form sent twice gives the same run. Holds the operators' grants.
    """
    weights = get_or_make_weights(session, now=now)
    by_this_form = select(MatchRun).where(MatchRun.made_by_id == operator.id, MatchRun.form_key == form_key)
    made = session.scalar(by_this_form)
    if made is not None:
        return made
    run = MatchRun(
        weights_id=weights.id,
        seed=seed,
        before_id=session.scalar(select(func.max(MatchRun.id)).where(MatchRun.state.in_(WITH_PAIRS))),
        form_key=form_key,
        made_by_id=operator.id,
        made_at=now,
        due_at=now,
        fields_read="\n".join(FIELDS_READ),
    )
    session.add(run)
    session.flush()  # the job needs the run's id
    queue.enqueue(session, MATCH, run.id)
    return run


def write(session: Session, run_id: int, result: Result) -> None:
    """Keep the pairs of a run and those left over, for the job that holds its lease."""
    rows: list[dict[str, object]] = [
        {
            "run_id": run_id,
            "need_id": pair.shop_id,
            "mentor_id": pair.mentor_id,
            "points": pair.points,
            "reasons": _json([{"points": each.points, "words": each.words} for each in pair.reasons]),
            "alternative_id": pair.alternative_id,
            "alternative_words": pair.alternative_words,
            "next_mentor_ids": _json(pair.next_mentor_ids),
            "is_locked": pair.is_locked,
            "fix": "",
        }
        for pair in result.pairs
    ]
    rows += [_left_over(run_id, left.shop_id, left.fix) for left in result.left]
    rows.sort(key=lambda row: int(str(row["need_id"])))
    for start_at in range(0, len(rows), ROWS_AT_ONCE):
        session.execute(insert(MatchPair), rows[start_at : start_at + ROWS_AT_ONCE])


def review(session: Session, run: MatchRun, operator: User, *, now: datetime) -> None:
    """Say that the pairs were looked through; a second press does nothing. Raises ConflictError otherwise."""
    run = db.lock(session, MatchRun, run.id)
    if run.state == RunState.REVIEWED:
        return
    if run.state != RunState.DRAFT:
        raise ConflictError("지금은 살펴볼 수 없는 짝이에요. 여기에서 다시 확인해 주세요.")
    run.state, run.reviewed_by_id, run.reviewed_at = RunState.REVIEWED, operator.id, now


def discard(session: Session, run: MatchRun) -> None:
    """Throw a run away that was not published; a second press does nothing."""
    run = db.lock(session, MatchRun, run.id)
    if run.state == RunState.PUBLISHED:
        raise ConflictError("이미 멘토님께 부탁이 갔어요. 버릴 수 없어요.")
    run.state, run.due_at, run.lease = RunState.DISCARDED, None, None


def publish(session: Session, run: MatchRun, operator: User, *, now: datetime) -> Published:
    """Ask the mentor of every pair whose need still waits, all at once; a second press asks nobody again.

    Pairs are passed over whose need was meanwhile withdrawn, matched or offered, or which a rule or a full
    mentor forbids by now. Holds the run, then the needs. Raises ConflictError before the run was reviewed.
    """
    run = db.lock(session, MatchRun, run.id)
    pairs = session.scalars(
        select(MatchPair)
        .where(MatchPair.run_id == run.id, MatchPair.mentor_id.is_not(None))
        .order_by(MatchPair.need_id)
    ).all()
    if run.state == RunState.PUBLISHED:
        offered = session.scalar(select(func.count()).select_from(Offer).where(Offer.run_id == run.id)) or 0
        return Published(offered, len(pairs) - offered)
    if run.state != RunState.REVIEWED:
        raise ConflictError("먼저 짝을 살펴보고 ‘살펴봤어요’를 눌러 주세요.")
    _hold_needs(session, run)
    may_be = _still_possible(session, run, pairs)
    offers.make_of_run(session, may_be, now=now)
    run.state, run.published_by_id, run.published_at = RunState.PUBLISHED, operator.id, now
    return Published(len(may_be), len(pairs) - len(may_be))


def _hold_operators(session: Session) -> None:
    session.execute(
        select(RoleGrant.user_id)
        .where(RoleGrant.role == Role.OPERATOR)
        .order_by(RoleGrant.user_id)
        .with_for_update()
    ).all()


def _hold_needs(session: Session, run: MatchRun) -> None:
    named = select(MatchPair.need_id).where(MatchPair.run_id == run.id, MatchPair.mentor_id.is_not(None))
    session.execute(
        select(Need.id)
        .where(Need.id.in_(named), Need.state == NeedState.OPEN)
        .order_by(Need.id)
        .with_for_update()
    ).all()


def _still_possible(session: Session, run: MatchRun, pairs: Iterable[MatchPair]) -> list[MatchPair]:
    """Return the pairs that may still be, as everything stands now."""
    named = select(MatchPair.need_id).where(MatchPair.run_id == run.id, MatchPair.mentor_id.is_not(None))
    shops = match_input.read_shops(session, match_input.waits() & Need.id.in_(named))
    mentors = match_input.read_mentors(session)
    conflicts = match_input.read_conflicts(session)
    given: Counter[int] = Counter()
    possible = []
    for pair in pairs:
        shop, mentor = shops.get(pair.need_id), mentors.get(pair.mentor_id or 0)
        if shop is None or mentor is None or given[mentor.id] >= mentor.free:
            continue
        if _is_forbidden(shop, mentor, conflicts, is_locked=pair.is_locked):
            continue
        given[mentor.id] += 1
        possible.append(pair)
    return possible


def _is_forbidden(
    shop: Shop, mentor: Mentor, conflicts: frozenset[tuple[int, int]], *, is_locked: bool
) -> bool:
    broken = obstacles(shop, mentor, conflicts)
    return any(rule in PROTECTING or not is_locked for rule in broken)


def _left_over(run_id: int, need_id: int, fix: str) -> dict[str, object]:
    return {
        "run_id": run_id,
        "need_id": need_id,
        "mentor_id": None,
        "points": 0,
        "reasons": "[]",
        "alternative_id": None,
        "alternative_words": "",
        "next_mentor_ids": "[]",
        "is_locked": False,
        "fix": fix,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
