"""The index of what people write: SQL that only one engine has stands here and nowhere else.

A row holds the tokens of one document (`search_words`). On PostgreSQL they are a ``tsvector`` without
positions under GIN, on SQLite a text that triggers copy into FTS5. Rows are written in the transaction that
writes the document, so that what is found is never stale.

What is looked for comes in steps, the best first (`search_words.ladder`), and each step's documents the
newest first. Both engines read lazily: they stop as soon as a page is full. FTS5 does so by itself. GIN does
not, it collects whatever matches before the first row comes; therefore each token carries the letter of its
shelf, some ten thousand documents with numbers side by side, and the shelves are asked one after the other,
the newest first. So a word in every post costs one shelf, and a word in none a look-up for each shelf.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Index,
    Integer,
    Select,
    Text,
    cast,
    column,
    delete,
    event,
    func,
    insert,
    literal,
    literal_column,
    select,
    table,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.schema import DDL

from portal.core.db import Base
from portal.core.search_words import Every, Some, Sought, Without

SHELF_BITS = 14
"""So many documents stand on a shelf, as a power of two; changing it needs `flask search rebuild`."""
_FIRST_SHELF = 0xE100
"""Shelves are named by private letters: room for a hundred million documents."""
_ANY_SHELF = "\uf8ff"


class Document(Base):
    """Under which tokens something is found; ``id`` is the id of the row it stands for."""

    __tablename__ = "search_document"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tokens: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


_id, _tokens = Document.__table__.c.id, Document.__table__.c.tokens

#: Without "fastupdate" a page never has to read through what has not been sorted in yet.
Index(
    "ix_search_document_tokens", _tokens, postgresql_using="gin", postgresql_with={"fastupdate": "off"}
).ddl_if(dialect="postgresql")

#: `ascii` leaves every letter above ASCII as it is, and so keeps our tokens whole. FTS5 makes tables of its
#: own whose names begin with this one's.
SQLITE_DDL = (
    "CREATE VIRTUAL TABLE search_fts USING fts5(tokens, content='search_document', content_rowid='id', "
    "tokenize='ascii', detail=none, columnsize=0)",
    "CREATE TRIGGER search_fts_insert AFTER INSERT ON search_document BEGIN "
    "INSERT INTO search_fts(rowid, tokens) VALUES (new.id, new.tokens); END",
    "CREATE TRIGGER search_fts_delete AFTER DELETE ON search_document BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, tokens) VALUES ('delete', old.id, old.tokens); END",
)
for statement in SQLITE_DDL:
    event.listen(Document.__table__, "after_create", DDL(statement).execute_if(dialect="sqlite"))  # type: ignore[no-untyped-call]
event.listen(
    Document.__table__,
    "after_drop",
    DDL("DROP TABLE IF EXISTS search_fts").execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]
)


@dataclass(frozen=True)
class Hit:
    """A document that was found, and at which step: both together are where the next page begins."""

    step: int
    id: int


Readable = Callable[[ColumnElement[int]], ColumnElement[bool]]
"""Gives the condition under which the reader may see the row with that id."""


def put_all(session: Session, rows: Mapping[int, Iterable[str]], *, instead_of: Collection[int]) -> None:
    """Let each row be found under its tokens; those of ``instead_of`` under nothing else, or not at all."""
    session.execute(delete(Document).where(_id.in_(instead_of)))
    write = _vector if _is_postgres(session) else _text
    values = [{"id": row_id, "tokens": write(row_id, tokens)} for row_id, tokens in rows.items()]
    if values:
        session.execute(insert(Document), values)


def drop_between(session: Session, after_id: int, last_id: int | None) -> None:
    """Let all rows after one and up to another be found no more; up to the end without another."""
    stale = delete(Document).where(_id > after_id)
    session.execute(stale if last_id is None else stale.where(_id <= last_id))


def find(
    session: Session, steps: Iterable[Sought], *, readable: Readable, after: Hit | None = None, limit: int
) -> list[Hit]:
    """Return what this reader may see of what is found: step by step, in each the newest first.

    With ``after`` what comes after that hit.
    """
    list_step = _list_on_shelves if _is_postgres(session) else _list_in_fts
    asked = [
        list_step(
            number,
            sought,
            readable=readable,
            before=after.id if after and after.step == number else None,
            limit=limit,
        ).subquery()
        for number, sought in enumerate(steps)
        if after is None or number >= after.step
    ]
    if not asked:
        return []
    # Both engines read one after the other and end when there are enough.
    statement = union_all(*(select(each.c.step, each.c.id) for each in asked)).limit(limit)
    return [Hit(step, row_id) for step, row_id in session.execute(statement)]


def _list_on_shelves(
    number: int, sought: Sought, *, readable: Readable, before: int | None, limit: int
) -> Select[int, int]:
    newest = select(func.max(_id)).scalar_subquery() if before is None else literal(before - 1)
    shelf = (
        func.generate_series(newest.op(">>")(SHELF_BITS), 0, -1)
        .table_valued(column("number", Integer))
        .render_derived()
    )
    letter = func.chr(_FIRST_SHELF + shelf.c.number)
    query = cast(func.replace(literal(_tsquery(sought)), _ANY_SHELF, letter), TSQUERY)
    on_shelf = select(_id).where(_tokens.op("@@")(query), readable(_id))
    if before is not None:
        on_shelf = on_shelf.where(_id < before)
    # Not by the bare id: for a word that nobody wrote, the planner would walk its index through all rows.
    found = on_shelf.order_by((_id + 0).desc()).limit(limit).lateral()
    # A lateral join takes the shelves in their order, so what comes is in the order of all.
    return select(literal(number).label("step"), found.c.id).join_from(shelf, found, true()).limit(limit)


def _list_in_fts(
    number: int, sought: Sought, *, readable: Readable, before: int | None, limit: int
) -> Select[int, int]:
    words = table("search_fts", column("rowid", Integer))
    found = select(literal(number).label("step"), words.c.rowid.label("id")).where(
        literal_column("search_fts").op("MATCH")(_fts_query(sought)), readable(words.c.rowid)
    )
    if before is not None:
        found = found.where(words.c.rowid < before)
    return found.order_by(words.c.rowid.desc()).limit(limit)


def _tsquery(sought: Sought) -> str:
    match sought:
        case Every(parts):
            return f"({' & '.join(map(_tsquery, parts))})"
        case Some(parts):
            return f"({' | '.join(map(_tsquery, parts))})"
        case Without(kept, dropped):
            return f"({_tsquery(kept)} & !{_tsquery(dropped)})"
        case token:
            return f"'{_ANY_SHELF}{token}'"


def _fts_query(sought: Sought) -> str:
    match sought:
        case Every(parts):
            return f"({' AND '.join(map(_fts_query, parts))})"
        case Some(parts):
            return f"({' OR '.join(map(_fts_query, parts))})"
        case Without(kept, dropped):
            return f"({_fts_query(kept)} NOT {_fts_query(dropped)})"
        case token:
            return f'"{token}"'


def _vector(row_id: int, tokens: Iterable[str]) -> str:
    shelf = chr(_FIRST_SHELF + (row_id >> SHELF_BITS))
    return " ".join(f"'{shelf}{token}'" for token in tokens)


def _text(_row_id: int, tokens: Iterable[str]) -> str:
    return " ".join(sorted(tokens))


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
