"""From the Markdown of a step to its HTML, the blocks of docs/lessons.md in the classes of portal.css."""

import copy
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markupsafe import Markup

from portal.core.i18n import KOREAN, LANGUAGES, language, noted, translated
from portal.core.i18n import gettext as _
from portal.core.korean import HANGUL
from portal.core.markdown import render_lesson
from portal.courses.facts import Fact
from portal.courses.videos import Video

FOLDED = re.compile(r'^\?\?\? (?="[^"]+"\s*$)', re.MULTILINE)
FACT = re.compile(r"\[\[fact:([^\]]*)\]\]")
REMEMBER = noted("꼭 기억하세요.")
EASY = noted("쉬운 말로 하면,")
SILENT = noted("소리 없는 영상이에요.")

_TICK = '<path d="m7.5 12.5 3 3 6-6.5" fill="none" stroke-width="2.4" stroke-linejoin="round"/>'
_CROSS = '<path d="m8.5 8.5 7 7m0-7-7 7" stroke-width="2.4"/>'
_DISC = (
    '<circle cx="12" cy="12" r="10" fill="currentColor"/>'
    '<g stroke="var(--surface)" stroke-linecap="round">{}</g>'
)
_BULB = (
    '<path d="M12 3a6 6 0 0 0-3.6 10.8c.7.6 1.1 1.3 1.1 2.2h5c0-.9.4-1.6 1.1-2.2A6 6 0 0 0 12 3z'
    'M9.8 18.5h4.4M10.5 21h3" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round"/>'
)


def render_step(
    text: str,
    *,
    facts: Mapping[str, Fact],
    drawings: Mapping[str, Element],
    videos: Mapping[str, Video],
    plays: bool = True,
) -> Markup:
    """Return the HTML of a step; ``drawings`` and ``videos`` by the address the Markdown gives them.

    Where nothing plays, on paper and without a network, a video is its script.
    """
    # What folds away is an admonition to the parser and becomes <details> in the tree.
    markup = _LessonMarkup(facts, _Blocks(drawings, videos, plays=plays))
    html = render_lesson(FOLDED.sub("!!! more ", text), extensions=[markup])
    return Markup(html)  # noqa: S704 - our own files; raw HTML in them is refused before this


class _LessonMarkup(Extension):
    def __init__(self, facts: Mapping[str, Fact], blocks: "_Blocks") -> None:
        super().__init__()
        self._facts, self._blocks = facts, blocks

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the library's name
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.inlinePatterns.register(_FactPattern(FACT.pattern, self._facts), "fact", 200)
        # After the library has set the lines (10) and the attributes (8).
        md.treeprocessors.register(self._blocks, "lesson_blocks", 5)


class _FactPattern(InlineProcessor):
    def __init__(self, pattern: str, facts: Mapping[str, Fact]) -> None:
        super().__init__(pattern)
        self._facts = facts

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Any, int, int]:  # type: ignore[override] # noqa: N802
        fact = self._facts.get(m[1])
        span = Element("span", {"class": "fact"})
        span.text = fact.value if fact else m[0]
        return span, m.start(0), m.end(0)


class _Blocks(Treeprocessor):
    def __init__(self, drawings: Mapping[str, Element], videos: Mapping[str, Video], *, plays: bool) -> None:
        super().__init__()
        self._drawings, self._videos, self._plays = drawings, videos, plays

    def run(self, root: Element) -> None:
        self._rebuild(root)
        if language() != KOREAN:
            mark_korean(root)

    def _rebuild(self, parent: Element) -> None:
        children: list[Element] = []
        for child in list(parent):
            self._rebuild(child)
            made = self._make(child)
            if made.get("class", "").startswith("pair__item"):
                if not children or children[-1].get("class") != "pair":
                    children.append(Element("div", {"class": "pair"}))
                children[-1].append(made)
            else:
                children.append(made)
        parent[:] = children

    def _make(self, block: Element) -> Element:
        names = block.get("class", "").split()
        if names[:1] == ["admonition"] and names[1] in _ADMONITIONS:
            return _ADMONITIONS[names[1]](block)
        if names == ["admonition", "video"]:
            return self._video(block)
        if block.tag == "p" and len(block) == 1 and block[0].tag == "img":
            return self._drawing(block[0])
        if block.tag == "table":
            return _table(block)
        if block.tag == "dl":
            block.set("class", "pairs")
        return block

    def _video(self, block: Element) -> Element:
        title, address = block[0].text or "", "".join(block[-1].itertext()).strip()
        video = self._videos.get(address)
        if video is None:
            return block
        return _player(video, title) if self._plays else _script(video, title)

    def _drawing(self, image: Element) -> Element:
        drawing = self._drawings.get(image.get("src", ""))
        if drawing is None:
            return image
        drawing = copy.deepcopy(drawing)
        alternative = image.get("alt", "")
        if language() != KOREAN and HANGUL.search("".join(drawing.itertext())):
            return _explained(drawing, alternative)
        drawing.set("role", "img")
        drawing.set("aria-label", alternative)
        return drawing


def mark_korean(element: Element) -> None:
    """Mark what is written in Korean below an element that speaks another language."""
    children: list[Element] = []
    element.text, marked = _marked(element.text)
    children += marked
    for child in element:
        if not child.get("lang"):
            mark_korean(child)
        children.append(child)
        child.tail, marked = _marked(child.tail)
        children += marked
    element[:] = children


