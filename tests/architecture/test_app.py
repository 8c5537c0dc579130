"""House rules that show in the running app."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import settings
from portal.core.roles import Role
from portal.web.access import ANYONE, declared_access
from tests.conftest import Browser, make_app, make_settings
from tests.factories import make_user
from tests.servers import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]

#: Unsafe methods that somebody who is not signed in may use.
OPEN_POSTS = {
    "accounts.sign_in",
    "accounts.sign_up",
    "accounts.code",
    "accounts.display",
    "certification.verify_by_file",
    "certification.verify_many",
    "stop.stop",
    "sms.incoming",
}
SAFE = {"GET", "HEAD", "OPTIONS"}


def rules(app: Flask) -> list[Any]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def test_every_endpoint_declares_who_may_call_it(isolated: Flask, session: Session) -> None:
    undeclared = [rule.endpoint for rule in rules(isolated) if declared_access(rule.endpoint) is None]

    assert undeclared == []


def test_an_endpoint_that_declares_nothing_is_refused(tmp_path: Path) -> None:
    app = make_app(make_settings(tmp_path, database_url="sqlite://", redis_url="unix:///nowhere"))
    app.add_url_rule("/undeclared", "undeclared", lambda: "open")

    assert app.test_client().get("/undeclared").status_code == 403


def test_only_listed_forms_are_open_to_everybody(isolated: Flask, session: Session) -> None:
    open_posts = {
        rule.endpoint
        for rule in rules(isolated)
        if rule.methods - SAFE and ANYONE in (declared_access(rule.endpoint) or ())
    }

    assert open_posts <= OPEN_POSTS


@pytest.mark.parametrize("role", [None, *Role])
def test_no_address_fails_whoever_calls_it_with_somebody_elses_ids(
    isolated: Flask, session: Session, sign_in: Callable[[User], Browser], role: Role | None
) -> None:
    """Try each address with ids that are not theirs: a page, a way in or a refusal, never a failure.

    No page of these writes while it is read: `reading_writes_nothing` looks at every GET of all tests.
    """
    browser = sign_in(make_user(session, role)) if role else Browser(isolated)
    for rule in rules(isolated):
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda match: "999999", rule.rule)
        declared = declared_access(rule.endpoint) or frozenset()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            answer = browser.get(address) if method == "GET" else browser.send(address)
            assert answer.status_code in {200, 204, 302, 303, 304, 403, 404, 409, 422, 503}, (method, address)
            if role is None and ANYONE not in declared:
                assert answer.status_code == 302, (method, address)
                assert "/account/sign-in" in answer.headers["Location"]
            elif ANYONE not in declared and "signed in" not in declared and role not in declared:
                assert answer.status_code == 403, (method, address)
            if rule.endpoint == "accounts.sign_out" and role:
                browser = sign_in(make_user(session, role))


def test_a_process_of_the_web_holds_nothing_it_does_not_need(tmp_path: Path) -> None:
    code = (
        "import sys; from portal.factory import create_app; create_app();"
        "heavy = {'alembic', 'fontTools', 'numpy', 'ortools', 'pandas', 'weasyprint'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    environment = {
        "DATABASE_URL": f"sqlite:///{tmp_path}/portal.db",
        "PORTAL_DATA_DIR": str(tmp_path),
        "PORTAL_SECRET_KEY": "t" * 40,
    }

    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )

    assert ran.stdout.strip() == "[]"


def test_docs_name_every_setting(isolated: Flask) -> None:
    source = (ROOT / "portal/core/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env\.get\("([A-Z_]+)"', source))
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/operating.md").read_text("utf-8"), re.M))

    assert read <= documented
    assert len(fields(settings.Settings)) > 0


def test_pages_carry_the_headers_that_keep_strangers_out(client: Browser) -> None:
    headers = client.get("/account/sign-in").headers

    assert "'unsafe-inline'" not in headers["Content-Security-Policy"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    cookie = headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_an_unknown_address_is_a_kind_page_and_json_for_programs(client: Browser) -> None:
    page = client.get("/nowhere")
    answer = client.get("/nowhere", headers={"Accept": "application/json"})

    assert page.status_code == answer.status_code == 404
    assert "찾는 화면이 없어요" in page.text
    assert answer.get_json()["error"]["status"] == 404


def test_text_with_a_nul_is_no_failure(client: Browser) -> None:
    answer = client.send("/account/sign-in", {"identifier": "010\x001234", "password": "\x00"})

    assert answer.status_code == 422
