"""A sum with other numbers on every try, worked out to the won."""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from string import Formatter

from portal.core.i18n import gettext as _
from portal.practice import arithmetic, translation, typed
from portal.practice.arithmetic import Quantity, Sum
from portal.practice.field import Field, Kind
from portal.practice.josa import with_copula, with_object
from portal.practice.mixing import place
from portal.practice.outcome import Answer, AnswerError, BadPractice, Line, Outcome, judge
from portal.practice.table import Table, require_name, require_unique

MOST_COMBINATIONS = 10_000  # each is worked out when the portal starts, under a second for so many
LARGEST_AMOUNT = 10**12  # won; still fits what a learner may type

_FACT = "fact:"


@dataclass(frozen=True)
class Step:
    """One authored line: what it is called and how it is worked out."""

    id: str
    text: str
    sum: Sum

    @property
    def name(self) -> str:
        """Return the text without the note in brackets behind it, to stand inside a sentence."""
        return self.text.partition(" (")[0]


@dataclass(frozen=True)
class Number:
    """A question whose numbers are drawn anew; ``rates`` are percents."""

    question: str
    unit: str
    #: The unit in the language of the question.
    unit_shown: str
    tolerance: int
    hints: tuple[str, ...]
    draws: Mapping[str, range]
    rates: Mapping[str, Decimal]
    steps: tuple[Step, ...]
    #: The draws that are amounts of money.
    won: frozenset[str]

    def ask(self, seed: str) -> str:
        """Say what is asked, with the numbers of this try."""
        return question(self, draw(self, seed))

    def form_fields(self, _seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form."""
        kind: Kind = "money" if self.unit == arithmetic.WON else "count"
        hint = _("숫자만 적어도 돼요. 쉼표는 없어도 괜찮아요.")
        return (Field("amount", self.steps[-1].text, hint, kind, self.unit_shown),)

    def check(self, answer: Answer, seed: str) -> Outcome:
        """Judge an answer to this try; the tolerance itself still passes."""
        return check(self, answer, draw(self, seed))

    def reference_answer(self, seed: str) -> dict[str, str]:
        """Return an answer to this try that passes."""
        return reference_answer(self, draw(self, seed))

    def solution(self, seed: str) -> tuple[Line, ...]:
        """Work this try out line by line."""
        return tuple(Line(line.text, line.sum_shown) for line in lines(self, draw(self, seed)))


@dataclass(frozen=True)
class WorkedLine:
    """One line of the worked solution; ``sum_shown`` is whole: 33,000원 × 1.98% = 653원."""

    text: str
    sum_shown: str
    amount: int


def read(values: Mapping[str, object], rates: Callable[[str], Decimal]) -> Number:
    """Read an authored table; ``rates`` gives the percent behind a ``fact:<id>``. Raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "unit", "tolerance", "hints", "draw", "rates", "lines")
    draws = _read_draws(table.table("draw"))
    percents = _read_rates(table.table("rates"), rates)
    number = Number(
        question=_read_question(table, draws),
        unit=table.text("unit"),
        unit_shown=table.text("unit"),
        tolerance=table.whole("tolerance"),
        hints=table.texts("hints"),
        draws=draws,
        rates=percents,
        steps=_read_steps(table, (*draws, *percents)),
        won=frozenset(name for name in draws if f"{{{name}}}{arithmetic.WON}" in table.text("question")),
    )
    _try_every_combination(number)
    return number


def translate(number: Number, words: Table) -> Number:
    """Give the sum other words; raises BadPractice where they do not fit."""
    words.allow("question", "unit", "hints", "lines")
    ids = tuple(step.id for step in number.steps)
    tables = translation.named_rows(words, "lines", ids, "text")
    return replace(
        number,
        question=_read_question(words, number.draws),
        unit_shown=words.text("unit"),
        hints=translation.hints(number.hints, words),
        steps=tuple(
            replace(step, text=table.text("text")) for step, table in zip(number.steps, tables, strict=True)
        ),
    )


def _read_draws(table: Table) -> dict[str, range]:
    draws = {}
    for name in table.values:
        require_name(name, table.at(name))
        first, last, step = table.wholes(name, "from", "to", "step")
        if step == 0 or last < first or (last - first) % step or last > LARGEST_AMOUNT:
            raise BadPractice(
                f"'{table.at(name)}' must climb from {first} to exactly {last} in steps of {step}"
            )
        draws[name] = range(first, last + 1, step)
    if not draws:
        raise BadPractice("'draw' must name at least one number that changes from try to try")
    return draws


