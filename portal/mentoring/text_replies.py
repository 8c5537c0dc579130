"""Answering a text message that came in: the booking, or one sentence that says what to do instead."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.core import db, korean
from portal.mentoring import operations, text_messages
from portal.mentoring.telling import about, mentor_of
from portal.mentoring.text_messages import Asked, Outcome
from portal.mentoring.visit_models import TextReply, Visit, VisitState
from portal.messages.operations import NOTHING, Beside, notify


def receive(
    session: Session,
    *,
    message_id: str,
    phone: str,
    text: str,
    link: Callable[[int | None], str],
    now: datetime,
) -> Outcome:
    """Do what a text message says and answer it; the same message again changes nothing.

    ``link`` gives the path of an engagement, or of all one's mentoring. Holds the mentor's profile, then
    the visit.
    """
    before = _note(session, message_id, now=now)
    if before is not None:
        return Outcome(before)
    sender = text_messages.find_sender(session, phone)
    asked = text_messages.find_asked(session, sender, now=now) if sender else None
    outcome = _answer(session, sender, asked, text, link=link, now=now) if sender else Outcome.UNKNOWN
    reply = session.scalars(select(TextReply).where(TextReply.message_id == message_id)).one()
    reply.outcome = outcome
    reply.visit_id = asked.visit.id if asked and outcome is Outcome.BOOKED else None
    return outcome


def _note(session: Session, message_id: str, *, now: datetime) -> str | None:
    """Note that the message is here; return what came of it if it was here before."""
    try:
        with session.begin_nested():
            session.add(TextReply(message_id=message_id, received_at=now, outcome=Outcome.UNKNOWN))
    except IntegrityError:
        return session.scalars(select(TextReply.outcome).where(TextReply.message_id == message_id)).one()
    return None


def _answer(
    session: Session,
    sender: User,
    asked: Asked | None,
    text: str,
    *,
    link: Callable[[int | None], str],
    now: datetime,
) -> Outcome:
    if asked is None:
        notify(
            session,
            user_id=sender.id,
            cause=f"text:{text_messages.day_of(now)}:nothing",
            message="visit-reply-nothing",
            values={},
            path=link(None),
            now=now,
        )
        return Outcome.NOTHING_OPEN
    path = link(asked.visit.engagement_id)
    if asked.visit.state == VisitState.AGREED:
        _tell_agreed(session, sender, asked.visit, path=path, now=now)
        return Outcome.AGREED
    return _choose(session, sender, asked, text, path=path, now=now)


def _choose(session: Session, sender: User, asked: Asked, text: str, *, path: str, now: datetime) -> Outcome:
    # Held from here on, so that what is free now is free when it is chosen.
    session.get(MentorProfile, asked.visit.mentor_id, with_for_update=True, populate_existing=True)
    visit = db.lock(session, Visit, asked.visit.id)
    if visit.state != VisitState.PROPOSED:
        _tell_agreed(session, sender, visit, path=path, now=now)
        return Outcome.AGREED
    chosen, left = asked.at(text_messages.read_number(text)), text_messages.list_left(session, asked, now=now)
    if chosen is not None and chosen in left:
        operations.choose(session, visit, time_id=chosen.id, path=path, now=now)
        return Outcome.BOOKED
    if not left:
        values = {"mentor": mentor_of(session, visit)}
        _tell(session, sender, visit, "visit-reply-none-left", values, path=path, now=now)
        operations.ask_other_time(session, visit, sender, wish="", path=path, now=now)
        return Outcome.NONE_LEFT
    beside = Beside(lines=text_messages.lines_of(left, now=now))
    if chosen is None:
        _tell(session, sender, visit, "visit-reply-help", {}, path=path, now=now, beside=beside)
        return Outcome.HELP
    outcome = Outcome.PAST if chosen.starts_at <= now else Outcome.TAKEN
    values = {"when": korean.dated_time(chosen.starts_at, now=now)}
    message = f"visit-reply-{outcome}"
    _tell(session, sender, visit, message, values, path=path, now=now, beside=beside, nth=chosen.position)
    return outcome


def _tell_agreed(session: Session, sender: User, visit: Visit, *, path: str, now: datetime) -> None:
    if visit.starts_at is not None:
        values = {"when": korean.dated_time(visit.starts_at, now=now), "place": visit.place}
        _tell(session, sender, visit, "visit-reply-agreed", values, path=path, now=now)


def _tell(
    session: Session,
    sender: User,
    visit: Visit,
    message: str,
    values: dict[str, str],
    *,
    path: str,
    now: datetime,
    beside: Beside = NOTHING,
    nth: int = 0,
) -> None:
    notify(
        session,
        user_id=sender.id,
        cause=f"visit:{visit.id}:{message.removeprefix('visit-')}:{nth}",
        message=message,
        values=values,
        about=about(visit.engagement_id),
        path=path,
        now=now,
        beside=beside,
    )
