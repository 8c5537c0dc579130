"""Why a pair came about or did not, and what helps those left over, in words a shop owner understands."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.accounts.vocabulary import REGION_NAMES, TOPIC_NAMES
from portal.core.korean import people
from portal.mentoring.matching import (
    Mentor,
    Obstacle,
    Shop,
    Standing,
    obstacles,
    parts_of,
    points_of,
    seat_price,
)


class Cause(StrEnum):
    """Why a mentor is not a shop's."""

    CHOSEN = "chosen"
    OBSTACLE = "obstacle"
    LOCKED = "locked"
    FULL_BEFORE = "full_before"
    FEWER_POINTS = "fewer_points"
    FULL = "full"
    BUSIER = "busier"
    EQUAL = "equal"
    CHANGED = "changed"


@dataclass(frozen=True)
class Why:
    """The rule, the points or the capacity that decided, and the sentence for it."""

    cause: Cause
    words: str
    obstacle: Obstacle | None = None


OBSTACLE_WORDS: Mapping[Obstacle, str] = {
    Obstacle.OWN: "자기 가게의 멘토는 될 수 없어요.",
    Obstacle.CONFLICT: "운영자가 두 분을 잇지 않기로 했어요. 궁금한 점은 전화로 물어봐 주세요.",
    Obstacle.FORMER: "전에 이어 드린 적이 있어서 이번에는 다른 분을 찾았어요.",
    Obstacle.UNDISCLOSED: "돈을 받고 파는 서비스가 있는지 아직 적지 않은 멘토님이에요.",
    Obstacle.SAME_MARKET: "같은 시장이나 거리에 가게가 있는 멘토님이라 잇지 않아요.",
    Obstacle.RESTING: "지금은 쉬고 있는 멘토님이에요.",
    Obstacle.REGION: "가게가 있는 지역으로는 찾아가지 않는 멘토님이에요.",
    Obstacle.TIME: "두 분이 함께 비는 시간이 없어요.",
    Obstacle.ENGLISH: "영어로 이야기하는 멘토님이 아니에요.",
}
_WORDS = {
    Cause.CHOSEN: "바로 이 멘토님과 이었어요.",
    Cause.LOCKED: "운영자가 다른 멘토님으로 정해 두었어요.",
    Cause.FULL_BEFORE: "이미 돕는 가게로 자리가 모두 찼어요.",
    Cause.FULL: "자리가 모두 찼어요. 더 잘 맞거나 다른 멘토님을 찾기 어려운 가게가 그 자리에 이어졌어요.",
    Cause.BUSIER: "더 많은 가게를 맡은 멘토님이라, 여유가 더 있는 멘토님과 이었어요.",
    Cause.EQUAL: "똑같이 잘 맞아서 두 분 가운데 한 분을 골랐어요.",
    Cause.CHANGED: "그사이에 달라진 것이 있어요. 다시 맞추면 바뀔 수 있어요.",
}
#: What the chosen mentor has more of, in the order of `matching.parts_of`.
_MORE = (
    "부탁한 일을 더 잘 아는 분이에요.",
    "팔려는 곳의 경험이 더 있는 분이에요.",
    "가게에서 더 가까운 분이에요.",
    "만날 수 있는 때가 더 많이 겹치는 분이에요.",
    "바라는 방식이 더 잘 맞는 분이에요.",
    "사장님이 바란 분이에요.",
)

#: Who is looked for when one rule alone is in the way: what helps, with the number of mentors.
_FIXES: tuple[tuple[Obstacle, str], ...] = (
    (
        Obstacle.REGION,
        "전화나 영상통화로 만나도 괜찮다면 이을 수 있는 멘토님이 {count} 있어요. 사장님께 여쭤봐 주세요.",
    ),
    (
        Obstacle.TIME,
        "만날 수 있는 때를 더 알려 주면 이을 수 있는 멘토님이 {count} 있어요. 사장님께 여쭤봐 주세요.",
    ),
    (
        Obstacle.UNDISCLOSED,
        "돈을 받고 파는 서비스가 있는지만 적으면 이을 수 있는 멘토님이 {count} 있어요. 부탁해 보세요.",
    ),
    (
        Obstacle.RESTING,
        "쉬고 있는 멘토님 가운데 맞는 분이 {count} 있어요. 다시 시작할 수 있는지 물어봐 주세요.",
    ),
    (
        Obstacle.ENGLISH,
        "우리말로 만나도 괜찮다면 이을 수 있는 멘토님이 {count} 있어요. 사장님께 여쭤봐 주세요.",
    ),
    (
        Obstacle.FORMER,
        "전에 이어 드린 멘토님 {count}만 맞아요. 다시 만나도 괜찮은지 두 분께 여쭤봐 주세요.",
    ),
)


