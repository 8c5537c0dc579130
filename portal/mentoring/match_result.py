"""What a run says of each pair: its reasons, the best alternative, and whom to ask next."""

from collections import Counter
from collections.abc import Mapping, Sequence

from portal.mentoring.match_words import why_not
from portal.mentoring.matching import (
    NEXT_MENTORS,
    Left,
    Mentor,
    Pair,
    Problem,
    Result,
    Shop,
    Standing,
    reasons_of,
)


def tell(
    problem: Problem,
    chosen: Mapping[int, Mentor],
    locked_ids: frozenset[int],
    ranked: Sequence[Sequence[int]],
    fixes: Mapping[int, str],
) -> Result:
    """Return the result in words.

    ``chosen`` gives shops their mentors, ``ranked`` for each shop of the problem the places of its best
    mentors in the problem, ``fixes`` what would help each shop left over.
    """
    standing = Standing(
        weights=problem.weights,
        chosen=chosen,
        given=Counter(mentor.id for mentor in chosen.values()),
        conflicts=problem.conflicts,
        locked_ids=locked_ids,
    )
    pairs = tuple(
        _pair(shop, [problem.mentors[at] for at in places], standing)
        for shop, places in zip(problem.shops, ranked, strict=True)
        if shop.id in chosen
    )
    left = tuple(Left(shop.id, fixes[shop.id]) for shop in problem.shops if shop.id not in chosen)
    return Result(pairs, left, standing)


def _pair(shop: Shop, ranked: Sequence[Mentor], standing: Standing) -> Pair:
    mentor = standing.chosen[shop.id]
    reasons = reasons_of(shop, mentor, standing.weights)
    others = [other for other in ranked if other.id != mentor.id]
    alternative = others[0] if others else None
    has_seat = [other for other in others if other.free > standing.given.get(other.id, 0)]
    is_full = [other for other in others if other.free <= standing.given.get(other.id, 0)]
    return Pair(
        shop_id=shop.id,
        mentor_id=mentor.id,
        points=sum(reason.points for reason in reasons),
        reasons=reasons,
        alternative_id=alternative.id if alternative else None,
        alternative_words=why_not(shop, alternative, standing).words if alternative else "",
        next_mentor_ids=tuple(other.id for other in [*has_seat, *is_full][:NEXT_MENTORS]),
        is_locked=shop.id in standing.locked_ids,
    )
