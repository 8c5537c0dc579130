"""The Korean typefaces documents are set in; they come by pip with their licence (Noto, SIL OFL 1.1)."""

import struct
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_ko

_ALL_OF_UNICODE = (3, 10)
_GROUPS = 12


def serif() -> Path:
    """Return the file of Noto Serif KR."""
    return Path(pylopdf_fonts_ko.serif_path())


def sans() -> Path:
    """Return the file of Noto Sans KR."""
    return Path(pylopdf_fonts_ko.sans_path())


def are_ready() -> bool:
    """Tell whether both files are there."""
    return serif().is_file() and sans().is_file()


@lru_cache(maxsize=2)
def letters(path: Path) -> frozenset[int]:
    """Return the letters a typeface has pictures for, read from its file alone.

    What draws documents stays out of the processes of the web, and this is all that a form has to know.
    Raises ValueError for a file without a table of all Unicode.
    """
    with path.open("rb") as file:
        _, count = struct.unpack(">4sH6x", file.read(12))
        tables = {
            tag: (offset, length)
            for tag, offset, length in (struct.unpack(">4s4xLL", file.read(16)) for _ in range(count))
        }
        offset, length = tables[b"cmap"]
        file.seek(offset)
        table = file.read(length)
    for number in range(struct.unpack_from(">2xH", table)[0]):
        platform, encoding, start = struct.unpack_from(">HHL", table, 4 + 8 * number)
        if (platform, encoding) == _ALL_OF_UNICODE and struct.unpack_from(">H", table, start)[0] == _GROUPS:
            return _in_groups(table, start)
    raise ValueError(f"{path.name} has no table of all Unicode.")


def _in_groups(table: bytes, start: int) -> frozenset[int]:
    """Return the letters of a table of groups (format 12) but for those drawn like one that is missing."""
    (count,) = struct.unpack_from(">L", table, start + 12)
    groups = (struct.unpack_from(">LLL", table, start + 16 + 12 * number) for number in range(count))
    return frozenset(
        letter for first, last, glyph in groups for letter in range(first, last + 1) if glyph + letter - first
    )
