"""From the HTML of a page to the HTML of a paper: lines break between words, and pictures stand apart.

WeasyPrint knows no `word-break: keep-all`, so that every word is held together by an element of its own.
Drawings become pictures with the colours of paper, since a PDF has no style sheet to ask for art tokens.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from itertools import groupby
from typing import Literal

#: The art tokens and colours of portal.css, as paper shows them: light, and dark where it matters.
COLOURS = {
    "accent": "#e8804a", "action": "#0a46b4", "action-soft": "#ecf2fe", "art-coin": "#f5c451",
    "art-coin-ink": "#5b3c00", "art-frame": "#24405f", "art-ink": "#000", "art-leaf": "#4f8a5b",
    "art-line": "#8a9097", "art-screen": "#fff", "art-shadow": "#e9e3d6", "art-sky": "#f5f1e8",
    "art-soft": "#fbe9dd", "art-wood": "#b98a5e", "bad": "#8a240f", "bad-soft": "#fdefec", "brand": "#063a74",
    "ink": "#000", "ink-soft": "#333", "line": "#b9b4a8", "line-strong": "#333", "ok": "#235430",
    "ok-soft": "#eaf6ec", "on-action": "#fff", "paper": "#fff", "surface": "#fff", "warn": "#614100",
    "warn-soft": "#fff3db",
}  # fmt: skip
LONGEST_HELD = 12
"""Full letters; a longer word may break inside, or it would leave a narrow column."""
LONGEST_HELD_IN_TABLE = 5
LATIN_WIDTH = 0.55
#: Elements inside a line: a word may go on over their edges, as in <strong>값</strong>은.
_IN_LINE = frozenset(
    {"a", "abbr", "b", "code", "del", "em", "i", "ins", "kbd", "small", "span", "strong", "sub", "sup"}
)
_TOKEN = re.compile(r"var\(--([a-z-]+)\)")
_PIECE = re.compile(r"\s+|\S+")


@dataclass(frozen=True)
class Markup:
    """What a press is handed: a document and the SVG pictures it names."""

    html: str
    pictures: dict[str, bytes] = field(default_factory=dict)


def prepare(html: str, *, public_url: str) -> Markup:
    """Return ``html`` as a press can print it well; ``public_url`` completes the links inside the site."""
    reader = _Reader(public_url)
    reader.feed(html)
    reader.close()
    return Markup("".join(reader.parts), reader.pictures)


@dataclass(frozen=True)
class _Token:
    """A piece of a line: a word, the space between two, or the begin or end of an element inside the line."""

    kind: Literal["word", "space", "begin", "end"]
    written: str
    tag: str = ""


class _Reader(HTMLParser):
    def __init__(self, public_url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.pictures: dict[str, bytes] = {}
        self._public_url = public_url
        self._svg: list[str] | None = None
        self._svg_attributes: dict[str, str | None] = {}
        self._line: list[_Token] = []
        self._is_raw = False
        self._tables = 0

    def close(self) -> None:
        super().close()
        self._end_line()

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = self.get_starttag_text() or ""
        if tag == "svg":
            self._svg, self._svg_attributes = [], dict(attrs)
        if self._svg is not None:
            self._svg.append(written)
            return
        href = dict(attrs).get("href")
        if tag == "a" and href and href.startswith("/"):
            written = f'<a href="{escape(self._public_url + href)}">'
        if tag in _IN_LINE:
            self._line.append(_Token("begin", written, tag))
            return
        self._end_line()
        self._is_raw = self._is_raw or tag in {"title", "style"}
        self._tables += tag == "table"
        self.parts.append(written)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._svg is not None:
            self._svg.append(self.get_starttag_text() or "")
        else:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._svg is not None:
            self._svg.append(f"</{tag}>")
            if tag == "svg":
                self._put_picture("".join(self._svg))
                self._svg = None
        elif tag in _IN_LINE:
            self._line.append(_Token("end", f"</{tag}>", tag))
        else:
            self._end_line()
            self._is_raw = self._is_raw and tag not in {"title", "style"}
            self._tables -= tag == "table"
            self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._svg is not None:
            self._svg.append(escape(data))
        elif self._is_raw:
            self.parts.append(escape(data))
        else:
            self._line += [
                _Token("space" if piece.isspace() else "word", piece) for piece in _PIECE.findall(data)
            ]

    def _end_line(self) -> None:
        """Write the line, each of its words held together, over the edges of elements too."""
        opened: list[_Token] = []
        for is_space, tokens in groupby(self._line, key=lambda token: token.kind == "space"):
            if is_space:
                self.parts += [token.written for token in tokens]
            else:
                self._put_word(list(tokens), opened)
        self._line = []

    def _put_word(self, word: list[_Token], opened: list[_Token]) -> None:
        """Write one word; ``opened`` are the elements it stands in, and afterwards those it leaves open."""
        text = "".join(token.written for token in word if token.kind == "word")
        begin, end = _core(word)
        before, inside, after = word[:begin], word[begin:end], word[end:]
        self._put(before, opened)
        if not text or _width(text) > (LONGEST_HELD_IN_TABLE if self._tables else LONGEST_HELD):
            self._put(inside, opened)
        elif _is_balanced(inside):
            self.parts.append('<span class="w">')
            self._put(inside, opened)
            self.parts.append("</span>")
        else:
            self.parts += [f"</{token.tag}>" for token in reversed(opened)]
            self.parts += ['<span class="w">', *(token.written for token in opened)]
            self._put(inside, opened)
            self.parts += [f"</{token.tag}>" for token in reversed(opened)]
            self.parts += ["</span>", *(token.written for token in opened)]
        self._put(after, opened)

    def _put(self, tokens: list[_Token], opened: list[_Token]) -> None:
        for token in tokens:
            if token.kind == "begin":
                opened.append(token)
            elif token.kind == "end" and opened:
                opened.pop()
            self.parts.append(escape(token.written) if token.kind == "word" else token.written)

    def _put_picture(self, svg: str) -> None:
        """Put a drawing as a picture with its alternative text; an icon only decorates and goes."""
        words = self._svg_attributes.get("aria-label")
        if not words:
            return
        self._end_line()
        if "xmlns=" not in svg:
            svg = svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        svg = svg.replace("<svg ", '<svg font-family="Sheet" ', 1)
        svg = _TOKEN.sub(lambda token: COLOURS[token[1]], svg).replace("currentColor", COLOURS["ink"])
        content = svg.encode()
        address = f"portal:picture-{hashlib.sha256(content).hexdigest()[:16]}"
        self.pictures[address] = content
        self.parts.append(f'<img class="figure" src="{address}" alt="{escape(words)}">')


def _core(word: list[_Token]) -> tuple[int, int]:
    """Return where a word begins and ends without the elements that only begin before it or end after it."""
    if _is_balanced(word):
        return 0, len(word)
    begin, end = 0, len(word)
    while begin < end and word[begin].kind == "begin":
        begin += 1
    while end > begin and word[end - 1].kind == "end":
        end -= 1
    return begin, end


def _is_balanced(tokens: list[_Token]) -> bool:
    depth = 0
    for token in tokens:
        depth += (token.kind == "begin") - (token.kind == "end")
        if depth < 0:
            return False
    return depth == 0


def _width(text: str) -> float:
    """Return how wide a word is in full letters."""
    return sum(1 if unicodedata.east_asian_width(letter) in "WF" else LATIN_WIDTH for letter in text)
