"""Ids in addresses, queries and forms."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1
"""What an id column of PostgreSQL holds; a larger number would fail there instead of finding nothing."""


class IdConverter(IntegerConverter):
    """An id that the database can hold; any other address is unknown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"min": 1, "max": LARGEST_ID, **kwargs})


def init_app(app: Flask) -> None:
    """Let every ``<int:…>`` of an address be an id."""
    app.url_map.converters["int"] = IdConverter


def row_id(text: str) -> int:
    """Return the id in a query or form value; ValueError for what no row can have.

    For ``request.args.get("before", type=row_id)``, which turns the error into None.
    """
    number = int(text)
    if not 1 <= number <= LARGEST_ID:
        raise ValueError(text)
    return number
