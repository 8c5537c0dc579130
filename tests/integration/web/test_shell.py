import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask, request
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db
from portal.core.db import Base
from portal.core.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    NotFoundError,
    TooManyError,
    UnavailableError,
)
from portal.web.access import ANYONE, access, safe_next
from portal.web.csrf import csrf_token
from tests.conftest import Browser, make_app, make_settings
from tests.factories import make_mentor, make_sign_in, make_user


@pytest.fixture
def failing(tmp_path: Path, redis_url: str) -> Iterator[Flask]:
    """Give an app with a page that raises whatever the test puts there."""
    app = make_app(make_settings(tmp_path, database_url=f"sqlite:///{tmp_path}/p.db", redis_url=redis_url))
    app.testing = False

    @app.get("/fails")
    @access(ANYONE)
    def fails() -> str:
        raise app.extensions["to raise"]

    yield app
    app.extensions["portal_db"].engine.dispose()
    app.extensions["portal_redis"].close()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DomainError("적을 수 없어요."), 422),
        (NotFoundError("없어요."), 404),
        (ForbiddenError("안 돼요."), 403),
        (ConflictError("먼저 했어요."), 409),
        (TooManyError("자주 했어요."), 429),
        (UnavailableError("쉬어요."), 503),
    ],
)
def test_each_refusal_has_one_status_as_a_page_and_as_json(
    failing: Flask, error: DomainError, status: int
) -> None:
    failing.extensions["to raise"] = error
    client = failing.test_client()

    page = client.get("/fails")
    answer = client.get("/fails", headers={"Accept": "application/json"})

    assert page.status_code == answer.status_code == status
    assert error.message in page.text
    assert answer.get_json() == {"error": {"status": status, "message": error.message, "field": None}}


