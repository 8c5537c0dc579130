"""Appointments in people's own calendars: a secret address for each person, and invitations by e-mail.

A visit that is moved is cancelled and proposed anew; to a calendar the two are one appointment. So its id
there is that of the first visit since the two last met, and its sequence says how often it has changed.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from portal.accounts.models import User
from portal.core import settings
from portal.core.errors import NotFoundError
from portal.mentoring import appointment, circle_queries
from portal.mentoring.appointment import Appointment, Guest
from portal.mentoring.models import Engagement
from portal.mentoring.policy import is_party
from portal.mentoring.visit_models import CalendarFeed, Visit, VisitState
from portal.messages import queries as messages
from portal.messages.operations import NOTHING, Beside
from portal.messages.vocabulary import Channel, Kind, Pace

KEPT = timedelta(days=90)
"""How long what is over stays in a calendar that reads the feed."""
APPOINTMENTS_MAX = 200
SHOWN = (VisitState.AGREED, VisitState.HELD)
#: After one of these the next visit is a new appointment.
OVER = (VisitState.HELD, VisitState.MISSED)


def make_address(session: Session, user: User, *, now: datetime) -> str:
    """Return the token of a new address for this person's feed; the one before leads nowhere from now on."""
    session.get(User, user.id, with_for_update=True)  # two presses at once would add the row twice
    token = secrets.token_urlsafe(24)
    session.merge(CalendarFeed(user_id=user.id, token_hash=_hash(token), made_at=now))
    return token


def drop_address(session: Session, user: User) -> None:
    """Let no calendar read this person's appointments any more."""
    row = session.get(CalendarFeed, user.id, with_for_update=True)
    if row is not None:
        session.delete(row)


def find_feed(session: Session, user: User) -> CalendarFeed | None:
    """Return the person's feed, if they have an address for it."""
    return session.get(CalendarFeed, user.id)


def get_feed(session: Session, token: str, *, now: datetime) -> bytes:
    """Return the appointments of whom the address belongs to. Raises NotFoundError for any other address."""
    user = session.scalar(
        select(User)
        .join(CalendarFeed, CalendarFeed.user_id == User.id)
        .where(CalendarFeed.token_hash == _hash(token))
        .options(selectinload(User.grants))
    )
    if user is None:
        raise NotFoundError("이 달력 주소는 이제 쓰지 않아요. 멘토 화면에서 새 주소를 받아 주세요.")
    visits, meetings = list_appointments(session, user, now=now), list_meetings(session, user, now=now)
    return appointment.feed([*visits, *meetings], host=host())


def list_appointments(session: Session, user: User, *, now: datetime) -> list[Appointment]:
    """Return what the person has agreed on, and what was held of late, the earliest first."""
    visits = session.scalars(
        select(Visit)
        .join(Visit.engagement)
        .where(is_party(user), Visit.state.in_(SHOWN), Visit.starts_at > now - KEPT)
        .options(
            contains_eager(Visit.engagement).joinedload(Engagement.merchant),
            contains_eager(Visit.engagement).joinedload(Engagement.mentor),
        )
        .order_by(Visit.starts_at.desc(), Visit.id.desc())
        .limit(APPOINTMENTS_MAX)
    ).all()
    chains = _chains(session, visits)
    return [_appointment(visit, user.id, chains[visit.id]) for visit in reversed(visits)]


def list_meetings(session: Session, user: User, *, now: datetime) -> list[Appointment]:
    """Return the meetings of the person's groups, those of late and those to come, the earliest first."""
    meetings = circle_queries.list_feed(session, user, since=now - KEPT, limit=APPOINTMENTS_MAX)
    return [
        Appointment(
            visit_id=meeting.id,
            starts_at=meeting.starts_at,
            place=meeting.place,
            agreed_at=meeting.made_at,
            other="",
            minutes=meeting.minutes,
            link=meeting.link,
            group=meeting.circle.name,
        )
        for meeting in meetings
    ]


def get_appointment(session: Session, visit: Visit, user_id: int) -> Appointment:
    """Return one agreed visit as this person's calendar takes it; its engagement and people are loaded."""
    return _appointment(visit, user_id, _chains(session, [visit])[visit.id])


def invite(session: Session, visit: Visit, user_id: int, *, now: datetime, is_off: bool = False) -> Beside:
    """Return what the notice of an agreed visit carries for a person who gets it by e-mail, or nothing.

    ``is_off`` takes the invitation back.
    """
    user = session.get_one(User, user_id)
    wanted = messages.get_wishes(session, user_id).pace(Kind.VISITS, Channel.EMAIL)
    if not user.email or wanted is not Pace.NOW or visit.starts_at is None:
        return NOTHING
    loaded = session.scalars(
        select(Visit)
        .where(Visit.id == visit.id)
        .options(
            joinedload(Visit.engagement).joinedload(Engagement.merchant),
            joinedload(Visit.engagement).joinedload(Engagement.mentor),
        )
    ).one()
    chain = _chains(session, [loaded])[loaded.id]
    made = replace(_appointment(loaded, user_id, (chain[0], chain[1] + is_off)), agreed_at=now)
    guest = Guest(organizer=settings.current().mail_from, attendee=user.email)
    return Beside(calendar=appointment.invitation(made, guest, host=host(), is_off=is_off))


def host() -> str:
    """Return the host that makes the ids of appointments the only ones in the world."""
    return urlsplit(settings.current().public_url).hostname or "localhost"


def _appointment(visit: Visit, user_id: int, chain: tuple[int, int]) -> Appointment:
    engagement = visit.engagement
    is_merchant = user_id == engagement.merchant_id
    return Appointment(
        visit_id=chain[0],
        starts_at=visit.starts_at or visit.created_at,
        place=visit.place,
        agreed_at=visit.agreed_at or visit.created_at,
        other=f"{engagement.mentor.name} 멘토님" if is_merchant else f"{engagement.merchant.name} 사장님",
        minutes=visit.minutes,
        sequence=chain[1],
        link=visit.link,
    )


def _chains(session: Session, visits: Sequence[Visit]) -> dict[int, tuple[int, int]]:
    """Return for each visit the first of its chain, and twice how many came before it.

    Twice, so that the cancelling of each has a number of its own between its agreement and the next one's.
    """
    ids = {visit.engagement_id for visit in visits}
    rows = session.execute(
        select(Visit.engagement_id, Visit.id, Visit.state)
        .where(Visit.engagement_id.in_(ids))
        .order_by(Visit.engagement_id, Visit.id)
    ).all()
    chains: dict[int, tuple[int, int]] = {}
    first, count, before = 0, 0, (0, VisitState.HELD)
    for engagement_id, visit_id, state in rows:
        if before[0] != engagement_id or before[1] in OVER:
            first, count = visit_id, 0
        chains[visit_id] = (first, 2 * count)
        count, before = count + 1, (engagement_id, state)
    return chains


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
