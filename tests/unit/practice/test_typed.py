import pytest

from portal.practice import typed
from portal.practice.outcome import AnswerError, UnreadableError
from tests.pace import costs_less_than


def _amount(written: str) -> int:
    return typed.amount({"amount": written}, "amount", missing="비었어요.")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("31447", 31447),
        ("31,447", 31447),
        ("31447원", 31447),
        (" 31 447 ", 31447),
        ("３１，４４７", 31447),
        ("３１４４７　원", 31447),
        ("₩31,447", 31447),
        ("\\31,447", 31447),
        ("3만1447", 31447),
        ("3만 1,447원", 31447),
        ("3만 1천 원", 31000),
        ("3만1천447", 31447),
        ("3만447", 30447),
        ("3만원", 30000),
        ("12천", 12000),
        ("1,234,567", 1234567),
        ("0", 0),
        ("007", 7),
        ("31\u200b447\0", 31447),
        ("31447원".encode().decode(), 31447),
    ],
)
def test_an_amount_is_read_as_people_write_it(written: str, meant: int) -> None:
    assert _amount(written) == meant


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("", "비었어요."),
        (" \u200b\u3164\0", "비었어요."),
        ("-31447", "0보다 작은 수는 적을 수 없어요. 빼기 표시를 지워 주세요."),
        ("−5", "0보다 작은 수는 적을 수 없어요. 빼기 표시를 지워 주세요."),
        ("31447.5", "소수점은 쓰지 않아요. 12000처럼 숫자로만 적어 주세요."),
        ("1.5만", "소수점은 쓰지 않아요. 12000처럼 숫자로만 적어 주세요."),
        ("3,1447", "쉼표 자리를 다시 봐 주세요. 쉼표 없이 적어도 돼요."),
        ("삼만 원", "12000처럼 숫자로 적어 주세요."),
        ("원", "12000처럼 숫자로 적어 주세요."),
        ("1e5", "12000처럼 숫자로 적어 주세요."),
        ("10²", "12000처럼 숫자로 적어 주세요."),
        ("٣١٤", "12000처럼 숫자로 적어 주세요."),
        ("{0.__class__}", "12000처럼 숫자로 적어 주세요."),
        ("3만14470", "만이나 천을 빼고 숫자로만 적어 주세요."),
        ("3천1447", "만이나 천을 빼고 숫자로만 적어 주세요."),
        ("9" * 21, "적은 것이 너무 길어요. 필요한 숫자만 적어 주세요."),
        ("9" * 1001, "적은 것이 너무 길어요. 필요한 숫자만 적어 주세요."),
    ],
)
def test_what_is_no_amount_gets_one_sentence_of_advice(written: str, advice: str) -> None:
    with pytest.raises(UnreadableError) as refusal:
        _amount(written)

    assert str(refusal.value) == advice


def test_a_count_may_carry_its_counter() -> None:
    assert typed.amount({"stock": "20 통"}, "stock", missing="", units=typed.COUNTERS) == 20
    assert typed.amount({"stock": "3봉지"}, "stock", missing="", units=typed.COUNTERS) == 3


def test_cleaning_drops_what_cannot_be_seen_and_composes_syllables() -> None:
    taken_apart = "\u1100\u1175\u11b7\u110e\u1175"  # 김치 as a Mac names files

    assert typed.clean(f"\ufeff{taken_apart}\0\u202e \n\t1kg\ud800 ") == "김치 1kg"


def test_a_quote_is_shortened_to_twenty_characters() -> None:
    assert typed.quoted("김치") == "‘김치’"
    assert len(typed.quoted("김" * 500)) == typed.LONGEST_QUOTE + len("‘’")


@pytest.mark.parametrize("letter", ["9", ",", "만", " ", "\u0301", "\u1100", "\U0001f600", "\0", "(", "-"])
def test_long_input_costs_nothing(letter: str) -> None:
    with costs_less_than(0.5):
        for length in (19, 20, 999, 1000, 10_000, 1_000_000):
            with pytest.raises(AnswerError):
                _amount("x" + letter * length)
