"""Three Markdown functions that are never mixed.

`render_lesson` is for our own lessons, at load time, by Python-Markdown with the few extensions lessons
need. `render_post` is for what people write: Python-Markdown hangs on hostile text, so posts go through
markdown-it-py with a small rule set, are capped in length, rendered once when saved, and cleaned by nh3 as
the last step. `render_item` is for exam items, which staff hand in as files: as a post, with tables and no
links.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import markdown as python_markdown
import nh3
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionExtension
from markdown.extensions.attr_list import AttrListExtension
from markdown.extensions.def_list import DefListExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown_it import MarkdownIt
from markdown_it.token import Token

from portal.core.errors import DomainError

POST_MAX_CHARS = 8_000

POST_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}

_post_parser = MarkdownIt("zero", {"breaks": True}).enable(
    ["emphasis", "list", "blockquote", "newline", "escape", "link"]
)

#: Letters that are not seen and turn the order of what follows: an address could read as another one.
_TURNING = re.compile("[\x00\u202a-\u202e\u2066-\u2069]")


def render_post(text: str) -> str:
    """Return safe HTML of what a person wrote: paragraphs, lists, emphasis and http(s) links.

    Behind a link whose words do not say where it leads stands its host. Raises DomainError if it is longer
    than POST_MAX_CHARS.
    """
    if len(text) > POST_MAX_CHARS:
        raise DomainError(f"글이 너무 길어요. {POST_MAX_CHARS:,}자까지 적을 수 있어요.")
    tokens = _post_parser.parse(_TURNING.sub("", text))
    for token in tokens:
        if token.children:
            token.children = list(_with_hosts(token.children))
    return nh3.clean(
        _post_parser.renderer.render(tokens, _post_parser.options, {}),
        tags=POST_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https"},
        link_rel="ugc nofollow noopener noreferrer",
    )


_item_parser = MarkdownIt("zero", {"breaks": True}).enable(
    ["emphasis", "list", "blockquote", "newline", "escape", "table"]
)
ITEM_TAGS = POST_TAGS - {"a"} | {"table", "thead", "tbody", "tr", "th", "td"}
_WIDE = '<div class="table table--scroll" role="region" aria-label="표" tabindex="0"><table>'


def render_item(text: str) -> str:
    """Return safe HTML of an exam item's question or case: paragraphs, lists, emphasis and tables."""
    html = nh3.clean(
        _item_parser.render(_TURNING.sub("", text[:POST_MAX_CHARS])),
        tags=ITEM_TAGS,
        attributes={"ol": {"start"}},
    )
    return html.replace("<table>", _WIDE).replace("</table>", "</table></div>")


def _with_hosts(tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the tokens of one line, the host behind each link that hides it."""
    host, words = "", ""
    for token in tokens:
        if token.type == "link_open":
            host, words = _host(str(token.attrGet("href") or "")), ""
        elif token.type == "link_close" and host and _shown_host(words) != host:
            yield Token("text", "", 0, content=f" ({host})")
        words += token.content
        yield token


def _host(address: str) -> str:
    """Return where an address leads, empty for one that is none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _shown_host(words: str) -> str:
    """Return the host that the words of a link name by being an address, whole or without its beginning."""
    shown = words.strip().lower()
    return _host(shown if "://" in shown else f"//{shown}")


#: As objects: by their names the library would search what is installed, for every step anew.
_LESSON_EXTENSIONS = (
    TableExtension(),
    DefListExtension(),
    AdmonitionExtension(),
    AttrListExtension(),
    SaneListExtension(),
)


def render_lesson(text: str, *, extensions: Sequence[Extension] = ()) -> str:
    """Return the HTML of a trusted lesson section; ``extensions`` add to the few that lessons need."""
    return python_markdown.markdown(
        text,
        extensions=[*_LESSON_EXTENSIONS, *extensions],
        output_format="html",
    )
