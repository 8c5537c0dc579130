"""A worker may end at any moment: nothing is sent twice by itself, and nothing is lost in silence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db
from portal.core.mail import OutboxPost, SmtpPost
from portal.core.roles import Role
from portal.core.sms import TextMessage
from portal.messages import jobs, queries
from portal.messages.models import Delivery, DeliveryState, Notice
from tests.conftest import NOW, Browser
from tests.factories import make_user
from tests.integration.messages.conftest import MailServer, outbox, tell

WorkAt = Callable[[datetime], list[str]]
AFTER_LEASE = NOW + timedelta(seconds=jobs.LEASE_S + 1)


class KilledError(BaseException):
    """What a killed worker raises: nothing catches it, so nothing is noted."""


class KilledAfterMail(SmtpPost):
    """Takes the mail out of the house, and the worker with it."""

    def send_mail(self, **mail: Any) -> str:
        super().send_mail(**mail)
        raise KilledError


class KilledAfterText(OutboxPost):
    """Takes the text message out of the house, and the worker with it."""

    def send_sms(self, *, to: str, message: TextMessage, message_id: str) -> str:
        super().send_sms(to=to, message=message, message_id=message_id)
        raise KilledError


class KilledBefore(OutboxPost):
    """Ends the worker before the message has left."""

    def send_sms(self, *, to: str, message: TextMessage, message_id: str) -> str:
        raise KilledError


def by_mail_only(session: Session, **columns: Any) -> User:
    user = make_user(session, email="sunja@example.com", **columns)
    user.phone = None
    session.commit()
    return user


def kill_with(app: Flask, post: Any, session: Session) -> int:
    """Tell somebody something by a worker that ends with ``post``; return the delivery's id."""
    delivery_id = session.scalars(select(Delivery.id)).one()
    session.commit()
    kept = app.extensions["portal_post"]
    app.extensions["portal_post"] = post
    with pytest.raises(KilledError):
        jobs.deliver_at(delivery_id, now=NOW)
    app.extensions["portal_post"] = kept
    session.expire_all()
    assert session.get_one(Delivery, delivery_id).state is DeliveryState.SENDING
    session.commit()
    return delivery_id


def folder(app: Flask) -> Any:
    return app.extensions["portal_settings"].data_dir / "outbox"


def test_the_folder_knows_that_a_text_has_left_though_the_worker_was_killed(
    isolated: Flask, session: Session, work_at: WorkAt
) -> None:
    tell(make_user(session))
    delivery_id = kill_with(isolated, KilledAfterText(folder(isolated)), session)
    assert work_at(NOW) == []  # the lease is still the dead worker's

    assert work_at(AFTER_LEASE) == []

    delivery = session.get_one(Delivery, delivery_id)
    assert (delivery.state, delivery.due_at, len(outbox(isolated))) == (DeliveryState.SENT, None, 1)
    assert session.scalars(select(Notice.sent_at)).one() is not None


def test_a_text_that_had_not_left_is_sent_by_the_next_worker(
    isolated: Flask, session: Session, work_at: WorkAt
) -> None:
    tell(make_user(session))
    delivery_id = kill_with(isolated, KilledBefore(folder(isolated)), session)

    assert len(work_at(AFTER_LEASE)) == 1
    assert session.get_one(Delivery, delivery_id).state is DeliveryState.SENT


def test_a_mail_of_a_killed_worker_is_unsure_and_sent_again_only_by_an_operator(
    isolated: Flask,
    session: Session,
    work_at: WorkAt,
    mail_server: MailServer,
    sign_in: Callable[[User], Browser],
) -> None:
    tell(by_mail_only(session))
    post = KilledAfterMail(mail_server.url, "jangteo@localhost", folder(isolated))
    delivery_id = kill_with(isolated, post, session)

    for hour in range(5):
        work_at(AFTER_LEASE + timedelta(hours=hour))
    delivery = session.get_one(Delivery, delivery_id)
    assert (delivery.state, delivery.due_at, len(mail_server.taken)) == (DeliveryState.UNSURE, None, 1)

    operator = sign_in(make_user(session, Role.OPERATOR))
    page = operator.get("/desk/jobs").text
    assert "보냈는지 알 수 없어요" in page
    assert "다시 보내기" in page
    operator.send(f"/messages/deliveries/{delivery_id}/retry")
    operator.send(f"/messages/deliveries/{delivery_id}/retry")
    jobs.deliver_at(delivery_id, now=datetime.max.replace(tzinfo=NOW.tzinfo) - timedelta(days=400))
    session.expire_all()

    first, second = mail_server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert session.get_one(Delivery, delivery_id).state is DeliveryState.SENT
    assert operator.send(f"/messages/deliveries/{delivery_id}/retry").status_code == 409


