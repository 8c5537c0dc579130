"""What a shop owner may add to a need, all of it optional, so that the matching finds better."""

from dataclasses import dataclass

from portal.mentoring.vocabulary import Channel, DayPart, Manner


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
