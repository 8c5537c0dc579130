"""The people of a problem as columns of numbers: rules and points of many pairs at once.

What `matching` says of one pair, computed with numpy; a test compares the two. Only `solving` loads this.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from portal.accounts.vocabulary import Region, Topic
from portal.mentoring.matching import COMMON_TIMES_ENOUGH, Mentor, Obstacle, Problem, Shop
from portal.mentoring.vocabulary import Channel, Manner, VisitKind

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_RULES = tuple(Obstacle)
BIT = {rule: 1 << at for at, rule in enumerate(_RULES)}
_REGIONS = {region: at for at, region in enumerate(Region)}
_TOPICS = {topic: at for at, topic in enumerate(Topic)}
_CHANNELS = {channel: at for at, channel in enumerate(Channel)}
_MANNERS = {manner: at for at, manner in enumerate(Manner)}
NONE = -1


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


def tabulate(problem: Problem) -> Table:
    """Return the problem as columns; its shops and mentors keep their order."""
    shops, mentors = problem.shops, problem.mentors
    markets = {name: at for at, name in enumerate(sorted({each.market for each in mentors if each.market}))}
    at_mentor = {mentor.id: at for at, mentor in enumerate(mentors)}
    return Table(
        problem=problem,
        shops=shops,
        mentors=mentors,
        shop=_shop_columns(shops, markets, at_mentor),
        mentor=_mentor_columns(mentors, markets),
        personal=_personal_rules(problem, at_mentor),
    )


def _shop_columns(
    shops: tuple[Shop, ...], markets: dict[str, int], at_mentor: dict[int, int]
) -> dict[str, Ints]:
    def shop_column(value: Callable[[Shop], int]) -> Ints:
        return np.fromiter((value(shop) for shop in shops), np.int64, len(shops))

    return {
        "topic": shop_column(lambda shop: 1 << _TOPICS[shop.topic]),
        "channel": shop_column(lambda shop: 1 << _CHANNELS[shop.channel] if shop.channel else 0),
        "region": shop_column(lambda shop: _REGIONS[shop.region] if shop.region else NONE),
        "visit": shop_column(lambda shop: shop.wants == VisitKind.VISIT),
        "times": shop_column(lambda shop: shop.times),
        "manner": shop_column(lambda shop: _MANNERS[shop.manner] if shop.manner else NONE),
        "market": shop_column(lambda shop: markets.get(shop.market, NONE)),
        "english": shop_column(lambda shop: shop.wants_english),
        "preferred": shop_column(lambda shop: at_mentor.get(shop.preferred_id or 0, NONE)),
    }


def _mentor_columns(mentors: tuple[Mentor, ...], markets: dict[str, int]) -> dict[str, Ints]:
    def mentor_column(value: Callable[[Mentor], int]) -> Ints:
        return np.fromiter((value(mentor) for mentor in mentors), np.int64, len(mentors))

    return {
        "topics": mentor_column(lambda mentor: sum(1 << _TOPICS[each] for each in mentor.topics)),
        "channels": mentor_column(lambda mentor: sum(1 << _CHANNELS[each] for each in mentor.channels)),
        "regions": mentor_column(lambda mentor: sum(1 << _REGIONS[each] for each in mentor.regions)),
        "home": mentor_column(lambda mentor: _REGIONS[mentor.home] if mentor.home else NONE),
        "times": mentor_column(lambda mentor: mentor.times),
        "manner": mentor_column(lambda mentor: _MANNERS[mentor.manner] if mentor.manner else NONE),
        "market": mentor_column(lambda mentor: markets.get(mentor.market, NONE)),
        "english": mentor_column(lambda mentor: mentor.speaks_english),
        "undisclosed": mentor_column(lambda mentor: mentor.sells_services is None),
        "resting": mentor_column(lambda mentor: mentor.is_resting),
        "free": mentor_column(lambda mentor: mentor.free),
    }


def _personal_rules(problem: Problem, at_mentor: dict[int, int]) -> tuple[Ints, Ints, Ints]:
    by_owner: dict[int, set[int]] = {}
    for mentor_id, owner_id in problem.conflicts:
        by_owner.setdefault(owner_id, set()).add(mentor_id)
    found = [
        (row, at_mentor[mentor_id], BIT[rule])
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


def broken_rules(table: Table, rows: Ints) -> Ints:
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
        codes |= np.where(is_broken, BIT[rule], 0)
    at, columns, bits = table.personal
    of_rows = np.full(len(table.shops), NONE)
    of_rows[rows] = np.arange(len(rows))
    here = of_rows[at] >= 0
    np.bitwise_or.at(codes, (of_rows[at[here]], columns[here]), bits[here])
    return codes


def points_of_rows(table: Table, rows: Ints) -> Ints:
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
