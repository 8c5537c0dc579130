"""What a person is told in the portal, once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, queue
from portal.core.errors import DomainError
from portal.core.roles import Role
from portal.messages import operations
from portal.messages.models import Delivery, Notice
from portal.messages.vocabulary import Kind
from tests.conftest import NOW, Browser
from tests.factories import keep_awake, make_delivery, make_user
from tests.integration.messages.conftest import outbox, tell

SignIn = Callable[[User], Browser]


def test_a_notice_is_shown_and_leaves_as_a_text_message(
    isolated: Flask, session: Session, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    user = make_user(session)
    keep_awake(session, user)
    tell(user, now=clock.now())

    run_jobs()

    assert "‘사진’ 질문에 박정호 멘토님이 답했어요." in sign_in(user).get("/messages/").text
    (message,) = outbox(isolated)
    assert message.read_text(encoding="utf-8").startswith(
        f"To: {user.phone}\nForm: LMS\nSubject: [장터배움] 답과 질문\n\n"
        "[장터배움] ‘사진’ 질문에 박정호 멘토님이 답했어요.\nhttp://localhost/community/questions/1/\n"
    )
    notice = session.scalars(select(Notice)).one()
    delivery = session.scalars(select(Delivery)).one()
    assert notice.sent_at is not None
    assert (delivery.state, delivery.due_at, delivery.result) == ("sent", None, message.name)


def test_a_notice_remembers_its_text_and_version(session: Session) -> None:
    tell(make_user(session), message="visit-proposed")

    notice = session.scalars(select(Notice)).one()

    assert (notice.message, notice.version, notice.kind, notice.asks) == (
        "visit-proposed",
        "2026-11-22",
        Kind.VISITS,
        True,
    )


def test_the_same_cause_tells_the_same_person_once(session: Session) -> None:
    user, other = make_user(session), make_user(session)

    tell(user)
    tell(user)
    tell(other)

    assert len(session.scalars(select(Notice)).all()) == 2
    assert len(session.scalars(select(Delivery)).all()) == 2


def test_a_queue_that_lost_everything_is_filled_again_from_the_rows(
    isolated: Flask, session: Session, run_jobs: Callable[[], None]
) -> None:
    user = make_user(session)
    keep_awake(session, user)
    tell(user, now=clock.now())
    session.commit()
    isolated.extensions["portal_redis"].flushall()

    run_jobs()
    assert outbox(isolated) == []
    assert queue.sweep(now=clock.now()) == 1
    run_jobs()

    assert len(outbox(isolated)) == 1


def test_a_refused_transaction_queues_nothing(isolated: Flask, session: Session) -> None:
    user = make_user(session)
    session.commit()

    def refused() -> None:
        with db.transaction() as writing:
            operations.notify(
                writing,
                user_id=user.id,
                cause="x",
                message="certificate-ready",
                values={"word": "수료증"},
                path="/",
                now=NOW,
            )
            raise DomainError("안 돼요.")

    with pytest.raises(DomainError):
        refused()

    assert queue.rq_queue().count == 0
    assert session.scalars(select(Notice)).all() == []
    assert session.scalars(select(Delivery)).all() == []


def test_opening_a_notice_marks_it_read_and_goes_there(session: Session, sign_in: SignIn) -> None:
    user = make_user(session)
    tell(user)
    browser = sign_in(user)
    notice = session.scalars(select(Notice)).one()
    assert "알림 1개" in browser.get("/messages/").text

    answer = browser.send(f"/messages/{notice.id}/open")

    assert answer.headers["Location"] == "/community/questions/1/"
    assert notice.read_at is not None
    assert "알림 1개" not in browser.get("/messages/").text


def test_what_was_done_on_a_page_marks_its_notices_read_for_who_did_it(session: Session) -> None:
    user, other = make_user(session), make_user(session)
    paths = ("/q/1/", "/q/1/#answer-5", "/q/1/picture", "/q/12/", "/q/%/")
    for reader in (user, other):
        for path in paths:
            tell(reader, path, path=path)

    operations.mark_path_read(session, user_id=user.id, path="/q/1/#answer-7", now=NOW)

    session.expire_all()
    read = session.scalars(select(Notice).where(Notice.read_at.is_not(None)).order_by(Notice.id))
    assert [(notice.user_id, notice.path) for notice in read] == [(user.id, path) for path in paths[:2]]


def test_notices_stand_by_day_and_what_asks_for_something_is_marked(
    session: Session, sign_in: SignIn
) -> None:
    user = make_user(session)
    tell(user, "old", message="visit-proposed", now=clock.now() - timedelta(days=2))
    tell(user, "new", message="answer", now=clock.now())

    page = sign_in(user).get("/messages/").text

    today, earlier = page.index("<span>오늘</span>"), page.index("<span>이전</span>")
    assert today < page.index("박정호 멘토님이 답했어요") < earlier < page.index("만날 시간을 보냈어요")
    assert page.index("새 알림</span>") < earlier < page.index("할 일</span>")


def test_the_whole_row_of_a_notice_is_pressed(session: Session, sign_in: SignIn) -> None:
    user = make_user(session)
    tell(user)
    notice_id = session.scalars(select(Notice.id)).one()

    page = sign_in(user).get("/messages/").text

    assert 'class="button button--line rows__link"' in page
    assert f'aria-describedby="notice-{notice_id}"' in page


def test_nobody_opens_somebody_elses_notice(session: Session, sign_in: SignIn) -> None:
    tell(make_user(session))
    notice = session.scalars(select(Notice)).one()

    answer = sign_in(make_user(session)).send(f"/messages/{notice.id}/open")

    assert answer.status_code == 404
    assert notice.read_at is None


def test_the_list_is_paged_and_asks_as_often_for_many_as_for_few(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int]
) -> None:
    user = make_user(session)
    browser = sign_in(user)
    tell(user, "first")
    count_queries()
    browser.get("/messages/")
    for_one = count_queries()
    for number in range(30):
        tell(user, f"cause:{number}")
    count_queries()

    page = browser.get("/messages/").text

    assert count_queries() == for_one <= 15
    assert page.count("rows__item") == 20
    assert "다음 20개 보기" in page


def test_an_empty_list_says_what_will_come(session: Session, sign_in: SignIn) -> None:
    page = sign_in(make_user(session)).get("/messages/").text

    assert "아직 알림이 없어요" in page
    assert "알림 받는 방법 바꾸기" in page


def test_sending_again_is_for_notices_that_are_there_and_have_not_left(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    operator = sign_in(make_user(session, Role.OPERATOR))
    delivery = make_delivery(session)
    assert operator.send(f"/messages/deliveries/{delivery.id}/retry").status_code == 302
    run_jobs()

    assert operator.send(f"/messages/deliveries/{delivery.id}/retry").status_code == 409
    assert operator.send(f"/messages/deliveries/{delivery.id + 1}/retry").status_code == 404
