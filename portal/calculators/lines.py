"""One line of a sum: whole won, the fraction dropped, and how it came about."""

import math
from dataclasses import dataclass
from fractions import Fraction

from portal.core.korean import won
from portal.courses.facts import Fact


@dataclass(frozen=True)
class Line:
    """What a line is, how it is worked out, and the won that stand at its end."""

    text: str
    won: int
    #: As on paper: 33,000원 × 1.98%. Empty for an amount somebody typed.
    shown: str = ""
    about: str = ""
    #: The part of a won that was left out.
    dropped: Fraction = Fraction(0)
    #: Where the rate comes from.
    fact: Fact | None = None

    @property
    def how(self) -> str:
        """Return the sum with what was dropped, ready to be read."""
        if not self.shown or not self.dropped:
            return self.shown
        hundredths = math.floor(abs(self.dropped) * 100)
        exact = f"{hundredths / 100:g}원" if hundredths else "아주 작은 돈"
        return f"{self.shown} (1원 아래 {exact}은 버려요)"


def floored(text: str, exact: Fraction, *, shown: str, about: str = "", fact: Fact | None = None) -> Line:
    """Return a line whose fraction of a won is dropped, as the channels' statements do."""
    whole = math.floor(exact)
    return Line(text, whole, shown, about, exact - whole, fact)


def percent(rate: Fraction) -> str:
    """Return a rate as people write it: 1.98%, 12.5%."""
    hundred = rate * 100
    return f"{float(hundred):.4f}".rstrip("0").rstrip(".") + "%"


def times(base: int, rate: Fraction) -> str:
    """Return ``33,000원 × 1.98%``."""
    return f"{won(base)} × {percent(rate)}"
