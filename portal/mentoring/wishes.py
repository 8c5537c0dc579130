"""What a shop owner may add to a need, all of it optional, so that the matching finds better."""

from collections.abc import Collection
from dataclasses import dataclass

from portal.mentoring.vocabulary import DAY_PART_NAMES, WEEKDAY_NAMES, Channel, DayPart, Manner


@dataclass(frozen=True)
class Wishes:
    """Where she sells, when she has time, how she likes to be taught, and whom she would like."""

    channel: Channel | None = None
    manner: Manner | None = None
    market: str = ""
    wants_english: bool = False
    #: Weekdays (Monday is 0) and parts of the day; none means whenever.
    times: frozenset[tuple[int, DayPart]] = frozenset()
    preferred_mentor_id: int | None = None


def times_in_words(times: Collection[tuple[int, DayPart]]) -> str:
    """Return when somebody has time: ``월요일 오전, 수요일 오후·저녁``; 언제든 for nothing or all chosen."""
    if len(times) in {0, len(WEEKDAY_NAMES) * len(DAY_PART_NAMES)}:
        return "언제든"
    days = [
        (name, [words for part, words in DAY_PART_NAMES.items() if (weekday, part) in times])
        for weekday, name in enumerate(WEEKDAY_NAMES)
    ]
    return ", ".join(
        f"{name}요일 {'·'.join(parts) if len(parts) < len(DAY_PART_NAMES) else '언제든'}"
        for name, parts in days
        if parts
    )
