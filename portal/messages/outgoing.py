"""What a worker does with a delivery whose time has come: send it, put it off, hold it, or drop it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import settings
from portal.messages import letters, queries, stopping
from portal.messages.hours import next_open
from portal.messages.letters import THINGS_MAX, Letter, Words
from portal.messages.models import Delivery, DeliveryState, Notice
from portal.messages.planning import hold
from portal.messages.vocabulary import Channel, Pace
from portal.messages.wishes import Wishes

TEXTS_A_DAY = 6
"""Text messages one person is sent in a day; whatever comes after waits for the next digest."""


def prepare(session: Session, delivery: Delivery, *, now: datetime) -> Letter | None:
    """Return what is to be sent now, noted as on its way; None when it is put off, held or dropped.

    Everything that was decided when the row was written is looked at again. ``delivery`` is claimed and
    locked by the caller.
    """
    wishes = queries.get_wishes(session, delivery.user_id)
    opens = next_open(now, wishes.hours)
    if opens > now:
        delivery.due_at, delivery.lease = opens, None
        delivery.attempts -= 1  # nothing was tried
        if delivery.state is DeliveryState.SENDING:
            delivery.state = DeliveryState.WAITING
        return None
    words = _words(session, delivery, wishes, now)
    if words is None:
        delivery.state = DeliveryState.DROPPED
        delivery.due_at = delivery.lease = delivery.last_error = None
        return None
    if delivery.notice_id is not None and _has_had_enough(session, delivery, now=now):
        hold(session, delivery, Pace.DAILY, wishes.hours, now=now)
        return None
    letter = _letter(delivery, words, to=wishes.address(delivery.channel))
    delivery.state, delivery.tried_at = DeliveryState.SENDING, now
    delivery.form = letters.form_of(letter)
    return letter


def note_told(session: Session, delivery_id: int, *, now: datetime) -> None:
    """Note on the notices that a delivery tells when they first left the house."""
    told = select(Delivery.notice_id).where(
        (Delivery.id == delivery_id) | (Delivery.digest_id == delivery_id), Delivery.notice_id.is_not(None)
    )
    session.execute(update(Notice).where(Notice.id.in_(told), Notice.sent_at.is_(None)).values(sent_at=now))


def _words(session: Session, delivery: Delivery, wishes: Wishes, now: datetime) -> Words | None:
    """Return what a delivery says, or None if its reader does not want it or nothing is left to say."""
    if delivery.channel not in wishes.channels:
        return None
    if delivery.notice_id is None:
        return _words_of_digest(session, delivery, wishes, now)
    notice = session.get_one(Notice, delivery.notice_id, populate_existing=True)
    is_told_in_vain = delivery.number > 0 and notice.read_at is not None
    stopped = queries.list_stopped(session, delivery.user_id)
    if is_told_in_vain or _is_old(notice, now) or not _is_wanted(notice, delivery.channel, wishes, stopped):
        return None
    return letters.words_of_notice(notice, base=settings.current().public_url)


def _words_of_digest(session: Session, delivery: Delivery, wishes: Wishes, now: datetime) -> Words | None:
    stopped = queries.list_stopped(session, delivery.user_id)

    def wanted(notices: Iterable[Notice]) -> list[Notice]:
        fresh = [each for each in notices if not _is_old(each, now)]
        return [each for each in fresh if _is_wanted(each, delivery.channel, wishes, stopped)]

    held = wanted(queries.list_unread_held(session, delivery.id))
    if not held:
        return None
    things = wanted(queries.list_unread_asking(session, delivery.user_id))[:THINGS_MAX]
    others = len({notice.id for notice in held} - {notice.id for notice in things})
    return letters.words_of_digest(things, others, base=settings.current().public_url)


def _is_old(notice: Notice, now: datetime) -> bool:
    """Tell whether a notice came too late to help anybody."""
    return notice.until is not None and notice.until <= now


def _is_wanted(notice: Notice, channel: Channel, wishes: Wishes, stopped: set[str]) -> bool:
    return notice.about not in stopped and wishes.pace(notice.kind, channel) is not Pace.NEVER


def _has_had_enough(session: Session, delivery: Delivery, *, now: datetime) -> bool:
    """Tell whether the day's text messages are used up. Holds the account: two workers count in turn."""
    if delivery.channel is not Channel.SMS:
        return False
    session.execute(select(User.id).where(User.id == delivery.user_id).with_for_update(key_share=True))
    return queries.count_texts_of_the_day(session, delivery.user_id, now=now) >= TEXTS_A_DAY


def _letter(delivery: Delivery, words: Words, *, to: str) -> Letter:
    current = settings.current()
    token = stopping.make_token(delivery.id, key=current.secret_key)
    stop_url = f"{current.public_url}/messages/stop/{token}"
    is_mail = delivery.channel is Channel.EMAIL
    return Letter(
        delivery_id=delivery.id,
        channel=delivery.channel,
        to=to,
        message_id=delivery.message_id,
        subject=words.title,
        unsubscribe_url=stop_url,
        mail_text=letters.mail_text(words, base=current.public_url, stop_url=stop_url) if is_mail else "",
        calendar=words.calendar if is_mail else "",
        text_message=None
        if is_mail
        else letters.text_message(words, stop_url=f"{current.public_url}/s/{token}"),
    )
