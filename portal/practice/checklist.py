"""A real task outside the portal: ticked off, shown to a person, and confirmed or sent back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from portal.core.i18n import gettext as _
from portal.practice import translation, typed
from portal.practice.field import Field
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, judge
from portal.practice.table import Table, require_unique

FEWEST, MOST = 2, 8
SHORTEST_PROOF = 8
"""Characters; less says neither when nor where."""


@dataclass(frozen=True)
class Checklist:
    """What is to be done, and what is told of it."""

    question: str
    hints: tuple[str, ...]
    items: tuple[str, ...]
    proof: str

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form: a box for each item, and room to tell."""
        boxes = tuple(Field(name, item, "", "check") for name, item in self._named())
        return (*boxes, Field("proof", _("확인할 분께 알려 주세요"), self.proof, "area"))

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge whether everything is ticked and told; whether it is so, a person confirms."""
        boxes = {name: partial(_judge_box, answer, name) for name, _item in self._named()}
        return judge(boxes | {"proof": partial(_judge_proof, answer)})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that can be shown to a person."""
        return {name: "yes" for name, _item in self._named()} | {"proof": "어제 오후에 집에서 했어요."}

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Return nothing: what is done outside cannot be worked out here."""
        return ()

    def _named(self) -> list[tuple[str, str]]:
        return [(f"item-{number}", item) for number, item in enumerate(self.items, start=1)]


def read(values: Mapping[str, object]) -> Checklist:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "proof", "hints", "items")
    items = table.texts("items")
    if not FEWEST <= len(items) <= MOST:
        raise BadPractice(f"'items' must hold {FEWEST} to {MOST} things to do, not {len(items)}")
    require_unique(items, "items")
    return Checklist(table.text("question"), table.texts("hints"), items, table.text("proof"))


def translate(checklist: Checklist, words: Table) -> Checklist:
    """Give the task other words; raises BadPractice where they do not fit."""
    words.allow("question", "hints", "items", "proof")
    items = translation.as_many(checklist.items, words, "items")
    require_unique(items, "items")
    hints = translation.hints(checklist.hints, words)
    return Checklist(words.text("question"), hints, items, words.text("proof"))


def _judge_box(answer: Answer, name: str) -> str:
    if typed.text(answer, name) != "yes":
        raise AnswerError(_("아직 표시하지 않았어요. 하신 다음에 표시해 주세요."))
    return ""


def _judge_proof(answer: Answer) -> str:
    told = typed.text(answer, "proof")
    if len(told.replace(" ", "")) < SHORTEST_PROOF:
        raise AnswerError(_("언제, 어디에서 하셨는지 한 문장으로 적어 주세요."))
    return ""
