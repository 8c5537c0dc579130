"""Reading the captions of a video: WebVTT, of which our lessons use the plain part only.

A first line `WEBVTT`, then captions with an empty line before each: a line with two times, and the words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.courses.problems import Problems

SHORTEST_S = 1.5
LONGEST_CHARS = 80

_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d\.\d{3})"
_TIMES = re.compile(rf"{_TIME} --> {_TIME}")


@dataclass(frozen=True)
class Caption:
    """Words on the picture from one moment to another, in seconds; ``line`` is where they are written."""

    start: float
    end: float
    words: str
    line: int


def read_captions(path: Path, text: str, problems: Problems) -> tuple[Caption, ...]:
    """Return the captions in their order after noting everything that is wrong with them."""
    lines = text.removeprefix("\ufeff").splitlines()
    if not lines or lines[0].strip() != "WEBVTT":
        problems.add(path, 1, "captions begin with the line WEBVTT")
        return ()
    if len(lines) > 1 and lines[1].strip():
        problems.add(path, 2, "an empty line stands below WEBVTT")
    captions = tuple(_read(path, lines, problems))
    if not captions:
        problems.add(path, 1, "there is no caption in it")
    before = 0.0
    for caption in captions:
        for sentence in _refusals(caption, before):
            problems.add(path, caption.line, sentence)
        before = caption.end
    return captions


def _read(path: Path, lines: list[str], problems: Problems) -> Iterator[Caption]:
    for first, block in _blocks(lines):
        times = _TIMES.fullmatch(block[0].strip())
        if times is None:
            problems.add(path, first, "a caption begins with its times: 00:00.000 --> 00:05.000")
            continue
        start, end = _seconds(*times.groups()[:3]), _seconds(*times.groups()[3:])
        yield Caption(start, end, " ".join(line.strip() for line in block[1:]), first)


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that stand together, with the number of the first; the line WEBVTT is left out."""
    block: list[str] = []
    for number, line in enumerate([*lines[1:], ""], start=2):
        if line.strip():
            block.append(line)
        elif block:
            yield number - len(block), block
            block = []


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def _refusals(caption: Caption, before: float) -> Iterator[str]:
    if not caption.words:
        yield "the caption has no words"
    if "<" in caption.words or "&" in caption.words:
        yield "a caption is plain words, without < and &"
    if len(caption.words) > LONGEST_CHARS:
        yield f"a caption of {len(caption.words)} characters; at most {LONGEST_CHARS} can be read"
    if caption.start < before:
        yield "the caption begins before the one above it ends"
    if round(caption.end - caption.start, 3) < SHORTEST_S:
        yield f"the caption stays {caption.end - caption.start:.1f} seconds; at least {SHORTEST_S} are needed"
