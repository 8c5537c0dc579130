import pytest

from portal.practice.wording import Written, fold
from tests.pace import costs_less_than


def _found(word: str, text: str) -> str | None:
    written = Written(fold(text))
    span = written.find(word)
    return written.text[span.start : span.end] if span else None


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("면역력", "면역력을 높여요", "면역력"),
        ("무료배송", "모두 무 료 배 송 해요", "무 료 배 송"),
        ("혈액 순환", "혈액순환에 좋아요", "혈액순환"),
        ("최저가", "전국최저가격", "최저가"),
        ("BEST", "ｂｅｓｔ 상품", "best"),
        ("반찬", "밑반찬을 팔아요", "반찬"),
        ("김치", "배추김치입니다", "김치"),
        ("김치", "김치찌개가 맛있어요", "김치"),
        ("반찬", "우리반찬가게예요", "반찬"),
        ("반찬", "순자네 반 찬을 팔아요", "반 찬"),
        ("김", "김을 구워요", "김"),
        ("원", "오늘은 9,000원이에요", "원"),
        ("원", "9000 원", "원"),
        ("12,000원", "가격은 12000원", "12000원"),
        ("12000원", "가격은 12,000 원", "12000 원"),
        ("1위", "국내 1위!", "1위"),
        ("1+1", "오늘 1 + 1 행사", "1 + 1"),
        ("100%", "효과 100% 보장", "100%"),
        ("혈압…낮", "높은 혈압을 확 낮춰요", "혈압을 확 낮"),
        ("먹고…빠졌", "한 달 먹고 3.5kg 빠졌어요", "먹고 3.5kg 빠졌"),
    ],
)
def test_a_word_is_found_however_it_is_spaced(word: str, text: str, found: str) -> None:
    assert _found(word, text) == found


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("보장", "정보장터"),
        ("환불", "교환 불가"),
        ("특가", "특 가정용 사과"),
        ("김", "김치와 김밥"),
        ("원", "원산지는 국산이에요"),
        ("원", "공원 옆 가게"),
        ("김치", "우리 김 치즈를 넣어요"),
        ("1위", "지난해 11위"),
        ("5kg", "1.5kg 한 통"),
        ("200g", "1,200g 한 통"),
        ("100%", "2100%"),
        ("혈압…낮", "혈압을 재요. 값이 낮아요."),
        ("혈압…낮", "낮에 혈압을 재요"),
        ("면역력", "면역을 배워요"),
        ("…", "글"),
        (" ", "글"),
    ],
)
def test_a_word_is_not_found_in_an_unrelated_one(word: str, text: str) -> None:
    assert _found(word, text) is None


def test_words_are_blanked_out_with_nothing_else() -> None:
    written = Written(fold("한우 1등급, 판매 1등!")).without(("1등급",))

    assert written.find("1등")
    assert written.text == "한우    , 판매 1등!"


@pytest.mark.parametrize(
    "hostile",
    [
        "가 " * 500,
        "혈압" * 500,
        "혈압." * 400,
        "\ud800" * 999,
        "1," * 500,
        "\0" * 999,
        "가\n" * 500,
        "𝟏위 " * 300,
    ],
)
def test_hostile_text_costs_nothing(hostile: str) -> None:
    with costs_less_than(0.5):
        written = Written(fold(hostile))
        for word in ("가가", "가가가가", "혈압…낮", "1위", "1+1", "가"):
            written.find(word)
            written.without((word,))
