"""QR codes for paper: an address that a telephone's camera opens."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import segno


@dataclass(frozen=True)
class Code:
    """A QR code as what is dark in it."""

    #: How many modules it is wide and high.
    side: int
    #: Column and row, from the upper left, where a dark bar one module high begins, and its length.
    bars: Sequence[tuple[int, int, int]]


def encode(address: str) -> Code:
    """Return the QR code of an address, readable with a seventh of it damaged."""
    rows = _make(address).matrix
    bars = []
    for row, modules in enumerate(rows):
        column = 0
        for is_dark, alike in groupby(modules):
            length = len(list(alike))
            if is_dark:
                bars.append((column, row, length))
            column += length
    return Code(len(rows), bars)


def draw_qr(address: str, *, ink: str) -> bytes:
    """Return the QR code of an address as an SVG picture, readable with a seventh of it damaged."""
    picture = io.BytesIO()
    _make(address).save(picture, kind="svg", border=0, xmldecl=False, svgns=True, omitsize=True, dark=ink)
    return picture.getvalue()


def _make(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)
