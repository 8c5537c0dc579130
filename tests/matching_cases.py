"""Made shops and mentors, and the best total found by trying everything."""

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

from portal.accounts.vocabulary import Region, Topic
from portal.mentoring.matching import Mentor, Problem, Shop, Weights, obstacles, value_of
from portal.mentoring.vocabulary import Channel, Manner, VisitKind

REGIONS = (Region.SEOUL, Region.BUSAN, Region.JEJU)
TOPICS = (Topic.PHONE, Topic.ONBOARDING, Topic.DELIVERY)
CHANNELS = (Channel.COUPANG, Channel.MAP, Channel.KAKAO)
OWNERS = 1000


def make_shop(number: int = 1, **columns: Any) -> Shop:
    """Return a shop in Seoul that would like a telephone call about its telephone."""
    usual = {"topic": Topic.PHONE, "wants": VisitKind.PHONE, "region": Region.SEOUL}
    return Shop(id=number, owner_id=OWNERS + number, **{**usual, **columns})


def make_mentor(number: int = 1, **columns: Any) -> Mentor:
    """Return a mentor of Seoul with two seats who knows about telephones."""
    usual = {"topics": frozenset({Topic.PHONE}), "home": Region.SEOUL, "capacity": 2}
    usual["regions"] = frozenset({Region.SEOUL})
    return Mentor(id=number, **{**usual, **columns})


def make_problem(seed: int, *, shops: int = 6, mentors: int = 4, with_locks: bool = True) -> Problem:
    """Return a small problem of everything that counts, the same for the same seed."""
    chance = random.Random(seed)
    places = range(1, mentors + 1)
    made_shops = tuple(_any_shop(number, chance, places) for number in range(1, shops + 1))
    locks = {}
    if with_locks and chance.random() < 0.4:
        locks = {chance.randint(1, shops): chance.choice(places)}
    conflicts = {
        (chance.choice(places), OWNERS + chance.randint(1, shops)) for _ in range(chance.randint(0, 2))
    }
    return Problem(
        shops=made_shops,
        mentors=tuple(_any_mentor(number, chance) for number in places),
        weights=Weights(seed, *(chance.randint(0, 100) for _ in range(7))),
        seed=seed,
        conflicts=frozenset(conflicts),
        locks=locks,
    )


def best_value(problem: Problem, fixed: dict[int, int]) -> int:
    """Return the greatest value there is with the ``fixed`` pairs, by trying every way."""
    return max(value_of(problem, chosen) for chosen in _every_way(problem, fixed))


def _every_way(problem: Problem, fixed: dict[int, int]) -> Iterator[dict[int, int]]:
    allowed = {
        shop.id: [mentor.id for mentor in problem.mentors if not obstacles(shop, mentor, problem.conflicts)]
        for shop in problem.shops
        if shop.id not in problem.locks
    }
    free = Counter({mentor.id: mentor.free for mentor in problem.mentors})
    free.subtract(fixed.values())

    def go_on(waiting: list[int], chosen: dict[int, int]) -> Iterator[dict[int, int]]:
        if not waiting:
            yield dict(chosen)
            return
        shop_id, rest = waiting[0], waiting[1:]
        yield from go_on(rest, chosen)
        for mentor_id in allowed[shop_id]:
            if free[mentor_id] > 0:
                free[mentor_id] -= 1
                yield from go_on(rest, {**chosen, shop_id: mentor_id})
                free[mentor_id] += 1

    yield from go_on(list(allowed), dict(fixed))


def _any_shop(number: int, chance: random.Random, mentor_ids: range) -> Shop:
    return Shop(
        id=number,
        owner_id=OWNERS + number,
        topic=chance.choice(TOPICS),
        wants=chance.choice(list(VisitKind)),
        region=chance.choice([None, *REGIONS]),
        channel=chance.choice([None, *CHANNELS]),
        times=chance.choice([0, chance.getrandbits(21)]),
        manner=chance.choice([None, *Manner]),
        market=chance.choice(["", "", "망원시장"]),
        wants_english=chance.random() < 0.1,
        preferred_id=chance.choice([None, *mentor_ids]),
        former_ids=frozenset({chance.choice(mentor_ids)} if chance.random() < 0.1 else ()),
    )


def _any_mentor(number: int, chance: random.Random) -> Mentor:
    home = chance.choice([None, *REGIONS])
    capacity = chance.randint(0, 3)
    return Mentor(
        id=number,
        topics=frozenset(chance.sample(TOPICS, chance.randint(1, 3))),
        home=home,
        regions=frozenset(chance.sample(REGIONS, chance.randint(0, 3))),
        capacity=capacity,
        taken=chance.randint(0, 1),
        channels=frozenset(chance.sample(CHANNELS, chance.randint(0, 3))),
        times=chance.choice([0, chance.getrandbits(21)]),
        manner=chance.choice([None, *Manner]),
        market=chance.choice(["", "", "망원시장"]),
        sells_services=chance.choice([False, False, True, None]),
        speaks_english=chance.random() < 0.3,
        is_resting=chance.random() < 0.1,
    )
