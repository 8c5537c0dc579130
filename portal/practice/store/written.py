"""What is asked of text in any section: that it is there, that it says something, that a number rings."""

import re
import unicodedata

from portal.practice import typed
from portal.practice.outcome import AnswerError
from portal.practice.product_name import is_named, squeeze
from portal.practice.store.page import Page
from portal.practice.store.story import Words

PHONE_HINT = "지역번호부터 숫자로 적어요. 예: 054-000-0000"

_PHONE = re.compile(r"(?<!\d)(?:0\d{1,3}[-.) ]{0,2}\d{3,4}[-. ]?\d{4}|1[5-9]\d\d[-. ]?\d{4})(?!\d)")


def read(page: Page, name: str, *, missing: str) -> str:
    """Return the text of a field; raises AnswerError if nothing, or only "상세설명 참조", stands there."""
    text = typed.text(page.answer, name)
    squeezed = squeeze(text)
    if not squeezed:
        raise AnswerError(missing)
    if any(squeeze(words) in squeezed for words in page.rules.lazy):
        raise AnswerError("다른 곳을 보라고만 적혀 있어요. 손님이 여기서 바로 읽도록 적어 주세요.")
    return text


def require_words(text: str, words: Words) -> None:
    """Raise AnswerError naming the first thing of the story that is not said."""
    for ways in words:
        if not any(is_named(text, way) for way in ways):
            raise AnswerError(f"문제를 다시 봐 주세요. ‘{ways[0]}’도 적어야 해요.")


def check_phone(page: Page, name: str, *, missing: str) -> str:
    """Praise a telephone number that can be rung; raises AnswerError."""
    text = unicodedata.normalize("NFKC", read(page, name, missing=missing))
    found = _PHONE.search(text)
    if not found:
        raise AnswerError("전화번호가 다 보이지 않아요. 지역번호부터 숫자로 적어 주세요.")
    if page.story.phone and _digits(found.group()) != _digits(page.story.phone):
        raise AnswerError("문제에 나온 전화번호와 달라요. 숫자를 하나씩 견주어 봐 주세요.")
    return "손님이 바로 전화할 수 있어요."


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
