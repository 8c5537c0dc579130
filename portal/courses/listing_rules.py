"""The rules of the practice store, read from ``content/listing_rules`` with their drawings."""

from pathlib import Path
from xml.etree.ElementTree import tostring

from portal.courses.drawings import read_drawing
from portal.courses.problems import Problems
from portal.courses.rule_files import read_rules
from portal.practice.store_rules import Rules, add_notices, add_pictures
from portal.practice.store_rules import read_rules as read_store_rules


def read_store(folder: Path, problems: Problems) -> Rules | None:
    """Return the rules, or None after noting what is wrong and in which line."""
    store = read_rules(folder / "practice-store.toml", read_store_rules, problems)
    if store is None:
        return None
    told = read_rules(folder / "notices.toml", lambda values: add_notices(store, values), problems)
    if told is None:
        return None

    def draw(name: str) -> str:
        return _draw(folder / "pictures" / f"{name}.svg", problems)

    return read_rules(folder / "pictures.toml", lambda values: add_pictures(told, values, draw), problems)


def _draw(path: Path, problems: Problems) -> str:
    """Return a drawing that fills the room it is given; the words beside it say what is on it."""
    root = read_drawing(path, problems)
    if root is None:
        return ""
    del root.attrib["width"]
    root.set("class", "picture__drawing")
    root.set("aria-hidden", "true")
    return tostring(root, encoding="unicode")
