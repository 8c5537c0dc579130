"""Who may call an endpoint, declared on the endpoint. One that declares nothing is refused."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.errors import ForbiddenError
from portal.core.i18n import gettext as _
from portal.core.roles import Role

View = TypeVar("View", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed in"


def access(*who: Role | str) -> Callable[[View], View]:
    """Declare who may call the view: roles, SIGNED_IN or ANYONE."""

    def declare(view: View) -> View:
        cast(Any, view).access = frozenset(who)
        return view

    return declare


def declared_access(endpoint: str) -> frozenset[str] | None:
    """Return what the endpoint declares, or None if it declares nothing."""
    view = current_app.view_functions[endpoint]
    return cast("frozenset[str] | None", getattr(view, "access", None))


def init_app(app: Flask) -> None:
    """Check every request against what its endpoint declares."""
    access(ANYONE)(app.view_functions["static"])
    app.before_request(_check)


def _check() -> ResponseReturnValue | None:
    if request.endpoint is None:
        return None
    who = declared_access(request.endpoint)
    if who is None:
        abort(403)
    if ANYONE in who:
        return None
    if not current_user.is_authenticated:
        return _ask_to_sign_in()
    if SIGNED_IN in who or not current_user.roles.isdisjoint(who):
        return None
    raise ForbiddenError(_("이 화면은 다른 역할을 맡은 분만 볼 수 있어요."))


def _ask_to_sign_in() -> ResponseReturnValue:
    """Send a visitor to the sign-in page, and afterwards back to the page they came from."""
    back = request.full_path.rstrip("?") if request.method == "GET" else (safe_next(request.referrer) or "/")
    return redirect(url_for("accounts.sign_in", next=back))


def safe_next(target: str | None, fallback: str | None = None) -> str | None:
    """Return ``target`` if it is a path of this site, else ``fallback``.

    A full address is taken only when it begins with this very host. Two slashes, backslashes, control
    characters and every other scheme are refused: browsers read some of them as another host.
    """
    if not target:
        return fallback
    own = request.host_url.rstrip("/")
    path = target.removeprefix(own) if target.startswith(own + "/") else target
    is_path = path.startswith("/") and not path.startswith(("//", "/\\"))
    is_plain = not any(ord(letter) < 33 or letter in "\\" for letter in path)
    return path if is_path and is_plain else fallback
