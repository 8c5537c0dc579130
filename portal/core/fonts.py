"""The Korean typefaces documents are set in; they come by pip with their licence (Noto, SIL OFL 1.1)."""

from pathlib import Path

import pylopdf_fonts_ko


def serif() -> Path:
    """Return the file of Noto Serif KR."""
    return Path(pylopdf_fonts_ko.serif_path())


def sans() -> Path:
    """Return the file of Noto Sans KR."""
    return Path(pylopdf_fonts_ko.sans_path())


def are_ready() -> bool:
    """Tell whether both files are there."""
    return serif().is_file() and sans().is_file()
