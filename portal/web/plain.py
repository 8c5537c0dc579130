"""Pages that must not ask the database: it has just failed."""

from flask import g


def keep_page_plain() -> None:
    """Let the rest of this request's page ask the database nothing."""
    g.portal_plain = True


def is_page_plain() -> bool:
    """Tell whether this request's page must not ask the database."""
    return bool(g.get("portal_plain"))
