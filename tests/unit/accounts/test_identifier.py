import pytest

from portal.accounts.identifier import normalise, shown
from portal.core.errors import DomainError
from portal.core.korean import with_hyphens


@pytest.mark.parametrize(
    "typed",
    [
        "01012345678",
        "010-1234-5678",
        "010 1234 5678",
        "010.1234.5678",
        "+82 10 1234 5678",
        "+82-010-1234-5678",
        "０１０－１２３４－５６７８",
        " 010-1234-5678\u200b ",
        "(010) 1234-5678",
    ],
)
def test_every_usual_way_of_writing_a_mobile_number_is_the_same_number(typed: str) -> None:
    assert normalise(typed) == "01012345678"


def test_the_old_prefixes_are_taken_with_seven_or_eight_digits() -> None:
    assert normalise("011-123-4567") == "0111234567"
    assert normalise("019-1234-5678") == "01912345678"


@pytest.mark.parametrize("typed", ["SunJa@Example.com", " sunja@example.com", "ｓｕｎｊａ@example.com"])
def test_an_address_is_the_same_in_any_case_and_width(typed: str) -> None:
    assert normalise(typed) == "sunja@example.com"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "김순자",
        "010-1234-567",
        "010-1234-56789",
        "02-123-4567",
        "012-1234-5678",
        "a@b",
        "a@@b.com",
        "a b@c.com",
        "a@b.com\nBcc: x@y.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 250 + ".com",
        "@example.com",
        "０" * 5000,
    ],
)
def test_anything_else_is_refused_beside_its_field(typed: str) -> None:
    with pytest.raises(DomainError) as refusal:
        normalise(typed)

    assert refusal.value.field == "identifier"


def test_what_others_may_see_hides_the_middle() -> None:
    assert shown("01012345678") == "010-****-5678"
    assert shown("sunja@example.com") == "su***@example.com"


def test_a_number_is_written_with_hyphens() -> None:
    assert with_hyphens("01012345678") == "010-1234-5678"
    assert with_hyphens("0111234567") == "011-123-4567"
