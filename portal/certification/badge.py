"""The badge of a certificate as a picture that carries its credential: SVG, and PNG for everywhere else.

Both show the same drawing. Letters are shapes of our typeface, so that it looks alike on every device.
No name stands on it: what is shown to strangers says what was achieved, not by whom.
"""

import io
import struct
import textwrap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from portal.core import fonts

SIZE = 512
MIDDLE = SIZE / 2
INK, PAPER, ACCENT = "#14233f", "#fdfaf4", "#b8643a"
RINGS = ((250, INK), (236, PAPER), (228, ACCENT), (224, PAPER))
"""Discs from the outermost to the innermost: radius and colour."""
TITLE_SIZE, TITLE_WIDTH = 50, 410
PER_LINE, LINES = 9, 3
PNG_START = b"\x89PNG\r\n\x1a\n"
PNG_KEYWORD = b"openbadgecredential"
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"


@dataclass(frozen=True)
class Badge:
    """What a badge shows."""

    #: 수료증, or 자격증.
    word: str
    title: str
    issuer: str
    day: str


@dataclass(frozen=True)
class Line:
    """Letters in the middle of the badge, on a base line."""

    text: str
    size: int
    y: int
    colour: str


def draw_svg(badge: Badge, credential: bytes) -> bytes:
    """Return the badge as SVG with its credential inside."""
    words = f"{badge.title} {badge.word} 배지"
    shapes = [f'<circle cx="{MIDDLE:g}" cy="{MIDDLE:g}" r="{r}" fill="{colour}"/>' for r, colour in RINGS]
    shapes += [f'<path d="{_path(line)}" fill="{line.colour}"/>' for line in lines(badge)]
    within = credential.decode().replace("]]>", "]]]]><![CDATA[>")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:openbadges="{NAMESPACE}"'
        f' viewBox="0 0 {SIZE} {SIZE}" role="img" aria-label="{escape(words)}">'
        f"<openbadges:credential><![CDATA[{within}]]></openbadges:credential>"
        f"<title>{escape(words)}</title>{''.join(shapes)}</svg>"
    ).encode()


def draw_png(badge: Badge, credential: bytes) -> bytes:
    """Return the badge as PNG with its credential inside."""
    return bake_png(_picture(badge), credential)


@lru_cache(maxsize=32)
def _picture(badge: Badge) -> bytes:
    """Return the badge as PNG without a credential: a whole class has the same."""
    picture = _rings().copy()
    drawing = ImageDraw.Draw(picture)
    for line in lines(badge):
        drawing.text((MIDDLE, line.y), line.text, fill=line.colour, font=_typeface(line.size), anchor="ms")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


@lru_cache(maxsize=1)
def _rings() -> Image.Image:
    """Return the discs with smooth edges: drawn larger and made smaller."""
    picture = Image.new("RGBA", (SIZE * 2, SIZE * 2))
    drawing = ImageDraw.Draw(picture)
    for radius, colour in RINGS:
        drawing.circle((SIZE, SIZE), radius * 2, fill=colour)
    return picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


@lru_cache(maxsize=16)
def _typeface(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(fonts.serif(), size)


def bake_png(picture: bytes, credential: bytes) -> bytes:
    """Return a PNG with the credential in a chunk of text right after its head, as Open Badges 3.0 says."""
    if not picture.startswith(PNG_START):
        raise ValueError("Only a PNG can carry a credential this way.")
    # Keyword, not compressed, by no method, no language, no translated keyword.
    chunk = b"iTXt" + PNG_KEYWORD + b"\0\0\0\0\0" + credential
    head = len(PNG_START) + 4 + 4 + 13 + 4
    packed = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return picture[:head] + packed + picture[head:]


def lines(badge: Badge) -> Iterator[Line]:
    """Yield the lines of a badge from top to bottom."""
    yield Line(badge.issuer, 27, 120, ACCENT)
    title = _wrap(badge.title)
    size = min(TITLE_SIZE, TITLE_WIDTH // max(len(each) for each in title))
    leading = round(size * 1.35)
    first = round(MIDDLE + 14 - leading * (len(title) - 1) / 2)
    for at, text in enumerate(title):
        yield Line(text, size, first + at * leading, INK)
    yield Line(badge.word, 36, 396, ACCENT)
    yield Line(badge.day, 22, 440, INK)


def _wrap(title: str) -> list[str]:
    """Return a title on as few lines as the badge has room for, broken between words."""
    for width in range(PER_LINE, len(title) + 1):
        broken = textwrap.wrap(title, width, break_long_words=False)
        if len(broken) <= LINES:
            return broken
    return [title]


@lru_cache(maxsize=256)
def _path(line: Line) -> str:
    """Return the outline of a line's letters as an SVG path."""
    letters, names, unit = _face()
    glyphs = [names.get(ord(letter), ".notdef") for letter in line.text]
    widths = [letters[name].width for name in glyphs]
    scale = line.size / unit
    left = MIDDLE - sum(widths) * scale / 2
    pen = SVGPathPen(letters, ntos=lambda number: f"{number:.1f}".removesuffix(".0"))
    for name, width in zip(glyphs, widths, strict=True):
        letters[name].draw(TransformPen(pen, (scale, 0, 0, -scale, left, line.y)))
        left += width * scale
    return str(pen.getCommands())


@lru_cache(maxsize=1)
def _face() -> tuple[Any, dict[int, str], int]:
    """Return the typeface's letters by name, their names by number, and its units for one em."""
    face = TTFont(fonts.serif(), lazy=True)
    return face.getGlyphSet(), face.getBestCmap(), face["head"].unitsPerEm
