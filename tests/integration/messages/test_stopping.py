"""The address at the foot of a message stops and takes back without a sign-in; looking changes nothing."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.db import Base
from portal.messages.models import Delivery, Preference, StoppedConversation
from portal.messages.stopping import make_token, read_token
from portal.messages.vocabulary import Channel, Kind, Pace
from tests.conftest import NOW, Browser
from tests.factories import make_user
from tests.integration.messages.conftest import MailServer, tell

WorkAt = Callable[[datetime], list[str]]
KEY = "t" * 40


@pytest.fixture
def user(session: Session) -> User:
    return make_user(session, name="김순자", email="sunja@example.com")


def stop_address(session: Session, channel: Channel = Channel.SMS) -> str:
    """Return the address in the newest message on a channel."""
    statement = select(Delivery.id).where(Delivery.channel == channel, Delivery.notice_id.is_not(None))
    token = make_token(session.scalars(statement.order_by(Delivery.id.desc()).limit(1)).one(), key=KEY)
    return f"/messages/stop/{token}"


def everything(session: Session) -> dict[str, list[Any]]:
    session.commit()
    return {
        table.name: sorted(map(repr, session.execute(select(table)).all()))
        for table in Base.metadata.sorted_tables
    }


def test_looking_changes_nothing_and_says_only_a_masked_name(
    session: Session, client: Browser, user: User
) -> None:
    tell(user, about="thread:1")
    address = stop_address(session)
    before = everything(session)

    for method in (client.get, client.head):
        for path in (address, address.replace("/messages/stop/", "/s/"), f"{address}?do=conversation"):
            assert method(path).status_code == 200
    page = client.get(address).text

    assert everything(session) == before
    assert "김*자\N{NO-BREAK SPACE}님" in page
    for private in (user.name, user.phone, user.email, "박정호", "사진"):
        assert str(private) not in page
    assert "이 이야기 그만 받기" in page
    assert "문자 그만 받기" in page


def test_one_conversation_is_stopped_and_taken_back_by_whoever_is_signed_out(
    session: Session, client: Browser, user: User, work_at: WorkAt
) -> None:
    tell(user, "a", about="thread:1")
    work_at(NOW)
    address = stop_address(session)

    answer = client.post(address, data={"do": "conversation"})
    tell(user, "b", about="thread:1")
    tell(user, "c", about="thread:2")

    assert answer.status_code == 302
    page = client.get(answer.headers["Location"]).text
    assert "그만 보내기로 했어요" in page
    assert len(work_at(NOW)) == 1
    client.post(address, data={"do": "conversation"})  # a second press changes nothing
    assert len(session.scalars(select(StoppedConversation)).all()) == 1
    client.post(address, data={"do": "resume-conversation"})
    tell(user, "d", about="thread:1")
    assert len(work_at(NOW)) == 1


def test_what_waited_for_the_morning_is_dropped_with_its_conversation(
    session: Session, client: Browser, user: User, work_at: WorkAt
) -> None:
    tell(user, about="thread:1", now=NOW.replace(hour=13))  # ten in the evening in Korea
    client.post(stop_address(session), data={"do": "conversation"})

    assert work_at(NOW.replace(day=24)) == []


def test_a_kind_is_stopped_on_its_channel_only_and_goes_back_to_what_it_was(
    session: Session, client: Browser, user: User, work_at: WorkAt
) -> None:
    for channel, pace in ((Channel.SMS, Pace.NOW), (Channel.EMAIL, Pace.NOW), (Channel.EMAIL, Pace.DAILY)):
        session.merge(Preference(user_id=user.id, kind=Kind.ANSWERS, channel=channel, pace=pace))
    session.merge(Preference(user_id=user.id, kind=Kind.VISITS, channel=Channel.EMAIL, pace=Pace.NOW))
    tell(user, "a")
    address = stop_address(session, Channel.EMAIL)

    client.post(address, data={"do": "kind"})

    paces = {(row.kind, row.channel): (row.pace, row.before) for row in session.scalars(select(Preference))}
    assert paces[Kind.ANSWERS, Channel.EMAIL] == (Pace.NEVER, Pace.DAILY)
    assert paces[Kind.ANSWERS, Channel.SMS] == (Pace.NOW, None)
    assert paces[Kind.VISITS, Channel.EMAIL] == (Pace.NOW, None)
    assert "이메일로 보내지 않아요" in client.get(address).text
    client.post(address, data={"do": "kind"})
    client.post(address, data={"do": "resume-kind"})
    session.expire_all()
    row = session.get_one(Preference, (user.id, Kind.ANSWERS, Channel.EMAIL))
    assert (row.pace, row.before) == (Pace.DAILY, None)


def test_a_kind_back_at_the_usual_leaves_no_row(session: Session, client: Browser, user: User) -> None:
    tell(user)
    address = stop_address(session)

    client.post(address, data={"do": "kind"})
    assert session.scalars(select(Preference.pace)).all() == [Pace.NEVER]
    client.post(address, data={"do": "resume-kind"})

    assert session.scalars(select(Preference)).all() == []


def test_the_button_of_a_mail_program_stops_with_one_press(
    session: Session, client: Browser, user: User, work_at: WorkAt, mail_server: MailServer
) -> None:
    user.phone = None
    tell(user, "a", about="thread:1")
    tell(user, "b")
    work_at(NOW)
    addresses = {
        str(mail["List-Unsubscribe"]).strip("<>").removeprefix("http://localhost")
        for mail in mail_server.mails
    }

    answers = [client.post(each, data={"List-Unsubscribe": "One-Click"}) for each in sorted(addresses)]

    assert all(mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for mail in mail_server.mails)
    assert [answer.status_code for answer in answers] == [200, 200]  # no redirect (RFC 8058, 3.1)
    assert session.scalars(select(StoppedConversation.about)).all() == ["thread:1"]
    assert session.scalars(select(Preference.kind)).all() == [Kind.ANSWERS]  # of what is no conversation


def test_a_digest_stops_all_that_it_gathers_and_gives_it_back(
    session: Session, client: Browser, user: User
) -> None:
    session.merge(Preference(user_id=user.id, kind=Kind.VISITS, channel=Channel.SMS, pace=Pace.WEEKLY))
    tell(user, message="proof-confirmed")
    digest_id = session.scalars(select(Delivery.id).where(Delivery.digest_day.is_not(None))).one()
    address = f"/messages/stop/{make_token(digest_id, key=KEY)}"
    assert "‘약속, 배우기’ 알림 모두" in client.get(address).text

    client.post(address, data={"do": "kind"})

    stopped = session.scalars(select(Preference).order_by(Preference.kind)).all()
    assert {(row.kind, row.pace) for row in stopped} == {
        (Kind.LEARNING, Pace.NEVER),
        (Kind.VISITS, Pace.NEVER),
    }
    client.post(address, data={"do": "resume-kind"})
    session.expire_all()
    assert [(row.kind, row.pace) for row in session.scalars(select(Preference))] == [
        (Kind.VISITS, Pace.WEEKLY)
    ]


def test_what_was_not_signed_by_us_stops_nothing(session: Session, client: Browser, user: User) -> None:
    tell(user)
    address = stop_address(session)
    digits, signature = address.rpartition("/")[2].split(".")
    before = everything(session)
    wrong = [
        f"{int(digits, 16) + 1:x}.{signature}",
        f"{digits}.{signature[:-1]}",
        f"0{digits}.{signature}",
        f"{digits.upper()}.{signature}x",
        f"-1.{signature}",
        "한글.글",
        ".",
        make_token(int(digits, 16), key="k" * 40),
        make_token(10**6, key=KEY),
    ]

    for token in wrong:
        assert client.get(f"/messages/stop/{token}").status_code == 404, token
        assert client.post(f"/messages/stop/{token}", data={"do": "kind"}).status_code == 404, token

    assert everything(session) == before
    assert client.post(address, data={"do": "delete"}).status_code == 422
    assert read_token(address.rpartition("/")[2], key=KEY) == int(digits, 16)


def test_every_message_carries_its_address_where_there_is_room(
    session: Session, user: User, work_at: WorkAt
) -> None:
    session.merge(Preference(user_id=user.id, kind=Kind.ANSWERS, channel=Channel.EMAIL, pace=Pace.NOW))
    tell(user, about="thread:1")
    work_at_texts = work_at(NOW)

    mail, text = sorted(work_at_texts, key=lambda each: "--" not in each)

    assert re.search(r"이런 메일 그만 받기: http://localhost/messages/stop/[0-9a-f]+\.[\w-]{12}\n", mail)
    assert "알림 받는 방법 바꾸기: http://localhost/messages/settings" in mail
    assert re.search(r"\n그만 받기: http://localhost/s/[0-9a-f]+\.[\w-]{12}$", text)


def test_a_short_text_stays_short_without_the_address(session: Session, user: User, work_at: WorkAt) -> None:
    tell(user, message="visit-proposed", path="/m/")

    (text,) = work_at(NOW)

    assert text.splitlines() == [
        "[장터배움] 박정호 멘토님이 만날 시간을 보냈어요. 하나를 골라 주세요.",
        "http://localhost/m/",
    ]
    assert session.scalars(select(Delivery.form)).one() == "sms"


def test_other_forms_still_need_their_token(isolated: Flask, client: Browser) -> None:
    assert client.post("/account/sign-in", data={"identifier": "010-1234-5678"}).status_code == 422