def _marked(text: str | None) -> tuple[str | None, list[Element]]:
    """Return what stands before the first Korean, and each piece of Korean with what follows it."""
    found = list(HANGUL.finditer(text or ""))
    if text is None or not found:
        return text, []
    spans = []
    for each, end in zip(found, [*(later.start() for later in found[1:]), len(text)], strict=True):
        span = Element("span", {"lang": KOREAN})
        span.text, span.tail = each[0], text[each.end() : end]
        spans.append(span)
    return text[: found[0].start()], spans


def _explained(drawing: Element, alternative: str) -> Element:
    """Return a drawing with Korean words in it, and beneath it what they say."""
    block = Element("div")
    drawing.set("lang", KOREAN)
    drawing.set("aria-hidden", "true")
    block.append(drawing)
    SubElement(block, "p").text = _("그림에 있는 것: %(words)s", words=alternative)
    return block


def _icon(inside: str, names: str) -> Element:
    svg = f'<svg class="{names}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{inside}</svg>'
    return ElementTree.fromstring(svg)  # noqa: S314 - the constants above


def _note(block: Element, opening: str, names: str) -> Element:
    note = Element("div", {"class": names})
    note.append(_icon(_BULB, "icon note__icon"))
    body = SubElement(note, "div")
    body.extend(list(block)[1:])
    first = body[0] if len(body) else SubElement(body, "p")
    strong = Element("strong")
    strong.text, strong.tail, first.text = translated(opening), f" {first.text or ''}", ""
    first.insert(0, strong)
    return note


def _example(block: Element, kind: str) -> Element:
    item = Element("div", {"class": f"pair__item pair__item--{kind}"})
    title = SubElement(item, "h3", {"class": "pair__title"})
    title.append(_icon(_DISC.format(_TICK if kind == "good" else _CROSS), "icon"))
    words = SubElement(title, "span")
    words.text = block[0].text
    for part in list(block)[1:]:
        if part.tag == "p":
            part.set("class", "pair__text")
        item.append(part)
    return item


def _folded(block: Element) -> Element:
    details = Element("details", {"class": "details"})
    summary = SubElement(details, "summary", {"class": "details__summary"})
    summary.text = block[0].text
    SubElement(details, "div", {"class": "details__body"}).extend(list(block)[1:])
    return details


_ADMONITIONS = {
    "remember": lambda block: _note(block, REMEMBER, "note"),
    "easy": lambda block: _note(block, EASY, "note note--easy"),
    "good": lambda block: _example(block, "good"),
    "bad": lambda block: _example(block, "bad"),
    "more": _folded,
}
BLOCKS = ("remember", "good", "bad", "easy", "video")


def _player(video: Video, title: str) -> Element:
    """Return the video, which never begins by itself, with its captions on it and as a script beneath."""
    figure = Element("figure", {"class": "video"})
    words = SubElement(figure, "figcaption")
    about = [_length(video), *([] if video.film.has_sound else [translated(SILENT)])]
    strong = SubElement(words, "strong", {"class": "video__title"})
    strong.text, strong.tail = title, " ".join(about)
    poster = video.address(".webp")
    player = SubElement(
        figure,
        "video",
        {
            "class": "video__player",
            "controls": "controls",
            "playsinline": "playsinline",
            "preload": "none",
            "width": str(video.film.width),
            "height": str(video.film.height),
            "src": video.address(".webm") or "",
            **({"poster": poster} if poster else {}),
            "aria-label": title,
        },
    )
    track = {
        "kind": "captions",
        "srclang": language(),
        "label": LANGUAGES[language()],
        "src": video.address(f".{language()}.vtt") or "",
    }
    SubElement(player, "track", {**track, "default": "default"})
    details = SubElement(figure, "details", {"class": "details"})
    summary = SubElement(details, "summary", {"class": "details__summary"})
    summary.text = _("영상을 글로 읽기")
    _put_script(SubElement(details, "div", {"class": "details__body"}), video)
    return figure


def _script(video: Video, title: str) -> Element:
    script = Element("div")
    SubElement(script, "h3").text = _("글로 읽는 영상: %(title)s", title=title)
    _put_script(script, video)
    return script


def _put_script(parent: Element, video: Video) -> None:
    for caption in video.captions:
        SubElement(parent, "p").text = caption.words


def _length(video: Video) -> str:
    minutes, seconds = divmod(round(video.film.seconds), 60)
    if not minutes:
        return _("%(seconds)s초 걸려요.", seconds=seconds)
    if not seconds:
        return _("%(minutes)s분 걸려요.", minutes=minutes)
    return _("%(minutes)s분 %(seconds)s초 걸려요.", minutes=minutes, seconds=seconds)


def _table(table: Element) -> Element:
    headings = list(table.iter("th"))
    for cell in headings:
        cell.set("scope", "col")
    label = _("표: %(headings)s", headings=", ".join("".join(cell.itertext()).strip() for cell in headings))
    region = Element("div", {"class": "table", "role": "region", "aria-label": label, "tabindex": "0"})
    region.append(table)
    return region
