"""Where a rule comes from."""

from dataclasses import dataclass
from datetime import date

from portal.practice.outcome import BadPractice
from portal.practice.table import Table


@dataclass(frozen=True)
class Source:
    """Where a rule comes from, the day we looked, and whether anyone has confirmed it."""

    rule: str
    text: str
    checked_on: date
    verified: bool


def read_source(rule: str, table: Table) -> Source:
    """Read ``source``, ``checked_on`` and ``verified``; raises BadPractice."""
    day = table.values.get("checked_on")
    if type(day) is not date:
        raise BadPractice(f"'{table.at('checked_on')}' must be a date such as 2026-11-21")
    return Source(rule, table.text("source"), day, table.flag("verified"))
