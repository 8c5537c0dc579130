import random
import re
from html.parser import HTMLParser

import pytest

from portal.core.errors import DomainError
from portal.core.markdown import POST_MAX_CHARS, POST_TAGS, render_post
from tests.pace import costs_less_than

PIECES = [
    *(
        "[",
        "]",
        "(",
        ")",
        "!",
        "<",
        ">",
        "`",
        "*",
        "_",
        "\\",
        '"',
        "'",
        "&",
        "#",
        "- ",
        "1. ",
        "> ",
        "\n",
        "    ",
    ),
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=javascript:alert(1)>",
    "[눌러요](javascript:alert(1))",
    "[눌러요](JaVaScRiPt&#58;alert(1))",
    "[눌러요](java\tscript:alert(1))",
    "[눌러요](data:text/html;base64,PHNjcmlwdD4=)",
    "[눌러요](vbscript:x)",
    "[눌러요](//evil.example)",
    '[눌러요](https://example.com "onmouseover=alert(1)")',
    "![](javascript:alert(1))",
    "<https://example.com>",
    "<style>*{display:none}</style>",
    "<iframe src=//evil.example>",
    "</p></div><form action=//evil.example>",
    "<![CDATA[",
    "<!--",
    "&lt;script&gt;",
    "\x00",
    "\u202e",
    "사진이 안 올라가요",
]


class Reader(HTMLParser):
    """Notes what a browser would see: elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


def assert_harmless(html: str) -> None:
    reader = Reader()
    reader.feed(html)
    for tag, attributes in reader.seen:
        assert tag in POST_TAGS
        for name, value in attributes:
            assert name in {"href", "rel", "start", "title"}
            if name == "href":
                assert re.match(r"https?://|/|#|[^:]*\Z", value or "")


def test_hostile_text_becomes_harmless_html() -> None:
    chance = random.Random(11)
    for _ in range(600):
        text = "".join(chance.choices(PIECES, k=chance.randint(1, 40)))
        assert_harmless(render_post(text))


@pytest.mark.parametrize(
    "piece",
    ["[", "![", "[a](", "<a ", "<![CDATA[", "1. 1. ", "> ", "* ", "- ", "**", "*[a", "[[", "***a", "> - 1. "],
)
def test_a_whole_page_of_one_hostile_piece_is_rendered_quickly(piece: str) -> None:
    text = (piece * POST_MAX_CHARS)[:POST_MAX_CHARS]
    with costs_less_than(2):
        html = render_post(text)
    assert_harmless(html)


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(DomainError, match="8,000자까지"):
        render_post("가" * (POST_MAX_CHARS + 1))


def test_what_people_write_keeps_its_lines_lists_and_links() -> None:
    html = render_post("첫 줄\n둘째 줄\n\n3. 셋\n4. 넷\n\n[바로가기](https://example.com/a)")

    assert "첫 줄<br>" in html
    assert '<ol start="3">' in html
    assert 'href="https://example.com/a" rel="ugc nofollow noopener noreferrer"' in html
