"""Brand, maker, tax and who may buy."""

from portal.practice import typed
from portal.practice.field import Field, Group, Option
from portal.practice.outcome import AnswerError
from portal.practice.product_name import is_named
from portal.practice.store import written
from portal.practice.store.page import Block, Checks, Page, Section, block
from portal.practice.store.story import TAXES

_MINORS = {"yes": "미성년자도 살 수 있어요", "no": "어른만 살 수 있어요"}


def _form_fields(_page: Page) -> tuple[Field, ...]:
    taxes, minors = (
        Group("", tuple(Option(value, text) for value, text in known.items())) for known in (TAXES, _MINORS)
    )
    return (
        Field("brand", "브랜드 (선택)", "상표가 있을 때만 적어요. 없으면 비워 둬요.", "text"),
        Field("maker", "제조사", "물건을 만든 곳의 이름이에요.", "text"),
        Field("tax", "과세 여부", "값에 부가가치세가 들어 있는지 골라요.", "radio", options=(taxes,)),
        Field(
            "minors", "미성년자 구매", "술처럼 어른만 살 수 있는 물건이 있어요.", "radio", options=(minors,)
        ),
    )


def _checks(page: Page) -> Checks:
    return {
        "brand": lambda: _check_brand(page),
        "maker": lambda: _check_maker(page),
        "tax": lambda: _check_tax(page),
        "minors": lambda: _check_minors(page),
    }


def _show(page: Page) -> tuple[Block, ...]:
    lines = {
        "브랜드": page.text("brand"),
        "제조사": page.text("maker"),
        "과세 여부": TAXES.get(page.text("tax"), ""),
        "미성년자 구매": _MINORS.get(page.text("minors"), ""),
    }
    return block("상품 주요정보", lines)


def _check_brand(page: Page) -> str:
    return "상표를 아는 손님이 찾기 쉬워요." if typed.text(page.answer, "brand") else ""


def _check_maker(page: Page) -> str:
    missing = "제조사가 비어 있어요. 물건을 만든 곳의 이름을 적어 주세요."
    text = written.read(page, "maker", missing=missing)
    makers = page.story.maker
    if makers and not any(is_named(text, maker) for maker in makers):
        raise AnswerError("문제에 나온 만든 곳을 다시 봐 주세요. 그 이름을 그대로 적으면 돼요.")
    return "누가 만들었는지 알 수 있어요."


def _check_tax(page: Page) -> str:
    tax = typed.text(page.answer, "tax")
    if tax not in TAXES:
        raise AnswerError("과세인지 면세인지 하나 골라 주세요.")
    if tax != page.story.tax:
        raise AnswerError("세금 신고 때 금액이 달라져요. 문제에서 과세인지 면세인지 다시 봐 주세요.")
    return "세금 신고와 맞게 골랐어요."


def _check_minors(page: Page) -> str:
    minors = typed.text(page.answer, "minors")
    if minors not in _MINORS:
        raise AnswerError("누가 살 수 있는지 하나 골라 주세요.")
    if page.story.minors and minors == "no":
        raise AnswerError("누구나 살 수 있는 물건이에요. ‘어른만’으로 두면 살 수 있는 손님이 줄어요.")
    if not page.story.minors and minors == "yes":
        raise AnswerError("어른만 살 수 있는 물건이에요. ‘어른만 살 수 있어요’를 골라 주세요.")
    return "살 수 있는 사람을 맞게 골랐어요."


SECTION = Section("상품 주요정보", _form_fields, _checks, _show)