def why_not(shop: Shop, mentor: Mentor, standing: Standing) -> Why:
    """Return why the shop did not get this mentor: the rule, the capacity or the points that decided."""
    chosen = standing.chosen.get(shop.id)
    if chosen is not None and chosen.id == mentor.id:
        return Why(Cause.CHOSEN, _WORDS[Cause.CHOSEN])
    if broken := obstacles(shop, mentor, standing.conflicts):
        return Why(Cause.OBSTACLE, OBSTACLE_WORDS[broken[0]], broken[0])
    if shop.id in standing.locked_ids and chosen is not None:
        return Why(Cause.LOCKED, _WORDS[Cause.LOCKED])
    if not mentor.free:
        return Why(Cause.FULL_BEFORE, _WORDS[Cause.FULL_BEFORE])
    seats_left = mentor.free - standing.given.get(mentor.id, 0)
    if chosen is None:
        cause = Cause.FULL if seats_left <= 0 else Cause.CHANGED
        return Why(cause, _WORDS[cause])
    return _compare(shop, mentor, chosen, seats_left, standing)


def count_alone(
    shop: Shop, mentors: Iterable[Mentor], conflicts: frozenset[tuple[int, int]]
) -> dict[Obstacle | None, int]:
    """Return how many mentors each rule alone keeps away from the shop; under None those whom none does."""
    counts: Counter[Obstacle | None] = Counter()
    for mentor in mentors:
        broken = obstacles(shop, mentor, conflicts)
        if len(broken) <= 1:
            counts[broken[0] if broken else None] += 1
    return dict(counts)


def fix_of(shop: Shop, alone: Mapping[Obstacle | None, int]) -> str:
    """Return what would bring a mentor to a shop left over, for the operator; ``alone`` as `count_alone`."""
    if fitting := alone.get(None, 0):
        return (
            f"맞는 멘토님 {people(fitting)}의 자리가 모두 찼어요. 한 분이 자리를 하나 더 내면 이을 수 있어요."
        )
    best = max(_FIXES, key=lambda fix: alone.get(fix[0], 0))
    if count := alone.get(best[0], 0):
        return best[1].format(count=people(count))
    where = f"{REGION_NAMES[shop.region]}에서 " if shop.region else ""
    topic = TOPIC_NAMES[shop.topic]
    return f"지금은 맞는 멘토님이 없어요. {where}‘{topic}’ 일을 도울 멘토님을 새로 구해 주세요."


def fix_of_lock(obstacle: Obstacle | None) -> str:
    """Return what helps a shop whose fixed mentor cannot take it: for a rule, or else for want of a seat."""
    if obstacle is None:
        return "고정한 멘토님의 자리가 모자라요. 멘토님이 자리를 더 내거나 고정을 풀면 이을 수 있어요."
    return f"고정한 멘토님과는 이을 수 없어요. {OBSTACLE_WORDS[obstacle]} 고정을 풀면 다른 멘토님을 찾아요."


def _compare(shop: Shop, mentor: Mentor, chosen: Mentor, seats_left: int, standing: Standing) -> Why:
    weights = standing.weights
    gap = points_of(shop, chosen, weights) - points_of(shop, mentor, weights)
    if gap > 0:
        return Why(
            Cause.FEWER_POINTS, f"이어진 멘토님이 더 잘 맞아요. {_biggest(shop, mentor, chosen, standing)}"
        )
    if seats_left <= 0:
        return Why(Cause.FULL, _WORDS[Cause.FULL])
    here = seat_price(chosen, chosen.taken + standing.given.get(chosen.id, 0), weights)
    there = seat_price(mentor, mentor.taken + standing.given.get(mentor.id, 0) + 1, weights)
    better_by, dearer_by = -gap, there - here
    if dearer_by < better_by:
        return Why(Cause.CHANGED, _WORDS[Cause.CHANGED])
    cause = Cause.BUSIER if dearer_by > 0 else Cause.EQUAL
    return Why(cause, _WORDS[cause])


def _biggest(shop: Shop, mentor: Mentor, chosen: Mentor, standing: Standing) -> str:
    """Return what the chosen mentor has most of that the other has not."""
    here, there = (parts_of(shop, each, standing.weights) for each in (chosen, mentor))
    gaps = [more - less for more, less in zip(here, there, strict=True)]
    return _MORE[gaps.index(max(gaps))]
