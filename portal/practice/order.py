"""Things to put in their order."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from portal.core.i18n import gettext as _
from portal.practice import translation
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

FEWEST, MOST = 3, 7


@dataclass(frozen=True)
class Item:
    """One thing and why it stands where it does."""

    id: str
    text: str
    because: str

    @property
    def field(self) -> str:
        """Return the name of its field."""
        return f"item-{self.id}"


@dataclass(frozen=True)
class Order:
    """A question with its items in their right order; the page mixes them."""

    question: str
    hints: tuple[str, ...]
    items: tuple[Item, ...]

    def ask(self, _seed: str) -> str:
        """Say what is asked."""
        return self.question

    def form_fields(self, seed: str, _answer: Answer) -> tuple[Field, ...]:
        """Describe the form: each item whole, in large letters, with a number to pick for it."""
        places = Group("", tuple(Option(str(at), _nth(at)) for at in range(1, len(self.items) + 1)))
        return tuple(
            Field(item.field, item.text, "", "select", options=(places,)) for item in mixed(self.items, seed)
        )

    def check(self, answer: Answer, seed: str) -> Outcome:
        """Judge the items from the first on, up to the one that stands wrong: the others wait for it."""
        picked = {item.id: _picked(item, answer, len(self.items)) for item in self.items}
        return judge(
            {item.field: partial(_judge_item, self, item, picked) for item in mixed(self.items, seed)}
        )

    def reference_answer(self, _seed: str) -> dict[str, str]:
        """Return an answer that passes."""
        return {item.field: str(at) for at, item in enumerate(self.items, start=1)}

    def solution(self, _seed: str) -> tuple[Line, ...]:
        """Show the right order and why it is."""
        return tuple(Line(f"{at}. {item.text}", item.because) for at, item in enumerate(self.items, start=1))


def read(values: Mapping[str, object]) -> Order:
    """Read an authored table; raises BadPractice."""
    table = Table(values)
    table.allow("kind", "question", "hints", "items")
    items = tuple(_read_item(each) for each in table.tables("items"))
    if not FEWEST <= len(items) <= MOST:
        raise BadPractice(f"'items' must be three to seven tables, not {len(items)}")
    require_unique(tuple(item.id for item in items), "items")
    require_unique(tuple(item.text for item in items), "items")
    return Order(table.text("question"), table.texts("hints"), items)


def translate(order: Order, words: Table) -> Order:
    """Give the order other words; raises BadPractice where they do not fit."""
    words.allow("question", "hints", "items")
    ids = tuple(item.id for item in order.items)
    tables = translation.named_rows(words, "items", ids, "text", "because")
    items = tuple(Item(table.text("id"), table.text("text"), table.text("because")) for table in tables)
    require_unique(tuple(item.text for item in items), "items")
    return Order(words.text("question"), translation.hints(order.hints, words), items)


def _read_item(table: Table) -> Item:
    table.allow("id", "text", "because")
    return Item(table.identifier("id"), table.text("text"), table.text("because"))


def _nth(number: int) -> str:
    return _("%(number)s번째", number=number)


def _picked(item: Item, answer: Answer, most: int) -> int:
    """Return the number picked for an item, 0 for none that we know."""
    value = answer.get(item.field, "")[:2].strip()
    return int(value) if value.isascii() and value.isdigit() and 1 <= int(value) <= most else 0


def _judge_item(order: Order, item: Item, picked: Mapping[str, int]) -> str:
    mine, places = picked[item.id], list(picked.values())
    if not mine:
        raise UnreadableError(_("아직 고르지 않았어요. 몇 번째인지 골라 주세요."))
    if places.count(mine) > 1:
        raise UnreadableError(_("%(number)s번째를 여러 번 골랐어요. 하나만 남기고 바꿔 주세요.", number=mine))
    if 0 in places or len(set(places)) < len(places):
        return ""
    right = list(order.items)
    wrong = next((at for at, each in enumerate(right, start=1) if picked[each.id] != at), len(right) + 1)
    if mine > wrong:
        return ""
    if mine == wrong:
        raise AnswerError(
            _(
                "아직 %(number)s번째가 아니에요. 먼저 할 것이 있어요. %(because)s",
                number=mine,
                because=right[wrong - 1].because,
            )
        )
    return item.because