def test_an_operator_may_note_that_it_has_arrived(
    isolated: Flask,
    session: Session,
    work_at: WorkAt,
    mail_server: MailServer,
    sign_in: Callable[[User], Browser],
) -> None:
    tell(by_mail_only(session))
    post = KilledAfterMail(mail_server.url, "jangteo@localhost", folder(isolated))
    delivery_id = kill_with(isolated, post, session)
    work_at(AFTER_LEASE)
    operator = sign_in(make_user(session, Role.OPERATOR))

    answers = [operator.send(f"/messages/deliveries/{delivery_id}/arrived").status_code for _ in range(2)]

    assert answers == [302, 409]
    assert session.get_one(Delivery, delivery_id).state is DeliveryState.SENT
    assert "모두 보냈어요" in operator.get("/desk/jobs").text


def test_a_server_that_hangs_up_over_a_mail_leaves_it_unsure(
    session: Session, work_at: WorkAt, mail_server: MailServer
) -> None:
    mail_server.answer = ""
    tell(by_mail_only(session))

    for hour in range(3):
        work_at(NOW + timedelta(hours=hour))

    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.state, len(mail_server.taken)) == (DeliveryState.UNSURE, 1)
    assert "SMTPServerDisconnected" in delivery.result


def test_a_server_that_says_no_is_asked_again_later(
    session: Session, work_at: WorkAt, mail_server: MailServer
) -> None:
    mail_server.answer = "451 later"
    tell(by_mail_only(session))

    work_at(NOW)
    delivery = session.scalars(select(Delivery)).one()
    assert delivery.state is DeliveryState.FAILED
    assert "451" in str(delivery.last_error)
    mail_server.answer = "250 taken"
    work_at(NOW + timedelta(seconds=11))

    assert (delivery.state, delivery.result) == (DeliveryState.SENT, "250 taken")
    assert len({mail["Message-ID"] for mail in mail_server.mails}) == 1


def test_a_server_that_is_away_is_tried_again_later_with_its_cause_kept(
    isolated: Flask, session: Session, work_at: WorkAt
) -> None:
    tell(by_mail_only(session))
    kept = isolated.extensions["portal_post"]
    isolated.extensions["portal_post"] = SmtpPost("smtp://127.0.0.1:1", "a@localhost", folder(isolated))

    work_at(NOW)
    isolated.extensions["portal_post"] = kept

    delivery = session.scalars(select(Delivery)).one()
    assert delivery.state is DeliveryState.FAILED
    assert "ConnectionRefused" in str(delivery.last_error)
    assert delivery.due_at is not None
    assert delivery.due_at > NOW
    assert session.scalars(select(Notice.sent_at)).one() is None


def test_delivering_twice_sends_once(isolated: Flask, session: Session, work_at: WorkAt) -> None:
    tell(make_user(session))
    work_at(NOW)
    (message,) = outbox(isolated)
    message.unlink()

    jobs.deliver_at(session.scalars(select(Delivery.id)).one(), now=NOW)

    assert outbox(isolated) == []


def test_eight_workers_at_one_delivery_send_once(
    app: Flask,
    committed: Session,
    race: Callable[[list[Callable[[], Any]]], list[Any]],
) -> None:
    user = make_user(committed)
    committed.commit()
    tell(user)
    delivery_id = committed.scalars(select(Delivery.id)).one()
    committed.commit()

    race([lambda: jobs.deliver_at(delivery_id, now=NOW)] * 8)

    committed.expire_all()
    delivery = committed.get_one(Delivery, delivery_id)
    assert (delivery.state, delivery.attempts, len(outbox(app))) == (DeliveryState.SENT, 1, 1)


def test_a_digest_of_a_killed_worker_is_not_sent_twice(
    isolated: Flask, session: Session, work_at: WorkAt
) -> None:
    user = make_user(session)
    tell(user, message="proof-confirmed")
    digest = session.scalars(select(Delivery).where(Delivery.digest_day.is_not(None))).one()
    morning = digest.due_at
    assert morning is not None
    session.commit()
    kept = isolated.extensions["portal_post"]
    isolated.extensions["portal_post"] = KilledAfterText(folder(isolated))
    with pytest.raises(KilledError):
        jobs.deliver_at(digest.id, now=morning)
    isolated.extensions["portal_post"] = kept

    assert work_at(morning + timedelta(seconds=jobs.LEASE_S + 1)) == []
    assert digest.state is DeliveryState.SENT
    assert len(outbox(isolated)) == 1


def test_what_is_sent_or_unsure_counts_for_the_day(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    tell(user)
    work_at(NOW)

    assert queries.count_texts_of_the_day(session, user.id, now=NOW) == 1
    assert queries.count_texts_of_the_day(session, user.id, now=NOW + timedelta(days=1)) == 0
    with db.transaction() as writing:
        writing.scalars(select(Delivery)).one().state = DeliveryState.UNSURE
    assert queries.count_texts_of_the_day(session, user.id, now=NOW) == 1
