"""Deciding on which channels a notice leaves, and when: at once, in a digest, or not at all."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core import queue
from portal.messages import queries
from portal.messages.hours import Hours, digest_moment, next_digest_day, next_open
from portal.messages.models import REMINDERS_MAX, Delivery, DeliveryState, Notice
from portal.messages.vocabulary import Channel, Pace

DELIVER_WITHIN_S = 60
ANNOUNCE_WITHIN_S = 600
DELIVER = queue.register(
    "messages.deliver",
    run="portal.messages.jobs.deliver",
    timeout_s=DELIVER_WITHIN_S,
    due=queries.list_due_deliveries,
)
REMIND = queue.register(
    "messages.remind",
    run="portal.messages.jobs.remind",
    timeout_s=DELIVER_WITHIN_S,
    due=queries.list_due_reminders,
)
ANNOUNCE = queue.register(
    "messages.announce",
    run="portal.messages.jobs.announce",
    timeout_s=ANNOUNCE_WITHIN_S,
    due=queries.list_due_announcements,
)
REMIND_AFTER = (timedelta(days=2), timedelta(days=5))
"""Since the notice was written: twice and no more."""


def tell(session: Session, notice: Notice, *, now: datetime) -> None:
    """Write down how the notice leaves the house, on each channel its reader wants it on.

    Call it once for the first telling and once for each reminder; ``notice.reminded`` says which it is.
    """
    wishes = queries.get_wishes(session, notice.user_id)
    if queries.is_stopped(session, notice.user_id, notice.about):
        return
    for channel in wishes.channels:
        pace = wishes.pace(notice.kind, channel)
        if pace is Pace.NEVER or queries.is_still_to_leave(session, notice, channel):
            continue  # a reminder of what has not been told yet would come together with it
        delivery = Delivery(
            user_id=notice.user_id,
            channel=channel,
            notice_id=notice.id,
            number=notice.reminded,
            message_id=secrets.token_hex(16),
            created_at=now,
        )
        if pace is Pace.NOW:
            delivery.due_at = next_open(now, wishes.hours)
        else:
            hold(session, delivery, pace, wishes.hours, now=now)
        session.add(delivery)
        session.flush()  # the job needs the row's id
        if delivery.due_at is not None and delivery.due_at <= now:
            queue.enqueue(session, DELIVER, delivery.id)


def remind_later(notice: Notice) -> None:
    """Set when a notice that asks for something is told again; null once that was often enough."""
    is_over = not notice.asks or notice.reminded >= REMINDERS_MAX
    notice.due_at = None if is_over else notice.created_at + REMIND_AFTER[notice.reminded]


def hold(session: Session, delivery: Delivery, pace: Pace, hours: Hours, *, now: datetime) -> None:
    """Let the next digest that has not left yet tell it. Holds that digest's row."""
    day = next_digest_day(now, pace)
    while (digest := _lock_digest(session, delivery, day, hours, now)).state is not DeliveryState.WAITING:
        day = next_digest_day(digest_moment(day), pace)
    delivery.state, delivery.digest_id = DeliveryState.HELD, digest.id
    delivery.due_at = delivery.lease = None


def _lock_digest(session: Session, delivery: Delivery, day: date, hours: Hours, now: datetime) -> Delivery:
    """Return the person's digest of a day and channel, made if there is none, locked either way."""
    find = (
        select(Delivery)
        .where(
            Delivery.user_id == delivery.user_id,
            Delivery.channel == delivery.channel,
            Delivery.digest_day == day,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    digest = session.scalar(find)
    if digest is None:
        try:
            with session.begin_nested():
                session.add(_new_digest(delivery.user_id, delivery.channel, day, hours, now))
        except IntegrityError:
            pass  # another notice to the same person opened it in this moment
        digest = session.scalars(find).one()
    return digest


def _new_digest(user_id: int, channel: Channel, day: date, hours: Hours, now: datetime) -> Delivery:
    return Delivery(
        user_id=user_id,
        channel=channel,
        digest_day=day,
        message_id=secrets.token_hex(16),
        created_at=now,
        due_at=next_open(digest_moment(day), hours),
    )
