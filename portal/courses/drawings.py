"""Our own SVG pictures, put into the page itself so that they follow contrast and text size.

Nothing that could run, load or restyle passes: elements and attributes are those listed here, colours are
the art tokens of the style sheet, and a document type (with its entities) ends the reading.
"""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from portal.courses.problems import Problems
from portal.courses.toml_file import read_text

LARGEST_CHARS = 40_000
UNITS_PER_EM = 17
"""A drawing 380 units wide is 22 em wide: its letters of 18 units come out larger than our smallest text."""

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = {"svg", "g", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon", "text", "tspan"}
_ATTRIBUTES = {
    "viewBox", "d", "fill", "fill-rule", "fill-opacity", "stroke", "stroke-width", "stroke-linecap",
    "stroke-linejoin", "stroke-dasharray", "stroke-opacity", "opacity", "transform", "x", "y", "x1", "y1",
    "x2", "y2", "cx", "cy", "r", "rx", "ry", "dx", "dy", "width", "height", "points", "font-size",
    "font-weight", "text-anchor", "dominant-baseline",
}  # fmt: skip
_COLOUR = re.compile(r"none|currentColor|var\(--[a-z][a-z-]*\)")
_VIEW_BOX = re.compile(r"-?[\d.]+ -?[\d.]+ ([\d.]+) [\d.]+")


class _Refused(Exception):  # noqa: N818 - stops the parser, never leaves this module
    """The document holds something that is not read any further."""


class _Reader:
    """Builds the tree of one drawing and notes what may not be in it."""

    def __init__(self, path: Path, problems: Problems) -> None:
        self._path, self._problems = path, problems
        self._builder = ElementTree.TreeBuilder()
        self._parser = expat.ParserCreate(namespace_separator="|")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = lambda name: self._builder.end(name.rpartition("|")[2])
        self._parser.CharacterDataHandler = self._builder.data
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.ProcessingInstructionHandler = self._refuse
        self._is_root = True

    def read(self, text: str) -> ElementTree.Element | None:
        """Return the root, or None after noting why there is none."""
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            self._problems.add(self._path, error.lineno, f"this is not SVG: {expat.ErrorString(error.code)}")
            return None
        except _Refused:
            return None
        return self._builder.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        space, _, tag = name.rpartition("|")
        if space != _SVG or tag not in _ELEMENTS or (tag == "svg") != self._is_root:
            self._wrong(f"<{tag}> may not stand here in a drawing")
        for attribute, value in attributes.items():
            self._check(attribute, value)
        if self._is_root and not _VIEW_BOX.fullmatch(attributes.get("viewBox", "")):
            self._wrong('the drawing needs a viewBox of four numbers, such as viewBox="0 0 380 240"')
        self._is_root = False
        self._builder.start(tag, attributes)

    def _check(self, attribute: str, value: str) -> None:
        if attribute not in _ATTRIBUTES or (self._is_root and attribute in {"width", "height"}):
            self._wrong(f"the attribute '{attribute.rpartition('|')[2]}' may not stand here in a drawing")
        elif attribute in {"fill", "stroke"} and not _COLOUR.fullmatch(value):
            self._wrong(f"'{attribute}' must be an art token such as var(--art-frame), not {value!r}")
        elif "url(" in value.lower() or "script" in value.lower():
            self._wrong(f"the attribute '{attribute}' may not point anywhere")

    def _refuse(self, *_parts: Any) -> None:
        self._wrong("a drawing has no document type and no processing instruction")
        raise _Refused

    def _wrong(self, sentence: str) -> None:
        self._problems.add(self._path, self._parser.CurrentLineNumber, sentence)


def read_drawing(path: Path, problems: Problems) -> ElementTree.Element | None:
    """Return the drawing, wide enough to read, or None after noting what is wrong with the file."""
    text = read_text(path, problems)
    if text is None:
        return None
    if len(text) > LARGEST_CHARS:
        problems.add(path, 1, f"the drawing has more than {LARGEST_CHARS:,} characters; draw it simpler")
        return None
    root = _Reader(path, problems).read(text)
    if root is None:
        return None
    view_box = _VIEW_BOX.fullmatch(root.get("viewBox", ""))
    root.set("class", "figure")
    root.set("width", f"{float(view_box[1]) / UNITS_PER_EM if view_box else 20:.4g}em")
    return root
