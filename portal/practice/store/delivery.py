"""Who sends the goods, who pays for it, and what an island costs more."""

from portal.practice import typed
from portal.practice.field import Field, Group, Option
from portal.practice.outcome import AnswerError
from portal.practice.store.page import Block, Checks, Page, Section, block
from portal.practice.store.returns import require_told
from portal.practice.store.story import WAYS

#: What the story says about each way.
_IN_STORY = {
    "free": "문제에서는 배송비를 사장님이 내요.",
    "paid": "문제에서는 배송비를 손님이 내요.",
    "conditional": "문제에서는 많이 사는 손님만 배송비를 안 내요.",
}


def _form_fields(page: Page) -> tuple[Field, ...]:
    ways = Group("", tuple(Option(value, text) for value, text in WAYS.items()))
    fields = (
        Field("delivery", "배송비 종류", "택배비를 누가 낼지 골라요.", "radio", options=(ways,)),
        Field(
            "delivery_fee", "기본배송비", "손님에게 받을 배송비예요. 무료배송이면 비워 둬요.", "money", "원"
        ),
        Field("free_over", "무료배송 기준", f"‘{WAYS['conditional']}’일 때만 적어요.", "money", "원"),
    )
    if not page.is_whole:
        return fields
    couriers = Group("", tuple(Option(name, name) for name in page.rules.couriers))
    return (
        Field("courier", "택배사", "물건을 보낼 택배 회사예요.", "select", options=(couriers,)),
        *fields,
        Field("island_fee", "제주·섬 추가 배송비", "먼 섬으로 보낼 때 더 받는 돈이에요.", "money", "원"),
    )


def _checks(page: Page) -> Checks:
    checks = {
        "delivery": lambda: _check_way(page),
        "delivery_fee": lambda: _check_fee(page),
        "free_over": lambda: _check_free_over(page),
    }
    if not page.is_whole:
        return checks
    return {
        "courier": lambda: _check_courier(page),
        **checks,
        "island_fee": lambda: _check_island_fee(page),
    }


def _show(page: Page) -> tuple[Block, ...]:
    way = page.text("delivery")
    return block(
        "배송",
        {
            "택배사": page.text("courier"),
            "배송비": WAYS["free"] if way == "free" else page.won("delivery_fee"),
            "무료배송": f"{over}부터" if way == "conditional" and (over := page.won("free_over")) else "",
            "제주·섬": f"+{page.won('island_fee')}" if page.text("island_fee") else "",
        },
    )


def _check_courier(page: Page) -> str:
    if typed.text(page.answer, "courier") not in page.rules.couriers:
        raise AnswerError("어느 택배사로 보낼지 하나 골라 주세요.")
    return "손님이 택배가 어디쯤 왔는지 찾아볼 수 있어요."


def _check_way(page: Page) -> str:
    """Say what the chosen way means for the shop; raises AnswerError if the story tells another."""
    way, told = typed.text(page.answer, "delivery"), page.story.delivery
    if way in WAYS and way not in told:
        raise AnswerError(f"{_IN_STORY[told[0]]} 문제에 맞게 골라 주세요.")
    match way:
        case "free":
            return "택배비는 사장님이 내게 돼요. 상품값을 정할 때 꼭 생각해 주세요."
        case "paid":
            return "손님이 상품값과 배송비를 함께 내요."
        case "conditional":
            return "많이 사는 손님의 택배비는 사장님이 내게 돼요."
        case _:
            raise AnswerError("배송비를 누가 낼지 하나 골라 주세요.")


def _check_fee(page: Page) -> str:
    """Judge the fee by the way of delivery, saying nothing until that fits; raises AnswerError."""
    match _fitting_way(page):
        case "free":
            return _unused(page, "delivery_fee", "무료배송을 골랐어요. 배송비 칸은 비우거나 0을 적어 주세요.")
        case "paid" | "conditional":
            missing = "받을 배송비를 적어 주세요. 택배비가 얼마인지 보고 정하면 돼요."
            fee = typed.amount(page.answer, "delivery_fee", missing=missing)
            if fee == 0:
                raise AnswerError("배송비가 0원이에요. 받지 않으려면 무료배송을 골라 주세요.")
            if fee > page.rules.delivery_fee.most:
                raise AnswerError(f"배송비가 커요. {page.rules.delivery_fee.most:,}원 안으로 적어 주세요.")
            require_told(page, "delivery_fee", fee)
            return f"손님은 배송비로 {fee:,}원을 내요."
        case _:
            return ""


def _check_free_over(page: Page) -> str:
    """Judge the amount from which delivery is free, saying nothing until the way fits; raises AnswerError."""
    most = page.rules.free_over.most
    match _fitting_way(page):
        case "free" | "paid":
            return _unused(page, "free_over", f"‘{WAYS['conditional']}’일 때만 적어요. 이 칸은 비워 주세요.")
        case "conditional":
            over = typed.amount(page.answer, "free_over", missing="얼마부터 무료로 보낼지 적어 주세요.")
            if over > most:
                raise AnswerError(f"너무 큰 금액이에요. {most:,}원 안으로 적어 주세요.")
            if over <= (page.amount("price") or 0):
                raise AnswerError("하나만 사도 무료가 돼요. 상품값보다 큰 금액을 적어 주세요.")
            return f"{over:,}원어치부터는 무료로 보내요."
        case _:
            return ""


def _check_island_fee(page: Page) -> str:
    missing = "제주와 섬에 더 받을 돈을 적어 주세요. 안 받으면 0을 적어요."
    fee = typed.amount(page.answer, "island_fee", missing=missing)
    if fee > page.rules.island_fee.most:
        raise AnswerError(f"추가 배송비가 커요. {page.rules.island_fee.most:,}원 안으로 적어 주세요.")
    require_told(page, "island_fee", fee)
    if fee == 0:
        return "섬으로 보낼 때 더 드는 택배비는 사장님이 내게 돼요. 그래도 괜찮아요."
    return f"제주와 섬에 사는 손님은 {fee:,}원을 더 내요."


def _fitting_way(page: Page) -> str:
    """Return the way that was chosen; empty where its own field says what is wrong with it."""
    way = page.text("delivery")
    return way if way in page.story.delivery else ""


def _unused(page: Page, field: str, advice: str) -> str:
    if typed.text(page.answer, field) not in ("", "0", "0원"):
        raise AnswerError(advice)
    return "이 칸은 비워 두면 돼요."


SECTION = Section("배송", _form_fields, _checks, _show)
