"""The matching over made shops and mentors: its time, its memory, and how far below the optimum it ends.

    .venv/bin/python benchmarks/matching.py [shops mentors capacity]

Each size runs in a process of its own, so that its peak memory is its own, and once more with so many arcs
for each shop that the total is the optimum (or so near that more arcs change nothing). Time is that of the
whole run, reasons and alternatives included, as processor time and on the clock. Goals: 10,000 shops and 500
mentors within 20 s, 100,000 and 2,000 within 3 min and 1 GB, both within 0.01 % of the optimum.
"""

import json
import os
import random
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from portal.accounts.vocabulary import Region, Topic
from portal.mentoring.matching import LEFT_OVER, Mentor, Problem, Shop, Weights, value_of
from portal.mentoring.solving import BEST, solve
from portal.mentoring.vocabulary import Channel, Manner, VisitKind


@dataclass(frozen=True)
class Size:
    """How many of each, the mean capacity, the goals, and the arcs of a shop that give the optimum."""

    shops: int
    mentors: int
    capacity: int
    within_s: int
    arcs_of_optimum: int
    within_mb: int = 1024


SIZES = (Size(10_000, 500, 21, 20, 500), Size(100_000, 2_000, 51, 180, 100))
FAR_BELOW = 0.0001
WEEK = range(21)


def main() -> int:
    """Run every size, or the one that was given; 1 if a goal is missed."""
    if sys.argv[1:2] == ["one"]:
        measure(*(int(each) for each in sys.argv[2:]))
        return 0
    sizes = [Size(*map(int, sys.argv[1:4]), 180, 100)] if len(sys.argv) > 3 else SIZES
    missed = [size for size in sizes if not run(size)]
    return 1 if missed else 0


def run(size: Size) -> bool:
    """Measure one size and its optimum, print a line for each and tell whether the goals are reached."""
    ours = measure_apart(size, BEST)
    print(told(size, ours), flush=True)
    optimum = measure_apart(size, size.arcs_of_optimum)
    below = (optimum["worth"] - ours["worth"]) / optimum["worth"]
    print(told(size, optimum) + f"\n  below the optimum: {below:.5%}", flush=True)
    is_quick = ours["processor_s"] <= size.within_s and ours["peak_mb"] <= size.within_mb
    return is_quick and below <= FAR_BELOW and ours["pairs"] == optimum["pairs"]


def told(size: Size, found: dict[str, float]) -> str:
    """Return a line about one run."""
    return (
        f"{size.shops} shops, {size.mentors} mentors, {found['seats']} seats, {found['arcs']} arcs a shop: "
        f"{found['processor_s']:.1f} s of processor, {found['clock_s']:.1f} s on the clock, "
        f"{found['peak_mb']:.0f} MB, {found['pairs']} pairs, total {found['total']}, "
        f"load {os.getloadavg()[0]:.0f}"
    )


def measure_apart(size: Size, arcs: int) -> dict[str, float]:
    """Measure in a process of its own."""
    numbers = [str(each) for each in (size.shops, size.mentors, size.capacity, arcs)]
    command = [sys.executable, str(Path(__file__)), "one", *numbers]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def measure(shops: int, mentors: int, capacity: int, arcs: int) -> None:
    """Match once and print the figures as JSON."""
    problem = make_problem(shops, mentors, capacity)
    began, worked = time.perf_counter(), time.process_time()
    result = solve(problem, best=arcs, exact_up_to=0)
    figures = {
        "processor_s": time.process_time() - worked,
        "clock_s": time.perf_counter() - began,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "arcs": arcs,
        "seats": sum(mentor.capacity for mentor in problem.mentors),
        "pairs": len(result.pairs),
        "total": result.total,
        "worth": value_of(problem, {pair.shop_id: pair.mentor_id for pair in result.pairs})
        + LEFT_OVER * len(result.left),
    }
    print(json.dumps(figures))


def make_problem(shops: int, mentors: int, capacity: int) -> Problem:
    """Return made people: some provinces have far more shops than others, mentors are spread wider."""
    chance = random.Random(1)  # noqa: S311 - no secrets
    regions = list(Region)
    crowds = [1 / (at + 1) for at in range(len(regions))]
    return Problem(
        shops=tuple(
            make_shop(number, chance.choices(regions, crowds)[0], chance) for number in range(1, shops + 1)
        ),
        mentors=tuple(
            make_mentor(number, chance.choices(regions, [each**0.8 for each in crowds])[0], capacity, chance)
            for number in range(1, mentors + 1)
        ),
        weights=Weights(1),
    )


def make_shop(number: int, region: Region, chance: random.Random) -> Shop:
    """Return a shop; half of them have time whenever, a third has said where it sells."""
    return Shop(
        id=number,
        owner_id=1_000_000 + number,
        topic=chance.choice(list(Topic)),
        wants=chance.choice(list(VisitKind)),
        region=region,
        channel=chance.choice([None, None, *Channel]),
        times=chance.choice([0, any_times(2, 8, chance)]),
        manner=chance.choice([None, *Manner]),
        wants_english=chance.random() < 0.02,
    )


def make_mentor(number: int, home: Region, capacity: int, chance: random.Random) -> Mentor:
    """Return a mentor of some topics and channels who goes to their own province and two others."""
    return Mentor(
        id=number,
        topics=frozenset(chance.sample(list(Topic), chance.randint(2, 5))),
        home=home,
        regions=frozenset({home, *chance.sample(list(Region), 2)}),
        capacity=max(1, round(chance.gauss(capacity, capacity / 4))),
        channels=frozenset(chance.sample(list(Channel), chance.randint(1, 4))),
        times=any_times(5, 12, chance),
        manner=chance.choice([None, *Manner]),
        speaks_english=chance.random() < 0.1,
    )


def any_times(least: int, most: int, chance: random.Random) -> int:
    """Return some parts of the week as bits."""
    return sum(1 << part for part in chance.sample(WEEK, chance.randint(least, most)))


if __name__ == "__main__":
    sys.exit(main())
