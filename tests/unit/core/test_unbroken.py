"""Dates and times on a page stay whole at a line's end."""

import pytest
from markupsafe import Markup

from portal.web.shell import unbroken


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("11월 24일(화) 오후 3시", "11월~24일^(화) 오후~3시"),
        ("2026년 9월 23일(수)에 동의", "2026년 9월~23일^(수)^에 동의"),
        ("11월 20일(금)", "11월~20일^(금)^"),
        ("오전 10시 30분", "오전~10시~30분"),
        ("낮 12시 · 3시간 전", "낮~12시~· 3시간~전"),
        ("사과 · 배 · 감", "사과~· 배~· 감"),
        ("점심시간 전화", "점심시간 전화"),
        ("배송 · 김순자 님 · 어제", "배송~· 김순자~님~· 어제"),
        ("김* 님, Maria Santos 님", "김*~님, Maria Santos~님"),
    ],
)
def test_what_belongs_together_is_kept_together(words: str, kept: str) -> None:
    whole = unbroken(words)

    assert whole == kept.replace("~", "\N{NO-BREAK SPACE}").replace("^", "\N{WORD JOINER}")
    assert unbroken(whole) == whole


def test_markup_stays_markup_and_a_number_a_number() -> None:
    assert isinstance(unbroken(Markup("<b>오후 3시</b>")), Markup)
    assert unbroken(3) == 3
