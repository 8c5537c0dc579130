"""What the law asks to be told about goods of a class (상품정보제공고시)."""

import re
import unicodedata
from functools import partial

from portal.practice import typed
from portal.practice.field import Field
from portal.practice.outcome import AnswerError, UnreadableError
from portal.practice.store import written
from portal.practice.store.page import Block, Checks, Page, Section, block
from portal.practice.store_notices import NoticeField

_DAY = re.compile(r"(?<!\d)20\d\d\s*[-./년]\s*(\d{1,2})\s*[-./월]\s*(\d{1,2})(?!\d)")
_MONTH = re.compile(r"(?<!\d)20\d\d\s*[-./년]\s*(\d{1,2})(?!\d)")
_SHORT_YEAR = re.compile(r"(?<!\d)\d\d\s*[-./년]\s*\d{1,2}\s*[-./월]\s*\d{1,2}(?!\d)")
_PERIOD = re.compile(r"(?:(?<!\d)\d{1,4}|한|두|세|석|넉)\s{0,2}(?:일|주|개월|달|년)|보름")
_AMOUNT = re.compile(
    r"\d\s*(?:g|kg|mg|ml|l|cm|mm|m|호|개|통|병|봉|팩|장|벌|켤레|세트|상자|박스|포기|마리|그램|킬로|리터|센티)",
    re.IGNORECASE,
)
_LAST_MONTH, _LAST_DAY = 12, 31


def _is_open(page: Page) -> bool:
    """Tell whether the fields are known: the category fits, or the story gives it."""
    return "goods" not in page.story.sections or page.text("category") in page.story.categories


def _asked(page: Page) -> tuple[NoticeField, ...]:
    return page.rules.notice_of(page.leaf).fields if page.is_whole and _is_open(page) else ()


def _name(field: NoticeField) -> str:
    return f"notice_{field.id.replace('-', '_')}"


def _form_fields(page: Page) -> tuple[Field, ...]:
    return tuple(Field(_name(field), field.label, field.hint, "text") for field in _asked(page))


def _checks(page: Page) -> Checks:
    asked = _asked(page)
    if "goods" in page.story.sections and asked and not any(page.text(_name(field)) for field in asked):
        return {_name(asked[0]): _say_they_are_open}
    return {_name(field): partial(_check, page, field) for field in asked}


def _show(page: Page) -> tuple[Block, ...]:
    return block("상품정보제공고시", {field.label: page.text(_name(field)) for field in _asked(page)})


def _say_they_are_open() -> str:
    raise UnreadableError("이 물건에 맞는 칸이 열렸어요. 여기부터 하나씩 적어 주세요.")


def _check(page: Page, field: NoticeField) -> str:
    missing = f"‘{field.label}’ 칸이 비어 있어요. {field.hint}"
    if field.kind == "phone":
        return written.check_phone(page, _name(field), missing=missing)
    text = written.read(page, _name(field), missing=missing)
    plain = unicodedata.normalize("NFKC", text)
    if field.kind == "expiry":
        _check_expiry(plain)
    elif field.kind == "month":
        _check_month(plain)
    elif field.kind == "amount" and not _AMOUNT.search(plain):
        raise AnswerError("얼마나 들었는지 안 보여요. 숫자와 단위를 함께 적어 주세요. 예: 300g, 2개")
    written.require_words(typed.clean(text), page.story.notice.get(field.id, ()))
    return "손님이 여기서 바로 읽을 수 있어요."


def _check_expiry(text: str) -> None:
    if "유통기한" in text.replace(" ", ""):
        raise AnswerError("이제는 ‘유통기한’ 대신 ‘소비기한’이라고 적어요. 낱말을 바꿔 주세요.")
    if _DAY.search(text):
        _require_calendar_day(text)
    elif _SHORT_YEAR.search(text):
        raise AnswerError("연도는 네 자리로 적어 주세요. 예: 2026.12.20")
    elif not _PERIOD.search(text):
        raise AnswerError("언제까지인지 안 보여요. 날짜나 기간을 적어 주세요. 예: 만든 날부터 30일")


def _require_calendar_day(text: str) -> None:
    for month, day in _DAY.findall(text):
        if not (1 <= int(month) <= _LAST_MONTH and 1 <= int(day) <= _LAST_DAY):
            raise AnswerError("달력에 없는 날짜예요. 달과 날을 다시 봐 주세요.")


def _check_month(text: str) -> None:
    found = _MONTH.search(text)
    if not found:
        raise AnswerError("연도 네 자리와 달을 적어 주세요. 예: 2026년 10월")
    if not 1 <= int(found[1]) <= _LAST_MONTH:
        raise AnswerError("달력에 없는 달이에요. 1월부터 12월 사이로 적어 주세요.")


SECTION = Section("상품정보제공고시", _form_fields, _checks, _show)
