"""Two Markdown functions that are never mixed.

`render_lesson` is for our own lessons, at load time, by Python-Markdown with the few extensions lessons
need. `render_post` is for what people write: Python-Markdown hangs on hostile text, so posts go through
markdown-it-py with a small rule set, are capped in length, rendered once when saved, and cleaned by nh3 as
the last step.
"""

from collections.abc import Sequence

import markdown as python_markdown
import nh3
from markdown.extensions import Extension
from markdown_it import MarkdownIt

from portal.core.errors import DomainError

POST_MAX_CHARS = 8_000

POST_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "a"}

_post_parser = MarkdownIt("zero", {"breaks": True}).enable(
    ["emphasis", "list", "blockquote", "newline", "escape", "link"]
)


def render_post(text: str) -> str:
    """Return safe HTML of what a person wrote: paragraphs, lists, emphasis and http(s) links.

    Raises DomainError if it is longer than POST_MAX_CHARS.
    """
    if len(text) > POST_MAX_CHARS:
        raise DomainError(f"글이 너무 길어요. {POST_MAX_CHARS:,}자까지 적을 수 있어요.")
    return nh3.clean(
        _post_parser.render(text.replace("\x00", "")),
        tags=POST_TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes={"http", "https"},
        link_rel="ugc nofollow noopener noreferrer",
    )


def render_lesson(text: str, *, extensions: Sequence[Extension] = ()) -> str:
    """Return the HTML of a trusted lesson section; ``extensions`` add to the few that lessons need."""
    return python_markdown.markdown(
        text,
        extensions=["tables", "def_list", "admonition", "attr_list", "sane_lists", *extensions],
        output_format="html",
    )
