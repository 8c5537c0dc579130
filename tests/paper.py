"""Measuring a paper as the press laid it out: what stands on it, and whether anything is cut."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from portal.courses.handout_pdf import Press
from portal.courses.paper import Paper

JOINER = "\N{WORD JOINER}"
NEARLY_PX = 0.5
_NO_SPACE = re.compile(rf"[\s{JOINER}]+")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_hidden = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._is_hidden = tag in {"title", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self.texts.append(data)


def list_words(html: str) -> list[str]:
    """Return the words of a document in their order."""
    reader = _Words()
    reader.feed(html)
    return [_NO_SPACE.sub("", word) for text in reader.texts for word in text.split()]


class Layout:
    """The pages of a paper."""

    def __init__(self, press: Press, paper: Paper) -> None:
        handed = {address: ("image/svg+xml", svg) for address, svg in paper.markup.pictures.items()}
        self.paper = paper
        self.pages = [page._page_box for page in press.lay_out(paper.markup.html, handed).pages]

    @property
    def text(self) -> str:
        """Return everything that is written, without spaces."""
        return _NO_SPACE.sub("", "".join(box.text for page in self.pages for box in _boxes(page, "TextBox")))

    def list_lost(self) -> list[str]:
        """Return the words that are on no page."""
        text = self.text
        return [word for word in list_words(self.paper.markup.html) if word and word not in text]

    def list_cut(self) -> list[str]:
        """Return what reaches over the edge of its page's margins."""
        return [
            f"page {number}: {getattr(box, 'text', 'a picture')}"
            for number, page in enumerate(self.pages, start=1)
            for box in (*_boxes(page.children[0], "TextBox"), *_boxes(page.children[0], "Replaced"))
            if _is_outside(box, page)
        ]


def _boxes(box: Any, kind: str) -> Iterator[Any]:
    return (each for each in box.descendants(placeholders=True) if kind in type(each).__name__)


def _is_outside(box: Any, page: Any) -> bool:
    left, top = page.content_box_x(), page.content_box_y()
    right, bottom = left + page.width, top + page.height
    return bool(
        box.position_x < left - NEARLY_PX
        or box.position_x + box.width > right + NEARLY_PX
        or box.position_y < top - NEARLY_PX
        or box.position_y + box.height > bottom + NEARLY_PX
    )
