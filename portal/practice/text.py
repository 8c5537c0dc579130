"""A few sentences of her own, held against rules that were said beforehand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from portal.core.i18n import KOREAN
from portal.core.i18n import gettext as _
from portal.practice import translation, typed
from portal.practice.field import Field
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, UnreadableError, judge
from portal.practice.table import Table
from portal.practice.word_rules import Must, Never, banned, missing, read_musts, read_nevers
from portal.practice.wording import Written, fold

MOST_ADVICE = 3
"""Things said at once; the rest waits for the next try."""
FEWEST_LINES, MOST_LINES = 1, 12
DEFAULT_LINES = 4
DEFAULT_LENGTH = (1, 600)


@dataclass(frozen=True)
class Text:
    """What is to be written, and the rules it is held against; lengths in characters without blanks."""

    question: str
    hints: tuple[str, ...]
    lines: int
    shortest: int
    longest: int
    musts: tuple[Must, ...]
    nevers: tuple[Never, ...]
    reference: str
    #: What the reference says, in the language of the question; empty where it is the same language.
    meaning: str = ""

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form."""
        return (Field("text", _("내 글"), _length_hint(self), "area", lines=self.lines, language=KOREAN),)

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge a text: what to put right, the most important first, or what is good about it."""
        return judge({"text": lambda: _judge(self, answer)})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return {"text": self.reference}

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Show one way to write it."""
        shown = Line(_("이렇게 쓸 수 있어요"), self.reference)
        return (
            (shown, Line(_("무슨 뜻이냐면"), self.meaning))
            if self.meaning not in {"", self.reference}
            else (shown,)
        )


def read(values: Mapping[str, object]) -> Text:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "lines", "length", "hints", "reference", "must", "never")
    lines = table.whole("lines") if "lines" in table.values else DEFAULT_LINES
    if not FEWEST_LINES <= lines <= MOST_LINES:
        raise BadPractice(f"'lines' must be from {FEWEST_LINES} to {MOST_LINES}, not {lines}")
    length = table.wholes("length", "from", "to") if "length" in table.values else DEFAULT_LENGTH
    if not 1 <= length[0] < length[1] <= typed.LONGEST_TEXT:
        raise BadPractice(f"'length' must climb, from 1 to {typed.LONGEST_TEXT:,} at the most")
    musts, nevers = read_musts(table), read_nevers(table)
    if not musts and not nevers:
        raise BadPractice("'must' or 'never' must hold at least one rule")
    return Text(
        question=table.text("question"),
        hints=table.texts("hints"),
        lines=lines,
        shortest=length[0],
        longest=length[1],
        musts=musts,
        nevers=nevers,
        reference=table.text("reference"),
    )


def translate(text: Text, words: Table) -> Text:
    """Give the task other words; what is looked for stays. Raises BadPractice where they do not fit."""
    words.allow("question", "hints", "reference", "must", "never")
    musts = translation.rows(words, "must", len(text.musts), "advice", "praise")
    nevers = translation.rows(words, "never", len(text.nevers), "advice")
    return replace(
        text,
        question=words.text("question"),
        hints=translation.hints(text.hints, words),
        musts=tuple(
            replace(must, advice=table.text("advice"), praise=table.text("praise") if must.praise else "")
            for must, table in zip(text.musts, musts, strict=True)
        ),
        nevers=tuple(
            replace(never, advice=table.text("advice"))
            for never, table in zip(text.nevers, nevers, strict=True)
        ),
        meaning=words.text("reference"),
    )


def _length_hint(text: Text) -> str:
    return _(
        "띄어쓰기를 빼고 %(shortest)s자에서 %(longest)s자 사이로 적어요.",
        shortest=text.shortest,
        longest=text.longest,
    )


def _judge(text: Text, answer: Answer) -> str:
    if not typed.text(answer, "text"):
        raise UnreadableError(_("아직 비어 있어요. 한 문장부터 적어 보세요."))
    written = Written(fold(answer["text"]))
    advice = "\n".join(islice(_advice(text, written), MOST_ADVICE))
    if advice:
        raise AnswerError(advice)
    praise = "\n".join(must.praise for must in text.musts if must.praise)
    return praise or _("좋아요. 필요한 것이 다 들어 있어요.")


def _advice(text: Text, written: Written) -> Iterator[str]:
    yield from banned(text.nevers, written)
    length = sum(not letter.isspace() for letter in written.text)
    if length > text.longest:
        yield _(
            "지금 %(length)s자예요. %(longest)s자 안으로 줄여 주세요.", length=length, longest=text.longest
        )
    yield from missing(text.musts, written)
    if length < text.shortest:
        yield _(
            "지금 %(length)s자예요. %(shortest)s자가 넘게 조금 더 적어 주세요.",
            length=length,
            shortest=text.shortest,
        )
