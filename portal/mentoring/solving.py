"""The pairs with the greatest total, as a minimum-cost flow.

Only the job loads this, since it brings numpy and OR-tools. Shops send one unit each, through a mentor's
seats or past all of them at the price of being left over. Rules and points are those of `matching`, for many
pairs at once (a test compares the two). Up to `EXACT_UP_TO` pairs every allowed one is an arc and the total
the optimum; beyond it a shop's arcs are its best mentors and some by chance, and then those that are best at
what their seats are worth by the first solution.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from ortools.graph.python import min_cost_flow

from portal.mentoring.match_result import tell
from portal.mentoring.match_table import BIT, NONE, Bools, Ints, Table, broken_rules, points_of_rows, tabulate
from portal.mentoring.match_words import fix_of, fix_of_lock
from portal.mentoring.matching import (
    LEFT_OVER,
    PROTECTING,
    Mentor,
    Obstacle,
    Problem,
    Result,
    Weights,
    obstacles,
    seat_price,
)

EXACT_UP_TO = 1_000_000
BEST, BY_CHANCE = 12, 5
"""Arcs of a shop beyond that size; measured in docs/benchmarks.md."""
CHAIN_MAX = 100
"""How many shops may move one after the other when the worth of a seat is found; far fewer do."""
ROWS_AT_ONCE = 1000
RANKED = 20
"""Mentors looked at for a shop's alternative and for whom to ask next."""


@dataclass(frozen=True)
class Arcs:
    """Pairs that may be: row of the shop, column of the mentor, points."""

    shops: Ints
    mentors: Ints
    points: Ints


def solve(problem: Problem, *, best: int = BEST, exact_up_to: int = EXACT_UP_TO) -> Result:
    """Return the pairs of the greatest total, with reasons; the same problem gives the same result."""
    problem = _in_order(problem)
    locked, refused = _keep_locks(problem)
    held = Counter(mentor.id for mentor in locked.values())
    mentors = tuple(replace(each, taken=each.taken + held[each.id]) for each in problem.mentors)
    table = tabulate(replace(problem, mentors=mentors))
    is_exact = len(problem.shops) * len(mentors) <= exact_up_to
    arcs = _find_arcs(table, best=len(mentors) if is_exact else best)
    waits = np.array([shop.id not in problem.locks for shop in problem.shops], np.bool_)
    places = _flow(table, arcs, waits)
    if not is_exact:
        arcs, places = _improve(table, arcs, waits, places, best)
    found = {
        problem.shops[row].id: problem.mentors[places[row]] for row in np.flatnonzero(places >= 0).tolist()
    }
    fixes = _find_fixes(table, places, locked, refused)
    return tell(problem, found | locked, frozenset(locked), _rank(table, arcs), fixes)


def _in_order(problem: Problem) -> Problem:
    return replace(
        problem,
        shops=tuple(sorted(problem.shops, key=lambda shop: shop.id)),
        mentors=tuple(sorted(problem.mentors, key=lambda mentor: mentor.id)),
    )


def _keep_locks(problem: Problem) -> tuple[dict[int, Mentor], dict[int, Obstacle | None]]:
    """Return the fixed pairs that can be; for the others the forbidding rule, None for want of a seat."""
    by_id = {mentor.id: mentor for mentor in problem.mentors}
    kept: dict[int, Mentor] = {}
    refused: dict[int, Obstacle | None] = {}
    left = {mentor.id: mentor.free for mentor in problem.mentors}
    for shop in problem.shops:
        if shop.id not in problem.locks:
            continue
        mentor = by_id.get(problem.locks[shop.id])
        if mentor is None:
            refused[shop.id] = Obstacle.RESTING
            continue
        broken = [rule for rule in obstacles(shop, mentor, problem.conflicts) if rule in PROTECTING]
        if broken or not left[mentor.id]:
            refused[shop.id] = broken[0] if broken else None
            continue
        left[mentor.id] -= 1
        kept[shop.id] = mentor
    return kept, refused


