"""Two lists to join."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from portal.core.i18n import gettext as _
from portal.practice import translation, typed
from portal.practice.field import Field, Group, Option
from portal.practice.mixing import mixed
from portal.practice.outcome import (
    Answer,
    AnswerError,
    BadPractice,
    Line,
    Outcome,
    UnreadableError,
    judge,
)
from portal.practice.table import Table, require_unique

FEWEST, MOST, MOST_OTHERS = 2, 6, 3


@dataclass(frozen=True)
class Pair:
    """One thing on the left, its partner on the right, and why they belong together."""

    id: str
    left: str
    right: str
    because: str

    @property
    def field(self) -> str:
        """Return the name of its field, which is also what its partner sends."""
        return f"pair-{self.id}"


@dataclass(frozen=True)
class Match:
    """A question with its pairs, and right items that nothing belongs to."""

    question: str
    hints: tuple[str, ...]
    pairs: tuple[Pair, ...]
    others: tuple[str, ...]

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form: for each left item the right ones, mixed."""
        partners = [Option(pair.field, pair.right) for pair in self.pairs]
        others = [Option(f"other-{at}", text) for at, text in enumerate(self.others, start=1)]
        group = Group("", mixed((*partners, *others), seed))
        return tuple(Field(pair.field, pair.left, "", "select", options=(group,)) for pair in self.pairs)

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge every pair for itself."""
        return judge({pair.field: partial(_judge_pair, self, pair, answer) for pair in self.pairs})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return {pair.field: pair.field for pair in self.pairs}

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Show the pairs."""
        return tuple(Line(pair.left, pair.right) for pair in self.pairs)


def read(values: Mapping[str, object]) -> Match:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "hints", "pairs", "others")
    pairs, others = tuple(_read_pair(each) for each in table.tables("pairs")), table.texts("others")
    if not FEWEST <= len(pairs) <= MOST:
        raise BadPractice(f"'pairs' must be two to six tables, not {len(pairs)}")
    if len(others) > MOST_OTHERS:
        raise BadPractice(f"'others' must be three strings at the most, not {len(others)}")
    require_unique(tuple(pair.id for pair in pairs), "pairs")
    require_unique(tuple(pair.left for pair in pairs), "pairs")
    require_unique((*(pair.right for pair in pairs), *others), "pairs")
    return Match(table.text("question"), table.texts("hints"), pairs, others)


def translate(match: Match, words: Table) -> Match:
    """Give the lists other words; raises BadPractice where they do not fit."""
    words.allow("question", "hints", "pairs", "others")
    ids = tuple(pair.id for pair in match.pairs)
    pairs = tuple(
        Pair(table.text("id"), table.text("left"), table.text("right"), table.text("because"))
        for table in translation.named_rows(words, "pairs", ids, "left", "right", "because")
    )
    others = translation.as_many(match.others, words, "others")
    require_unique(tuple(pair.left for pair in pairs), "pairs")
    require_unique((*(pair.right for pair in pairs), *others), "pairs")
    return Match(words.text("question"), translation.hints(match.hints, words), pairs, others)


def _read_pair(table: Table) -> Pair:
    table.allow("id", "left", "right", "because")
    return Pair(table.identifier("id"), table.text("left"), table.text("right"), table.text("because"))


def _judge_pair(match: Match, pair: Pair, answer: Answer) -> str:
    """Praise a pair; of a wrong one, say what was picked instead (as of a wrong option of a choice)."""
    picked = typed.text(answer, pair.field)
    if picked == pair.field:
        return pair.because
    if picked in {f"other-{at}" for at in range(1, len(match.others) + 1)}:
        raise AnswerError(_("이것은 어느 것과도 짝이 아니에요. 다른 것을 골라 주세요."))
    partner = next((other for other in match.pairs if other.field == picked), None)
    if partner is None:
        raise UnreadableError(_("아직 고르지 않았어요. 어울리는 것을 골라 주세요."))
    raise AnswerError(
        _(
            "아직 아니에요. 고른 것은 ‘%(left)s’의 짝이에요. %(because)s",
            left=partner.left,
            because=partner.because,
        )
    )
