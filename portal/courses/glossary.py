"""Words in plain language: one list for the whole portal, and those a step uses without explaining them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.courses.problems import Problems
from portal.courses.toml_file import Keys, read_toml

MOST_IN_A_STEP = 6
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_SINGLE = str.maketrans("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ")
_SYLLABLES_OF_AN_INITIAL = 588
_OTHERS = "A–Z"


@dataclass(frozen=True)
class Word:
    """One word, other words for the same thing, and what it means."""

    id: str
    word: str
    also: tuple[str, ...]
    meaning: str
    english: str
    #: ``course/lesson`` where it is learned; empty if nowhere.
    lesson: str
    line: int

    @property
    def initial(self) -> str:
        """Return the consonant under which a Korean dictionary lists the word."""
        place = ord(self.word[0]) - ord("가")
        if not 0 <= place <= ord("힣") - ord("가"):
            return _OTHERS
        return INITIALS[place // _SYLLABLES_OF_AN_INITIAL].translate(_SINGLE)


def read_words(path: Path, problems: Problems) -> tuple[Word, ...]:
    """Read the glossary, in the order of a Korean dictionary."""
    file = read_toml(path, problems)
    words = []
    for name in file.values if file else ():
        if file is None or not isinstance(file.values[name], dict):
            problems.add(path, 1, f"'{name}' must be a table, [{name}]")
            continue
        keys, line = Keys(file, problems, table=name), file.line_of(name)
        keys.allow("word", "also", "meaning", "english", "lesson")
        also = keys.texts("also") if keys.has("also") else ()
        lesson = keys.text("lesson") if keys.has("lesson") else ""
        words.append(
            Word(name, keys.text("word"), also, keys.text("meaning"), keys.text("english"), lesson, line)
        )
    seen: set[str] = set()
    for word in words:
        for spelling in (word.word, *word.also):
            if spelling in seen:
                problems.add(path, word.line, f"'{spelling}' is explained twice")
            seen.add(spelling)
    return tuple(sorted(words, key=lambda word: word.word))


def words_in(text: str, words: Sequence[Word]) -> tuple[Word, ...]:
    """Return the first few words a step's Markdown uses without explaining them itself, in their order."""
    uses = {word.id: at for word in words if (at := _first_use(text, word)) is not None}
    found = sorted((word for word in words if word.id in uses), key=lambda word: uses[word.id])
    return tuple(found[:MOST_IN_A_STEP])


def _first_use(text: str, word: Word) -> int | None:
    """Return where the word is first used; None if it is not, or if the step explains it.

    Particles may follow; no syllable may stand before it (재정산 is not 정산).
    """
    used = [spelling for spelling in (word.word, *word.also) if spelling in text]
    if any(_explains(text, spelling) for spelling in used):
        return None
    uses = (re.search(rf"(?<![가-힣]){re.escape(spelling)}", text) for spelling in used)
    return min((use.start() for use in uses if use), default=None)


def _explains(text: str, spelling: str) -> bool:
    """Tell whether a step sets the word in bold or has it in its own list of words."""
    return f"**{spelling}**" in text or re.search(rf"^\s*{re.escape(spelling)}\s*$", text, re.M) is not None


def by_initial(words: Sequence[Word]) -> Iterator[tuple[str, list[Word]]]:
    """Group words as the sections of a Korean dictionary; words in Latin letters come last."""
    for initial in (*dict.fromkeys(INITIALS.translate(_SINGLE)), _OTHERS):
        group = [word for word in words if word.initial == initial]
        if group:
            yield initial, group
