"""M13, K17: three times by text message, answered with a number; and a call in which an operator presses."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, korean
from portal.core.roles import Role
from portal.mentoring import text_replies
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import TextReply, Visit, VisitState
from portal.messages.models import Delivery
from tests.conftest import Browser
from tests.factories import keep_awake, make_engagement, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

KEY = "k" * 40
Told = Callable[[User], list[str]]


@pytest.fixture
def gateway(isolated: Flask) -> Iterator[Flask]:
    kept = isolated.extensions["portal_settings"]
    isolated.extensions["portal_settings"] = replace(kept, sms_inbound_key=KEY)
    yield isolated
    isolated.extensions["portal_settings"] = kept


@pytest.fixture
def visit(session: Session, engagement: Engagement) -> Visit:
    made = make_visit(session, engagement, times=(in_days(2), in_days(3, 10), in_days(4, 12)))
    session.commit()
    return made


def send(app: Flask, user: User | str, text: str, *, message_id: str = "m-1", key: str = KEY) -> Any:
    phone = user if isinstance(user, str) else user.phone_shown
    return Browser(app).post(
        "/sms/incoming",
        json={"id": message_id, "from": phone, "text": text},
        headers={"Authorization": f"Bearer {key}"},
    )


def test_m13_three_times_go_out_with_their_numbers_and_a_number_books(
    gateway: Flask,
    session: Session,
    sign_in: Callable[[User], Any],
    told: Told,
    merchant: User,
    mentor: User,
    engagement: Engagement,
    run_jobs: Callable[[], None],
) -> None:
    keep_awake(session, merchant)
    session.commit()
    dates = {f"date_{n}": f"{in_days(day):%Y-%m-%d}" for n, day in enumerate((4, 2, 3), start=1)}
    form = {"kind": "phone", "key": "s-of-a-test-form", "time_3": "10:00", **dates}
    sign_in(mentor).send(f"/mentoring/engagements/{engagement.id}/propose", form)
    run_jobs()
    now = clock.now()
    lines = [
        f"{number}번 {korean.dated_time(moment, now=now)}"
        for number, moment in enumerate((in_days(2), in_days(3, 10), in_days(4)), start=1)
    ]

    outbox = (gateway.extensions["portal_settings"].data_dir / "outbox").glob("*.txt")
    (message,) = [path for path in outbox if "번호 하나만 답해도" in path.read_text(encoding="utf-8")]
    text = message.read_text(encoding="utf-8")
    message.unlink()
    assert (
        "[장터배움] 박정호 멘토님이 만날 시간을 보냈어요. 문자로 번호 하나만 답해도 돼요.\n"
        + "\n".join(lines)
        in text
    )

    answer = send(gateway, merchant, "２번이요")

    assert answer.status_code == 204
    visit = session.scalars(select(Visit)).one()
    session.refresh(visit)
    assert (visit.state, visit.starts_at, visit.agreed_by_id) == (VisitState.AGREED, in_days(3, 10), None)
    words = f"{korean.dated_time(in_days(3, 10), now=now)}, 전화: 약속을 정했어요."
    assert told(merchant)[-1] == told(mentor)[-1] == words


def test_m13_the_same_message_twice_is_answered_once(
    gateway: Flask, session: Session, told: Told, merchant: User, visit: Visit
) -> None:
    send(gateway, merchant, "2")
    send(gateway, merchant, "2")
    send(gateway, merchant, "1")

    replies = session.scalars(select(TextReply)).all()
    assert [(reply.outcome, reply.visit_id) for reply in replies] == [("booked", visit.id)]
    assert len(told(merchant)) == 1


def test_k17_another_number_or_words_get_one_polite_help(
    gateway: Flask, session: Session, told: Told, merchant: User, visit: Visit
) -> None:
    for number, text in enumerate(("9", "내일 가게로 와요", "네?", "0")):
        send(gateway, merchant, text, message_id=f"m-{number}")

    session.refresh(visit)
    assert visit.state == VisitState.PROPOSED
    (help_text,) = told(merchant)
    title, *lines = help_text.split("\n")
    assert title == "답장을 알아보지 못했어요. 아래 번호 하나만 보내 주세요."
    assert [line[:2] for line in lines] == ["1번", "2번", "3번"]


def test_k17_a_time_that_is_past_or_taken_says_so_and_asks_for_another(
    gateway: Flask, session: Session, told: Told, merchant: User, mentor: User, engagement: Engagement
) -> None:
    past, taken, left = clock.now() - timedelta(hours=1), in_days(3), in_days(4)
    make_visit(session, engagement, times=(past, taken, left))
    elsewhere = make_engagement(session, make_user(session), mentor, seat_no=2)
    make_visit(session, elsewhere, starts_at=taken)
    session.commit()

    send(gateway, merchant, "1", message_id="m-1")
    send(gateway, merchant, "2", message_id="m-2")

    now = clock.now()
    only = f"3번 {korean.dated_time(left, now=now)}"
    assert [sentence.split("\n") for sentence in told(merchant)] == [
        [
            f"{korean.dated_time(past, now=now)}{josa(past)} 이미 지난 시간이에요. 다른 번호를 보내 주세요.",
            only,
        ],
        [
            f"{korean.dated_time(taken, now=now)}에는 멘토님께 다른 약속이 생겼어요. "
            "다른 번호를 보내 주세요.",
            only,
        ],
    ]
    send(gateway, merchant, "3", message_id="m-3")
    assert session.scalar(select(Visit.starts_at).where(Visit.engagement_id == engagement.id)) == left


def josa(moment: Any) -> str:
    words = korean.dated_time(moment, now=clock.now())
    return korean.with_particle(words, "은/는").removeprefix(words)


def test_k17_when_no_time_is_left_the_mentor_is_asked_for_new_ones(
    gateway: Flask, session: Session, told: Told, merchant: User, mentor: User, engagement: Engagement
) -> None:
    made = make_visit(session, engagement, times=(clock.now() - timedelta(hours=1),))
    session.commit()

    send(gateway, merchant, "1")

    session.refresh(made)
    assert made.state == VisitState.CANCELLED
    assert told(merchant) == ["남은 시간이 없어요. 박정호 멘토님이 새 시간을 보내 드려요."]
    assert told(mentor) == ["김순자 사장님은 다른 시간이 좋대요. 시간을 다시 보내 주세요."]


def test_k17_an_answer_when_nothing_is_open_says_so_once_a_day(
    gateway: Flask, session: Session, told: Told, merchant: User, engagement: Engagement
) -> None:
    send(gateway, merchant, "2", message_id="m-1")
    send(gateway, merchant, "2", message_id="m-2")

    assert told(merchant) == ["지금은 고를 시간이 없어요. 멘토 화면에서 약속을 볼 수 있어요."]
    make_visit(session, engagement, starts_at=in_days(3))
    session.commit()
    send(gateway, merchant, "2", message_id="m-3")
    assert told(merchant)[-1].endswith("이미 정한 약속이에요.")


def test_m13_a_number_nobody_knows_gets_no_answer_and_books_nothing(
    gateway: Flask, session: Session, visit: Visit
) -> None:
    answer = send(gateway, "010-9999-0000", "2")

    assert answer.status_code == 204
    assert session.scalars(select(TextReply.outcome)).all() == ["unknown"]
    assert session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_m13_a_stranger_chooses_nothing_for_her(
    gateway: Flask, session: Session, visit: Visit, mentor: User
) -> None:
    send(gateway, make_user(session), "2", message_id="m-1")
    send(gateway, mentor, "2", message_id="m-2")

    session.refresh(visit)
    assert visit.state == VisitState.PROPOSED


@pytest.mark.parametrize("key", ["", "x" * 40, KEY[:-1], "ㅋ" * 40])
def test_a_wrong_key_is_refused_and_none_at_all_hides_the_address(
    gateway: Flask, session: Session, merchant: User, visit: Visit, key: str
) -> None:
    encoded = key.encode().decode("latin-1")
    refused = send(gateway, merchant, "2", key=encoded)
    gateway.extensions["portal_settings"] = replace(gateway.extensions["portal_settings"], sms_inbound_key="")

    assert refused.status_code == 403
    assert send(gateway, merchant, "2", key="").status_code == 404
    assert session.scalar(select(func.count()).select_from(TextReply)) == 0


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"id": "m", "from": "010-1234-5678"},
        {"id": 5, "from": "010-1234-5678", "text": "2"},
        {"id": "", "from": "010-1234-5678", "text": "2"},
        {"id": "m" * 300, "from": "010-1234-5678", "text": "2"},
        {"id": "m", "from": "전화", "text": "2"},
        {"id": "m", "from": "010-1234-5678", "text": "2" * 3000},
    ],
)
def test_what_is_no_text_message_is_refused(gateway: Flask, session: Session, content: Any) -> None:
    answer = Browser(gateway).post(
        "/sms/incoming",
        json=content,
        headers={"Authorization": f"Bearer {KEY}", "Accept": "application/json"},
    )

    assert answer.status_code == 422
    assert answer.get_json()["error"]["message"]
    assert session.scalar(select(func.count()).select_from(TextReply)) == 0


def test_one_number_may_not_write_without_end(gateway: Flask, session: Session, merchant: User) -> None:
    statuses = [send(gateway, merchant, "?", message_id=f"m-{number}").status_code for number in range(12)]

    assert statuses == [204] * 10 + [429] * 2


def test_m13_eight_copies_of_one_message_book_once(
    committed: Session, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    merchant = make_user(committed)
    engagement = make_engagement(committed, merchant, make_mentor(committed))
    made = make_visit(committed, engagement, times=(in_days(2), in_days(3)))
    committed.commit()
    phone = merchant.phone or ""

    def receive() -> str:
        with db.transaction() as session:
            return text_replies.receive(
                session, message_id="same", phone=phone, text="2", link=lambda _: "/", now=clock.now()
            )

    assert race([receive] * 8) == ["booked"] * 8
    assert committed.scalar(select(func.count()).select_from(TextReply)) == 1
    committed.refresh(made)
    assert made.starts_at == in_days(3)


def test_k17_in_the_demo_messages_are_files(
    isolated: Flask, session: Session, told: Told, merchant: User, visit: Visit, tmp_path: Path
) -> None:
    kept = isolated.extensions["portal_settings"]
    isolated.extensions["portal_settings"] = replace(kept, data_dir=tmp_path, is_demo=True)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "one.txt").write_text(f"From: {merchant.phone_shown}\n\n3번\n", encoding="utf-8")
    (inbox / "two.txt").write_text("2", encoding="utf-8")

    ran = [isolated.test_cli_runner().invoke(args=["sms", "receive"]).output for _ in range(2)]
    isolated.extensions["portal_settings"] = kept

    assert "one.txt: booked" in ran[0]
    assert "two.txt: not a text message" in ran[0]
    assert "one.txt" not in ran[1]
    session.refresh(visit)
    assert visit.starts_at == in_days(4, 12)


def test_k17_an_operator_presses_what_she_says_on_the_telephone_and_it_is_kept_who_did(
    session: Session,
    sign_in: Callable[[User], Any],
    told: Told,
    merchant: User,
    mentor: User,
    engagement: Engagement,
    visit: Visit,
) -> None:
    operator = make_user(session, Role.OPERATOR, name="정하늘")
    page, heard = f"/mentoring/engagements/{engagement.id}/", f"/mentoring/visits/{visit.id}/heard"
    theirs = sign_in(operator)

    assert "전화로 들었어요" in theirs.get(page).text
    assert "전화로 들었어요" not in sign_in(mentor).get(page).text
    assert theirs.send(heard, {"time": visit.times[1].id}).status_code == 302

    session.refresh(visit)
    assert (visit.state, visit.starts_at, visit.agreed_by_id) == (
        VisitState.AGREED,
        in_days(3, 10),
        operator.id,
    )
    assert all(
        "정하늘 님이 전화로 듣고 대신 눌렀어요." in sign_in(user).get(page).text
        for user in (merchant, mentor)
    )
    assert told(merchant)[-1] == told(mentor)[-1]


def test_k17_nobody_but_an_operator_apart_from_the_two_presses_for_her(
    session: Session, sign_in: Callable[[User], Any], merchant: User, mentor: User, visit: Visit
) -> None:
    heard, data = f"/mentoring/visits/{visit.id}/heard", {"time": visit.times[0].id}

    statuses = [
        sign_in(user).send(heard, data).status_code for user in (merchant, mentor, make_user(session))
    ]

    assert statuses == [403, 403, 403]
    session.refresh(visit)
    assert visit.state == VisitState.PROPOSED
