"""Who is signed in on this request, and starting and ending that.

The cookie holds a random token; the row in `sign_in` decides whether it still opens anything. So a session
survives a redeploy (the row stays) and dies at once on sign-out or a new password, on every device.
"""

import secrets
from datetime import timedelta
from typing import cast

from flask import Flask, Response, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user, login_user, logout_user

from portal.accounts import operations, queries
from portal.accounts.models import User
from portal.core import clock, db, settings
from portal.core.settings import Settings
from portal.web.language import choose_language, chosen_language
from portal.web.shell import DISPLAY_COOKIE, VERSIONED_FILES, parse_display


class PageSessions(SecureCookieSessionInterface):
    """The signed cookie, sent with pages only: a file is kept by caches, and a session must not be."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Put the cookie into a page; a file is the same for everybody, and says nothing of cookies."""
        if request.endpoint not in VERSIONED_FILES:
            super().save_session(app, session, response)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Tell whether the answer carries the cookie: one that a script asks for only where it changed.

        A draft is kept while its form is being sent. Were its answer, which comes last, to carry the cookie
        as it was, the page that thanks for the form would have lost its words. What tells a page is the mode:
        its destination is forgotten when our service worker hands the request on.
        """
        is_page = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        return session.modified or (is_page and super().should_set_cookie(app, session))


IDLE = timedelta(days=14)
"""Learners stay signed in for two weeks without use; the row itself ends after operations.SIGN_IN_LASTS."""
_TOKEN = "sign_in"  # noqa: S105 - a key in the session, not a secret
_BROWSER = "browser"
_DEMO_CODE = "demo code"


def init_app(app: Flask, settings: Settings) -> None:
    """Load the signed-in person on each request."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        PERMANENT_SESSION_LIFETIME=IDLE,
        SESSION_COOKIE_NAME="__Host-portal" if settings.is_https else "portal",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    # Its context processor would ask the database for the person again on the page that says it is away.
    app.session_interface = PageSessions()
    manager = LoginManager(app, add_context_processor=False)
    manager.user_loader(_load)
    # flask-login's own protection compares addresses and browsers, which change on a phone; the row is ours.
    manager.session_protection = None


def me() -> User:
    """Return the signed-in person, the row itself and not flask-login's stand-in.

    For views that need somebody signed in.
    """
    return cast(User, current_user._get_current_object())


def me_or_nobody() -> User | None:
    """Return the signed-in person, or None."""
    return me() if current_user.is_authenticated else None


def start_session(user: User, *, token: str) -> None:
    """Begin a fresh browser session for ``user``; of the visitor's earlier one only the language is kept."""
    _clear()
    session.permanent = True
    session[_TOKEN] = token
    login_user(user)


def end_session() -> None:
    """End the browser session; the caller has ended its row."""
    logout_user()
    _clear()


def _clear() -> None:
    language = chosen_language()
    session.clear()
    if language is not None:
        choose_language(language)


def session_token() -> str:
    """Return the token of this request's session, empty when nobody is signed in."""
    return str(session.get(_TOKEN, ""))


def browser_nonce() -> str:
    """Return the secret that binds a one-time code to this browser, making one on first use."""
    if _BROWSER not in session:
        session[_BROWSER] = secrets.token_urlsafe(16)
    return str(session[_BROWSER])


def keep_demo_code(code: str | None) -> None:
    """Keep the code that a demo cannot send, for the page that asks for it; coming in forgets it."""
    session[_DEMO_CODE] = code or ""


def demo_code() -> str:
    """Return the digits a demo did not send, grouped for reading; empty outside the demo."""
    code = str(session.get(_DEMO_CODE, "")) if settings.current().is_demo else ""
    return f"{code[:3]} {code[3:]}".strip()


def device() -> str:
    """Return what the browser calls itself, shortened."""
    return request.user_agent.string[:200]


def visitor_display() -> tuple[str, str]:
    """Return the text size and contrast this visitor chose before signing in."""
    return parse_display(request.cookies.get(DISPLAY_COOKIE, ""))


def _load(_user_id: str) -> User | None:
    return queries.find_signed_in(
        db.session(), token_hash=operations.hash_token(session_token()), now=clock.now()
    )
