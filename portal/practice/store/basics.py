"""What is sold: category, name, price and stock."""

from portal.practice import typed
from portal.practice.field import Field
from portal.practice.outcome import AnswerError
from portal.practice.product_name import check_name
from portal.practice.store.page import Block, Checks, Page, Section
from portal.practice.store_rules import options


def _form_fields(page: Page) -> tuple[Field, ...]:
    return (
        _category(page),
        Field("name", "상품명", f"무엇을, 얼마나 파는지 {page.rules.name.advised}자 안으로 적어요.", "text"),
        Field("price", "판매가", "손님이 낼 상품값이에요. 배송비는 빼고 적어요.", "money", "원"),
        Field("stock", "재고수량", "지금 팔 수 있는 만큼만 적어요.", "count", "개"),
    )


def _category(page: Page) -> Field:
    hint, opens = "손님이 상품을 찾는 진열대예요.", ""
    if "notice" in page.story.sections and page.text("category") in page.story.categories:
        hint += " 이 물건에 맞는 칸이 아래에 더 열렸어요."
    elif "notice" in page.story.sections:
        hint += " 고르고 나면 적을 칸이 더 열려요."
        opens = "분류 정하고 다음"
    return Field("category", "카테고리", hint, "select", options=options(page.rules), opens=opens)


def _checks(page: Page) -> Checks:
    return {
        "category": lambda: _check_category(page),
        "name": lambda: _check_name(page),
        "price": lambda: _check_price(page),
        "stock": lambda: _check_stock(page),
    }


def _show(_page: Page) -> tuple[Block, ...]:
    return ()  # the head of the finished page shows them


def _check_category(page: Page) -> str:
    rules, category = page.rules, typed.text(page.answer, "category")
    if category in rules.groups:
        raise AnswerError("큰 칸을 골랐어요. 그 안에서 더 작은 칸을 골라 주세요.")
    if category not in rules.leaves:
        raise AnswerError("아직 고르지 않았어요. 물건에 맞는 카테고리를 골라 주세요.")
    if rules.large[category] not in {rules.large[leaf] for leaf in page.story.categories}:
        raise AnswerError(rules.large_warning)
    if category not in page.story.categories:
        raise AnswerError("손님이 이 물건을 다른 곳에서 찾을 거예요. 맞는 칸을 골라 주세요.")
    return "손님이 찾기 쉬운 카테고리예요."


def _check_name(page: Page) -> str:
    is_food = not page.rules.food.isdisjoint(page.story.categories)
    return check_name(typed.text(page.answer, "name"), page.rules.name, page.story.words, is_food=is_food)


def _check_price(page: Page) -> str:
    price = typed.amount(page.answer, "price", missing="판매가를 적어 주세요.")
    limits, fair = page.rules.price, page.story.price
    if fair.least <= price <= fair.most:
        return f"손님은 상품값으로 {price:,}원을 내요."
    if fair.least <= price * 10 <= fair.most:
        raise AnswerError("0이 하나 빠진 것 같아요. 값을 다시 봐 주세요.")
    if fair.least <= price // 10 <= fair.most:
        raise AnswerError("0이 하나 더 붙은 것 같아요. 값을 다시 봐 주세요.")
    if not limits.least <= price <= limits.most:
        raise AnswerError(f"값은 {limits.least:,}원부터 {limits.most:,}원까지 적을 수 있어요.")
    if fair.least == fair.most:
        raise AnswerError(f"문제에 나온 판매가는 {fair.least:,}원이에요. 그대로 적어 주세요.")
    raise AnswerError(f"이 물건은 {fair.least:,}원에서 {fair.most:,}원 사이로 적어 보세요.")


def _check_stock(page: Page) -> str:
    stock = typed.amount(page.answer, "stock", missing="몇 개를 팔지 적어 주세요.", units=typed.COUNTERS)
    at_most = page.story.stock_at_most
    if stock < page.rules.stock.least:
        raise AnswerError("재고가 0이면 손님이 살 수 없어요. 팔 수 있는 만큼 적어 주세요.")
    if stock > at_most:
        raise AnswerError(f"지금 가게에는 {at_most:,}개가 있어요. 그 안에서 적어 주세요.")
    return f"{stock:,}개가 팔리면 저절로 품절로 바뀌어요."


SECTION = Section("기본 정보", _form_fields, _checks, _show)
