"""Which mentor suits which shop: hard rules, points and reasons. Pure: no database, no web, no solver.

Everything that counts stands here. `solving` finds the pairs with the greatest total and is checked against
this module; `match_words` says why a pair came about or did not. What is not in `FIELDS_READ` is not read: of
nobody's age or sex the portal knows anything, and nothing that stands for them is asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES, Region, Topic
from portal.mentoring.vocabulary import (
    CHANNEL_NAMES,
    DAY_PART_MINUTES,
    MANNER_NAMES,
    Channel,
    DayPart,
    Manner,
    VisitKind,
)

FIELDS_READ = (
    "account.region",
    "availability.ends_minute",
    "availability.starts_minute",
    "availability.weekday",
    "engagement.state",
    "match_conflict.ended_at",
    "match_lock.mentor_id",
    "match_profile.manner",
    "match_profile.market",
    "match_profile.sells_services",
    "match_profile.speaks_english",
    "mentor_channel.channel",
    "mentor_profile.capacity",
    "mentor_profile.left_at",
    "mentor_profile.paused_at",
    "mentor_region.region",
    "mentor_topic.topic",
    "need.channel",
    "need.manner",
    "need.market",
    "need.preferred_mentor_id",
    "need.region",
    "need.state",
    "need.topic",
    "need.wants",
    "need.wants_english",
    "need_time.part",
    "need_time.weekday",
    "offer.run_id",
    "offer.state",
    "role_grant.role",
)
"""The columns a run reads of anybody, beside the ids that say whose they are. Every run keeps a copy."""

REASONS_MIN, REASONS_MAX = 3, 5
NEXT_MENTORS = 5
LEFT_OVER = 10_000
"""What leaving a shop without a mentor costs: far more than a pair brings, so it happens only if it must."""

COMMON_TIMES_ENOUGH = 3
PART_MINUTES_NEEDED = 60
"""A mentor has time in a part of the day in which a whole visit fits."""

_PARTS = tuple(DayPart)


class Obstacle(StrEnum):
    """A hard rule that keeps a mentor and a shop apart."""

    OWN = "own"
    CONFLICT = "conflict"
    FORMER = "former"
    UNDISCLOSED = "undisclosed"
    SAME_MARKET = "same_market"
    RESTING = "resting"
    REGION = "region"
    TIME = "time"
    ENGLISH = "english"


PROTECTING = frozenset(
    {Obstacle.OWN, Obstacle.CONFLICT, Obstacle.UNDISCLOSED, Obstacle.SAME_MARKET, Obstacle.RESTING}
)
"""Rules that stand even when an operator has fixed a pair; the others she may have settled by telephone."""


@dataclass(frozen=True)
class Weights:
    """What counts how much, 0 to 100 each; ``id`` is the version of the rules."""

    id: int
    topic: int = 40
    channel: int = 20
    region: int = 20
    time: int = 15
    manner: int = 5
    preference: int = 10
    #: What the last seat of a mentor costs; the first costs nothing.
    fairness: int = 10


@dataclass(frozen=True, slots=True)
class Shop:
    """A need that waits, as far as it counts."""

    id: int
    owner_id: int
    topic: Topic
    wants: VisitKind
    region: Region | None
    channel: Channel | None = None
    #: See `times_of`; 0 means whenever.
    times: int = 0
    manner: Manner | None = None
    #: See `market_of`.
    market: str = ""
    wants_english: bool = False
    preferred_id: int | None = None
    #: Mentors who looked after this shop or were asked to; somebody else is wanted.
    former_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Mentor:
    """A mentor, as far as it counts."""

    id: int
    topics: frozenset[Topic]
    #: Where the mentor is, and the provinces the mentor goes to.
    home: Region | None
    regions: frozenset[Region]
    capacity: int
    #: Seats taken before the run, those of open offers among them.
    taken: int = 0
    channels: frozenset[Channel] = frozenset()
    #: See `times_of`; 0 means that the mentor has not said.
    times: int = 0
    manner: Manner | None = None
    market: str = ""
    sells_services: bool | None = False
    speaks_english: bool = False
    is_resting: bool = False

    @property
    def free(self) -> int:
        """Return how many more shops there is room for."""
        return max(self.capacity - self.taken, 0)


@dataclass(frozen=True)
class Problem:
    """Everything a run depends on: the same problem has the same result."""

    shops: tuple[Shop, ...]
    mentors: tuple[Mentor, ...]
    weights: Weights
    seed: int = 1
    #: (mentor, owner of a shop) who must not meet.
    conflicts: frozenset[tuple[int, int]] = frozenset()
    #: Pairs an operator fixed: shop to mentor.
    locks: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that speaks for a pair, in words, and its points."""

    points: int
    words: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A shop and its mentor, and why."""

    shop_id: int
    mentor_id: int
    points: int
    reasons: tuple[Reason, ...]
    alternative_id: int | None
    alternative_words: str
    next_mentor_ids: tuple[int, ...]
    is_locked: bool


@dataclass(frozen=True, slots=True)
class Left:
    """A shop without a mentor, and what would help."""

    shop_id: int
    fix: str


@dataclass(frozen=True)
class Standing:
    """How a run came out, as far as an answer to "why not" needs it."""

    weights: Weights
    #: Shop to mentor; shops left over are missing.
    chosen: Mapping[int, Mentor]
    #: How many shops the run gives to each mentor.
    given: Mapping[int, int]
    conflicts: frozenset[tuple[int, int]] = frozenset()
    locked_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Result:
    """Who goes with whom, ordered by shop."""

    pairs: tuple[Pair, ...]
    left: tuple[Left, ...]
    standing: Standing

    @property
    def total(self) -> int:
        """Return the sum of all pairs' points."""
        return sum(pair.points for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class _Line:
    """What one weight says of a pair; one that is no merit is shown only where merits are few."""

    points: int
    words: str
    is_merit: bool = True


def times_of(parts: Iterable[tuple[int, DayPart]]) -> int:
    """Return weekdays (Monday is 0) and parts of the day as bits that can be compared at once."""
    return sum({1 << (weekday * len(_PARTS) + _PARTS.index(part)) for weekday, part in parts})


def times_of_hours(hours: Iterable[tuple[int, int, int]]) -> int:
    """Return the same for weekly hours: weekday, first minute and minute after the last one of a day."""
    return times_of(
        (weekday, part)
        for weekday, starts, ends in hours
        for part, (begins, closes) in DAY_PART_MINUTES.items()
        if min(ends, closes) - max(starts, begins) >= PART_MINUTES_NEEDED
    )


def market_of(typed: str) -> str:
    """Return the name of a market as it is compared: 망원 시장 is 망원시장."""
    return "".join(typed.split()).casefold()


def obstacles(shop: Shop, mentor: Mentor, conflicts: frozenset[tuple[int, int]]) -> tuple[Obstacle, ...]:
    """Return every hard rule that keeps the two apart; nothing when they may be matched."""
    broken = (
        (Obstacle.OWN, mentor.id == shop.owner_id),
        (Obstacle.CONFLICT, (mentor.id, shop.owner_id) in conflicts),
        (Obstacle.FORMER, mentor.id in shop.former_ids),
        (Obstacle.UNDISCLOSED, mentor.sells_services is None),
        (Obstacle.SAME_MARKET, _is_same_market(shop, mentor)),
        (Obstacle.RESTING, mentor.is_resting),
        (
            Obstacle.REGION,
            shop.wants == VisitKind.VISIT and shop.region is not None and shop.region not in mentor.regions,
        ),
        (Obstacle.TIME, bool(shop.times and mentor.times) and not shop.times & mentor.times),
        (Obstacle.ENGLISH, shop.wants_english and not mentor.speaks_english),
    )
    return tuple(rule for rule, is_broken in broken if is_broken)


def points_of(shop: Shop, mentor: Mentor, weights: Weights) -> int:
    """Return what the pair is worth."""
    return sum(line.points for line in _lines(shop, mentor, weights))


def reasons_of(shop: Shop, mentor: Mentor, weights: Weights) -> tuple[Reason, ...]:
    """Return three to five reasons, the weightiest first; their points add up to the pair's."""
    lines = _lines(shop, mentor, weights)
    merits = sorted((line for line in lines if line.is_merit), key=lambda line: -line.points)
    chosen = [Reason(line.points, line.words) for line in merits]
    if len(chosen) > REASONS_MAX:
        last = chosen[REASONS_MAX - 1 :]
        words = " ".join(reason.words for reason in last)
        chosen[REASONS_MAX - 1 :] = [Reason(sum(reason.points for reason in last), words)]
    rest = [line.words for line in lines if not line.is_merit]
    fillers = ["새 가게를 맡을 자리가 있어요.", *rest]
    if shop.wants_english and mentor.speaks_english:
        fillers.insert(0, "영어로 이야기할 수 있는 멘토님이에요.")
    missing = max(REASONS_MIN - len(chosen), 0)
    return (*chosen, *(Reason(0, words) for words in fillers[:missing]))


def parts_of(shop: Shop, mentor: Mentor, weights: Weights) -> tuple[int, ...]:
    """Return the points for topic, channel, region, time, manner and preference, in this order."""
    return tuple(line.points for line in _lines(shop, mentor, weights))


def seat_price(mentor: Mentor, seat: int, weights: Weights) -> int:
    """Return what the mentor's ``seat``-th shop costs the total: as much as the one before, or more."""
    return weights.fairness * (seat - 1) // max(mentor.capacity, 1)


def value_of(problem: Problem, chosen: Mapping[int, int]) -> int:
    """Return what a run makes as large as possible: points, less the price of seats and of shops left over.

    ``chosen`` gives shops their mentors.
    """
    mentors = {mentor.id: mentor for mentor in problem.mentors}
    taken = {mentor.id: mentor.taken for mentor in problem.mentors}
    value = 0
    for shop in problem.shops:
        if shop.id not in chosen:
            value -= LEFT_OVER
            continue
        mentor = mentors[chosen[shop.id]]
        taken[mentor.id] += 1
        value += points_of(shop, mentor, problem.weights)
        value -= seat_price(mentor, taken[mentor.id], problem.weights)
    return value


def _is_same_market(shop: Shop, mentor: Mentor) -> bool:
    """Tell whether the mentor has a shop in the shop's street or market; towns share names of markets."""
    if not shop.market or shop.market != mentor.market:
        return False
    return shop.region is None or mentor.home is None or shop.region == mentor.home


def _lines(shop: Shop, mentor: Mentor, weights: Weights) -> tuple[_Line, ...]:
    """Return what each weight says, always in the same order."""
    return (
        _topic(shop, mentor, weights.topic),
        _channel(shop, mentor, weights.channel),
        _region(shop, mentor, weights.region),
        _time(shop, mentor, weights.time),
        _manner(shop, mentor, weights.manner),
        _preference(shop, mentor, weights.preference),
    )


def _topic(shop: Shop, mentor: Mentor, weight: int) -> _Line:
    name = TOPIC_NAMES[shop.topic]
    if shop.topic not in mentor.topics:
        return _Line(0, f"‘{name}’ 일은 멘토님과 함께 알아보게 돼요.", is_merit=False)
    return _Line(weight, f"‘{name}’ 일을 돕는 멘토님이에요.")


def _channel(shop: Shop, mentor: Mentor, weight: int) -> _Line:
    if shop.channel is None or shop.channel not in mentor.channels:
        return _Line(0, "팔아 본 곳은 만나서 이야기해 보세요.", is_merit=False)
    return _Line(weight, f"‘{CHANNEL_NAMES[shop.channel]}’ 경험이 있는 멘토님이에요.")


def _region(shop: Shop, mentor: Mentor, weight: int) -> _Line:
    if shop.region is not None and shop.region == mentor.home:
        return _Line(weight, f"가게와 같은 지역({REGION_NAMES[shop.region]})에 있어요.")
    if shop.region is not None and shop.region in mentor.regions:
        return _Line(weight // 2, f"가게가 있는 지역({REGION_NAMES[shop.region]})까지 찾아가는 멘토님이에요.")
    if shop.wants == VisitKind.VISIT:
        return _Line(0, "어디에서 만날지 두 분이 함께 정해요.", is_merit=False)
    return _Line(0, "전화나 영상통화로 만나서 사는 곳이 달라도 괜찮아요.", is_merit=False)


def _time(shop: Shop, mentor: Mentor, weight: int) -> _Line:
    if not shop.times:
        return _Line(weight, "사장님이 언제든 괜찮다고 해서 시간을 정하기 쉬워요.")
    common = (shop.times & mentor.times).bit_count()
    if not common:
        return _Line(0, "만날 때는 멘토님이 먼저 여쭤 봐요.", is_merit=False)
    enough = min(common, COMMON_TIMES_ENOUGH)
    how_often = ("한 번", "두 번", "세 번 이상")[enough - 1]
    points = weight * enough // COMMON_TIMES_ENOUGH
    return _Line(points, f"만날 수 있는 때가 일주일에 {how_often} 겹쳐요.")


def _manner(shop: Shop, mentor: Mentor, weight: int) -> _Line:
    if shop.manner is None or shop.manner != mentor.manner:
        return _Line(0, "배우는 빠르기는 첫날 함께 정해요.", is_merit=False)
    return _Line(weight, f"바라는 방식이 같아요: {MANNER_NAMES[shop.manner]}.")


def _preference(shop: Shop, mentor: Mentor, weight: int) -> _Line:
    if shop.preferred_id != mentor.id:
        return _Line(0, "사장님이 따로 바란 멘토님은 아니에요.", is_merit=False)
    return _Line(weight, "사장님이 바란 멘토님이에요.")
