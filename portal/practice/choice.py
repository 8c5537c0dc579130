"""One question, one right answer, a sentence for every option."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.core.i18n import gettext as _
from portal.practice import translation, typed
from portal.practice.field import Field, Group
from portal.practice.field import Option as FieldOption
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, judge
from portal.practice.table import Table, require_unique


@dataclass(frozen=True)
class Option:
    """One possible answer and what to say when it is picked."""

    id: str
    text: str
    because: str
    right: bool


@dataclass(frozen=True)
class Choice:
    """A question with its options in the order of the page."""

    question: str
    hints: tuple[str, ...]
    options: tuple[Option, ...]

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form."""
        options = tuple(FieldOption(option.id, option.text) for option in self.options)
        return (Field("choice", _("답을 하나 골라 주세요"), "", "radio", options=(Group("", options),)),)

    def check(self, answer: Answer, _seed: str) -> Outcome:
        """Judge an answer."""
        return judge({"choice": lambda: _judge_choice(self, answer)})

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return {"choice": self._right.id}

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Name the right option and why it is."""
        return (Line(self._right.text, self._right.because),)

    @property
    def _right(self) -> Option:
        return next(option for option in self.options if option.right)


def read(values: Mapping[str, object]) -> Choice:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "hints", "options")
    options = tuple(_read_option(each) for each in table.tables("options"))
    if not 2 <= len(options) <= 5:
        raise BadPractice(f"'options' must be two to five tables, not {len(options)}")
    if sum(option.right for option in options) != 1:
        raise BadPractice("'options' must hold exactly one with right = true")
    require_unique(tuple(option.id for option in options), "options")
    return Choice(table.text("question"), table.texts("hints"), options)


def translate(choice: Choice, words: Table) -> Choice:
    """Give the choice other words; raises BadPractice where they do not fit."""
    words.allow("question", "hints", "options")
    ids = tuple(option.id for option in choice.options)
    tables = translation.named_rows(words, "options", ids, "text", "because")
    options = (
        replace(option, text=table.text("text"), because=table.text("because"))
        for option, table in zip(choice.options, tables, strict=True)
    )
    return Choice(words.text("question"), translation.hints(choice.hints, words), tuple(options))


def _read_option(table: Table) -> Option:
    table.allow("id", "text", "because", "right")
    return Option(table.identifier("id"), table.text("text"), table.text("because"), table.flag("right"))


def _judge_choice(choice: Choice, answer: Answer) -> str:
    picked = typed.text(answer, "choice")
    option = next((option for option in choice.options if option.id == picked), None)
    if option is None:
        raise AnswerError(_("아직 고르지 않았어요. 답을 하나 골라 주세요."))
    if not option.right:
        raise AnswerError(option.because)
    return option.because
