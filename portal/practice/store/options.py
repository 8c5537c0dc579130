"""What a buyer picks between: values, what each costs more, and how many there are of each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from portal.practice import typed
from portal.practice.field import Field
from portal.practice.outcome import AnswerError
from portal.practice.product_name import is_named, squeeze
from portal.practice.store.page import Block, Checks, Page, Section, block
from portal.practice.store.story import OptionRow

SPARE_ROWS = 1


@dataclass(frozen=True)
class _Row:
    """One row of the form, and the row of the story it stands for."""

    number: int
    value: str
    extra: str
    stock: str
    meant: OptionRow | None
    #: A row above stands for the same; this one then stands for nothing.
    is_repeated: bool

    @property
    def is_blank(self) -> bool:
        return not (self.value or self.extra or self.stock)

    def field(self, name: str) -> str:
        return _name(self.number, name)


def _name(number: int, field: str) -> str:
    return f"option_{number}_{field}"


def _count(page: Page) -> int:
    return len(page.story.options.rows) + SPARE_ROWS if page.story.options else 0


def _form_fields(page: Page) -> tuple[Field, ...]:
    rows: list[Field] = [Field("option_name", "옵션명", "무엇을 고르는지 적어요. 예: 크기", "text")]
    for number in range(1, _count(page) + 1):
        spare = " (선택)" if number > _count(page) - SPARE_ROWS else ""
        rows += [
            Field(_name(number, "value"), f"옵션값 {number}{spare}", "한 칸에 한 가지만 적어요.", "text"),
            Field(
                _name(number, "extra"), f"추가금 {number} (선택)", "판매가에 더 붙는 돈이에요.", "money", "원"
            ),
            Field(
                _name(number, "stock"), f"옵션 재고 {number}{spare}", "이 옵션값의 개수예요.", "count", "개"
            ),
        ]
    return tuple(rows)


def _checks(page: Page) -> Checks:
    rows = _rows(page)
    checks: dict[str, Callable[[], str]] = {"option_name": partial(_check_name, page)}
    for row in rows:
        checks[row.field("value")] = partial(_check_value, page, rows, row)
        checks[row.field("extra")] = partial(_check_extra, page, rows, row)
        checks[row.field("stock")] = partial(_check_stock, page, rows, row)
    return checks


def _show(page: Page) -> tuple[Block, ...]:
    lines = {row.value: _price_shown(page, row) for row in _rows(page) if row.value}
    name = page.text("option_name")
    return block(f"고르기: {name}" if name else "고르기", lines)


def _rows(page: Page) -> tuple[_Row, ...]:
    rows: list[_Row] = []
    for number in range(1, _count(page) + 1):
        value, extra, stock = (page.text(_name(number, field)) for field in ("value", "extra", "stock"))
        meant = _meant(page, value)
        is_repeated = meant is not None and any(row.meant is meant for row in rows)
        rows.append(_Row(number, value, extra, stock, None if is_repeated else meant, is_repeated))
    return tuple(rows)


def _meant(page: Page, value: str) -> OptionRow | None:
    known = page.story.options.rows if page.story.options else ()
    return next((row for row in known if value and any(is_named(value, word) for word in row.words)), None)


def _check_name(page: Page) -> str:
    name, known = typed.text(page.answer, "option_name"), page.story.options
    if not squeeze(name):
        raise AnswerError("옵션명이 비어 있어요. 손님이 무엇을 고르는지 적어 주세요.")
    if known and not any(is_named(name, way) for way in known.names):
        raise AnswerError(f"문제에서 손님은 ‘{known.names[0]}’ 가운데 하나를 골라요. 그대로 적어 주세요.")
    return "손님이 무엇을 고르는지 알 수 있어요."


def _check_value(page: Page, rows: tuple[_Row, ...], row: _Row) -> str:
    typed.text(page.answer, row.field("value"))  # says that it is too long
    if not squeeze(row.value):
        return _check_blank(rows, row)
    if any(mark in row.value for mark in ",/·"):
        raise AnswerError("한 칸에 한 가지만 적어 주세요. 다른 것은 다음 칸에 적어요.")
    if row.is_repeated:
        raise AnswerError("같은 옵션값이 위에 있어요. 같은 것은 한 번만 적어 주세요.")
    if row.meant is None:
        raise AnswerError("문제에 없는 옵션값이에요. 문제에 나온 것만 적어 주세요.")
    return "손님이 고를 수 있어요."


def _check_blank(rows: tuple[_Row, ...], row: _Row) -> str:
    if not row.is_blank:
        raise AnswerError("옵션값이 비어 있어요. 추가금이나 재고를 적었으면 이름도 적어 주세요.")
    if row.number <= len(rows) - SPARE_ROWS:
        raise AnswerError("옵션값이 비어 있어요. 손님이 고를 것을 한 칸에 하나씩 적어 주세요.")
    return ""


def _check_extra(page: Page, rows: tuple[_Row, ...], row: _Row) -> str:
    written = typed.text(page.answer, row.field("extra"))
    extra = typed.amount(page.answer, row.field("extra"), missing="") if written else 0
    price = page.amount("price")
    if price is not None and extra > (most := page.rules.most_extra(price)):
        raise AnswerError(f"판매가에 견주어 추가금이 커요. {most:,}원 안으로 적어 주세요.")
    filled = [each for each in rows if each.value]
    extras = [_extra_of(page, each) for each in filled]
    if filled and row is filled[0] and all(extras):
        raise AnswerError("추가금이 0원인 옵션값이 하나는 있어야 해요. 판매가 그대로 살 수 있게 해 주세요.")
    if row.meant is not None and row.meant.extra is not None and extra != row.meant.extra:
        raise AnswerError(_told_extra(row.meant.extra))
    if not row.extra:
        return ""
    return f"고르면 {extra:,}원이 더 붙어요." if extra else "판매가 그대로 살 수 있어요."


def _told_extra(extra: int) -> str:
    if extra == 0:
        return "문제에서 이 옵션값은 돈이 더 붙지 않아요. 0을 적거나 비워 주세요."
    return f"문제에서 이 옵션값은 {extra:,}원이 더 붙어요. 그대로 적어 주세요."


def _check_stock(page: Page, rows: tuple[_Row, ...], row: _Row) -> str:
    if row.is_blank and row.number > len(rows) - SPARE_ROWS:
        return ""
    missing = "이 옵션값이 몇 개 있는지 적어 주세요."
    stock = typed.amount(page.answer, row.field("stock"), missing=missing, units=typed.COUNTERS)
    if stock == 0:
        raise AnswerError("재고가 0이면 이 옵션값은 품절로 보여요. 있는 만큼 적어 주세요.")
    if row.meant is not None and row.meant.stock not in (None, stock):
        raise AnswerError(f"문제에서 이 옵션값은 {row.meant.stock:,}개예요. 그대로 적어 주세요.")
    _require_sum(page, rows, row)
    return "팔 수 있는 만큼 적었어요."


def _require_sum(page: Page, rows: tuple[_Row, ...], row: _Row) -> None:
    """Raise AnswerError at the last row if the stock of all rows is not the stock of the page."""
    stocks = [page.amount(each.field("stock"), typed.COUNTERS) for each in rows if not each.is_blank]
    total, known = page.amount("stock", typed.COUNTERS), [stock for stock in stocks if stock is not None]
    is_last = all(each.is_blank for each in rows[row.number :])
    if is_last and total is not None and len(known) == len(stocks) and sum(known) != total:
        raise AnswerError(
            f"옵션 재고를 더하면 {sum(known):,}개예요. 재고수량 {total:,}개와 같게 맞춰 주세요."
        )


def _extra_of(page: Page, row: _Row) -> int:
    return (page.amount(row.field("extra")) or 0) if row.extra else 0


def _price_shown(page: Page, row: _Row) -> str:
    price, extra = page.amount("price"), _extra_of(page, row)
    if price is None:
        return f"+{extra:,}원"
    return f"{price + extra:,}원" + (f" (+{extra:,}원)" if extra else "")


SECTION = Section("옵션", _form_fields, _checks, _show)
