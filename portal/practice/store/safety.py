"""The KC mark, and whether goods are made to one person's order."""

import re

from portal.practice import typed
from portal.practice.field import Field, Group, Option
from portal.practice.outcome import AnswerError
from portal.practice.product_name import squeeze
from portal.practice.store import written
from portal.practice.store.page import Block, Checks, Page, Section, block
from portal.practice.store.story import MADE

_KC = {
    "number": "인증 번호가 있어요",
    "food": "먹는 것이라 KC 인증 대상이 아니에요",
    "other": "먹지 않는 것이지만 KC 인증 대상이 아니에요",
}
_NUMBER = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9 -]{4,}")


def _form_fields(_page: Page) -> tuple[Field, ...]:
    kc, made = (
        Group("", tuple(Option(value, text) for value, text in known.items())) for known in (_KC, MADE)
    )
    return (
        Field("kc", "KC 인증", "안전을 확인했다는 나라의 표시예요. 물건마다 달라요.", "radio", options=(kc,)),
        Field("kc_number", "KC 인증 번호", "번호가 있을 때만 적어요. 없으면 비워 둬요.", "text"),
        Field("made", "만드는 때", "반품을 받을지가 이것에 따라 달라져요.", "radio", options=(made,)),
    )


def _checks(page: Page) -> Checks:
    return {
        "kc": lambda: _check_kc(page),
        "kc_number": lambda: _check_number(page),
        "made": lambda: _check_made(page),
    }


def _show(page: Page) -> tuple[Block, ...]:
    kc = page.text("kc")
    return block(
        "안전과 만드는 때",
        {
            "KC 인증": page.text("kc_number") if kc == "number" else _KC.get(kc, ""),
            "만드는 때": MADE.get(page.text("made"), ""),
        },
    )


def _fitting(page: Page) -> str:
    if page.leaf in page.rules.kc:
        return "number"
    return "food" if page.leaf in page.rules.food else "other"


def _check_kc(page: Page) -> str:
    kc, fitting = typed.text(page.answer, "kc"), _fitting(page)
    if kc not in _KC:
        raise AnswerError("KC 인증이 있는지 하나 골라 주세요. 대상이 아니면 까닭을 골라요.")
    if kc == fitting:
        return "KC 인증을 맞게 골랐어요."
    if fitting == "number":
        raise AnswerError("이 물건은 KC 인증이 있어야 팔 수 있어요. 인증 번호를 적어 주세요.")
    if fitting == "food":
        raise AnswerError("먹는 것은 KC 인증 대상이 아니에요. 먹는 것이라는 까닭을 골라 주세요.")
    raise AnswerError("이 물건은 먹지 않고 KC 인증 대상도 아니에요. 그 까닭을 골라 주세요.")


def _check_number(page: Page) -> str:
    text = typed.text(page.answer, "kc_number")
    if _fitting(page) != "number":
        if text:
            raise AnswerError("KC 인증 대상이 아니라서 번호가 없어요. 이 칸은 비워 주세요.")
        return ""
    text = written.read(page, "kc_number", missing="인증 번호가 비어 있어요. 상자나 인증서에서 옮겨 적어요.")
    if not _NUMBER.fullmatch(text):
        raise AnswerError("인증 번호는 영어 글자와 숫자로 되어 있어요. 인증서와 견주어 봐 주세요.")
    if page.story.kc_number and squeeze(text) != squeeze(page.story.kc_number):
        raise AnswerError("문제에 나온 인증 번호와 달라요. 한 글자씩 견주어 봐 주세요.")
    return "손님이 인증 번호를 찾아볼 수 있어요."


def _check_made(page: Page) -> str:
    made, told = typed.text(page.answer, "made"), page.story.made
    if made not in MADE:
        raise AnswerError("만들어 둔 것인지, 주문을 받고 만드는지 골라 주세요.")
    if made == told:
        return "반품을 받는 일과 맞게 골랐어요."
    if made == "custom":
        raise AnswerError(
            "크기나 색만 고르는 물건은 맞춤제작이 아니에요. 그래서 반품을 막을 수 없어요. 다시 골라 주세요."
        )
    raise AnswerError("문제에서 언제, 누구를 위해 만드는지 다시 봐 주세요.")


SECTION = Section("안전과 만드는 때", _form_fields, _checks, _show)
