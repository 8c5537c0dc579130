"""What markers' points come to. Pure: whole numbers in, whole numbers out.

Two people mark a script and neither sees the other's points. A third one marks where the two are more than
`Blueprint.most_difference` points apart in all, where one would let the person pass and the other would not,
or where their average would say something else than both. With three, the two whose totals lie closest count;
where two pairs are equally close, the higher pair.

The result is the average of the two for each subject. Half points are rounded up and down by turns, in the
order of the subjects and beginning with up: so the total is never more than half a point from the true
average, two who both let pass are never made a failure by rounding, nor the reverse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from portal.certification.qualifications import Blueprint, Criterion

Points = Mapping[str, int]
RULE = (
    "두 분이 따로 채점하고 평균을 내요. 두 분의 점수가 많이 다르거나 합격 여부가 다르면 한 분이 더 채점해요. "
    "그때는 가장 가까운 두 점수의 평균이에요. 똑같이 가까우면 높은 쪽으로 해요."
)
"""How practical exams are marked, for whoever takes one."""


@dataclass(frozen=True)
class Place:
    """One line of the rubric, by its key on a sheet: ``subject.criterion``."""

    key: str
    subject: str
    criterion: Criterion


def places(blueprint: Blueprint) -> tuple[Place, ...]:
    """Return every line of the rubric, in its order."""
    return tuple(
        Place(f"{subject.key}.{criterion.key}", subject.key, criterion)
        for subject in blueprint.subjects
        for criterion in subject.criteria
    )


def faults(blueprint: Blueprint, points: Points) -> dict[str, str]:
    """Return what is wrong with a sheet, a sentence by the key of its place; lacking points are no fault."""
    known = {place.key: place.criterion.most for place in places(blueprint)}
    return {
        key: f"0점부터 {known[key]}점까지 적어 주세요." if key in known else "채점표에 없는 항목이에요."
        for key, given in points.items()
        if key not in known or not 0 <= given <= known[key]
    }


def lacking(blueprint: Blueprint, points: Points) -> list[str]:
    """Return the keys of the places without points yet."""
    return [place.key for place in places(blueprint) if place.key not in points]


def by_subject(blueprint: Blueprint, points: Points) -> dict[str, int]:
    """Return what one marker gave, added up for each subject."""
    given = dict.fromkeys((subject.key for subject in blueprint.subjects), 0)
    for place in places(blueprint):
        given[place.subject] += points[place.key]
    return given


def passes(blueprint: Blueprint, subjects: Points) -> bool:
    """Tell whether the points of the subjects are enough: on average, and in each one."""
    enough = sum(subjects.values()) >= blueprint.pass_average * len(blueprint.subjects)
    return enough and all(given >= blueprint.pass_subject for given in subjects.values())


def average(one: Points, other: Points) -> dict[str, int]:
    """Return the average of two for each subject, half points up and down by turns, beginning with up."""
    goes_up, result = True, {}
    for subject in one:
        half, is_odd = divmod(one[subject] + other[subject], 2)
        result[subject] = half + (1 if is_odd and goes_up else 0)
        goes_up = goes_up != bool(is_odd)
    return result


def needs_third(blueprint: Blueprint, one: Points, other: Points) -> bool:
    """Tell whether a third one has to mark what two have marked; points by subject."""
    if abs(sum(one.values()) - sum(other.values())) > blueprint.most_difference:
        return True
    verdicts = {passes(blueprint, given) for given in (one, other, average(one, other))}
    return len(verdicts) > 1


def settle(blueprint: Blueprint, given: Sequence[Points]) -> dict[str, int] | None:
    """Return the points by subject that finished sheets come to, or None while somebody has yet to mark."""
    if len(given) < 2:
        return None
    if len(given) == 2:
        return None if needs_third(blueprint, given[0], given[1]) else average(given[0], given[1])
    totals = [sum(each.values()) for each in given]
    one, other = min(
        combinations(range(len(given)), 2),
        key=lambda pair: (abs(totals[pair[0]] - totals[pair[1]]), -totals[pair[0]] - totals[pair[1]]),
    )
    return average(given[one], given[other])
