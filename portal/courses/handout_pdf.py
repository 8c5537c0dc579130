"""Printing a handout: one press for the typeface and the style of every kind and size.

The file is PDF/UA-1: tagged for screen readers, in the document's language, with the words for every picture.
"""

from portal.core import fonts, press
from portal.courses.paper import STYLE, Paper

VARIANT = "pdf/ua-1"


class Press(press.Press):
    """The press of handouts; use it in a `with` block."""

    def __init__(self) -> None:
        super().__init__(STYLE.read_text(encoding="utf-8"), fonts.sans(), variant=VARIANT)

    def draw(self, paper: Paper) -> bytes:
        """Return the bytes of a paper."""
        handed = {address: ("image/svg+xml", svg) for address, svg in paper.markup.pictures.items()}
        return self.print_html(paper.markup.html, paper.content_hash, handed)
