"""One CSRF check for every unsafe request: the form's token must be the one in the visitor's session."""

import hmac
import secrets
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, current_app, request, session

from portal.core.errors import DomainError
from portal.core.i18n import gettext as _

View = TypeVar("View", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD = "csrf_token"


def init_app(app: Flask) -> None:
    """Check every unsafe request and give templates ``csrf_token()``."""
    app.before_request(_check)
    app.jinja_env.globals["csrf_token"] = csrf_token


def address_is_proof(view: View) -> View:
    """Declare that whoever knows the view's address may use it: it is signed, and no session counts.

    For what mail programs post by themselves (RFC 8058); nobody who could forge such a request lacks the
    address to do the same openly.
    """
    cast(Any, view).address_is_proof = True
    return view


def header_is_proof(view: View) -> View:
    """Declare that the view's caller is a program and proves itself by a key in a header of the request.

    No browser adds such a header by itself, so no page of a stranger can make one send it.
    """
    cast(Any, view).header_is_proof = True
    return view


def csrf_token() -> str:
    """Return this visitor's token, making one on first use."""
    if FIELD not in session:
        session[FIELD] = secrets.token_urlsafe(24)
    return str(session[FIELD])


def _check() -> None:
    if request.method in SAFE_METHODS or request.routing_exception is not None:
        return
    view = current_app.view_functions[request.endpoint or ""]
    if getattr(view, "address_is_proof", False) or getattr(view, "header_is_proof", False):
        return
    sent, kept = request.form.get(FIELD, ""), session.get(FIELD, "")
    if not kept or not hmac.compare_digest(sent.encode(), str(kept).encode()):
        raise DomainError(_("화면을 오래 열어 두어서 보내지 못했어요. 뒤로 가서 한 번 더 눌러 주세요."))