def _read_rates(table: Table, rates: Callable[[str], Decimal]) -> dict[str, Decimal]:
    percents = {}
    for name, written in table.values.items():
        require_name(name, table.at(name))
        percent = _read_rate(written, table.at(name), rates)
        if not percent.is_finite() or not 0 <= percent <= 100:
            raise BadPractice(f"'{table.at(name)}' must be a percent from 0 to 100, not {percent}")
        percents[name] = percent
    return percents


def _read_rate(written: object, path: str, rates: Callable[[str], Decimal]) -> Decimal:
    if isinstance(written, str) and written.startswith(_FACT):
        try:
            return rates(written.removeprefix(_FACT))
        except LookupError as error:
            raise BadPractice(f"'{path}' names a fact that is not known: {written}") from error
    if isinstance(written, int | float | Decimal) and not isinstance(written, bool):
        return Decimal(str(written))  # str of a float is the shortest decimal, which is what was authored
    raise BadPractice(f"'{path}' must be a number or 'fact:<id>'")


def _read_question(table: Table, draws: Collection[str]) -> str:
    question = table.text("question")
    try:
        parts = list(Formatter().parse(question))
    except ValueError as error:
        raise BadPractice(f"'question' has a brace without its partner: {error}") from error
    named = {name for _text, name, _form, _conversion in parts if name is not None}
    if named != set(draws) or any(form or conversion for _text, _name, form, conversion in parts):
        raise BadPractice(f"'question' must show each draw as {{name}} and nothing else: {', '.join(draws)}")
    return question


def _read_steps(table: Table, names: tuple[str, ...]) -> tuple[Step, ...]:
    steps: list[Step] = []
    for line in table.tables("lines"):
        line.allow("id", "text", "sum")
        require_name(line.text("id"), line.at("id"))
        sum_ = arithmetic.parse(line.text("sum"), (*names, *(step.id for step in steps)), line.at("sum"))
        steps.append(Step(line.text("id"), line.text("text"), sum_))
    if not steps:
        raise BadPractice("'lines' must hold at least one table; the last one is the answer")
    require_unique((*names, *(step.id for step in steps)), "draw, rates and lines")
    return tuple(steps)


def _try_every_combination(number: Number) -> None:
    if math.prod(map(len, number.draws.values())) > MOST_COMBINATIONS:
        raise BadPractice(f"'draw' has more than {MOST_COMBINATIONS:,} combinations; take larger steps")
    rates = _rates(number)
    for quantities in product(*(_drawn(number, name, values) for name, values in number.draws.items())):
        known = dict(zip(number.draws, quantities, strict=True))
        drawn = {name: int(quantity.value) for name, quantity in known.items()}
        try:
            amounts = [int(quantity.value) for quantity in _work(number.steps, known | rates)]
        except ZeroDivisionError as error:
            raise BadPractice(f"'lines' divide by zero when {drawn}") from error
        if max(map(abs, amounts)) > LARGEST_AMOUNT or amounts[-1] < 0:
            raise BadPractice(f"'lines' come to {amounts[-1]:,} when {drawn}; nobody could type that")


def draw(number: Number, seed: str) -> dict[str, int]:
    """Choose the numbers of a try, other numbers than the try before it had."""
    return {name: values[place(seed, name, len(values))] for name, values in number.draws.items()}


def question(number: Number, drawn: Mapping[str, int]) -> str:
    """Write the question with the numbers of this try."""
    return number.question.format_map({name: f"{value:,}" for name, value in drawn.items()})


def lines(number: Number, drawn: Mapping[str, int]) -> tuple[WorkedLine, ...]:
    """Work the answer out line by line; the last line's amount is the answer."""
    known = _given(number, drawn)
    worked = tuple(_work(number.steps, known))
    units = [quantity.unit for quantity in worked[:-1]] + [number.unit_shown]
    return tuple(
        WorkedLine(
            step.text,
            f"{arithmetic.show(step.sum, known)} = {arithmetic.with_unit(int(quantity.value), unit)}",
            int(quantity.value),
        )
        for step, quantity, unit in zip(number.steps, worked, units, strict=True)
    )


