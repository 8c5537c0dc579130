"""Stories of the demo world, told together in the order of time: ids follow time, as they do in life."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime

Story = Iterator[datetime]
"""Yields the moment of what it does next, and does it when it is asked on; its moments only grow."""


def tell(stories: Iterable[Story]) -> None:
    """Let every story go on at its own moments; of two at the same moment the one given first."""
    waiting = [(moment, number, story) for number, story in enumerate(stories) for moment in _next(story)]
    heapq.heapify(waiting)
    while waiting:
        _, number, story = heapq.heappop(waiting)
        for moment in _next(story):
            heapq.heappush(waiting, (moment, number, story))


def _next(story: Story) -> list[datetime]:
    """Let a story go on; return the moment it waits for then, or nothing at its end."""
    moment = next(story, None)
    return [] if moment is None else [moment]
