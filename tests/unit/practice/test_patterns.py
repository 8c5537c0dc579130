import pytest

from portal.practice.patterns import PATTERNS
from portal.practice.wording import fold


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("time", "오전 9시에 문을 열어요."),
        ("time", "아침 9시부터예요"),
        ("time", "아침9시부터 해요"),
        ("time", "9:00에 열어요"),
        ("time", "09:30~18:00"),
        ("time", "오전９시 열어요"),
        ("time", "오후 두 시에 와요"),
        ("time", "오후두시까지"),
        ("time", "열한 시 반에 열어요"),
        ("time", "21시 닫아요"),
        ("time", "9 시 30 분"),
        ("time", "정오에 쉬어요"),
        ("day", "월요일은 쉬어요"),
        ("day", "화~토 열어요"),
        ("day", "월·수·금 열어요"),
        ("day", "11월 3일에 보내요"),
        ("day", "11/3에 보내요"),
        ("day", "2026-11-03"),
        ("day", "2026. 11. 3."),
        ("day", "3일 안에 보내요"),
        ("day", "내일 보내 드려요"),
        ("day", "매일 아침 만들어요"),
        ("day", "다음주에 와요"),
        ("day", "(토) 쉼"),
        ("phone", "010-1234-5678"),
        ("phone", "01012345678로 전화"),
        ("phone", "02 123 4567"),
        ("phone", "(02) 123-4567"),
        ("phone", "031.123.4567"),
        ("phone", "０１０－１２３４－５６７８"),
        ("phone", "+82 10 1234 5678"),
        ("phone", "0507-1234-5678"),
        ("phone", "1588-1234"),
        ("won", "12,000원이에요"),
        ("won", "12000 원"),
        ("won", "만 2천원"),
        ("won", "1만 2천 원"),
        ("won", "1만2천원"),
        ("won", "만원이에요"),
        ("won", "만 원에 드려요"),
        ("won", "이만 오천 원입니다"),
        ("won", "삼천원"),
        ("won", "₩12,000"),
        ("won", "１２，０００원"),
        ("percent", "10% 깎아 드려요"),
        ("percent", "1.98 %"),
        ("percent", "10％"),
        ("percent", "십 말고 10퍼센트"),
        ("percent", "10프로 깎아요"),
        ("number", "500g이에요"),
        ("number", "반찬 세 가지"),
        ("number", "두 통을 담아요"),
        ("number", "열 개씩"),
    ],
)
def test_a_pattern_is_found_as_people_write_it(name: str, written: str) -> None:
    assert PATTERNS[name].search(fold(written))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("time", "9시간 걸려요"),
        ("time", "두 시간 끓여요"),
        ("time", "망원시장에 있어요"),
        ("time", "다시 와 주세요"),
        ("time", "한시적으로 팔아요"),
        ("time", "세 시장을 돌아요"),
        ("day", "3일간 절여요"),
        ("day", "생일에 좋아요"),
        ("day", "과일, 채소"),
        ("day", "언제나 열어요"),
        ("phone", "12,000원이에요"),
        ("phone", "2026-11-03"),
        ("phone", "김치 1,000g 2통"),
        ("won", "원산지는 국산"),
        ("won", "병원 옆이에요"),
        ("won", "공원 앞 가게"),
        ("won", "12000입니다"),
        ("won", "국산 100% 원재료"),
        ("won", "2 원재료"),
        ("won", "하나만 원하시면 말해요"),
        ("percent", "프로가 만들어요"),
        ("percent", "2 프로그램"),
        ("percent", "3 할 수 있어요"),
        ("number", "반찬이 맛있어요"),
        ("number", "두부를 넣어요"),
        ("number", "세상에 하나뿐"),
    ],
)
def test_what_only_looks_like_it_is_not(name: str, written: str) -> None:
    assert not PATTERNS[name].search(fold(written))


@pytest.mark.parametrize("name", PATTERNS)
@pytest.mark.parametrize(
    "hostile", ["1" * 1001, "만 " * 500, "0-" * 500, "만" * 1001, "9, " * 333, "두 " * 500]
)
def test_hostile_text_costs_nothing(name: str, hostile: str) -> None:
    for _ in range(20):
        PATTERNS[name].search(hostile)
