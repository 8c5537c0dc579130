"""The pairs with the greatest total, as a minimum-cost flow.

Only the job loads this, since it brings numpy and OR-tools. Shops send one unit each, through a mentor's
seats or past all of them at the price of being left over. Rules and points are those of `matching`, for many
pairs at once (a test compares the two). Up to `EXACT_UP_TO` pairs every allowed one is an arc and the total
the optimum; beyond it a shop's arcs are its best mentors and some by chance, and then those that are best at
what their seats are worth by the first solution.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

from portal.accounts.vocabulary import Region, Topic
from portal.mentoring.match_result import tell
from portal.mentoring.match_words import fix_of, fix_of_lock
from portal.mentoring.matching import (
    COMMON_TIMES_ENOUGH,
    LEFT_OVER,
    PROTECTING,
    Mentor,
    Obstacle,
    Problem,
    Result,
    Shop,
    Weights,
    obstacles,
    seat_price,
)
from portal.mentoring.vocabulary import Channel, Manner, VisitKind

EXACT_UP_TO = 1_000_000
BEST, BY_CHANCE = 12, 5
"""Arcs of a shop beyond that size; measured in docs/benchmarks.md."""
CHAIN_MAX = 100
"""How many shops may move one after the other when the worth of a seat is found; far fewer do."""
ROWS_AT_ONCE = 1000
RANKED = 20
"""Mentors looked at for a shop's alternative and for whom to ask next."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_RULES = tuple(Obstacle)
_BIT = {rule: 1 << at for at, rule in enumerate(_RULES)}
_REGIONS = {region: at for at, region in enumerate(Region)}
_TOPICS = {topic: at for at, topic in enumerate(Topic)}
_CHANNELS = {channel: at for at, channel in enumerate(Channel)}
_MANNERS = {manner: at for at, manner in enumerate(Manner)}
_NONE = -1


@dataclass(frozen=True)
class Arcs:
    """Pairs that may be: row of the shop, column of the mentor, points."""

    shops: Ints
    mentors: Ints
    points: Ints


@dataclass(frozen=True)
class Table:
    """The people of a problem as columns of numbers, in the order of their ids."""

    problem: Problem
    shops: tuple[Shop, ...]
    mentors: tuple[Mentor, ...]
    shop: dict[str, Ints]
    mentor: dict[str, Ints]
    #: (rows, columns, bits) of rules about two certain people.
    personal: tuple[Ints, Ints, Ints]


def solve(problem: Problem, *, best: int = BEST, exact_up_to: int = EXACT_UP_TO) -> Result:
    """Return the pairs of the greatest total, with reasons; the same problem gives the same result."""
    problem = _in_order(problem)
    locked, refused = _keep_locks(problem)
    held = Counter(mentor.id for mentor in locked.values())
    mentors = tuple(replace(each, taken=each.taken + held[each.id]) for each in problem.mentors)
    table = _tabulate(replace(problem, mentors=mentors))
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


def points_and_rules(problem: Problem) -> tuple[Ints, Ints]:
    """Return every pair's points, and its broken rules as bits in the order of `Obstacle`: for the tests."""
    table = _tabulate(_in_order(problem))
    rows = np.arange(len(table.shops))
    return _points(table, rows), _broken(table, rows)


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


def _tabulate(problem: Problem) -> Table:
    shops, mentors = problem.shops, problem.mentors
    markets = {name: at for at, name in enumerate(sorted({each.market for each in mentors if each.market}))}
    at_mentor = {mentor.id: at for at, mentor in enumerate(mentors)}

    def shop_column(value: Callable[[Shop], int]) -> Ints:
        return np.fromiter((value(shop) for shop in shops), np.int64, len(shops))

    def mentor_column(value: Callable[[Mentor], int]) -> Ints:
        return np.fromiter((value(mentor) for mentor in mentors), np.int64, len(mentors))

    return Table(
        problem=problem,
        shops=shops,
        mentors=mentors,
        shop={
            "topic": shop_column(lambda shop: 1 << _TOPICS[shop.topic]),
            "channel": shop_column(lambda shop: 1 << _CHANNELS[shop.channel] if shop.channel else 0),
            "region": shop_column(lambda shop: _REGIONS[shop.region] if shop.region else _NONE),
            "visit": shop_column(lambda shop: shop.wants == VisitKind.VISIT),
            "times": shop_column(lambda shop: shop.times),
            "manner": shop_column(lambda shop: _MANNERS[shop.manner] if shop.manner else _NONE),
            "market": shop_column(lambda shop: markets.get(shop.market, _NONE)),
            "english": shop_column(lambda shop: shop.wants_english),
            "preferred": shop_column(lambda shop: at_mentor.get(shop.preferred_id or 0, _NONE)),
        },
        mentor={
            "topics": mentor_column(lambda mentor: sum(1 << _TOPICS[each] for each in mentor.topics)),
            "channels": mentor_column(lambda mentor: sum(1 << _CHANNELS[each] for each in mentor.channels)),
            "regions": mentor_column(lambda mentor: sum(1 << _REGIONS[each] for each in mentor.regions)),
            "home": mentor_column(lambda mentor: _REGIONS[mentor.home] if mentor.home else _NONE),
            "times": mentor_column(lambda mentor: mentor.times),
            "manner": mentor_column(lambda mentor: _MANNERS[mentor.manner] if mentor.manner else _NONE),
            "market": mentor_column(lambda mentor: markets.get(mentor.market, _NONE)),
            "english": mentor_column(lambda mentor: mentor.speaks_english),
            "undisclosed": mentor_column(lambda mentor: mentor.sells_services is None),
            "resting": mentor_column(lambda mentor: mentor.is_resting),
            "free": mentor_column(lambda mentor: mentor.free),
        },
        personal=_personal_rules(problem, at_mentor),
    )


