"""What somebody has not read yet: one row for each thread they have opened, one for "모두 읽음"."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import policy
from portal.community.models import AllRead, Board, Thread, ThreadRead

NEW_FOR = timedelta(days=30)
"""What is older is not called new, so that nobody comes home to a thousand marks."""


@dataclass(frozen=True)
class NewOnes:
    """How many threads have something new: by board, and by association for their boards."""

    boards: dict[Board, int]
    associations: dict[int, int]

    def __bool__(self) -> bool:
        """Tell whether there is anything new at all."""
        return bool(self.boards or self.associations)


def find_new_ids(session: Session, reader: User | None, ids: Collection[int], *, now: datetime) -> set[int]:
    """Return which of these threads hold something the reader has not seen; one query for a whole list."""
    if reader is None or not ids:
        return set()
    return set(session.scalars(select(Thread.id).where(Thread.id.in_(ids), _is_new(reader, now=now))))


def count_new(session: Session, reader: User | None, *, now: datetime) -> NewOnes:
    """Return where something new waits for the reader."""
    if reader is None:
        return NewOnes({}, {})
    rows = session.execute(
        select(Thread.board, Thread.association_id, func.count())
        .where(_is_new(reader, now=now), Thread.moved_to_id.is_(None), policy.may_read(reader))
        .group_by(Thread.board, Thread.association_id)
    ).all()
    return NewOnes(
        boards={board: count for board, association_id, count in rows if association_id is None},
        associations={association_id: count for _, association_id, count in rows if association_id},
    )


def note_visit(session: Session, reader: User, thread_id: int, *, now: datetime) -> None:
    """Note that the reader has seen a thread up to now; two tabs at once leave one row."""
    _put(session, ThreadRead, {"user_id": reader.id, "thread_id": thread_id}, now=now)


def mark_all(session: Session, reader: User, *, now: datetime) -> None:
    """Note that the reader has seen everything up to now: one row, however much there is."""
    _put(session, AllRead, {"user_id": reader.id}, now=now)


def _is_new(reader: User, *, now: datetime) -> ColumnElement[bool]:
    seen_all = exists().where(AllRead.user_id == reader.id, AllRead.read_at >= Thread.last_post_at)
    seen = exists().where(
        ThreadRead.user_id == reader.id,
        ThreadRead.thread_id == Thread.id,
        ThreadRead.read_at >= Thread.last_post_at,
    )
    return and_(Thread.last_post_at > now - NEW_FOR, ~seen_all, ~seen)


def _put(session: Session, kind: type[ThreadRead | AllRead], key: dict[str, Any], *, now: datetime) -> None:
    """Write a row or write it anew, in one statement: both engines say it alike."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = insert(kind).values(**key, read_at=now)
    session.execute(
        row.on_conflict_do_update(index_elements=list(key), set_={"read_at": row.excluded.read_at})
    )
