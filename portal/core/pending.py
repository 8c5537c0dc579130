"""How much waits for somebody, since when and how much of it is late: many kinds of work in one statement.

Each domain says which of its rows wait for whom (`counted`); the page that gathers them all reads them with
one question to the database (`read`), however many kinds there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, cast, false, func, literal, null, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.core.db import UtcDateTime

COUNTED_MAX = 1000
"""Nobody works off more in a day, and counting on would take the longer the more waits."""

Counted = Select[str, int, datetime, int]
"""The statement that counts one kind of work: its name, how much, since when, how much is late."""


@dataclass(frozen=True)
class Pending:
    """How much of one kind of work waits."""

    kind: str
    #: At most COUNTED_MAX + 1, which stands for all that is more.
    count: int
    #: Since when the oldest waits; None when nothing does, or nobody can tell.
    since: datetime | None
    late: int

    @property
    def shown(self) -> str:
        """The number in words: ``12``, or ``1,000 넘게``."""
        return f"{COUNTED_MAX:,} 넘게" if self.count > COUNTED_MAX else str(self.count)


def counted(
    kind: str,
    rows: Select[*tuple[Any, ...]],
    since: ColumnElement[Any] | InstrumentedAttribute[Any] | None,
    *,
    is_late: ColumnElement[bool] | None = None,
) -> Counted:
    """Return the statement that counts ``rows``, which may have an order and groups but no limit.

    Rows wait since ``since``, None where nobody wrote that down; those of which ``is_late`` is true have
    waited longer than was promised.
    """
    late = false() if is_late is None else is_late
    since = cast(null(), UtcDateTime) if since is None else since
    found = (
        rows.with_only_columns(since.label("since"), late.label("late"), maintain_column_froms=True)
        .limit(COUNTED_MAX + 1)
        .subquery()
    )
    return select(
        literal(kind), func.count(), func.min(found.c.since), func.count(case((found.c.late, 1)))
    ).select_from(found)


def read(session: Session, statements: Iterable[Counted]) -> dict[str, Pending]:
    """Return what each statement counts by its kind, in one question to the database."""
    every = list(statements)
    if not every:
        return {}
    rows = session.execute(every[0] if len(every) == 1 else union_all(*every))
    return {kind: Pending(kind, count, since, late) for kind, count, since, late in rows}
