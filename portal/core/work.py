"""The row is the outbox: work for a worker is a row that is due.

A row that needs a worker has `due_at`. Claiming it moves `due_at` past the lease and writes a token;
finishing clears it, but only for the holder of the token, so a worker that was thought dead cannot
overwrite its successor. A failure sets `due_at` to the next try. Losing Redis loses nothing: `flask jobs
sweep` queues whatever is due.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

PAUSES_S = (10, 60, 300, 900, 3600)
"""Seconds until the next try, after the first, second, … failure; the last one repeats."""


class Work:
    """The columns of a row that a worker must finish."""

    id: Mapped[int] = mapped_column(primary_key=True)
    #: When a worker should next look at the row; null once the work is done.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    #: Names the worker that may finish the row; every claim writes a new one.
    lease: Mapped[str | None]
    last_error: Mapped[str | None]


def claim(session: Session, model: type[Any], row_id: int, *, now: datetime, lease_s: int) -> str | None:
    """Take the row for ``lease_s`` seconds and return the token, or None if it is done, not due or taken."""
    lease = secrets.token_hex(16)
    taken = _update(
        session,
        update(model)
        .where(model.id == row_id, model.due_at <= now)
        .values(due_at=now + timedelta(seconds=lease_s), lease=lease, attempts=model.attempts + 1),
    )
    return lease if taken else None


def finish(session: Session, model: type[Any], row_id: int, *, lease: str, **values: object) -> bool:
    """Write ``values`` and mark the work done; False if the lease has passed to another worker."""
    return _update(
        session,
        update(model)
        .where(model.id == row_id, model.lease == lease, model.due_at.is_not(None))
        .values(due_at=None, last_error=None, lease=None, **values),
    )


def fail(
    session: Session,
    model: type[Any],
    row_id: int,
    *,
    lease: str,
    error: str,
    now: datetime,
    **values: object,
) -> bool:
    """Note ``error``, write ``values`` and set the next try; False if another worker has the lease."""
    attempts = session.scalar(select(model.attempts).where(model.id == row_id)) or 1
    pause_s = PAUSES_S[min(attempts, len(PAUSES_S)) - 1]
    return _update(
        session,
        update(model)
        .where(model.id == row_id, model.lease == lease, model.due_at.is_not(None))
        .values(due_at=now + timedelta(seconds=pause_s), last_error=error[:500], lease=None, **values),
    )


def has_failed(model: type[Any]) -> ColumnElement[bool]:
    """Return the condition that a row waits for its next try, after one that failed."""
    return and_(model.due_at.is_not(None), model.last_error.is_not(None))


def list_due(session: Session, model: type[Any], *, now: datetime, limit: int = 200) -> list[int]:
    """Return the ids of rows that are due, the longest waiting first."""
    return list(
        session.scalars(
            select(model.id).where(model.due_at <= now).order_by(model.due_at, model.id).limit(limit)
        )
    )


def _update(session: Session, statement: Any) -> bool:
    result = cast(CursorResult[Any], session.execute(statement.execution_options(synchronize_session=False)))
    return result.rowcount == 1
