import pytest

from portal.core.personal_numbers import PersonalNumberError, check_texts, find_numbers, mask_numbers
from tests.pace import costs_less_than

HELD = [
    "010-1234-5678",
    "01012345678",
    "010 1234 5678",
    "010.1234.5678",
    "010ㅡ1234ㅡ5678",
    "(010)1234-5678",
    "전화-010-1234-5678",
    "- 010-1234-5678",
    "+82 10-1234-5678",
    "+82-(0)10-1234-5678",
    "02-123-4567",
    "031)123-4567",
    "0507-1234-5678",
    "0507 1320 1234",
    "050712345678",
    "０１０－１２３４－５６７８",
    "010\u200b-1234\u200b-5678",
    "010\u00a01234\u00a05678",
    "010-**1234**-5678",
    r"010\-1234\-5678",
    "공일공-일이삼사-오육칠팔",
    "580412-1234567",
    "5804121234567",
    "580412 - 2234567",
    "19580412-1234567",
    "110-234-567890",
    "110 234 567890",
    "110 - 234 - 567890",
    "110.234.567890",
    "3333-01-1234567",
    "1002-123-456789",
    "123456-01-123456",
    "301-1234-5678-91",
    "1000-12345678",
    "1234-5678-9012-3456",
    "1234 5678 9012 3456",
    "1234567890123456",
]
FREE = [
    "12,000원",
    "1,200,000원",
    "12000원에서 15000원",
    "12000-15000",
    "12000 15000 18000",
    "9900 12900 15900",
    "1234567890원",
    "2026-11-21",
    "2026-11-21 10:30",
    "2026-11-21~2026-11-25",
    "2026. 11. 21.",
    "2026/11/21 1030",
    "2026년 11월 21일 10시 30분",
    "2023 2024 2025",
    "주문 120건, 3kg, 500g 3개",
    "95 100 105 110",
    "90-95-100",
    "1588-1234",
    "120x120x120cm",
    "09:00-18:00",
    "https://smartstore.naver.com/shop/products/5123456789",
    "제12345호",
]


@pytest.mark.parametrize("number", HELD)
def test_a_personal_number_is_found_and_nothing_of_it_is_left_after_masking(number: str) -> None:
    text = f"제 번호는 {number} 이에요. 12,000원이고 2026-11-21에 샀어요."

    masked = mask_numbers(text)

    assert len(find_numbers(text)) == 1
    assert find_numbers(masked) == []
    assert "12,000원이고 2026-11-21에 샀어요." in masked
    assert len(masked) == len(text)


@pytest.mark.parametrize("text", FREE)
def test_what_is_no_personal_number_passes(text: str) -> None:
    assert find_numbers(text) == []
    assert mask_numbers(text) == text


def test_every_number_of_a_text_is_found_beside_others() -> None:
    text = "농협 12 110-234-567890 3개, 국민 123456-01-123456 010-1234-5678"

    assert find_numbers(text) == ["110-234-567890", "123456-01-123456", "010-1234-5678"]


def test_the_first_three_digits_stay_and_the_rest_of_the_text_is_unchanged() -> None:
    assert mask_numbers("② ０１０－１２３４－５６７８ ½") == "② ０１０－○○○○－○○○○ ½"


def test_a_telephone_number_in_an_address_is_found() -> None:
    assert find_numbers("https://example.com/call/01012345678") == ["01012345678"]


def test_texts_are_refused_naming_all_their_numbers_or_masked() -> None:
    texts = {"title": "안녕하세요", "detail": "010-1234-5678 과 110-234-567890"}

    with pytest.raises(PersonalNumberError) as refusal:
        check_texts(texts, mask=False)

    assert refusal.value.field == "detail"
    assert refusal.value.numbers == ["010-1234-5678", "110-234-567890"]
    assert check_texts(texts, mask=True)["detail"] == "010-○○○○-○○○○ 과 110-○○○-○○○○○○"


@pytest.mark.parametrize("piece", ["1 ", "0", "01", "10-", "010(", "공일공", "2026-", "12 - ", "x.", "+82"])
def test_hostile_text_is_searched_quickly(piece: str) -> None:
    text = piece * (8000 // len(piece))
    with costs_less_than(1):
        find_numbers(text)
