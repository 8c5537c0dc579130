"""What is asked of delivery: who pays to send it, and who pays to send it back."""

from portal.practice import typed
from portal.practice.outcome import Answer, AnswerError
from portal.practice.store_rules import Rules

#: Naver's three deliveryFeeTypes (FREE, PAID, CONDITIONAL_FREE; domain.md §3.3) in the words we show.
WAYS = {"free": "무료배송", "paid": "배송비 따로 받기", "conditional": "많이 사면 무료배송"}

#: What the story says about each way.
_IN_STORY = {
    "free": "문제에서는 배송비를 사장님이 내요.",
    "paid": "문제에서는 배송비를 손님이 내요.",
    "conditional": "문제에서는 많이 사는 손님만 배송비를 안 내요.",
}


def check_delivery(ways: tuple[str, ...], answer: Answer) -> str:
    """Say what the chosen way means for the shop; raises AnswerError if it is none of ``ways``."""
    way = typed.text(answer, "delivery")
    if way in WAYS and way not in ways:
        raise AnswerError(f"{_IN_STORY[ways[0]]} 문제에 맞게 골라 주세요.")
    match way:
        case "free":
            return "택배비는 사장님이 내게 돼요. 상품값을 정할 때 꼭 생각해 주세요."
        case "paid":
            return "손님이 상품값과 배송비를 함께 내요."
        case "conditional":
            return "많이 사는 손님의 택배비는 사장님이 내게 돼요."
        case _:
            raise AnswerError("배송비를 누가 낼지 하나 골라 주세요.")


def check_delivery_fee(rules: Rules, ways: tuple[str, ...], answer: Answer) -> str:
    """Judge the fee by the way of delivery, saying nothing until that fits; raises AnswerError."""
    match _fitting_way(ways, answer):
        case "free":
            return _unused(
                answer, "delivery_fee", "무료배송을 골랐어요. 배송비 칸은 비우거나 0을 적어 주세요."
            )
        case "paid" | "conditional":
            missing = "받을 배송비를 적어 주세요. 택배비가 얼마인지 보고 정하면 돼요."
            fee = typed.amount(answer, "delivery_fee", missing=missing)
            if fee == 0:
                raise AnswerError("배송비가 0원이에요. 받지 않으려면 무료배송을 골라 주세요.")
            if fee > rules.delivery_fee.most:
                raise AnswerError(f"배송비가 커요. {rules.delivery_fee.most:,}원 안으로 적어 주세요.")
            return f"손님은 배송비로 {fee:,}원을 내요."
        case _:
            return ""


def check_free_over(rules: Rules, ways: tuple[str, ...], answer: Answer) -> str:
    """Judge the amount from which delivery is free, saying nothing until the way fits; raises AnswerError."""
    match _fitting_way(ways, answer):
        case "free" | "paid":
            return _unused(
                answer, "free_over", f"‘{WAYS['conditional']}’일 때만 적어요. 이 칸은 비워 주세요."
            )
        case "conditional":
            over = typed.amount(answer, "free_over", missing="얼마부터 무료로 보낼지 적어 주세요.")
            if over > rules.free_over.most:
                raise AnswerError(f"너무 큰 금액이에요. {rules.free_over.most:,}원 안으로 적어 주세요.")
            if over <= _price(answer):
                raise AnswerError("하나만 사도 무료가 돼요. 상품값보다 큰 금액을 적어 주세요.")
            return f"{over:,}원어치부터는 무료로 보내요."
        case _:
            return ""


def check_return_fee(rules: Rules, answer: Answer) -> str:
    """Judge what a buyer pays who has changed their mind (전자상거래법 18조⑨); raises AnswerError."""
    missing = "마음이 바뀐 손님이 낼 반품 택배비를 적어 주세요."
    fee = typed.amount(answer, "return_fee", missing=missing)
    if fee > rules.return_fee.most:
        raise AnswerError(f"실제 택배비만 받을 수 있어요. {rules.return_fee.most:,}원 안으로 적어 주세요.")
    if fee == 0:
        return "0원이면 마음이 바뀐 반품도 사장님이 택배비를 내요. 그래도 괜찮아요."
    return f"마음이 바뀐 반품이면 손님이 {fee:,}원을 내요. 물건 탓이면 사장님이 내요."


def _fitting_way(ways: tuple[str, ...], answer: Answer) -> str:
    """Return the way that was chosen; empty where its own field says what is wrong with it."""
    try:
        way = typed.text(answer, "delivery")
    except AnswerError:
        return ""
    return way if way in ways else ""


def _unused(answer: Answer, field: str, advice: str) -> str:
    if typed.text(answer, field) not in ("", "0", "0원"):
        raise AnswerError(advice)
    return "이 칸은 비워 두면 돼요."


def _price(answer: Answer) -> int:
    """Read the price, or nothing where its own field will say what is wrong with it."""
    try:
        return typed.amount(answer, "price", missing="")
    except AnswerError:
        return 0
