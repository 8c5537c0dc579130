"""Finding words in what a person wrote, however it is spaced and whatever particle follows.

The rule, as docs/lessons.md tells it to authors: letters and digits count, blanks and marks do not. A word of
three letters or more may stand anywhere inside a written one. One of two letters begins or ends a written
word, particles aside; where six letters and more follow each other, the blanks were left out, and it may
stand anywhere. One of a single letter is the whole written word, with a number before it or a particle behind
it. A word spread over several written ones begins where one of them does.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from portal.practice import typed

UNSPACED = 6
"""Letters; a written word as long as this may be several."""
WITHIN = "…"
"""Joins the parts of a word that stand in one sentence in this order: 혈압…낮."""

_PARTICLES = """
은 는 이 가 을 를 에 의 도 로 으로 와 과 만 들 씩 께 랑 이랑 나
이나 요 고 이고 까지 부터 에서 에게 한테 보다 처럼 마다 하고 이며 라서 이라서 이라 인데 예요 이에요
입니다 이었어요 였어요 에는 에도 로는 으로는 에서는 께서 께는 이라고 라고 만큼 밖에 조차 대로 짜리 정도
이면 면 이라도 라도 이지만 지만 뿐 만의 까지의 부터는 까지는 에서도
"""
PARTICLES = frozenset(_PARTICLES.split())
"""What may follow a word without making another of it."""

_WORD = re.compile(r"[0-9]+(?:\.[0-9]+)+[^\W_]*|[^\W_]+")
_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")
_SENTENCE = re.compile(r"[^.!?\n。]+(?:\.(?=[0-9])[^.!?\n。]+)*")
_DIGITS = frozenset("0123456789.")


@dataclass(frozen=True)
class Span:
    """Where something stands in a folded text."""

    start: int
    end: int


def fold(raw: str) -> str:
    """Return a text with full-width letters narrowed and the comma of thousands and the invisible dropped."""
    lines = "\n".join(map(typed.clean, raw.splitlines()))
    return _THOUSANDS.sub("", unicodedata.normalize("NFKC", lines))


def lowered(text: str) -> str:
    """Return as many letters as ``text`` has, each in lower case."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


def _squeezed(word: str) -> str:
    return "".join(lowered(fold(word)).split())


@dataclass(frozen=True)
class Written:
    """A folded text in which words are sought."""

    text: str

    @cached_property
    def _spans(self) -> tuple[Span, ...]:
        """Return where the written words stand in ``_squeezed``."""
        spans, at = [], 0
        for match in _WORD.finditer(self.text):
            spans.append(Span(at, at + len(match[0])))
            at += len(match[0])
        return tuple(spans)

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """Return where each letter of ``_squeezed`` stands in the text."""
        return tuple(place for match in _WORD.finditer(self.text) for place in range(*match.span()))

    @cached_property
    def _squeezed(self) -> str:
        return lowered("".join(_WORD.findall(self.text)))

    @cached_property
    def _starts(self) -> list[int]:
        return [span.start for span in self._spans]

    def find(self, word: str) -> Span | None:
        """Return where a word stands first, or None."""
        if WITHIN in word:
            return self._find_within([_squeezed(part) for part in word.split(WITHIN)])
        return next(self.find_all(word), None)

    def find_all(self, word: str) -> Iterator[Span]:
        """Return every place where a word without ``WITHIN`` stands."""
        sought = _squeezed(word)
        if not sought:
            return
        if not _WORD.fullmatch(sought):
            yield from self._find_marks(sought)
            return
        at = self._squeezed.find(sought)
        while at >= 0:
            if self._stands(at, at + len(sought)):
                yield Span(self._places[at], self._places[at + len(sought) - 1] + 1)
            at = self._squeezed.find(sought, at + 1)

    def without(self, words: Iterable[str]) -> "Written":
        """Return the text with these words blanked out, wherever they stand."""
        letters = list(self.text)
        for word in words:
            if WITHIN in word:
                span = self.find(word)
                spans = [span] if span else []
            else:
                spans = list(self._anywhere(_squeezed(word)))
            for span in spans:
                letters[span.start : span.end] = " " * (span.end - span.start)
        return Written("".join(letters))

    @cached_property
    def _sentences(self) -> tuple[tuple[int, "Written"], ...]:
        return tuple((match.start(), Written(match[0])) for match in _SENTENCE.finditer(self.text))

    def _anywhere(self, sought: str) -> Iterator[Span]:
        """Find letters whatever stands around them."""
        at = self._squeezed.find(sought)
        while sought and at >= 0:
            yield Span(self._places[at], self._places[at + len(sought) - 1] + 1)
            at = self._squeezed.find(sought, at + 1)

    def _find_within(self, parts: list[str]) -> Span | None:
        for start, sentence in self._sentences:
            span = sentence._find_parts(parts)
            if span:
                return Span(start + span.start, start + span.end)
        return None

    def _find_parts(self, parts: list[str]) -> Span | None:
        first, at = -1, 0
        for part in parts:
            at = self._squeezed.find(part, at)
            if not part or at < 0:
                return None
            first = at if first < 0 else first
            at += len(part)
        return Span(self._places[first], self._places[at - 1] + 1)

    def _find_marks(self, sought: str) -> Iterator[Span]:
        """Find a word with a mark in it, 1+1, as it stands but for blanks."""
        pattern = r"\s*".join(map(re.escape, sought))
        before = r"(?<![0-9])(?<![0-9]\.)" if sought[0].isdecimal() else ""
        after = r"(?![0-9])" if sought[-1].isdecimal() else ""
        for match in re.finditer(before + pattern + after, lowered(self.text)):
            yield Span(*match.span())

    def _stands(self, start: int, end: int) -> bool:
        nth = bisect_right(self._starts, start) - 1
        first, last = self._spans[nth], self._spans[bisect_right(self._starts, end - 1) - 1]
        if self._cuts_number(start, end, first, last):
            return False
        ends_well = end == last.end or self._squeezed[end : last.end] in PARTICLES
        if first is not last:
            return start == first.start and (ends_well or first.end - start > 1)
        if end - start == 1:
            return ends_well and all(letter in _DIGITS for letter in self._squeezed[first.start : start])
        if end - start == 2 and first.end - first.start < UNSPACED:
            return ends_well or start == first.start
        return True

    def _cuts_number(self, start: int, end: int, first: Span, last: Span) -> bool:
        letters = self._squeezed
        before = start > first.start and letters[start] in _DIGITS and letters[start - 1] in _DIGITS
        after = end < last.end and letters[end - 1] in _DIGITS and letters[end] in _DIGITS
        return before or after
