"""Taking notices out of the house."""

from smtplib import SMTPException

from portal.core import clock, db, settings, work
from portal.core.mail import post
from portal.messages import operations, queries
from portal.messages.models import Notice

LEASE_S = operations.DELIVER_WITHIN_S + 30


def deliver(notice_id: int) -> None:
    """Send one notice by text message, or by e-mail to those without a telephone.

    Run twice, the second time does nothing. A worker killed after sending and before noting it sends once
    more with the same Message-ID.
    """
    with db.transaction() as session:
        lease = work.claim(session, Notice, notice_id, now=clock.now(), lease_s=LEASE_S)
        if lease is None:
            return
        delivery = queries.get_delivery(session, notice_id)
    try:
        _send(delivery)
    except (OSError, SMTPException) as error:
        # The mail server is away: the row knows the next try, and the log needs no trace of it.
        _note_failure(notice_id, lease, error)
        return
    except Exception as error:
        _note_failure(notice_id, lease, error)
        raise
    with db.transaction() as session:
        work.finish(session, Notice, notice_id, lease=lease, sent_at=clock.now())


def _note_failure(notice_id: int, lease: str, error: Exception) -> None:
    with db.transaction() as session:
        work.fail(session, Notice, notice_id, lease=lease, error=repr(error), now=clock.now())


def _send(delivery: queries.Delivery) -> None:
    text = f"[장터배움] {delivery.sentence}\n{settings.current().public_url}{delivery.path}"
    if delivery.phone:
        post().send_sms(to=delivery.phone, text=text, message_id=delivery.message_id)
    elif delivery.email:
        post().send_mail(
            to=delivery.email, subject=delivery.sentence, text=text, message_id=delivery.message_id
        )
