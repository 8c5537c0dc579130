"""Words to search by: what a text is found under, and what somebody's words ask for. Pure; no dictionary.

Korean glues particles and endings to a word, and people disagree about spaces. So a text is found under the
pairs of letters inside its words, and under runs of three letters that pass over single spaces: 스마트 스토어
and 스마트스토어 share all of theirs. Two typed letters are looked for inside words only (배송 is not in 담배
송이), more letters wherever they stand. What is found is the same in a database and in memory.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from portal.core import jamo

TYPED_MAX_CHARS = 80
TEXT_MAX_CHARS = 40_000
"""As much of a text as is found; a hundred answers of usual length."""
WORDS_MAX = 6
"""More would make too many ways of leaving some out."""
_TOKEN_MAX_CHARS = 30
_INITIALS_MIN = 3
"""Fewer initials are in every other title."""

#: Private letters before a token: in the title; a whole word and no part of one; an initial of the title.
IN_TITLE, AS_WORD, AS_INITIALS = "\ue000", "\ue001", "\ue002"
SOLVED = "\ue003"
"""A token of its own: the question was solved."""

_HANGUL = re.compile(r"[가-힣]")
_RUN = re.compile(r"[가-힣]+|[^\W_가-힣]+")
_PIECE = re.compile(r"[^\W_]+")
_BETWEEN_WORDS = re.compile(r"(?<=[가-힣]) (?=[가-힣])")
_SENTENCE_END = re.compile(r"[.!?…,;:\n]+")

#: What is taken off a typed word, the longest first; at least two letters stay.
_ENDINGS = """
은 는 이 가 을 를 에 의 도 만 로 으로 와 과 랑 이랑 하고 에서 에게 한테 께
부터 까지 처럼 보다 마다 이나 나 라도 이라도 란 이란 라는 이라는 들 들이 들은
들을 에는 에도 에만 에서는 에서도 으로는 로는 까지는 부터는 까지만 밖에 뿐 이라고
라고 요 이요 이에요 예요 입니다 인데 인가요 인지 이라서 라서 기 하기 하는 하려면
하려고 하면 해서 했는데 했어요 해요 하나요 되나요 돼요 됐어요 안돼요 받기 받는
"""
PARTICLES = tuple(sorted(_ENDINGS.split(), key=len, reverse=True))
#: How a word goes on when what stands before is a noun or the stem of a verb.
_VERB_ENDINGS = frozenset("하해했한할함합되돼됐된될됨받었았였겠고면며던려네게시니지기")
_AFTER_ONE_LETTER = {particle for particle in PARTICLES if len(particle) <= 2} | {"한", "해", "하"}

Token = str


@dataclass(frozen=True)
class Every:
    """Found where all parts are."""

    parts: tuple["Sought", ...]


@dataclass(frozen=True)
class Some:
    """Found where at least one part is."""

    parts: tuple["Sought", ...]


@dataclass(frozen=True)
class Without:
    """Found where ``kept`` is and ``dropped`` is not."""

    kept: "Sought"
    dropped: "Sought"


Sought = Token | Every | Some | Without


@dataclass(frozen=True)
class Synonyms:
    """Other words: for the same thing, for something close to it; and words that ask for nothing."""

    same: tuple[tuple[str, ...], ...] = ()
    near: tuple[tuple[str, ...], ...] = ()
    ignored: frozenset[str] = frozenset()
    #: Words that only begin like a short one: 스스로 is no 스스.
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Word:
    """One typed word in its ways of writing, and words close to it; all without spaces and particles."""

    spellings: tuple[str, ...]
    near: tuple[str, ...] = ()
    #: Longer words that hold a spelling and mean something else.
    unlike: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What somebody typed, understood; no words means that nothing can be found."""

    typed: str
    words: tuple[Word, ...]
    #: Squeezed initials, when nothing else was typed.
    initials: str = ""

    @property
    def marks(self) -> tuple[str, ...]:
        """Return what is marked in a result, the longest first."""
        spellings = {each for word in self.words for each in (*word.spellings, *word.near)}
        return tuple(sorted(spellings, key=lambda each: (-len(each), each)))


def tidy(typed: str) -> str:
    """Return what was typed as it may be shown again: composed, on one line, of bounded length."""
    shown = unicodedata.normalize("NFC", typed[: 2 * TYPED_MAX_CHARS])
    return " ".join("".join(each if each.isprintable() else " " for each in shown).split())[:TYPED_MAX_CHARS]


def tokens_of(*, title: str, texts: Iterable[str], is_solved: bool = False) -> set[Token]:
    """Return everything under which a title with its texts is found."""
    found = {IN_TITLE + token for token in _tokens(title, in_title=True)} | set(_tokens(title))
    left = TEXT_MAX_CHARS
    for text in texts:
        found.update(_tokens(text[:left]))
        left = max(0, left - len(text))
    squeezed = jamo.initials("".join(_HANGUL.findall(_normal(title))))
    found.update(AS_INITIALS + triple for triple in _grams(squeezed, _INITIALS_MIN))
    return found | ({SOLVED} if is_solved else set())


