"""Where goods go back to, what that costs, and who answers the telephone."""

import re

from portal.practice import typed
from portal.practice.field import Field
from portal.practice.outcome import AnswerError
from portal.practice.product_name import squeeze
from portal.practice.store import written
from portal.practice.store.page import Block, Checks, Page, Section, block

SHORTEST_ADDRESS = 8
_REFUSING = re.compile(r"(?:반품|환불|교환)[은이을도]?(?:불가|안됩|안돼|안되|안받|안해|못)")


def _form_fields(page: Page) -> tuple[Field, ...]:
    return_fee = Field(
        "return_fee", "반품배송비", "손님 마음이 바뀌어 돌려보낼 때 받는 돈이에요.", "money", "원"
    )
    if not page.is_whole:
        return (return_fee,)
    return (
        return_fee,
        Field("exchange_fee", "교환배송비", "오고 가는 택배비를 더한 돈이에요.", "money", "원"),
        Field("return_address", "반품 받을 주소", "동네와 번지까지 적어요.", "text"),
        Field("service_phone", "A/S 전화번호", written.PHONE_HINT, "text"),
        Field("service_text", "A/S 안내", "물건에 문제가 있을 때 어떻게 하면 되는지 적어요.", "area"),
    )


def _checks(page: Page) -> Checks:
    checks = {"return_fee": lambda: _check_return_fee(page)}
    if page.is_whole:
        checks |= {
            "exchange_fee": lambda: _check_exchange_fee(page),
            "return_address": lambda: _check_address(page),
            "service_phone": lambda: written.check_phone(
                page, "service_phone", missing="전화번호가 비어 있어요. 손님이 걸 번호를 적어 주세요."
            ),
            "service_text": lambda: _check_service(page),
        }
    return checks


def _show(page: Page) -> tuple[Block, ...]:
    return block(
        "반품과 교환",
        {
            "반품배송비": page.won("return_fee"),
            "교환배송비": page.won("exchange_fee"),
            "반품 주소": page.text("return_address"),
            "A/S 전화": page.text("service_phone"),
            "A/S 안내": page.text("service_text"),
        },
    )


def _check_return_fee(page: Page) -> str:
    """Judge what a buyer pays who has changed their mind (전자상거래법 18조⑨); raises AnswerError."""
    missing = "마음이 바뀐 손님이 낼 반품 택배비를 적어 주세요."
    fee = typed.amount(page.answer, "return_fee", missing=missing)
    if fee > page.rules.return_fee.most:
        raise AnswerError(
            f"실제 택배비만 받을 수 있어요. {page.rules.return_fee.most:,}원 안으로 적어 주세요."
        )
    require_told(page, "return_fee", fee)
    if fee == 0:
        return "0원이면 마음이 바뀐 반품도 사장님이 택배비를 내요. 그래도 괜찮아요."
    return f"마음이 바뀐 반품이면 손님이 {fee:,}원을 내요. 물건 탓이면 사장님이 내요."


def _check_exchange_fee(page: Page) -> str:
    missing = "교환할 때 오고 가는 택배비를 적어 주세요."
    fee = typed.amount(page.answer, "exchange_fee", missing=missing)
    if fee > page.rules.exchange_fee.most:
        most = page.rules.exchange_fee.most
        raise AnswerError(f"실제 택배비만 받을 수 있어요. {most:,}원 안으로 적어 주세요.")
    one_way = page.amount("return_fee")
    if one_way is not None and fee < one_way:
        raise AnswerError("교환은 택배가 두 번 오가요. 반품배송비보다 적지 않게 적어 주세요.")
    require_told(page, "exchange_fee", fee)
    return f"마음이 바뀐 교환이면 손님이 {fee:,}원을 내요."


def require_told(page: Page, name: str, fee: int) -> None:
    """Raise AnswerError if the story names another amount."""
    told = page.story.fees.get(name, fee)
    if fee != told:
        raise AnswerError(f"문제에는 {told:,}원으로 나와 있어요. 그대로 적어 주세요.")


def _check_address(page: Page) -> str:
    missing = "주소가 비어 있어요. 돌아온 물건을 받을 곳을 적어 주세요."
    text = written.read(page, "return_address", missing=missing)
    if len(squeeze(text)) < SHORTEST_ADDRESS or not re.search(r"\d", text):
        raise AnswerError("주소가 짧아서 택배가 못 찾아와요. 길 이름과 번호까지 적어 주세요.")
    written.require_words(text, page.story.return_address)
    return "물건이 돌아올 곳을 알 수 있어요."


def _check_service(page: Page) -> str:
    missing = "안내가 비어 있어요. 물건에 문제가 있을 때 어떻게 해 드릴지 적어 주세요."
    text = written.read(page, "service_text", missing=missing)
    if _REFUSING.search(squeeze(text)):
        raise AnswerError(
            f"물건을 받고 {page.rules.return_days}일 안에는 마음이 바뀌어도 돌려보낼 수 있어요."
            " 안 된다는 말은 빼 주세요."
        )
    return "손님이 마음 놓고 살 수 있어요."


SECTION = Section("반품과 교환", _form_fields, _checks, _show)
