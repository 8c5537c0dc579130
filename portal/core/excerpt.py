"""A part of a text: where something was found, in pieces that are marked or not, or how it begins.

Escaping is the page's.
"""

import re
from collections.abc import Iterable, Sequence

AROUND_CHARS = 45
LINES, LINE_CHARS = 3, 60
"""Of a beginning; a longer line would wrap twice on a phone."""
_MARKDOWN = re.compile(r"[*_`#>~|]+|\]\([^)]*\)|!?\[")

Pieces = tuple[tuple[str, bool], ...]
"""Text, and whether it is what was asked for."""


def excerpt(texts: Iterable[str], marks: Sequence[str]) -> Pieces:
    """Return the surroundings of the first mark in ``texts``; the beginning of the first text without one."""
    plain = [" ".join(_MARKDOWN.sub(" ", text).split()) for text in texts]
    pattern = _pattern(marks)
    found = next(((text, match) for text in plain if pattern and (match := pattern.search(text))), None)
    text, at = (found[0], found[1].start()) if found else (next(iter(plain), ""), 0)
    start, end = max(0, at - AROUND_CHARS), at + 2 * AROUND_CHARS
    # Cut between words.
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = len(text) if end >= len(text) else max(text.rfind(" ", 0, end), at)
    pieces = mark(text[start:end], marks)
    before, behind = [("… ", False)] * (start > 0), [(" …", False)] * (end < len(text))
    return (*before, *pieces, *behind)


def first_lines(text: str) -> tuple[str, ...]:
    """Return the first three lines of a text that say something, the long ones cut."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][:LINES]
    return tuple(line if len(line) <= LINE_CHARS else line[: LINE_CHARS - 1].rstrip() + "…" for line in lines)


def mark(text: str, marks: Sequence[str]) -> Pieces:
    """Return the whole text in pieces."""
    pattern = _pattern(marks)
    if pattern is None:
        return ((text, False),)
    return tuple((piece, at % 2 == 1) for at, piece in enumerate(pattern.split(text)) if piece)


def _pattern(marks: Sequence[str]) -> re.Pattern[str] | None:
    """Return a pattern for any of the marks, however they are spaced, or None."""
    spelt = [(" ?" if len(each) > 2 else "").join(map(re.escape, each)) for each in marks]
    return re.compile(f"({'|'.join(spelt)})", re.IGNORECASE) if spelt else None
