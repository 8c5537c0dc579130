import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, queue
from portal.core.errors import DomainError
from portal.core.mail import SmtpPost, make_post
from portal.core.roles import Role
from portal.messages import operations
from portal.messages.jobs import deliver
from portal.messages.models import Notice
from tests.conftest import Browser, make_settings
from tests.factories import make_user


def tell(user: User, cause: str = "answer:1") -> None:
    with db.transaction() as session:
        operations.notify(
            session,
            user_id=user.id,
            cause=cause,
            sentence="박정호 멘토님이 답했어요.",
            path="/community/questions/1/",
            now=clock.now(),
        )


def outbox(app: Flask) -> list[Path]:
    folder: Path = app.extensions["portal_settings"].data_dir / "outbox"
    return sorted(folder.glob("*")) if folder.exists() else []


@pytest.fixture(autouse=True)
def empty_outbox(isolated: Flask) -> None:
    for path in outbox(isolated):
        path.unlink()


@contextmanager
def mail_server() -> Iterator[tuple[str, list[bytes]]]:
    """Run a real SMTP server and collect what it takes."""
    taken: list[bytes] = []

    class Handler:
        async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
            self, _server: SMTP, _session: SmtpSession, envelope: Envelope
        ) -> str:
            taken.append(bytes(envelope.original_content or b""))
            return "250 taken"

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(Handler(), hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", taken
    controller.stop()


def test_a_notice_is_shown_and_leaves_as_a_text_message(
    isolated: Flask, session: Session, sign_in: Callable[[User], Browser], run_jobs: Callable[[], None]
) -> None:
    user = make_user(session)
    tell(user)

    run_jobs()

    assert "박정호 멘토님이 답했어요." in sign_in(user).get("/messages/").text
    (message,) = outbox(isolated)
    assert message.read_text(encoding="utf-8") == (
        f"To: {user.phone}\n\n[장터배움] 박정호 멘토님이 답했어요.\nhttp://localhost/community/questions/1/\n"
    )
    notice = session.scalars(select(Notice)).one()
    assert notice.sent_at is not None
    assert notice.due_at is None


def test_the_same_cause_tells_the_same_person_once(session: Session) -> None:
    user, other = make_user(session), make_user(session)

    tell(user)
    tell(user)
    tell(other)

    assert len(session.scalars(select(Notice)).all()) == 2


def test_delivering_twice_sends_once(isolated: Flask, session: Session, run_jobs: Callable[[], None]) -> None:
    tell(make_user(session))
    run_jobs()
    (message,) = outbox(isolated)
    message.unlink()

    deliver(session.scalars(select(Notice.id)).one())

    assert outbox(isolated) == []


def test_a_notice_reaches_those_without_a_telephone_through_a_real_mail_server(
    isolated: Flask, session: Session, run_jobs: Callable[[], None]
) -> None:
    user = make_user(session)
    user.phone, user.email = None, "sunja@example.com"
    kept = isolated.extensions["portal_post"]
    with mail_server() as (url, taken):
        settings = replace(isolated.extensions["portal_settings"], mail_url=url)
        isolated.extensions["portal_post"] = make_post(settings)
        session.commit()
        tell(user)
        run_jobs()
    isolated.extensions["portal_post"] = kept

    (content,) = taken
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message["To"] == "sunja@example.com"
    assert message["Subject"] == "박정호 멘토님이 답했어요."
    notice_id = session.scalars(select(Notice.id)).one()
    assert message["Message-ID"] == f"<notice-{notice_id}@jangteo>"


def test_a_mail_server_that_is_away_is_tried_again_later_with_its_cause_kept(
    isolated: Flask, session: Session, run_jobs: Callable[[], None]
) -> None:
    user = make_user(session)
    user.phone, user.email = None, "sunja@example.com"
    kept = isolated.extensions["portal_post"]
    isolated.extensions["portal_post"] = SmtpPost(
        "smtp://127.0.0.1:1", "jangteo@localhost", isolated.extensions["portal_settings"].data_dir
    )
    session.commit()
    tell(user)
    run_jobs()
    isolated.extensions["portal_post"] = kept

    notice = session.scalars(select(Notice)).one()
    assert notice.sent_at is None
    assert "ConnectionRefused" in str(notice.last_error)
    assert notice.due_at is not None
    assert notice.due_at > clock.now()


def test_a_queue_that_lost_everything_is_filled_again_from_the_rows(
    isolated: Flask, session: Session, run_jobs: Callable[[], None]
) -> None:
    tell(make_user(session))
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
                writing, user_id=user.id, cause="x", sentence="아니에요.", path="/", now=clock.now()
            )
            raise DomainError("안 돼요.")

    with pytest.raises(DomainError):
        refused()

    assert queue.rq_queue().count == 0
    assert session.scalars(select(Notice)).all() == []


def test_opening_a_notice_marks_it_read_and_goes_there(
    session: Session, sign_in: Callable[[User], Browser]
) -> None:
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
            operations.notify(
                session, user_id=reader.id, cause=path, sentence="소식이에요.", path=path, now=clock.now()
            )

    operations.mark_path_read(session, user_id=user.id, path="/q/1/#answer-7", now=clock.now())

    session.expire_all()
    read = session.scalars(select(Notice).where(Notice.read_at.is_not(None)).order_by(Notice.id))
    assert [(notice.user_id, notice.path) for notice in read] == [(user.id, path) for path in paths[:2]]


def test_the_whole_row_of_a_notice_is_pressed(session: Session, sign_in: Callable[[User], Browser]) -> None:
    user = make_user(session)
    tell(user)
    notice_id = session.scalars(select(Notice.id)).one()

    page = sign_in(user).get("/messages/").text

    assert 'class="button button--line rows__link"' in page
    assert f'aria-describedby="notice-{notice_id}"' in page


def test_nobody_opens_somebody_elses_notice(session: Session, sign_in: Callable[[User], Browser]) -> None:
    tell(make_user(session))
    notice = session.scalars(select(Notice)).one()

    answer = sign_in(make_user(session)).send(f"/messages/{notice.id}/open")

    assert answer.status_code == 404
    assert notice.read_at is None


def test_the_list_is_paged_and_asks_as_often_for_many_as_for_few(
    session: Session, sign_in: Callable[[User], Browser], count_queries: Callable[[], int]
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


def test_an_empty_list_says_what_will_come(session: Session, sign_in: Callable[[User], Browser]) -> None:
    assert "아직 알림이 없어요" in sign_in(make_user(session)).get("/messages/").text


def test_a_mail_cannot_be_given_a_second_header(tmp_path: Path) -> None:
    post: Any = make_post_for(tmp_path)

    post.send_mail(to="a@example.com", subject="제목\r\nBcc: b@example.com", text="글", message_id="m1")

    (path,) = tmp_path.glob("outbox/*.eml")
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["Bcc"] is None


def make_post_for(folder: Path) -> Any:
    return make_post(make_settings(folder, database_url="sqlite://", redis_url="unix:///nowhere"))


def test_sending_again_is_for_notices_that_are_there_and_have_not_left(
    session: Session, sign_in: Callable[[User], Browser], run_jobs: Callable[[], None]
) -> None:
    operator = sign_in(make_user(session, Role.OPERATOR))
    session.commit()
    tell(make_user(session))
    run_jobs()
    notice = session.scalars(select(Notice)).one()

    assert operator.send(f"/messages/{notice.id}/retry").status_code == 409
    assert operator.send(f"/messages/{notice.id + 1}/retry").status_code == 404
