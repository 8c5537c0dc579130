"""Choosing a time by a number in a text message: what is offered, what is answered, and what comes back.

A message is taken once, by its gateway's own id. Somebody nobody knows gets no answer, and what cannot be
read is helped with once for each visit: a telephone that answers by itself must not be written to for ever.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, selectinload

from portal.accounts.models import User
from portal.core import korean, settings
from portal.core.clock import KST
from portal.mentoring import slots
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import Visit, VisitState, VisitTime
from portal.messages.operations import NOTHING, Beside

TEXT_MAX_CHARS = 40
"""Whoever chooses a number writes less; what is longer is a letter for a person."""
_CHOICE = re.compile(
    r"(?P<number>\d{1,2})\s*(?:번(?:째)?)?\s*"
    r"(?:이?요|이에요|예요|으?로(?:요|\s*할게요|\s*해\s*주세요|\s*부탁(?:해요|드려요|드립니다|합니다))?|입니다|할게요|"
    r"좋아요|좋습니다|돼요|됩니다|부탁(?:해요|드려요|드립니다|합니다)|네)?"
)
_AROUND = ".,!?~^()[]<>'\"#:;- \t\n"


class Outcome(StrEnum):
    """What came of a text message."""

    BOOKED = "booked"
    HELP = "help"
    PAST = "past"
    TAKEN = "taken"
    NONE_LEFT = "none_left"
    AGREED = "agreed"
    NOTHING_OPEN = "nothing_open"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Asked:
    """What an incoming message may be about: the visit somebody is to choose a time of, or has agreed on."""

    visit: Visit
    times: Sequence[VisitTime]

    def at(self, number: int | None) -> VisitTime | None:
        """Return the moment of a number, if it was offered."""
        return next((time for time in self.times if time.position == number), None)


def read_number(text: str) -> int | None:
    """Return the number somebody answered with: ``2``, ``２``, ``2번이요``; None where it is not plain.

    ``2시에 봐요`` is an hour, and ``2, 3 다 돼요`` two numbers: both are for a person to understand.
    """
    plain = unicodedata.normalize("NFKC", text).strip(_AROUND)
    if len(plain) > TEXT_MAX_CHARS:
        return None
    found = _CHOICE.fullmatch(plain)
    return int(found.group("number")) if found else None


def is_on() -> bool:
    """Tell whether answers by text message arrive here: with a gateway's key, or in the demo by files."""
    current = settings.current()
    return bool(current.sms_inbound_key) or current.is_demo


def offer(session: Session, visit: Visit, merchant_id: int, *, now: datetime) -> tuple[str, Beside]:
    """Return which message asks the merchant to choose, and the times by number if she may answer so."""
    if not is_on() or not session.get_one(User, merchant_id).phone:
        return "visit-proposed", NOTHING
    return "visit-proposed-by-number", Beside(lines=lines_of(visit.times, now=now))


def lines_of(times: Sequence[VisitTime], *, now: datetime) -> tuple[str, ...]:
    """Return the moments with their numbers: ``1번 11월 26일(목) 오후 3시``."""
    return tuple(f"{time.position}번 {korean.dated_time(time.starts_at, now=now)}" for time in times)


def find_sender(session: Session, phone: str) -> User | None:
    """Return whose number it is. For what comes from the gateway, which proves the number and no more."""
    return session.scalar(select(User).where(User.phone == phone))


def find_asked(session: Session, user: User, *, now: datetime) -> Asked | None:
    """Return the visit this person is to choose a time of, else the next one they have agreed on."""
    statement = (
        select(Visit)
        .join(Visit.engagement)
        .where(
            Engagement.merchant_id == user.id,
            (Visit.state == VisitState.PROPOSED)
            | ((Visit.state == VisitState.AGREED) & (Visit.starts_at > now)),
        )
        .options(contains_eager(Visit.engagement), selectinload(Visit.times))
        .order_by(Visit.state.desc(), Visit.id.desc())  # proposed comes before agreed
        .limit(1)
    )
    visit = session.scalar(statement)
    return Asked(visit, visit.times) if visit else None


def list_left(session: Session, asked: Asked, *, now: datetime) -> list[VisitTime]:
    """Return the moments that can still be chosen; for callers that hold the mentor's profile."""
    return [
        time
        for time in asked.times
        if time.starts_at > now
        and slots.is_free(session, asked.visit.mentor_id, time.starts_at, asked.visit.minutes)
    ]


def day_of(now: datetime) -> str:
    """Return the day in Korea, by which what would be said again and again is said once."""
    return f"{now.astimezone(KST):%Y%m%d}"