def ask(typed: str, synonyms: Synonyms) -> Asked:
    """Understand what was typed: words without particles, with their synonyms; or initials."""
    shown = tidy(typed)
    if jamo.is_initials(shown):
        return Asked(shown, (), jamo.initials(shown))
    pieces = list(_pieces(shown))
    asking = [piece for piece in pieces if not piece & synonyms.ignored] or pieces
    spoken = [
        next((each for each in piece if each in synonyms.unlike), min(piece, key=len)) for piece in asking
    ]
    return Asked(shown, tuple(dict.fromkeys(_with_synonyms(spoken[:WORDS_MAX], synonyms))))


def _pieces(shown: str) -> Iterator[set[str]]:
    """Yield each typed word as it stands and without its particle."""
    for whole in _PIECE.findall(_normal(shown)):
        yield {whole, bare(whole)}


def bare(word: str) -> str:
    """Take one particle or ending off a Korean word when at least two letters stay."""
    for particle in PARTICLES:
        stem = word.removesuffix(particle)
        if stem != word and len(stem) >= 2 and _HANGUL.match(stem[-1]):
            return stem
    return word


def _with_synonyms(spoken: list[str], synonyms: Synonyms) -> Iterator[Word]:
    """Yield words; some that stand side by side may be one thing together: 쿠팡 판매자센터."""
    same = {squeeze(each): group for group in synonyms.same for each in group}
    near = {squeeze(each): group for group in synonyms.near for each in group}
    at = 0
    while at < len(spoken):
        ends = range(min(len(spoken), at + 3), at, -1)
        end = next((end for end in ends if "".join(spoken[at:end]) in same), at + 1)
        joined = "".join(spoken[at:end])
        others = same.get(joined) or _inside(joined, same)
        spellings = dict.fromkeys([joined, *map(squeeze, others)])
        close = [each for spelling in spellings for each in near.get(spelling, ())]
        yield Word(
            tuple(spellings),
            tuple(each for each in map(squeeze, close) if each not in spellings),
            tuple(each for each in synonyms.unlike if any(way in each and way != each for way in spellings)),
        )
        at = end