def _find_arcs(table: Table, *, best: int, prices: Ints | int = 0) -> Arcs:
    """Return the ``best`` allowed mentors of each shop, less ``prices``, and some by chance."""
    chance = np.random.default_rng(table.problem.seed)
    every = len(table.mentors)
    found: list[tuple[Ints, Ints, Ints]] = []
    for part in _parts(np.arange(len(table.shops))):
        points = points_of_rows(table, part)
        allowed = (broken_rules(table, part) == 0) & (table.mentor["free"] > 0)
        chosen = allowed
        if best + BY_CHANCE < every:
            drawn = chance.random(points.shape, np.float32)
            chosen = np.zeros_like(allowed)
            ranked = np.where(allowed, points - prices + drawn * np.float32(0.9), -np.inf)
            np.put_along_axis(chosen, np.argpartition(-ranked, best, axis=1)[:, :best], True, axis=1)
            others = np.where(chosen, -1, drawn)
            np.put_along_axis(
                chosen, np.argpartition(-others, BY_CHANCE, axis=1)[:, :BY_CHANCE], True, axis=1
            )
            chosen &= allowed
        at, columns = np.nonzero(chosen)
        found.append((part[at], columns, points[at, columns]))
    empty = np.empty(0, np.int64)
    shops, columns, values = (
        (np.concatenate([empty, *column]) for column in zip(*found, strict=True)) if found else (empty,) * 3
    )
    return Arcs(shops, columns, values)


def _flow(table: Table, arcs: Arcs, waits: Bools) -> Ints:
    """Return the mentor's column for each shop that waits, -1 for those left over and those that do not."""
    shops, mentors = len(table.shops), len(table.mentors)
    places = np.full(shops, NONE)
    if not waits.any():
        return places
    # Among equals the solver takes by its own order of nodes: the seed draws that order.
    chance = np.random.default_rng(table.problem.seed)
    shop_node, mentor_node = chance.permutation(shops), shops + chance.permutation(mentors)
    sink = shops + mentors
    flow = min_cost_flow.SimpleMinCostFlow()
    order = np.lexsort((mentor_node[arcs.mentors], shop_node[arcs.shops]))
    order = order[waits[arcs.shops[order]]]
    pairs = _add(flow, shop_node[arcs.shops[order]], mentor_node[arcs.mentors[order]], 1, -arcs.points[order])
    past_all = np.flatnonzero(waits)
    _add(flow, shop_node[past_all], np.full(len(past_all), sink), 1, np.full(len(past_all), LEFT_OVER))
    for at, mentor in enumerate(table.mentors):
        price, count = _seats(mentor, table.problem.weights)
        _add(flow, np.full(len(price), mentor_node[at]), np.full(len(price), sink), count, price)
    supply = np.zeros(sink + 1, np.int64)
    supply[shop_node[past_all]] = 1
    supply[sink] = -len(past_all)
    flow.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supply)
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("The solver found no flow.")
    if len(order):
        taken = order[np.asarray(flow.flows(pairs)) > 0]
        places[arcs.shops[taken]] = arcs.mentors[taken]
    return places


def _seats(mentor: Mentor, weights: Weights) -> tuple[Ints, Ints]:
    """Return the prices of a mentor's free seats and how many seats have each."""
    seats = range(mentor.taken + 1, mentor.taken + mentor.free + 1)
    counted = sorted(Counter(seat_price(mentor, seat, weights) for seat in seats).items())
    prices, counts = np.array(counted, np.int64).reshape(-1, 2).T
    return prices, counts


def _add(
    flow: min_cost_flow.SimpleMinCostFlow, tails: Ints, heads: Ints, capacity: int | Ints, cost: Ints
) -> Ints:
    capacities = np.broadcast_to(np.asarray(capacity, np.int64), tails.shape)
    return np.asarray(
        flow.add_arcs_with_capacity_and_unit_cost(
            tails.astype(np.int32),
            heads.astype(np.int32),
            np.ascontiguousarray(capacities),
            cost.astype(np.int64),
        )
    )


