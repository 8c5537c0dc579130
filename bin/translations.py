"""Every sentence that is marked for translation, and `portal/translations/*.po` brought in step with them.

    python -m bin.translations

A new sentence is added without words, one that is gone is taken out; the words of all others stay.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment
from jinja2.ext import InternationalizationExtension, extract_from_ast

PORTAL = Path(__file__).resolve().parents[1] / "portal"
FOLDER = PORTAL / "translations"
MARKS = ("_", "noted")


def marked() -> dict[str, list[str]]:
    """Return every marked sentence with the files it stands in."""
    found: dict[str, list[str]] = {}
    for path in sorted([*PORTAL.rglob("*.py"), *PORTAL.rglob("*.html")]):
        text = path.read_text(encoding="utf-8")
        for message in _in_python(text) if path.suffix == ".py" else _in_template(text):
            places = found.setdefault(message, [])
            if (name := path.relative_to(PORTAL.parent).as_posix()) not in places:
                places.append(name)
    return found


def read(path: Path) -> Catalog:
    """Return the catalog of a language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def _in_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            match node.args:
                case [ast.Constant(value=str(message)), *_]:
                    yield message


def _in_template(text: str) -> Iterator[str]:
    environment = Environment(extensions=[InternationalizationExtension])  # noqa: S701 - nothing is drawn
    for _line, _mark, strings in extract_from_ast(environment.parse(text), MARKS, babel_style=False):
        message = strings[0] if isinstance(strings, tuple) else strings
        if message:
            yield message


def bring_in_step(path: Path) -> int:
    """Write the catalog with the sentences there are now; return how many have no words yet."""
    old = read(path) if path.stat().st_size else Catalog(locale=path.stem)
    words = {str(each.id): str(each.string) for each in old if each.id}
    new = Catalog(locale=path.stem, charset="utf-8", fuzzy=False)
    for message, places in marked().items():
        new.add(message, words.get(message, ""), locations=[(place, 0) for place in places[:2]])
    with path.open("wb") as file:
        write_po(file, new, width=0, omit_header=True, include_lineno=False)
    return sum(not words.get(message) for message in marked())


if __name__ == "__main__":
    for language in sorted(FOLDER.glob("*.po")):
        left = bring_in_step(language)
        sys.stdout.write(f"{language.name}: {left} sentences without words\n")
