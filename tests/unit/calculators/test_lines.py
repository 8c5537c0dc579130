"""What a line of a sum says."""

from fractions import Fraction

import pytest

from portal.calculators.lines import floored, percent
from portal.calculators.pricing import Wanted, find_price
from portal.calculators.settlement import Base, Charge
from portal.core.errors import DomainError


def test_a_line_tells_what_was_dropped() -> None:
    line = floored("수수료", Fraction("653.4"), shown="33,000원 × 1.98%")

    assert (line.won, line.how) == (653, "33,000원 × 1.98% (1원 아래 0.4원은 버려요)")


def test_a_line_that_comes_out_whole_says_nothing_more() -> None:
    assert floored("수수료", Fraction(99), shown="3,000원 × 3.3%").how == "3,000원 × 3.3%"


def test_less_than_a_hundredth_of_a_won_is_named_in_words() -> None:
    assert "아주 작은 돈은 버려요" in floored("몫", Fraction(1, 300), shown="1원 ÷ 300").how


@pytest.mark.parametrize(
    ("rate", "shown"), [("0.0198", "1.98%"), ("0.03003", "3.003%"), ("0.2", "20%"), ("0", "0%")]
)
def test_rates_are_written_as_people_write_them(rate: str, shown: str) -> None:
    assert percent(Fraction(rate)) == shown


def test_no_price_leaves_more_than_there_is() -> None:
    fee = Charge("수수료", "", Base.GOODS, Fraction("0.2"))

    with pytest.raises(DomainError, match="값은 없어요"):
        find_price([], [fee], Wanted(share=Fraction("0.75")), is_taxed=True)