def _personal_rules(problem: Problem, at_mentor: dict[int, int]) -> tuple[Ints, Ints, Ints]:
    by_owner: dict[int, set[int]] = {}
    for mentor_id, owner_id in problem.conflicts:
        by_owner.setdefault(owner_id, set()).add(mentor_id)
    found = [
        (row, at_mentor[mentor_id], _BIT[rule])
        for row, shop in enumerate(problem.shops)
        for rule, ids in (
            (Obstacle.OWN, {shop.owner_id}),
            (Obstacle.CONFLICT, by_owner.get(shop.owner_id, set())),
            (Obstacle.FORMER, shop.former_ids),
        )
        for mentor_id in sorted(ids)
        if mentor_id in at_mentor
    ]
    rows, columns, bits = np.array(found, np.int64).reshape(-1, 3).T
    return rows, columns, bits


def _broken(table: Table, rows: Ints) -> Ints:
    """Return the rules these shops break with every mentor, as bits: `matching.obstacles` for many."""
    shop = {name: column[rows, None] for name, column in table.shop.items()}
    mentor = table.mentor
    is_same_market = (shop["market"] >= 0) & (shop["market"] == mentor["market"])
    is_same_market &= (shop["region"] < 0) | (mentor["home"] < 0) | (shop["region"] == mentor["home"])
    is_in_reach = (mentor["regions"] >> np.maximum(shop["region"], 0) & 1).astype(bool)
    have_said = (shop["times"] > 0) & (mentor["times"] > 0)
    rules: dict[Obstacle, Bools] = {
        Obstacle.UNDISCLOSED: mentor["undisclosed"] > 0,
        Obstacle.SAME_MARKET: is_same_market,
        Obstacle.RESTING: mentor["resting"] > 0,
        Obstacle.REGION: (shop["visit"] > 0) & (shop["region"] >= 0) & ~is_in_reach,
        Obstacle.TIME: have_said & ((shop["times"] & mentor["times"]) == 0),
        Obstacle.ENGLISH: (shop["english"] > 0) & (mentor["english"] == 0),
    }
    codes = np.zeros((len(rows), len(table.mentors)), np.int64)
    for rule, is_broken in rules.items():
        codes |= np.where(is_broken, _BIT[rule], 0)
    at, columns, bits = table.personal
    of_rows = np.full(len(table.shops), _NONE)
    of_rows[rows] = np.arange(len(rows))
    here = of_rows[at] >= 0
    np.bitwise_or.at(codes, (of_rows[at[here]], columns[here]), bits[here])
    return codes


def _points(table: Table, rows: Ints) -> Ints:
    """Return the points of these shops with every mentor: `matching.points_of` for many."""
    weights = table.problem.weights
    shop = {name: column[rows, None] for name, column in table.shop.items()}
    mentor = table.mentor
    is_home = (shop["region"] >= 0) & (shop["region"] == mentor["home"])
    is_in_reach = (shop["region"] >= 0) & (mentor["regions"] >> np.maximum(shop["region"], 0) & 1 > 0)
    common = np.minimum(np.bitwise_count(shop["times"] & mentor["times"]), COMMON_TIMES_ENOUGH).astype(
        np.int64
    )
    common = np.where(shop["times"] == 0, COMMON_TIMES_ENOUGH, common)
    points = np.where(shop["topic"] & mentor["topics"], weights.topic, 0)
    points += np.where(shop["channel"] & mentor["channels"], weights.channel, 0)
    points += np.where(is_home, weights.region, np.where(is_in_reach, weights.region // 2, 0))
    points += weights.time * common // COMMON_TIMES_ENOUGH
    points += np.where((shop["manner"] >= 0) & (shop["manner"] == mentor["manner"]), weights.manner, 0)
    points += np.where(shop["preferred"] == np.arange(len(table.mentors)), weights.preference, 0)
    return points


def _find_arcs(table: Table, *, best: int, prices: Ints | int = 0) -> Arcs:
    """Return the ``best`` allowed mentors of each shop, less ``prices``, and some by chance."""
    chance = np.random.default_rng(table.problem.seed)
    every = len(table.mentors)
    found: list[tuple[Ints, Ints, Ints]] = []
    for part in _parts(np.arange(len(table.shops))):
        points = _points(table, part)
        allowed = (_broken(table, part) == 0) & (table.mentor["free"] > 0)
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
    places = np.full(shops, _NONE)
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
        codes = _broken(table, part)
        alone: dict[Obstacle | None, Ints] = {
            rule: np.count_nonzero((codes == bit) & has_seat, axis=1) for rule, bit in _BIT.items()
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