def _amounts(
    number: Number, drawn: Mapping[str, int], left_out: Collection[str] = frozenset()
) -> tuple[int, ...]:
    worked = _work(number.steps, _given(number, drawn), left_out)
    return tuple(int(quantity.value) for quantity in worked)


def _given(number: Number, drawn: Mapping[str, int]) -> dict[str, Quantity]:
    """Know the draws and the rates; a draw is in won if the question says so right after it."""
    return {name: _drawn(number, name, [value])[0] for name, value in drawn.items()} | _rates(number)


def _drawn(number: Number, name: str, values: Iterable[int]) -> list[Quantity]:
    unit = arithmetic.WON if name in number.won else ""
    return [Quantity(Fraction(value), unit) for value in values]


def _rates(number: Number) -> dict[str, Quantity]:
    return {name: Quantity(Fraction(rate) / 100, arithmetic.PERCENT) for name, rate in number.rates.items()}


def _work(
    steps: tuple[Step, ...], known: dict[str, Quantity], left_out: Collection[str] = frozenset()
) -> Iterator[Quantity]:
    """Add each line to what is known, its fraction of a won dropped; a line left out counts as nothing."""
    for step in steps:
        exact = arithmetic.work_out(step.sum, known)
        known[step.id] = Quantity(Fraction(0 if step.id in left_out else math.floor(exact.value)), exact.unit)
        yield known[step.id]


def check(number: Number, answer: Answer, drawn: Mapping[str, int]) -> Outcome:
    """Judge an answer for these numbers; the tolerance itself still passes."""
    return judge({"amount": lambda: _judge_amount(number, answer, drawn)})


def _judge_amount(number: Number, answer: Answer, drawn: Mapping[str, int]) -> str:
    guess = typed.amount(
        answer,
        "amount",
        missing=_("빈칸이에요. 계산한 답을 적어 주세요."),
        units=(number.unit, number.unit_shown),
    )
    right = _amounts(number, drawn)[-1]
    if abs(guess - right) > number.tolerance:
        side = _("답보다 많아요.") if guess > right else _("답보다 적어요.")
        raise AnswerError(f"{side} {_likely_reason(number, drawn, guess)}")
    amount = with_copula(arithmetic.with_unit(right, number.unit_shown))
    if guess == right:
        return _("맞아요! %(amount)s.", amount=amount)
    return _("맞아요! 정확히는 %(amount)s.", amount=amount)


def _likely_reason(number: Number, drawn: Mapping[str, int], guess: int) -> str:
    """Name the one slip that leads to the guess, if exactly one does."""
    slips = {why for amount, why in _slips(number, drawn) if abs(guess - amount) <= number.tolerance}
    return slips.pop() if len(slips) == 1 else _("한 줄씩 천천히 다시 계산해 봐요.")


def _slips(number: Number, drawn: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """Work out what the usual slips come to, each with its sentence."""
    *earlier, right = _amounts(number, drawn)
    yield right * 10, _("0이 하나 더 붙은 것 같아요.")
    yield right // 10, _("0이 하나 빠진 것 같아요.")
    taken_off = []
    for step, amount in zip(number.steps, earlier, strict=False):
        without = _answer_without(number, drawn, {step.id})
        if without > right:
            taken_off.append(step.id)
            yield without, _("%(line)s 빼지 않은 금액 같아요.", line=with_object(step.name))
        elif without < right:
            yield without, _("%(line)s 더하지 않은 금액 같아요.", line=with_object(step.name))
        yield amount, _("%(line)s까지만 구한 것 같아요.", line=step.name)
    if len(taken_off) > 1:
        yield _answer_without(number, drawn, taken_off), _("빼야 할 금액을 아직 빼지 않은 것 같아요.")


def _answer_without(number: Number, drawn: Mapping[str, int], left_out: Collection[str]) -> int:
    try:
        return _amounts(number, drawn, left_out)[-1]
    except ZeroDivisionError:
        return -1  # no learner can type it, so it explains nothing


def reference_answer(number: Number, drawn: Mapping[str, int]) -> dict[str, str]:
    """Return an answer that passes."""
    return {"amount": str(_amounts(number, drawn)[-1])}
