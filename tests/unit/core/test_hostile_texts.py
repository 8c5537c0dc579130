"""A thousand made texts: whatever is written, a reader sees harmless, whole HTML."""

import random
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import product
from urllib.parse import urlsplit

import pytest

from portal.core.markdown import POST_MAX_CHARS, POST_TAGS, render_post
from tests.pace import costs_less_than

GENEROUS_S = 2
"""Far above what any text takes, far below what would block a worker."""
VOID = {"br"}

SCHEMES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "java\nscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A&#x61&#x76&#x61&#x73&#x63ript:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "%6Aavascript:alert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://example.com/1",
    "//evil.example/x",
    "\\\\evil.example\\x",
    "https://naver.com@evil.example/",
    "https://evil.example/%0d%0aSet-Cookie:x",
    'https://evil.example/"onmouseover=alert(1)//',
    "https://[::1",
    "tel:01012345678",
    "mailto:a@b.c?body=x",
    "#top",
    "/account/",
)
LINKS = (
    "[a]({})",
    "[a](<{}>)",
    '[a]({} "t")',
    "![a]({})",
    "<{}>",
    "[a][1]\n\n[1]: {}",
    "[**a**]({})",
    "> [a]({})",
)
TAGS = (
    "script", "img", "svg", "iframe", "object", "embed", "form", "input", "button", "textarea", "style",
    "link", "meta", "base", "math", "video", "audio", "details", "template", "noscript", "plaintext", "xmp",
    "title", "select", "table", "a", "p", "li", "blockquote", "custom-tag",
)  # fmt: skip
SHAPES = (
    "<{0}>alert(1)</{0}>",
    "<{0}>",
    "</{0}>",
    "<{0} onload=alert(1)>",
    "<{0}/onerror=alert(1)//",
    "<{0} src=x onerror=alert(1) x='",
    '<{0} style="position:fixed;inset:0">',
    "<{0} href=javascript:alert(1)>x",
    "<{0}\n>x</{0}\n>",
    "&lt;{0}&gt;",
    "<<{0}>>",
    "<{0} <!-- -->",
    "- <{0}>\n- b",
    "> <{0}\n> >",
    "**<{0}>**",
    "[<{0}>](https://example.com)",
)
PIECES = (
    "[", "]", "(", ")", "!", "<", ">", "`", "*", "_", "**", "__", "\\", '"', "'", "&", "#", "- ", "1. ", "> ",
    "\n", "\n\n", "    ", "\t", "<!--", "-->", "<![CDATA[", "]]>", "<?php", "\x00", "\u202e", "\u2066",
    "\u200b", "\ufeff", "&#0;", "&#x110000;", "&lt;", "</p>", "</div>", "</main>", "<script>",
    "[a](javascript:x)", "http://a.b", "가", "🙂", "\u0301" * 20, "999999999999. ", "| a | b |", "```", "~~~",
    "---", "$$", "{{ 7*7 }}", "{% raw %}",
)  # fmt: skip


class Reader(HTMLParser):
    """Reads as a browser does: which elements with which attributes, and what is still open at the end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.odd: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.odd.append(tag)

    def handle_comment(self, data: str) -> None:
        self.odd.append(f"comment {data}")

    def handle_decl(self, decl: str) -> None:
        self.odd.append(f"declaration {decl}")

    def handle_pi(self, data: str) -> None:
        self.odd.append(f"instruction {data}")


def texts() -> Iterator[str]:
    """Give well over a thousand texts, the same ones each time."""
    for shape, address in product(LINKS, SCHEMES):
        yield shape.format(address)
    for shape, tag in product(SHAPES, TAGS):
        yield shape.format(tag)
    chance = random.Random(23)
    for _ in range(500):
        yield "".join(chance.choices(PIECES, k=chance.randint(1, 60)))


def whole_pages() -> Iterator[str]:
    """Give texts of the full length, each one piece over and over."""
    for piece in (*PIECES, "[a](", "![a](", "<a ", "> - 1. ", "*[a", "***a", "a**b", "[[[", "\\[", "_a_"):
        yield (piece * POST_MAX_CHARS)[:POST_MAX_CHARS]


def assert_harmless(text: str) -> None:
    reader = Reader()
    reader.feed(f"<main>{render_post(text)}</main>")
    reader.close()

    assert reader.open == [], text
    assert reader.odd == [], text
    for tag, attributes in reader.seen[1:]:
        assert tag in POST_TAGS, text
        assert attributes.keys() <= {"href", "rel", "start", "title"}, text
        if "href" in attributes:
            assert urlsplit(attributes["href"] or "").scheme in {"", "http", "https"}, text
            assert (
                not (attributes["href"] or "").strip().lower().startswith(("javascript", "data", "vbscript"))
            )
            assert {"ugc", "nofollow", "noopener"} <= set((attributes["rel"] or "").split())


def test_more_than_a_thousand_made_texts_are_harmless_and_leave_nothing_open() -> None:
    made = list(texts())

    assert len(set(made)) >= 1000
    for text in made:
        assert_harmless(text)


def test_no_text_of_any_length_takes_long() -> None:
    for text in [*whole_pages(), "".join(texts())[:POST_MAX_CHARS]]:
        with costs_less_than(GENEROUS_S):
            assert_harmless(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[눌러 보세요](https://evil.example/a)", "눌러 보세요 (evil.example)"),
        ("[naver.com](https://naver.com.evil.example)", "naver.com (naver.com.evil.example)"),
        ("[naver.com](https://naver.com@evil.example)", "naver.com (evil.example)"),
        (
            "[https://naver.com/evil.example](https://evil.example)",
            "https://naver.com/evil.example (evil.example)",
        ),
        ("[**굵게**](http://evil.example)", "굵게 (evil.example)"),
        ("[](https://evil.example)", " (evil.example)"),
        ("[naver.com](https://naver.com/shop)", "naver.com"),
        ("[https://naver.com/x](https://naver.com/y)", "https://naver.com/x"),
    ],
)
def test_a_link_says_where_it_leads_when_its_words_do_not(text: str, shown: str) -> None:
    class Words(Reader):
        words = ""

        def handle_data(self, data: str) -> None:
            self.words += data

    reader = Words()
    reader.feed(render_post(text))

    assert reader.words.strip("\n") == shown


def test_letters_that_turn_the_order_of_others_are_left_out() -> None:
    assert render_post("\u202ecod.exe \u2066a") == "<p>cod.exe a</p>\n"
