"""Where goods and what is in them are from."""

from portal.practice import typed
from portal.practice.field import Field, Group, Option
from portal.practice.outcome import AnswerError
from portal.practice.product_name import is_named, squeeze
from portal.practice.store import written
from portal.practice.store.page import Block, Checks, Page, Section, block
from portal.practice.store.story import ORIGINS


def _form_fields(page: Page) -> tuple[Field, ...]:
    origins = Group("", tuple(Option(value, text) for value, text in ORIGINS.items()))
    food = page.leaf in page.rules.food
    return (
        Field("origin", "원산지", "주된 재료나 물건이 어디 것인지 골라요.", "radio", options=(origins,)),
        Field(
            "origin_text",
            "재료마다 원산지" if food else "만든 나라와 곳",
            "재료 이름과 나온 곳을 함께 적어요. 예: 콩(국산)" if food else "예: 경기도 이천, 국산",
            "area",
        ),
    )


def _checks(page: Page) -> Checks:
    return {"origin": lambda: _check_origin(page), "origin_text": lambda: _check_text(page)}


def _show(page: Page) -> tuple[Block, ...]:
    lines = {"원산지": ORIGINS.get(page.text("origin"), ""), "자세히": page.text("origin_text")}
    return block("원산지", lines)


def _check_origin(page: Page) -> str:
    origin = typed.text(page.answer, "origin")
    if origin not in ORIGINS:
        raise AnswerError("국산인지 수입산인지 하나 골라 주세요.")
    if origin != page.story.origin:
        raise AnswerError("원산지를 다르게 적으면 법에 어긋나요. 문제에서 어디 것인지 다시 봐 주세요.")
    return "손님이 사기 전에 원산지를 볼 수 있어요."


def _check_text(page: Page) -> str:
    text = written.read(page, "origin_text", missing="어디 것인지 비어 있어요. 재료와 나온 곳을 적어 주세요.")
    told = page.rules.origin_words.get(page.leaf, ())
    missing = [word for word in told if not is_named(text, word)]
    if missing:
        named = ", ".join(f"‘{word}’" for word in missing)
        raise AnswerError(f"이 식품은 {named} 원산지도 꼭 적어야 해요. 나온 곳과 함께 적어 주세요.")
    written.require_words(text, page.story.origin_words)
    if not any(squeeze(place) in squeeze(text) for place in page.rules.places):
        raise AnswerError("어느 나라 것인지 안 보여요. ‘국산’이나 나라 이름을 적어 주세요.")
    return "무엇이 어디 것인지 알 수 있어요."


SECTION = Section("원산지", _form_fields, _checks, _show)
