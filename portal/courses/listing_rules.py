"""The rules of the practice store, read from ``content/listing_rules`` with their drawings."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import tostring

from portal.courses.drawings import read_drawing
from portal.courses.problems import Problems
from portal.courses.toml_file import read_toml
from portal.practice.outcome import BadPractice
from portal.practice.store_rules import Rules, add_notices, add_pictures, read_rules

_KEY_IN_QUOTES = re.compile(r"'([a-z][\w.\[\]-]*)'")


def read_store(folder: Path, problems: Problems) -> Rules | None:
    """Return the rules, or None after noting what is wrong and in which line."""
    rules = _read(folder / "practice-store.toml", problems, read_rules)
    if rules is None:
        return None
    store = rules
    with_notices = _read(folder / "notices.toml", problems, lambda values: add_notices(store, values))
    if with_notices is None:
        return None

    def draw(name: str) -> str:
        return _draw(folder / "pictures" / f"{name}.svg", problems)

    return _read(folder / "pictures.toml", problems, lambda values: add_pictures(with_notices, values, draw))


def _read(path: Path, problems: Problems, read: Callable[[dict[str, Any]], Rules]) -> Rules | None:
    file = read_toml(path, problems)
    try:
        return read(file.values) if file else None
    except BadPractice as error:
        key = _KEY_IN_QUOTES.search(str(error))
        problems.add(path, file.line_of(key[1]) if file and key else 1, str(error))
    return None


def _draw(path: Path, problems: Problems) -> str:
    """Return a drawing that fills the room it is given; the words beside it say what is on it."""
    root = read_drawing(path, problems)
    if root is None:
        return ""
    del root.attrib["width"]
    root.set("class", "picture__drawing")
    root.set("aria-hidden", "true")
    return tostring(root, encoding="unicode")