def _inside(word: str, same: dict[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield a longer word with what it begins or ends with said otherwise: 카톡채널, 카카오톡채널."""
    for known, group in same.items():
        if len(word) - len(known) < 2 or len(known) < 2:
            continue
        for other in group:
            if word.startswith(known):
                yield other + word.removeprefix(known)
            elif word.endswith(known):
                yield word.removesuffix(known) + other


def squeeze(text: str) -> str:
    """Return the letters and digits of a text alone: spaces and case make no difference."""
    return "".join(_RUN.findall(_normal(text)))


# What is looked for, from the best to what is barely better than nothing.


def ladder(asked: Asked) -> tuple[Sought, ...]:
    """Return what is looked for, step by step: each step holds what the ones before have left.

    The words in the title; in the text as words, solved and then not; anywhere, inside longer words too.
    """
    if asked.initials:
        triples = tuple(AS_INITIALS + triple for triple in _grams(asked.initials, _INITIALS_MIN))
        return (Every(triples),) if triples else ()
    if not asked.words:
        return ()
    in_title, as_words = _all(asked.words, IN_TITLE), _all(asked.words, AS_WORD)
    anywhere = _all(asked.words)
    in_text = Without(as_words, in_title)
    steps: tuple[Sought, ...] = (in_title, Every((in_text, SOLVED)), Without(in_text, SOLVED))
    return steps if anywhere == as_words else (*steps, Without(anywhere, Some((as_words, in_title))))


def solved_ladders(asked: Asked) -> tuple[tuple[Sought, ...], tuple[Sought, ...]]:
    """Return what is looked for among solved questions: all of the words, and then fewer, but about half."""
    most = len(asked.words)
    every = [_all(asked.words)] if most else []
    fewer = []
    for count, step in _wider_steps(asked):
        if count == most:
            every.append(step)
        elif count > 1 or most == 2:
            fewer.append(step)
    return tuple(Every((step, SOLVED)) for step in every), tuple(Every((step, SOLVED)) for step in fewer)


def wider_ladder(asked: Asked) -> tuple[Sought, ...]:
    """Return what is looked for when `ladder` gives too little.

    Words close to these and words written apart; then all but one of the words, half of them, any of them.
    """
    return tuple(step for _count, step in _wider_steps(asked))


def _wider_steps(asked: Asked) -> Iterator[tuple[int, Sought]]:
    """Yield each step of the wider ladder with how many of the words it asks for."""
    wide = [_some([_spelt(word), *_near(word)]) for word in asked.words]
    steps = [_all(asked.words)]
    for count in (len(wide), len(wide) - 1, len(wide) // 2, 1):
        step = _some(_every(chosen) for chosen in combinations(wide, count)) if 0 < count <= len(wide) else ""
        if step and step not in steps:
            yield count, Without(step, steps[-1])
            steps.append(step)


def _near(word: Word) -> Iterator[Sought]:
    yield from (_every(_asked_tokens(spelling, "")) for spelling in word.near)
    whole = word.spellings[0]
    if len(whole) >= 4 and _HANGUL.match(whole):
        for at in range(2, len(whole) - 1):
            yield _every([*_asked_tokens(whole[:at], ""), *_asked_tokens(whole[at:], "")])


def _all(words: Iterable[Word], mark: str = "") -> Sought:
    return _every(_spelt(word, mark) for word in words)


def _spelt(word: Word, mark: str = "") -> Sought:
    return _some(
        _unlike(_every(_asked_tokens(spelling, mark)), [each for each in word.unlike if spelling in each])
        for spelling in word.spellings
    )


def _unlike(sought: Sought, unlike: Iterable[str]) -> Sought:
    for each in unlike:
        sought = Without(sought, _every(_asked_tokens(each, "")))
    return sought


def _every(parts: Iterable[Sought]) -> Sought:
    held = tuple(dict.fromkeys(parts))
    return held[0] if len(held) == 1 else Every(held)


def _some(parts: Iterable[Sought]) -> Sought:
    held = tuple(dict.fromkeys(parts))
    return held[0] if len(held) == 1 else Some(held)


def _asked_tokens(spelling: str, mark: str) -> Iterator[Token]:
    for run in _RUN.findall(spelling):
        is_pair = len(run) == 2 and _HANGUL.match(run)
        prefix = mark if is_pair or mark == IN_TITLE else ""
        for token in _grams(run, 3) if _HANGUL.match(run) else [run[:_TOKEN_MAX_CHARS]]:
            yield prefix + token


def _grams(letters: str, length: int) -> list[str]:
    """Return the runs of so many letters; what is shorter stays whole."""
    return [letters[at : at + length] for at in range(max(1, len(letters) - length + 1))] if letters else []


def _tokens(text: str, *, in_title: bool = False) -> Iterator[Token]:
    """Yield the tokens of a text; of a title only pairs that begin a word."""
    for sentence in _SENTENCE_END.split(_normal(text)):
        joined, end = "", -2
        for match in _RUN.finditer(sentence):
            run = match.group()
            if not _HANGUL.match(run):
                yield run[:_TOKEN_MAX_CHARS]
                continue
            yield from [run[:2]] if in_title and len(run) > 1 else _pairs(run)
            if match.start() - end > 1 or (match.start() > end and sentence[end] != " "):
                yield from _triples(joined)
                joined = ""
            joined, end = joined + run, match.end()
        yield from _triples(joined)


def _triples(joined: str) -> Iterator[Token]:
    return (joined[at : at + 3] for at in range(len(joined) - 2))


def _pairs(run: str) -> Iterator[Token]:
    if len(run) == 1 or run[1:] in _AFTER_ONE_LETTER:
        yield run[0]
    yield from (run[at : at + 2] for at in range(len(run) - 1))
    if len(run) > 1 and _goes_on_as_word(run[2:]):
        yield AS_WORD + run[:2]


@lru_cache(maxsize=4096)
def _goes_on_as_word(rest: str) -> bool:
    """Tell whether two letters before ``rest`` were a word: 정산을, 정산했다; not 주문진, 사진관."""
    if not rest or rest in PARTICLES or rest[0] in _VERB_ENDINGS:
        return True
    return any(
        rest.startswith(particle) and rest.removeprefix(particle) in PARTICLES for particle in PARTICLES
    )


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


# The same for what is held in memory: few texts, so that looking through them costs less than an index.


@dataclass(frozen=True)
class Text:
    """A text to look through: as words, and with single spaces between Korean words taken out."""

    words: str
    joined: str

    @classmethod
    def of(cls, *parts: str) -> "Text":
        """Return the text of parts that stand apart from each other."""
        words = _normal(". ".join(parts))
        return cls(words, _BETWEEN_WORDS.sub("", words))

    def says(self, word: Word, *, nearly: bool = False) -> bool:
        """Tell whether the word stands here in one of its spellings, or ``nearly`` a word close to it."""
        spellings = (*word.spellings, *word.near) if nearly else word.spellings
        text = self
        for each in word.unlike:
            text = Text(text.words.replace(each, " "), text.joined.replace(each, " "))
        return any(text._says(spelling) for spelling in spellings)

    def _says(self, spelling: str) -> bool:
        return all(self._has(run) for run in _RUN.findall(spelling))

    def _has(self, run: str) -> bool:
        if run not in self.joined:
            return False
        if not _HANGUL.match(run):
            return re.search(rf"(?<![^\W_가-힣]){re.escape(run)}(?![^\W_가-힣])", self.words) is not None
        if len(run) > 1:
            return run in (self.words if len(run) == 2 else self.joined)
        return any(
            not found[1] or found[1] in _AFTER_ONE_LETTER
            for found in re.finditer(rf"(?<![가-힣]){run}([가-힣]*)", self.words)
        )