def test_an_unexpected_failure_shows_a_reference_and_nothing_of_the_inside(
    failing: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    failing.extensions["to raise"] = ZeroDivisionError("secret inside")

    page = failing.test_client().get("/fails")

    assert page.status_code == 500
    assert "secret inside" not in page.text
    reference = caplog.records[-1].args[0] if caplog.records[-1].args else ""  # type: ignore[index]
    assert str(reference) in page.text


def test_a_database_that_is_away_is_503_with_a_time_to_come_back(failing: Flask) -> None:
    failing.extensions["to raise"] = OperationalError("SELECT 1", {}, Exception("away"))

    page = failing.test_client().get("/fails")

    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert "잠시 뒤에" in page.text


@pytest.mark.parametrize(
    ("target", "followed"),
    [
        ("/courses/", "/courses/"),
        ("/community/?state=waiting#top", "/community/?state=waiting#top"),
        ("http://localhost/desk/", "/desk/"),
        ("http://localhost.evil.example/", None),
        ("//evil.example", None),
        ("/\\evil.example", None),
        ("\\\\evil.example", None),
        ("https://evil.example", None),
        ("javascript:alert(1)", None),
        ("/\t/evil.example", None),
        ("/ok\r\nSet-Cookie: a=b", None),
        ("", None),
        (None, None),
    ],
)
def test_only_paths_of_this_site_are_followed(
    isolated: Flask, target: str | None, followed: str | None
) -> None:
    with isolated.test_request_context("/", base_url="http://localhost"):
        assert safe_next(target) == followed


def test_a_form_of_another_browser_is_refused(isolated: Flask) -> None:
    with isolated.test_request_context("/"):
        foreign = csrf_token()

    answer = Browser(isolated).post("/account/display", data={"text": "5", "csrf_token": foreign})

    assert answer.status_code == 422
    assert "한 번 더 눌러 주세요" in answer.text


def test_cookies_are_secure_and_bound_to_the_host_where_the_site_is(tmp_path: Path, redis_url: str) -> None:
    settings = make_settings(tmp_path, database_url=f"sqlite:///{tmp_path}/p.db", redis_url=redis_url)
    app = make_app(replace(settings, public_url="https://portal.example"))

    headers = app.test_client().get("/account/sign-in", base_url="https://portal.example").headers

    assert headers["Set-Cookie"].startswith("__Host-portal=")
    assert "Secure" in headers["Set-Cookie"]
    assert "max-age=31536000" in headers["Strict-Transport-Security"]
    app.extensions["portal_redis"].close()


def test_a_change_outside_of_a_transaction_is_a_mistake(session: Session) -> None:
    session.add(User(name="김", phone="01000000000"))

    with pytest.raises(RuntimeError, match="outside"), db.transaction():
        pass
    session.expunge_all()


def test_a_reader_that_turns_writer_waits_for_its_turn(app: Flask) -> None:
    """On SQLite a transaction that began reading cannot write once another wrote; ours begins anew."""
    with app.app_context():
        db.session().execute(text("SELECT count(*) FROM account"))
        other = app.extensions["portal_db"].make_session()
        other.connection(execution_options={"portal_writes": True})
        other.execute(text("DELETE FROM sign_in_failure"))
        other.commit()
        other.close()
        with db.transaction() as session:
            session.execute(text("DELETE FROM sign_in_failure"))


@pytest.mark.parametrize(
    ("mode", "is_sent"), [("navigate", True), ("cors", False), ("same-origin", False), (None, True)]
)
def test_what_a_script_asks_beside_a_page_leaves_the_pages_cookie_alone(
    session: Session, sign_in: Callable[[User], Browser], mode: str | None, is_sent: bool
) -> None:
    browser = sign_in(make_user(session))
    browser.get("/community/")  # the first page makes the token of the browser's forms

    answer = browser.get("/community/", headers={"Sec-Fetch-Mode": mode} if mode else {})

    assert answer.status_code == 200
    assert ("Set-Cookie" in answer.headers) is is_sent
    assert "Cookie" in answer.headers["Vary"]


def test_a_draft_kept_while_its_form_is_sent_takes_no_thanks_away(
    session: Session, sign_in: Callable[[User], Browser]
) -> None:
    make_mentor(session)
    browser = sign_in(make_user(session))
    form = {"title": "사진이 흐려요", "topic": "product_page", "detail": "글자가 안 보여요.", "do": "send"}
    before = browser.get_cookie("portal")
    assert before is not None

    sent = browser.send("/community/ask", {**form, "form_key": "a-key-of-this-form"})
    after = browser.get_cookie("portal")
    browser.set_cookie("portal", before.value)
    kept = browser.send("/community/ask/draft", {"title": "사"}, headers={"Sec-Fetch-Mode": "cors"})
    assert after is not None
    if "Set-Cookie" not in kept.headers:  # the browser keeps what the sent form gave it
        browser.set_cookie("portal", after.value)

    assert kept.status_code == 204
    assert "질문을 보냈어요." in browser.get(sent.headers["Location"]).text


def test_a_style_sheet_kept_by_caches_carries_no_session(
    session: Session, sign_in: Callable[[User], Browser]
) -> None:
    browser = sign_in(make_user(session))

    with browser.get("/static/portal.css") as sheet:
        assert sheet.status_code == 200
    missing = browser.get("/static/no-such.css")

    assert "public" in sheet.headers["Cache-Control"]
    assert "Set-Cookie" not in sheet.headers
    assert missing.status_code == 404
    assert missing.headers["Cache-Control"] == "no-store"


def test_a_signed_in_person_sees_the_kind_page_while_the_database_is_away(
    tmp_path: Path, redis_url: str
) -> None:
    settings = make_settings(tmp_path, database_url=f"sqlite:///{tmp_path}/p.db", redis_url=redis_url)
    app = make_app(settings)
    app.testing = False
    Base.metadata.create_all(app.extensions["portal_db"].engine)
    with app.app_context():
        user = make_user(db.session())
        token = make_sign_in(db.session(), user)
    browser = Browser(app)
    with browser.session_transaction() as kept:
        kept["sign_in"], kept["_user_id"] = token, str(user.id)
    assert browser.get("/account/").status_code == 200

    app.extensions["portal_db"].engine.dispose()
    for path in tmp_path.glob("p.db*"):
        path.unlink()
    (tmp_path / "p.db").mkdir()
    page = browser.get("/")

    assert page.status_code == 503
    assert "잠시 뒤에" in page.text
    app.extensions["portal_redis"].close()


def test_only_our_own_proxies_are_believed_about_where_a_visitor_is(tmp_path: Path, redis_url: str) -> None:
    plain = make_settings(tmp_path, database_url="sqlite://", redis_url=redis_url)
    seen = []
    for settings in (plain, replace(plain, trusted_proxies=1)):
        app = make_app(settings)
        app.add_url_rule("/where", "where", access(ANYONE)(lambda: str(request.remote_addr)))
        seen.append(app.test_client().get("/where", headers={"X-Forwarded-For": "203.0.113.9"}).text)
        app.extensions["portal_redis"].close()

    assert seen == ["127.0.0.1", "203.0.113.9"]


def test_a_real_site_answers_to_its_own_name_only(tmp_path: Path, redis_url: str) -> None:
    settings = make_settings(tmp_path, database_url="sqlite://", redis_url=redis_url)
    app = make_app(replace(settings, public_url="https://portal.example"))

    assert app.test_client().get("/healthz", base_url="https://evil.example").status_code == 400
    assert app.test_client().get("/healthz", base_url="https://portal.example").status_code == 200
    app.extensions["portal_redis"].close()


def test_an_unknown_address_is_not_found_whatever_is_sent_to_it(client: Browser) -> None:
    assert client.post("/nowhere").status_code == 404
    assert client.put("/account/sign-in").status_code == 405


@pytest.mark.parametrize(("path", "name"), [("/community/ask", "form_key"), ("/mentoring/needs/new", "key")])
def test_the_key_of_a_form_is_never_shown(
    session: Session, sign_in: Callable[[User], Browser], path: str, name: str
) -> None:
    page = sign_in(make_user(session)).get(path).text

    (control,) = re.findall(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert 'type="hidden"' in control
    assert f'for="{name}"' not in page
