"""What every text here goes through before it is kept, and how notices speak of it."""

import secrets

from portal.core.errors import DomainError
from portal.core.markdown import render_post

TITLE_CHARS = 30
"""As much of a title as a text message has room for beside its sentence."""


def render(text: str, *, field: str) -> str:
    """Return safe HTML of what a person wrote. Raises DomainError beside ``field`` if it is too long."""
    try:
        return render_post(text)
    except DomainError as error:
        raise DomainError(error.message, field=field) from error


def fresh_key() -> str:
    """Return a key for what was written anew in a form whose own key is used up: nothing is lost."""
    return secrets.token_urlsafe(16)


def short_title(title: str) -> str:
    """Return a title as short as a notice can say it."""
    return title if len(title) <= TITLE_CHARS else title[: TITLE_CHARS - 1].rstrip() + "…"
