"""Reading the lines of a lesson before they become a page: what may not stand there, and what reads badly."""

import re
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from portal.core.i18n import KOREAN
from portal.courses.markup import BLOCKS, FACT
from portal.courses.problems import Problems
from portal.courses.shelf import Link, Shelf
from portal.courses.videos import Video, read_video

LONGEST_SENTENCE = 70
"""Characters; docs/lessons.md, "How we write"."""
MOST_WORDS = 25
"""In an English sentence; docs/lessons.md, "How we write English"."""

_CODE = re.compile(r"`[^`]*`")
_HTML = re.compile(r"<[A-Za-z/!?]")
_ATTRIBUTES = re.compile(r"\{\s*[:#.]")
_IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)]*)\)")
_LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)")
_REFERENCE = re.compile(r"\s*\[[^\]]+\]:|.*\[[^\]]+\]\[[^\]]*\]")
_PICTURE_FILE = re.compile(r"images/[a-z0-9][a-z0-9-]*\.svg")
_BLOCK = re.compile(r'\s*(!!!|\?\?\?)\s*([a-z]*)\s*("[^"]+")?\s*$')
_MARKUP = re.compile(r"^\s*([-*]|\d+\.|:|#+|>)\s+|\*\*|`|\]\([^)]*\)|!?\[|\|")
_SENTENCE_END = re.compile(r"(?<=[.?!])[”’\"')]*\s+")


@dataclass(frozen=True)
class Lines:
    """Some lines of a file; the number is that of the first one."""

    path: Path
    first: int
    texts: tuple[str, ...]
    language: str = KOREAN


@dataclass
class Findings:
    """What the lines use in its order: facts by id, pictures and videos by address."""

    fact_ids: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    videos: dict[str, Video] = field(default_factory=dict)


@dataclass(frozen=True)
class _Line:
    path: Path
    number: int
    text: str
    problems: Problems

    def wrong(self, sentence: str) -> None:
        self.problems.add(self.path, self.number, sentence)


def proofread(lines: Lines, shelf: Shelf) -> Findings:
    """Note everything wrong in the lines and return what they use; links to this site go on the shelf."""
    findings = Findings()
    for number, written in enumerate(lines.texts, start=lines.first):
        line = _Line(lines.path, number, _CODE.sub("", written), shelf.problems)
        for sentence in _refusals(line.text):
            line.wrong(sentence)
        for fact_id in FACT.findall(line.text):
            if fact_id not in shelf.facts:
                line.wrong(f"the fact '{fact_id}' is not in content/facts")
            findings.fact_ids.append(fact_id)
        for alternative, address in _IMAGE.findall(line.text):
            findings.pictures += _read_picture(line, alternative, address)
        for words, target in _LINK.findall(line.text):
            shelf.links.extend(_read_link(line, words, target))
        said = FACT.sub(lambda found: _value(shelf, found[1]), written)
        advise_long(said, lines.path, number, shelf.problems, language=lines.language)
    findings.videos |= _read_videos(lines, shelf.problems)
    return findings


def _refusals(text: str) -> list[str]:
    found = []
    if _HTML.search(text):
        found.append("raw HTML may not stand in a lesson; write Markdown, and links as [words](address)")
    if _ATTRIBUTES.search(text):
        found.append("attributes in braces stand behind a ## heading only")
    if _REFERENCE.match(text):
        found.append("write the address beside the words: [words](address)")
    if re.match(r"#{4,}\s", text):
        found.append("inside a step only ### headings are used")
    if text.lstrip().startswith(("!!!", "???")):
        found += _block_refusals(text)
    return found


def _block_refusals(text: str) -> list[str]:
    block = _BLOCK.match(text)
    mark, name, title = block.groups() if block else ("", "", None)
    if mark == "!!!" and name in {"remember", "easy"} and title is None:
        return []
    if mark == "!!!" and name in {"good", "bad", "video"} and title:
        return []
    if mark == "???" and not name and title:
        return []
    known = ", ".join(f"!!! {name}" for name in BLOCKS)
    return [
        f'this block is not known; there are {known} and ??? "title" (good, bad, video and ??? with a title)'
    ]


def _read_videos(lines: Lines, problems: Problems) -> dict[str, Video]:
    """Read what stands indented under each block of a video: the address, and nothing else."""
    found = {}
    for at, text in enumerate(lines.texts):
        block = _BLOCK.match(text)
        if block is None or block[2] != "video":
            continue
        inside = [line for line in takewhile(_is_inside, lines.texts[at + 1 :]) if line.strip()]
        if len(inside) != 1:
            problems.add(lines.path, lines.first + at, "a video has one indented line: videos/name.webm")
            continue
        number = lines.first + lines.texts.index(inside[0], at)
        video = read_video(lines.path, inside[0].strip(), number, problems)
        if video:
            found[inside[0].strip()] = video
    return found


def _is_inside(line: str) -> bool:
    return not line.strip() or line.startswith("    ")


def _read_picture(line: _Line, alternative: str, address: str) -> list[str]:
    if not alternative.strip():
        line.wrong("the picture has no alternative text: ![what it shows](images/name.svg)")
    if not _PICTURE_FILE.fullmatch(address):
        line.wrong(f"a picture is images/name.svg beside the lesson, not '{address}'")
        return []
    if _IMAGE.sub("", line.text, count=1).strip():
        line.wrong("a picture stands on a line of its own")
    if not (line.path.parent / address).is_file():
        line.wrong(f"there is no picture '{address}'")
        return []
    return [address]


def _read_link(line: _Line, words: str, target: str) -> list[Link]:
    if not words.strip():
        line.wrong(f"the link to '{target}' has no words")
    if target.startswith("/") and not target.startswith("//"):
        return [Link(target, line.path, line.number)]
    if not target.startswith(("https://", "http://", "tel:")):
        line.wrong(f"a link begins with https://, http://, tel: or /, and '{target}' does not")
    return []


def advise_long(text: str, path: Path, number: int, problems: Problems, *, language: str = KOREAN) -> None:
    """Advise to shorten each sentence that is too long, in the measure of its language."""
    if _IMAGE.search(text):
        return
    for sentence in _SENTENCE_END.split(_MARKUP.sub("", text)):
        length, most, what = len(sentence.strip()), LONGEST_SENTENCE, "characters"
        if language != KOREAN:
            length, most, what = len(sentence.split()), MOST_WORDS, "words"
        if length > most:
            problems.advise(path, number, f"a sentence of {length} {what}; at most {most} read easily")


def _value(shelf: Shelf, fact_id: str) -> str:
    return shelf.facts[fact_id].value if fact_id in shelf.facts else ""