def _improve(table: Table, arcs: Arcs, waits: Bools, places: Ints, best: int) -> tuple[Arcs, Ints]:
    """Give each shop the mentors that are best at what their seats are worth, and solve once more.

    A shop's best mentors by points alone are everybody's; those behind them, whose seats nobody else needs so
    much, are missing among its arcs.
    """
    more = _find_arcs(table, best=best, prices=_worth_of_seats(table, arcs, places))
    keys = np.concatenate([each.shops * len(table.mentors) + each.mentors for each in (arcs, more)])
    keys, first = np.unique(keys, return_index=True)
    points = np.concatenate([arcs.points, more.points])[first]
    wider = Arcs(keys // len(table.mentors), keys % len(table.mentors), points)
    return wider, _flow(table, wider, waits)


def _worth_of_seats(table: Table, arcs: Arcs, places: Ints) -> Ints:
    """Return what one more seat of each mentor would bring: the duals of the flow.

    A seat is worth what it saves its mentor, what it brings a shop left over, or what a shop gains that moves
    there and the seat it leaves behind.
    """
    mentors, weights = table.mentors, table.problem.weights
    given = np.bincount(places[places >= 0], minlength=len(mentors)).tolist()
    seats = zip(mentors, given, strict=True)
    base = np.array(
        [seat_price(each, each.taken + max(count, 1), weights) for each, count in seats], np.int64
    )
    is_placed = places[arcs.shops] >= 0
    np.maximum.at(base, arcs.mentors[~is_placed], arcs.points[~is_placed] + LEFT_OVER)
    here = np.flatnonzero(is_placed)
    is_own = arcs.mentors[here] == places[arcs.shops[here]]
    now = np.zeros(len(places), np.int64)
    now[arcs.shops[here[is_own]]] = arcs.points[here[is_own]]
    gain = np.full((len(mentors), len(mentors)), -LEFT_OVER * 2)
    np.maximum.at(
        gain, (places[arcs.shops[here]], arcs.mentors[here]), arcs.points[here] - now[arcs.shops[here]]
    )
    worth = base
    for _ in range(CHAIN_MAX):
        better = np.maximum(base, (gain + worth[:, None]).max(axis=0))
        if (better == worth).all():
            break
        worth = better
    return worth


def _count_seats_left(table: Table, places: Ints) -> Ints:
    taken = np.bincount(places[places >= 0], minlength=len(table.mentors))
    return np.asarray(table.mentor["free"] - taken)


def _rank(table: Table, arcs: Arcs) -> list[list[int]]:
    """Return the columns of each shop's best mentors, the best first."""
    order = np.lexsort((arcs.mentors, -arcs.points, arcs.shops))
    starts = np.searchsorted(arcs.shops[order], np.arange(1, len(table.shops)))
    ranked = arcs.mentors[order]
    return [part[:RANKED].tolist() for part in np.split(ranked, starts)] if len(table.shops) else []


def _find_fixes(
    table: Table, places: Ints, locked: dict[int, Mentor], refused: dict[int, Obstacle | None]
) -> dict[int, str]:
    """Return for each shop left over what would help."""
    shops = table.shops
    rows = np.array([row for row in np.flatnonzero(places < 0) if shops[row].id not in locked], np.int64)
    has_seat = _count_seats_left(table, places) > 0
    fixes: dict[int, str] = {}
    for part in _parts(rows):
        codes = broken_rules(table, part)
        alone: dict[Obstacle | None, Ints] = {
            rule: np.count_nonzero((codes == bit) & has_seat, axis=1) for rule, bit in BIT.items()
        }
        alone[None] = np.count_nonzero(codes == 0, axis=1)
        for at, row in enumerate(part.tolist()):
            shop = shops[row]
            if shop.id in refused:
                fixes[shop.id] = fix_of_lock(refused[shop.id])
            else:
                fixes[shop.id] = fix_of(shop, {rule: int(counts[at]) for rule, counts in alone.items()})
    return fixes


def _parts(rows: Ints) -> Iterator[Ints]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        yield rows[start : start + ROWS_AT_ONCE]
