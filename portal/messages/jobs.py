"""Taking notices out of the house, and telling again what is still unread."""

from datetime import datetime
from smtplib import SMTPException

from portal.core import clock, db, work
from portal.core.mail import UnsureError, post
from portal.messages import operations, outgoing, planning
from portal.messages.letters import Letter
from portal.messages.models import Delivery, DeliveryState, Notice
from portal.messages.vocabulary import Channel

LEASE_S = planning.DELIVER_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""


def deliver(delivery_id: int) -> None:
    """Send one notice or digest now, or put it off, as its reader wishes."""
    deliver_at(delivery_id, now=clock.now())


def remind(notice_id: int) -> None:
    """Tell a notice again that asks for something and is still unread."""
    remind_at(notice_id, now=clock.now())


def announce(announcement_id: int) -> None:
    """Tell everybody an announcement is for, some in each transaction.

    Killed in between, the next one goes on with those who were not told; two at once take turns.
    """
    is_going_on = True
    while is_going_on:
        with db.transaction() as session:
            is_going_on = operations.announce_on(session, announcement_id, now=clock.now())


def deliver_at(delivery_id: int, *, now: datetime) -> None:
    """Send one notice or digest, or put it off, as its reader wishes.

    Run twice, the second time does nothing. A worker killed between sending and noting never sends again by
    itself: the folder of messages knows whether it left, and where nobody does the row waits for an operator.
    """
    lease, letter, interrupted = _claim(delivery_id, now=now)
    if lease is None:
        return
    if interrupted is not None:
        has_left = post().has_left(interrupted.message_id, is_mail=interrupted.channel is Channel.EMAIL)
        if has_left is not False:
            said = "A worker ended while it was sending."
            _settle(delivery_id, lease, has_left=has_left, result=said, now=now)
            return
        letter = _prepare(delivery_id, now=now)
    if letter is not None:
        _send(letter, lease, now=now)


def remind_at(notice_id: int, *, now: datetime) -> None:
    """Tell a notice again that asks for something and is still unread. Run twice, the second time rests."""
    with db.transaction() as session:
        if work.claim(session, Notice, notice_id, now=now, lease_s=LEASE_S) is not None:
            operations.tell_again(session, db.lock(session, Notice, notice_id), now=now)


def _claim(delivery_id: int, *, now: datetime) -> tuple[str | None, Letter | None, Delivery | None]:
    """Return the lease, with what is to be sent or with a delivery whose sending another worker left off."""
    with db.transaction() as session:
        lease = work.claim(session, Delivery, delivery_id, now=now, lease_s=LEASE_S)
        if lease is None:
            return None, None, None
        delivery = db.lock(session, Delivery, delivery_id)
        if delivery.state is DeliveryState.SENDING:
            return lease, None, delivery
        return lease, outgoing.prepare(session, delivery, now=now), None


def _prepare(delivery_id: int, *, now: datetime) -> Letter | None:
    with db.transaction() as session:
        delivery = db.lock(session, Delivery, delivery_id)
        return outgoing.prepare(session, delivery, now=now)


def _send(letter: Letter, lease: str, *, now: datetime) -> None:
    try:
        result = _hand_over(letter)
    except UnsureError as error:
        _settle(letter.delivery_id, lease, has_left=None, result=str(error), now=now)
    except (OSError, SMTPException) as error:
        # The mail server is away: the row knows the next try, and the log needs no trace of it.
        _note_failure(letter.delivery_id, lease, error, now=now)
    except Exception as error:
        # A job that ran out of its time, or a mistake of ours: it may have happened after the sending.
        has_left = post().has_left(letter.message_id, is_mail=letter.channel is Channel.EMAIL)
        if has_left is False:
            _note_failure(letter.delivery_id, lease, error, now=now)
        else:
            _settle(letter.delivery_id, lease, has_left=has_left, result=repr(error), now=now)
        raise
    else:
        _settle(letter.delivery_id, lease, has_left=True, result=result, now=now)


def _hand_over(letter: Letter) -> str:
    if letter.text_message is not None:
        return post().send_sms(to=letter.to, message=letter.text_message, message_id=letter.message_id)
    return post().send_mail(
        to=letter.to,
        subject=letter.subject,
        text=letter.mail_text,
        message_id=letter.message_id,
        unsubscribe_url=letter.unsubscribe_url,
        calendar=letter.calendar,
    )


def _settle(delivery_id: int, lease: str, *, has_left: bool | None, result: str, now: datetime) -> None:
    """Note that it has left, or that nobody can tell; the holder of the lease only."""
    state = DeliveryState.SENT if has_left else DeliveryState.UNSURE
    values = {"state": state, "result": result[:500], "sent_at": now if has_left else None}
    with db.transaction() as session:
        if work.finish(session, Delivery, delivery_id, lease=lease, **values) and has_left:
            outgoing.note_told(session, delivery_id, now=now)


def _note_failure(delivery_id: int, lease: str, error: Exception, *, now: datetime) -> None:
    with db.transaction() as session:
        work.fail(
            session,
            Delivery,
            delivery_id,
            lease=lease,
            error=repr(error),
            now=now,
            state=DeliveryState.FAILED,
        )
