"""When a notice leaves the house: not at night, not on market days, six a day, in digests, and again."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Consent, ConsentKind, User
from portal.accounts.operations import set_news_consent
from portal.core.clock import KST
from portal.core.errors import ConflictError
from portal.messages import jobs, operations, queries
from portal.messages.models import Delivery, DeliveryState, Notice, Preference, QuietHours
from portal.messages.vocabulary import Channel, Kind, MarketDays, Pace
from tests.conftest import NOW
from tests.factories import make_user
from tests.integration.messages.conftest import tell

WorkAt = Callable[[datetime], list[str]]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=KST)


def prefer(session: Session, user: User, kind: Kind, pace: Pace, channel: Channel = Channel.SMS) -> None:
    session.merge(Preference(user_id=user.id, kind=kind, channel=channel, pace=pace))
    session.commit()


def states(session: Session) -> list[DeliveryState]:
    return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


def test_what_happens_at_night_is_told_in_the_morning(session: Session, work_at: WorkAt) -> None:
    tell(make_user(session), now=at("2026-11-23T22:10"))

    assert work_at(at("2026-11-23T22:11")) == []
    assert work_at(at("2026-11-24T07:59")) == []
    (text,) = work_at(at("2026-11-24T08:00"))

    assert "박정호 멘토님이 답했어요" in text


def test_what_became_due_at_night_by_a_late_worker_waits_for_the_morning(
    session: Session, work_at: WorkAt
) -> None:
    tell(make_user(session), now=at("2026-11-23T20:59"))

    assert work_at(at("2026-11-23T21:05")) == []

    delivery = session.scalars(select(Delivery)).one()
    assert (delivery.state, delivery.attempts) == (DeliveryState.WAITING, 0)
    assert delivery.due_at == at("2026-11-24T08:00")
    assert len(work_at(at("2026-11-24T08:00"))) == 1


def test_on_a_market_day_it_waits_until_six(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    session.add(QuietHours(user_id=user.id, market_days=MarketDays.THREE))
    tell(user, now=at("2026-11-23T10:00"))

    assert work_at(at("2026-11-23T17:59")) == []
    assert len(work_at(at("2026-11-23T18:00"))) == 1


def test_the_seventh_text_of_a_day_waits_for_the_next_digest(session: Session, work_at: WorkAt) -> None:
    user, other = make_user(session), make_user(session)
    for number in range(8):
        tell(user, f"answer:{number}")
    tell(other)

    assert len(work_at(NOW)) == 6 + 1
    assert states(session).count(DeliveryState.HELD) == 2
    tomorrow = at("2026-11-24T08:30")
    (digest,) = work_at(tomorrow)
    assert "새 알림이 2개 있어요." in digest
    tell(user, "answer:next", now=tomorrow)
    assert len(work_at(tomorrow)) == 1


def test_e_mails_are_not_counted_as_texts(session: Session, work_at: WorkAt) -> None:
    user = make_user(session, email="a@example.com")
    user.phone = None
    for number in range(8):
        tell(user, f"answer:{number}")

    assert len(work_at(NOW)) == 8


def test_two_workers_at_once_do_not_send_a_seventh_text(
    app: Flask, committed: Session, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    user = make_user(committed)
    committed.commit()
    for number in range(10):
        tell(user, f"answer:{number}")
    due = queries.list_due_deliveries(committed, NOW)
    committed.commit()

    race([lambda each=each: jobs.deliver_at(each, now=NOW) for each in due])  # type: ignore[misc]

    committed.expire_all()
    told = states(committed)
    assert (told.count(DeliveryState.SENT), told.count(DeliveryState.HELD)) == (6, 4)
    assert told.count(DeliveryState.WAITING) == 1  # the digest


def test_a_digest_begins_with_three_things_to_do_and_then_counts(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    for kind in Kind:
        prefer(session, user, kind, Pace.DAILY)
    tell(user, "news:1", message="answer")
    for number in range(4):
        tell(user, f"visit:{number}", message="visit-proposed", path=f"/visits/{number}")
    tell(user, "news:2", message="answer")

    assert work_at(NOW) == []
    (text,) = work_at(at("2026-11-24T08:30"))

    assert text.splitlines()[:9] == [
        "[장터배움] 할 일이 3가지 있어요.",
        "1. 박정호 멘토님이 만날 시간을 보냈어요. 하나를 골라 주세요.",
        "http://localhost/visits/0",
        "2. 박정호 멘토님이 만날 시간을 보냈어요. 하나를 골라 주세요.",
        "http://localhost/visits/1",
        "3. 박정호 멘토님이 만날 시간을 보냈어요. 하나를 골라 주세요.",
        "http://localhost/visits/2",
        "그 밖에 새 알림이 3개 있어요.",
        "http://localhost/messages/",
    ]
    assert all(notice.sent_at for notice in session.scalars(select(Notice)))


def test_a_digest_with_nothing_left_to_say_is_not_sent(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    prefer(session, user, Kind.ANSWERS, Pace.DAILY)
    tell(user)
    operations.mark_all_read(session, user, now=NOW)

    assert work_at(at("2026-11-24T08:30")) == []
    assert states(session).count(DeliveryState.DROPPED) == 1


def test_there_is_one_digest_for_a_person_a_channel_and_a_day(session: Session, work_at: WorkAt) -> None:
    user = make_user(session, email="a@example.com")
    for channel in Channel:
        prefer(session, user, Kind.ANSWERS, Pace.DAILY, channel)
        prefer(session, user, Kind.VISITS, Pace.WEEKLY, channel)
    friday = at("2026-11-27T10:00")
    tell(user, "a", now=friday)
    tell(user, "b", now=friday)
    tell(user, "c", now=at("2026-11-29T10:00"))
    tell(user, "d", message="visit-proposed", now=friday)

    assert len(work_at(at("2026-11-28T08:30"))) == 2
    monday = work_at(at("2026-11-30T08:30"))

    assert len(monday) == 2  # the weekly and the daily are one on a Monday
    assert all("할 일이 1가지 있어요" in text and "그 밖에 새 알림이 1개" in text for text in monday)
    days = session.scalars(select(Delivery.digest_day).where(Delivery.digest_day.is_not(None)))
    assert sorted(str(day) for day in days) == ["2026-11-28"] * 2 + ["2026-11-30"] * 2


def test_notices_written_at_once_share_one_digest(
    app: Flask, committed: Session, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    user = make_user(committed)
    committed.add(Preference(user_id=user.id, kind=Kind.ANSWERS, channel=Channel.SMS, pace=Pace.DAILY))
    committed.commit()

    results = race([lambda number=number: tell(user, f"a:{number}") for number in range(8)])  # type: ignore[misc]

    assert results == [None] * 8
    digests = committed.scalars(select(Delivery.id).where(Delivery.digest_day.is_not(None))).all()
    held = committed.scalars(select(Delivery.digest_id).where(Delivery.digest_id.is_not(None))).all()
    assert held == [*digests] * 8


def test_what_comes_after_the_digest_has_left_waits_for_the_next(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    prefer(session, user, Kind.ANSWERS, Pace.DAILY)
    tell(user, "a", now=at("2026-11-24T08:00"))
    digest = session.scalars(select(Delivery).where(Delivery.digest_day == date(2026, 11, 24))).one()
    digest.state = DeliveryState.SENDING  # a worker is at it, a moment early

    tell(user, "b", now=at("2026-11-24T08:29"))

    days = session.scalars(select(Delivery.digest_day).where(Delivery.digest_day.is_not(None)))
    assert sorted(map(str, days)) == ["2026-11-24", "2026-11-25"]


def test_what_asks_for_something_is_told_again_twice_while_it_is_unread(
    session: Session, work_at: WorkAt
) -> None:
    user = make_user(session)
    tell(user, message="visit-proposed")
    tell(user, "news", message="answer")

    told = [len(work_at(NOW + timedelta(days=day))) for day in range(10)]

    assert told == [2, 0, 1, 0, 0, 1, 0, 0, 0, 0]
    notices = session.scalars(select(Notice).order_by(Notice.id)).all()
    assert [(notice.reminded, notice.due_at) for notice in notices] == [(2, None), (0, None)]


def test_what_is_read_is_not_told_again(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    tell(user, message="visit-proposed")
    work_at(NOW)
    operations.mark_path_read(session, user_id=user.id, path="/community/questions/1/", now=NOW)

    assert work_at(NOW + timedelta(days=2)) == []
    assert session.scalars(select(Notice)).one().reminded == 0


def test_what_is_read_after_the_reminder_was_written_is_not_told_again(
    session: Session, work_at: WorkAt
) -> None:
    user = make_user(session)
    tell(user, message="visit-proposed", now=at("2026-11-23T20:59"))
    work_at(at("2026-11-24T08:00"))
    assert work_at(at("2026-11-25T21:30")) == []  # written at night, to leave in the morning
    operations.mark_all_read(session, user, now=NOW)

    assert work_at(at("2026-11-26T08:00")) == []
    assert states(session) == [DeliveryState.SENT, DeliveryState.DROPPED]


def test_a_reminder_run_twice_is_one(session: Session, work_at: WorkAt) -> None:
    tell(make_user(session), message="visit-proposed")
    later = NOW + timedelta(days=2)
    work_at(NOW)
    notice_id = session.scalars(select(Notice.id)).one()
    session.commit()

    jobs.remind_at(notice_id, now=later)
    jobs.remind_at(notice_id, now=later)

    assert len(work_at(later)) == 1


@pytest.mark.parametrize(
    ("message", "count"),
    [
        ("answer", 1),
        ("visit-proposed", 1),
        ("question-asked", 1),
        ("proof-confirmed", 0),
        ("course-opened", 0),
    ],
)
def test_who_chose_nothing_is_told_at_once_what_somebody_waits_for(
    session: Session, work_at: WorkAt, message: str, count: int
) -> None:
    tell(make_user(session, email="a@example.com"), message=message)

    assert len(work_at(NOW)) == count


def test_who_wants_nothing_of_a_kind_finds_it_in_the_portal_only(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    prefer(session, user, Kind.ANSWERS, Pace.NEVER)

    tell(user)

    assert work_at(NOW) == []
    assert states(session) == []
    assert len(session.scalars(select(Notice)).all()) == 1


def test_who_changed_their_mind_in_the_night_is_not_told_in_the_morning(
    session: Session, work_at: WorkAt
) -> None:
    user = make_user(session)
    tell(user, now=at("2026-11-23T22:00"))
    prefer(session, user, Kind.ANSWERS, Pace.NEVER)

    assert work_at(at("2026-11-24T08:00")) == []
    assert states(session) == [DeliveryState.DROPPED]


def test_news_is_for_those_whose_consent_stands(session: Session, work_at: WorkAt) -> None:
    reader, other, former = (make_user(session) for _ in range(3))
    for user in (reader, former):
        session.add(Consent(user_id=user.id, kind=ConsentKind.NEWS, version="2026-11-21", given_at=NOW))
    for user in (reader, other, former):
        tell(user, message="course-opened", now=NOW)
    set_news_consent(session, former, version=None, now=NOW)
    session.commit()

    (text,) = work_at(at("2026-11-30T08:30"))

    assert "새 알림이 1개 있어요" in text
    sent = session.scalars(select(Delivery.user_id).where(Delivery.state == DeliveryState.SENT)).all()
    assert sent == [reader.id]


def test_both_channels_may_be_chosen(session: Session, work_at: WorkAt) -> None:
    user = make_user(session, email="a@example.com")
    prefer(session, user, Kind.ANSWERS, Pace.NOW, Channel.EMAIL)

    tell(user)

    assert len(work_at(NOW)) == 2


def test_who_lost_the_address_of_a_channel_is_not_written_to_it(session: Session, work_at: WorkAt) -> None:
    user = make_user(session, email="a@example.com")
    tell(user)
    user.phone = None
    session.commit()

    assert work_at(NOW) == []
    assert states(session) == [DeliveryState.DROPPED]


def test_an_operator_cannot_send_what_was_dropped(session: Session, work_at: WorkAt) -> None:
    user = make_user(session)
    tell(user)
    prefer(session, user, Kind.ANSWERS, Pace.NEVER)
    work_at(NOW)

    with pytest.raises(ConflictError):
        operations.retry_delivery(session, session.scalars(select(Delivery.id)).one(), now=NOW)
