"""A reply as others may read it: no names and no numbers, and otherwise as it was written."""

import pytest

from portal.accounts.models import User
from portal.courses.phrases import blank

WRITER = User(name="김순자", shop_name="순자네 반찬")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("순자네 반찬 김순자예요.", "○○○ ○○○예요."),
        ("순자네에서 순자가 드려요.", "○○○에서 ○○○가 드려요."),
        ("박영희 고객님, 죄송합니다.", "○○○ 고객님, 죄송합니다."),
        ("최민수씨가 담았어요.", "○○○씨가 담았어요."),
        ("김 사장님과 이야기했어요.", "○○○ 사장님과 이야기했어요."),
        ("남궁민수 님께 드려요.", "○○○ 님께 드려요."),
        ("010-1234-5678로 전화할게요.", "010-○○○○-○○○○로 전화할게요."),
        ("110-234-567890으로 보내요.", "110-○○○-○○○○○○으로 보내요."),
    ],
)
def test_names_and_numbers_are_blanked(written: str, shown: str) -> None:
    assert blank(written, WRITER) == shown


@pytest.mark.parametrize(
    "written",
    [
        "손님, 정말 죄송합니다. 고객님 마음이 상하셨지요.",
        "배송비 3,000원을 오늘 오후 5시까지 환불해 드릴게요.",
        "어머님 생신인데 기사님이 늦으셨어요. 선생님도 이웃님도 죄송해요.",
        "주신 손님, 오신 고객님, 이 손님께도 고맙습니다.",
        "마음씨 고운 손님, 날씨가 추워요.",
    ],
)
def test_what_names_nobody_stays_as_it_was_written(written: str) -> None:
    assert blank(written, WRITER) == written


def test_somebody_without_a_shop_is_blanked_too() -> None:
    assert blank("이하나예요.", User(name="이하나", shop_name="")) == "○○○예요."
