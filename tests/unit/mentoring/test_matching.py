"""K7, M01–M04, M07, M25, M27, M29: the pairs, their reasons and what is read."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from portal.accounts.vocabulary import Region, Topic
from portal.mentoring import matching
from portal.mentoring.match_table import broken_rules, points_of_rows, tabulate
from portal.mentoring.match_words import OBSTACLE_WORDS, Cause, count_alone, fix_of, why_not
from portal.mentoring.matching import (
    FIELDS_READ,
    Mentor,
    Obstacle,
    Problem,
    Result,
    Shop,
    Weights,
    obstacles,
    points_of,
    reasons_of,
    seat_price,
    times_of,
    times_of_hours,
    value_of,
)
from portal.mentoring.solving import solve
from portal.mentoring.vocabulary import Channel, DayPart, Manner, VisitKind
from tests.matching_cases import best_value, make_mentor, make_problem, make_shop

WEIGHTS = Weights(1)
EVEN = replace(WEIGHTS, fairness=0)
MONDAY_MORNING = times_of([(0, DayPart.MORNING)])
TUESDAY_MORNING = times_of([(1, DayPart.MORNING)])
NOBODY: frozenset[tuple[int, int]] = frozenset()


def chosen_of(result: Result) -> dict[int, int]:
    return {pair.shop_id: pair.mentor_id for pair in result.pairs}


@pytest.mark.parametrize("block", range(10))
def test_m01_the_total_equals_that_of_trying_every_way(block: int) -> None:
    """M01, K7: 200 random small cases, twenty in each block."""
    for seed in range(block * 20, block * 20 + 20):
        problem = make_problem(seed)

        result = solve(problem)

        fixed = {pair.shop_id: pair.mentor_id for pair in result.pairs if pair.is_locked}
        assert value_of(problem, chosen_of(result)) == best_value(problem, fixed), seed
        assert result.total == sum(
            points_of(shop, mentor, problem.weights)
            for shop in problem.shops
            for mentor in problem.mentors
            if chosen_of(result).get(shop.id) == mentor.id
        )


def test_m01_no_mentor_gets_more_shops_than_there_are_seats() -> None:
    for seed in range(200):
        problem = make_problem(seed, shops=12)

        result = solve(problem)

        given = Counter(pair.mentor_id for pair in result.pairs)
        assert all(given[mentor.id] <= mentor.free for mentor in problem.mentors), seed
        assert len(result.pairs) + len(result.left) == len(problem.shops)


def test_m01_a_shop_only_one_mentor_can_help_is_not_left_over_for_a_better_total() -> None:
    only, other = make_mentor(1, capacity=1), make_mentor(2, topics=frozenset())
    wants_visit = make_shop(1, wants=VisitKind.VISIT, region=Region.JEJU, topic=Topic.LIVE)
    only = replace(only, regions=frozenset({Region.JEJU, Region.SEOUL}))

    result = solve(Problem((wants_visit, make_shop(2)), (only, other), WEIGHTS))

    assert chosen_of(result) == {1: 1, 2: 2}


@pytest.mark.parametrize("seed", range(40))
def test_m02_the_same_problem_in_any_order_has_the_same_result(seed: int) -> None:
    problem = make_problem(seed, shops=12)
    shuffled = random.Random(seed)
    again = replace(
        problem,
        shops=tuple(shuffled.sample(problem.shops, len(problem.shops))),
        mentors=tuple(shuffled.sample(problem.mentors, len(problem.mentors))),
    )

    assert solve(problem) == solve(again)


def test_m02_the_seed_draws_among_equals_and_nothing_else() -> None:
    shops = tuple(make_shop(number) for number in range(1, 9))
    mentors = tuple(make_mentor(number) for number in range(1, 5))
    problem = Problem(shops, mentors, WEIGHTS)

    ways = {tuple(chosen_of(solve(replace(problem, seed=seed))).items()) for seed in range(6)}

    assert len(ways) > 1
    assert len({value_of(problem, dict(way)) for way in ways}) == 1


@pytest.mark.parametrize("seed", range(60))
def test_many_at_once_have_the_same_points_and_rules_as_one_by_one(seed: int) -> None:
    problem = make_problem(seed, shops=8, mentors=6)

    table, rows = tabulate(problem), np.arange(len(problem.shops))
    points, rules = points_of_rows(table, rows), broken_rules(table, rows)

    for row, shop in enumerate(problem.shops):
        for column, mentor in enumerate(problem.mentors):
            broken = {rule for at, rule in enumerate(Obstacle) if rules[row, column] >> at & 1}
            assert broken == set(obstacles(shop, mentor, problem.conflicts))
            assert points[row, column] == points_of(shop, mentor, problem.weights)


@pytest.mark.parametrize("seed", range(20))
def test_with_few_arcs_for_each_shop_nobody_is_left_over_whom_a_mentor_could_have(seed: int) -> None:
    problem = make_problem(seed, shops=40, mentors=30, with_locks=False)

    exact, quick = solve(problem), solve(problem, best=2, exact_up_to=0)

    assert len(quick.pairs) == len(exact.pairs)
    assert value_of(problem, chosen_of(quick)) >= value_of(problem, chosen_of(exact)) - exact.total // 10


RULES: list[tuple[Obstacle, Shop, Mentor]] = [
    (Obstacle.OWN, make_shop(), make_mentor(1001)),
    (Obstacle.CONFLICT, make_shop(5), make_mentor(7)),
    (Obstacle.FORMER, make_shop(former_ids=frozenset({1})), make_mentor()),
    (Obstacle.UNDISCLOSED, make_shop(), make_mentor(sells_services=None)),
    (Obstacle.SAME_MARKET, make_shop(market="망원시장"), make_mentor(market="망원시장")),
    (Obstacle.RESTING, make_shop(), make_mentor(is_resting=True)),
    (Obstacle.REGION, make_shop(wants=VisitKind.VISIT, region=Region.JEJU), make_mentor()),
    (Obstacle.TIME, make_shop(times=MONDAY_MORNING), make_mentor(times=TUESDAY_MORNING)),
    (Obstacle.ENGLISH, make_shop(wants_english=True), make_mentor()),
]


@pytest.mark.parametrize(("rule", "shop", "mentor"), RULES, ids=[rule.value for rule, *_ in RULES])
def test_m25_each_hard_rule_keeps_the_two_apart_and_says_so(
    rule: Obstacle, shop: Shop, mentor: Mentor
) -> None:
    """M04 too: the answer to "why not" names the rule."""
    problem = Problem((shop,), (mentor,), WEIGHTS, conflicts=frozenset({(7, 1005)}))

    result = solve(problem)
    why = why_not(shop, mentor, result.standing)

    assert result.pairs == ()
    assert result.left[0].fix
    assert (why.cause, why.obstacle, why.words) == (Cause.OBSTACLE, rule, OBSTACLE_WORDS[rule])


def test_each_rule_has_its_case() -> None:
    assert {rule for rule, *_ in RULES} == set(Obstacle) == set(OBSTACLE_WORDS)


def test_m25_markets_of_the_same_name_in_two_towns_are_two_markets() -> None:
    shop = make_shop(market=matching.market_of("중앙 시장"), region=Region.BUSAN)

    assert obstacles(shop, make_mentor(market=matching.market_of("중앙시장")), NOBODY) == ()


def test_m27_a_preferred_mentor_weighs_and_is_no_promise() -> None:
    shop = make_shop(preferred_id=2)
    other_topic = frozenset({Topic.LIVE})

    equal = solve(Problem((shop,), (make_mentor(1), make_mentor(2)), EVEN))
    better = solve(Problem((shop,), (make_mentor(1), make_mentor(2, topics=other_topic)), EVEN))

    assert chosen_of(equal) == {1: 2}
    assert "사장님이 바란 멘토님이에요." in {reason.words for reason in equal.pairs[0].reasons}
    assert chosen_of(better) == {1: 1}


def test_m03_every_pair_carries_three_to_five_reasons_that_add_up() -> None:
    for seed in range(100):
        problem = make_problem(seed)
        for shop in problem.shops:
            for mentor in problem.mentors:
                reasons = reasons_of(shop, mentor, problem.weights)

                assert 3 <= len(reasons) <= 5
                assert len({reason.words for reason in reasons}) == len(reasons)
                assert sum(reason.points for reason in reasons) == points_of(shop, mentor, problem.weights)
                assert all(reason.words.endswith(("요.", "함께.", "짧게.")) for reason in reasons), reasons


def test_m03_the_reasons_of_a_pair_with_everything() -> None:
    """M03: six merits are five sentences; the last one holds the two smallest."""
    shop = make_shop(channel=Channel.MAP, manner=Manner.ESSENTIALS, preferred_id=1, times=MONDAY_MORNING)
    mentor = make_mentor(channels=frozenset({Channel.MAP}), manner=Manner.ESSENTIALS, times=MONDAY_MORNING)

    assert [(reason.points, reason.words) for reason in reasons_of(shop, mentor, WEIGHTS)] == [
        (40, "‘휴대전화 다루기’ 일을 돕는 멘토님이에요."),
        (20, "‘지도에 가게 올리기’ 경험이 있는 멘토님이에요."),
        (20, "가게와 같은 지역(서울)에 있어요."),
        (10, "사장님이 바란 멘토님이에요."),
        (10, "만날 수 있는 때가 일주일에 한 번 겹쳐요. 바라는 방식이 같아요: 중요한 것만 짧게."),
    ]


def test_m03_the_best_alternative_is_named_and_why_it_lost() -> None:
    shops = (make_shop(1), make_shop(2))
    near, far = make_mentor(1, capacity=1), make_mentor(2, home=Region.JEJU, regions=frozenset())

    result = solve(Problem(shops, (near, far), EVEN))

    by_mentor = {pair.mentor_id: pair for pair in result.pairs}
    assert by_mentor[1].alternative_id == 2
    assert by_mentor[1].alternative_words == "이어진 멘토님이 더 잘 맞아요. 가게에서 더 가까운 분이에요."
    assert by_mentor[2].alternative_id == 1
    assert by_mentor[2].alternative_words.startswith("자리가 모두 찼어요.")


def test_whom_to_ask_next_are_those_with_a_seat_left_first() -> None:
    full = make_mentor(1, capacity=1)
    far = make_mentor(2, home=Region.JEJU)

    result = solve(Problem((make_shop(1), make_shop(2)), (full, far, make_mentor(3)), EVEN))

    of_the_near = next(pair for pair in result.pairs if pair.mentor_id == 3)
    assert of_the_near.next_mentor_ids == (2, 1)


def test_load_is_shared_and_said_so() -> None:
    """The last seats of a mentor cost points: of two who fit nearly as well the one with room is asked."""
    shops = tuple(make_shop(number) for number in range(1, 5))
    near = make_mentor(1, capacity=4, taken=0)
    far = make_mentor(2, capacity=4, home=Region.GYEONGGI, regions=frozenset())

    shared = solve(Problem(shops, (near, far), replace(WEIGHTS, region=20, fairness=60)))
    alone = solve(Problem(shops, (near, far), EVEN))

    assert Counter(chosen_of(shared).values()) == {1: 3, 2: 1}
    assert Counter(chosen_of(alone).values()) == {1: 4}
    moved = next(pair for pair in shared.pairs if pair.mentor_id == 2)
    assert moved.alternative_words == "더 많은 가게를 맡은 멘토님이라, 여유가 더 있는 멘토님과 이었어요."


def test_each_further_seat_costs_at_least_as_much() -> None:
    for capacity in range(1, 21):
        mentor = make_mentor(capacity=capacity)
        prices = [seat_price(mentor, seat, replace(WEIGHTS, fairness=100)) for seat in range(1, capacity + 1)]

        assert prices == sorted(prices)
        assert prices[0] == 0


@pytest.mark.parametrize("seed", range(80))
def test_m04_why_not_tells_the_truth_of_any_mentor(seed: int) -> None:
    problem = make_problem(seed, shops=10)
    result = solve(problem)
    standing = result.standing
    given = Counter(pair.mentor_id for pair in result.pairs)

    for shop in problem.shops:
        chosen = standing.chosen.get(shop.id)
        for mentor in problem.mentors:
            why = why_not(shop, mentor, standing)
            assert why.words.endswith("요.")
            assert why.cause != Cause.CHANGED or shop.id in problem.locks
            assert (why.cause == Cause.CHOSEN) == (chosen is mentor)
            assert (why.cause == Cause.OBSTACLE) == bool(
                chosen is not mentor and obstacles(shop, mentor, problem.conflicts)
            )
            if why.cause in {Cause.FULL, Cause.FULL_BEFORE}:
                assert given[mentor.id] == mentor.free
            if chosen and why.cause in {Cause.FEWER_POINTS, Cause.BUSIER, Cause.EQUAL}:
                gap = points_of(shop, chosen, problem.weights) - points_of(shop, mentor, problem.weights)
                assert (gap > 0) == (why.cause == Cause.FEWER_POINTS)
                assert why.cause != Cause.EQUAL or gap == 0


@pytest.mark.parametrize("seed", range(60))
def test_m07_fixed_pairs_survive_and_a_removed_one_explains_each_changed_pair(seed: int) -> None:
    problem = make_problem(seed, shops=10, with_locks=False)
    free = solve(problem)
    if not free.left and not free.pairs:
        return
    shop, mentor = problem.shops[seed % 10], problem.mentors[seed % 4]
    locked = solve(replace(problem, locks={shop.id: mentor.id}))

    if not obstacles(shop, mentor, problem.conflicts) and mentor.free:
        assert chosen_of(locked)[shop.id] == mentor.id
    for changed, before in chosen_of(locked).items():
        if chosen_of(free).get(changed) == before:
            continue
        at = next(each for each in problem.shops if each.id == changed)
        former = next(each for each in problem.mentors if each.id == before)
        why = why_not(at, former, free.standing)
        assert why.cause not in {Cause.CHANGED, Cause.LOCKED, Cause.CHOSEN}
        assert why.words.endswith("요.")


def test_m07_a_fixed_pair_overrides_what_was_settled_by_telephone_but_protects() -> None:
    far = make_shop(1, wants=VisitKind.VISIT, region=Region.JEJU)
    beside = make_shop(2, market="망원시장")
    mentors = (make_mentor(1), make_mentor(2, market="망원시장"))

    result = solve(Problem((far, beside), mentors, WEIGHTS, locks={1: 1, 2: 2}))

    assert [(pair.shop_id, pair.mentor_id, pair.is_locked) for pair in result.pairs] == [(1, 1, True)]
    assert result.left[0].fix.startswith("고정한 멘토님과는 이을 수 없어요. 같은 시장이나 거리에")


def test_m07_more_fixed_pairs_than_seats_leave_the_later_one_over() -> None:
    result = solve(
        Problem((make_shop(1), make_shop(2)), (make_mentor(1, capacity=1),), WEIGHTS, locks={1: 1, 2: 1})
    )

    assert chosen_of(result) == {1: 1}
    assert "자리가 모자라요" in result.left[0].fix


FIXES = [
    (make_shop(wants=VisitKind.VISIT, region=Region.JEJU), make_mentor(), "전화나 영상통화로"),
    (make_shop(times=MONDAY_MORNING), make_mentor(times=TUESDAY_MORNING), "때를 더 알려 주면"),
    (make_shop(), make_mentor(sells_services=None), "돈을 받고 파는 서비스가 있는지만 적으면"),
    (make_shop(), make_mentor(is_resting=True), "쉬고 있는 멘토님"),
    (make_shop(wants_english=True), make_mentor(), "우리말로 만나도"),
    (make_shop(former_ids=frozenset({1})), make_mentor(), "다시 만나도 괜찮은지"),
    (make_shop(), make_mentor(capacity=0), "맞는 멘토님 한 분의 자리가 모두 찼어요."),
    (make_shop(wants_english=True), make_mentor(is_resting=True), "새로 구해 주세요."),
]


@pytest.mark.parametrize(("shop", "mentor", "words"), FIXES, ids=[words for *_, words in FIXES])
def test_whoever_is_left_over_learns_what_would_help(shop: Shop, mentor: Mentor, words: str) -> None:
    result = solve(Problem((shop,), (mentor,), WEIGHTS))

    assert words in result.left[0].fix
    assert result.left[0].fix == fix_of(shop, count_alone(shop, (mentor,), NOBODY))


def test_nobody_at_all_is_a_result_too() -> None:
    assert solve(Problem((), (), WEIGHTS)).pairs == ()
    assert "새로 구해 주세요." in solve(Problem((make_shop(),), (), WEIGHTS)).left[0].fix


def test_hours_are_parts_of_the_day_in_which_a_visit_fits() -> None:
    assert times_of_hours([(0, 9 * 60, 13 * 60)]) == times_of([(0, DayPart.MORNING), (0, DayPart.AFTERNOON)])
    assert times_of_hours([(0, 9 * 60, 12 * 60 + 30)]) == MONDAY_MORNING
    assert times_of_hours([(6, 18 * 60, 21 * 60), (6, 19 * 60, 22 * 60)]) == times_of([(6, DayPart.EVENING)])


def test_m29_nothing_that_stands_for_age_or_sex_is_read() -> None:
    read = " ".join(FIELDS_READ)

    for word in ("birth", "age", "sex", "gender", "name", "phone", "email", "created", "photo", "business"):
        assert not any(word in column.partition(".")[2].split("_") for column in FIELDS_READ), (word, read)
    assert list(FIELDS_READ) == sorted(FIELDS_READ)
