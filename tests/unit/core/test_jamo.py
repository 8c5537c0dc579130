import pytest

from portal.core import jamo


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wjdtks", "정산"),
        ("tmakxmtmxhdj", "스마트스토어"),
        ("qksvna", "반품"),
        ("dlqwja qkdqjq", "입점 방법"),
        ("rkqt", "값"),
        ("EJrwlq", "떡집"),
        ("dhks", "완"),
        ("WJDTKS", "정산"),
        ("hello", None),
        ("정산", None),
        ("", None),
        ("  ", None),
    ],
)
def test_latin_keys_are_read_as_a_korean_keyboard_would_write_them(typed: str, meant: str | None) -> None:
    assert jamo.meant_in_korean(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("ㅂㄱ", "qr"), ("ㄴㄴㅎ", "ssg"), ("야ㅔ", "dip"), ("값", "rkqt"), ("qr", None), ("漢", None)],
)
def test_korean_letters_are_read_as_a_latin_keyboard_would_write_them(typed: str, meant: str | None) -> None:
    assert jamo.meant_in_latin(typed) == meant


def test_every_syllable_comes_back_from_its_keys() -> None:
    for place in range(ord("가"), ord("힣") + 1, 7):
        keys = jamo.meant_in_latin(chr(place))
        assert keys is not None
        assert jamo.meant_in_korean(keys) == chr(place)


def test_initials_leave_out_spaces_and_take_doubled_ones_as_single() -> None:
    assert jamo.initials("스마트 스토어 QR 떡") == "ㅅㅁㅌㅅㅌㅇqrㄷ"
    assert jamo.is_initials("ㅅㅁㅌ ㅅㅌㅇ")
    assert not jamo.is_initials("ㅅ마")
    assert not jamo.is_initials("")
