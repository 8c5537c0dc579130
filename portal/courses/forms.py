"""What a practice sends: the number of the try and the fields of its kind, and nothing else."""

from collections.abc import Mapping
from datetime import datetime

from wtforms import HiddenField, IntegerField

from portal.practice.kinds import Practice
from portal.practice.typed import LONGEST_TEXT
from portal.web.form import Form, tidy

Values = dict[str, str]


MOST = 100_000
"""No honest page holds more; a number too large for a column must not reach one."""


class TryForm(Form):
    """Which try this is, what stands on the page already and which button was pressed."""

    number = IntegerField(default=1)
    hints = IntegerField(default=0)
    seen = HiddenField()
    do = HiddenField(default="answer")

    @property
    def try_number(self) -> int:
        """Return the number of the try, 0 for anything odd."""
        return _within(self.number.data)

    @property
    def hints_shown(self) -> int:
        """Return how many hints stand on the page, 0 for anything odd."""
        return _within(self.hints.data)

    @property
    def draft_seen(self) -> datetime | None:
        """Return when the draft that stands on the page was kept; None for none and for anything odd."""
        try:
            return datetime.fromisoformat(self.seen.data or "")
        except ValueError:
            return None


def _within(number: int | None) -> int:
    return number if number is not None and 0 <= number <= MOST else 0


def read_answer(practice: Practice, seed: str, sent: Mapping[str, str]) -> Values:
    """Return what was typed into each field of the practice, tidied.

    Longer text than a field takes is cut one character above its limit: the check still says that it is too
    long, and no more of it is kept.
    """
    return {
        field.name: (tidy(sent.get(field.name)) or "")[: LONGEST_TEXT + 1]
        for field in practice.form_fields(seed, sent)
    }
