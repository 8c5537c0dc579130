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

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Index,
    Integer,
    Select,
    Text,
    case,
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
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.schema import DDL

from portal.core.db import Base
from portal.core.search_words import Every, Some, Sought, Without

SHELF_BITS = 14
"""So many documents stand on a shelf, as a power of two; changing it needs `flask search rebuild`."""
_FIRST_SHELF = 0xE100
"""Shelves are named by private letters: room for a hundred million documents."""
_ANY_SHELF = "\uf8ff"
_LAST_ID = 2**31 - 1


class Document(Base):
    """Under which tokens something is found; ``id`` is the id of the row it stands for."""

    __tablename__ = "search_document"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tokens: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


_documents = Base.metadata.tables["search_document"]
_id, _tokens = _documents.c.id, _documents.c.tokens

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
    values = [{"id": row_id, "tokens": written(session, row_id, tokens)} for row_id, tokens in rows.items()]
    if values:
        session.execute(insert(_documents), values)


def written(session: Session, row_id: int, tokens: Iterable[str]) -> str:
    """Return tokens as their column holds them."""
    if not _is_postgres(session):
        return " ".join(sorted(tokens))
    shelf = chr(_FIRST_SHELF + (row_id >> SHELF_BITS))
    return " ".join(f"'{shelf}{token}'" for token in tokens)


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
    first = after.step if after else 0
    wanted = list(steps)[first:]
    if not wanted:
        return []
    list_hits = _list_on_shelves if _is_postgres(session) else _list_in_fts
    statement = list_hits(wanted, readable=readable, before=after.id if after else None, limit=limit)
    return [Hit(first + step, row_id) for step, row_id in session.execute(statement)]


def _list_on_shelves(
    steps: Sequence[Sought], *, readable: Readable, before: int | None, limit: int
) -> Select[int, int]:
    """Take the steps one after the other, in each the shelves, and end when there are enough.

    Each lateral join depends on what stands before it, so that PostgreSQL can only take them in this order.
    """
    queries = literal([_tsquery(step) for step in steps], ARRAY(Text))
    asked = func.unnest(queries).table_valued(column("query", Text), with_ordinality="step").render_derived()
    end = case((asked.c.step == 1, _LAST_ID if before is None else before), else_=_LAST_ID)
    # An empty index has no newest document; `least` would pass over that null.
    newest = func.least(end - 1, func.coalesce(select(func.max(_id)).scalar_subquery(), 0))
    shelf = (
        func.generate_series(newest.op(">>")(SHELF_BITS), 0, -1)
        .table_valued(column("number", Integer))
        .render_derived()
        .lateral()
    )
    letter = func.chr(_FIRST_SHELF + shelf.c.number)
    query = cast(func.replace(asked.c.query, _ANY_SHELF, letter), TSQUERY)
    # Never the bare id: for a word that nobody wrote, the planner would walk its index through all rows.
    number = _id + 0
    found = (
        select(_id)
        .where(_tokens.op("@@")(query), number < end, readable(_id))
        .order_by(number.desc())
        .limit(limit)
        .lateral()
    )
    joined = asked.join(shelf, true()).join(found, true())
    return select(asked.c.step - 1, found.c.id).select_from(joined).limit(limit)


def _list_in_fts(
    steps: Sequence[Sought], *, readable: Readable, before: int | None, limit: int
) -> CompoundSelect[int, int]:
    """Take the steps one after the other; SQLite reads no further than it is asked for."""
    words = table("search_fts", column("rowid", Integer))
    each_step = []
    for number, step in enumerate(steps):
        found = select(literal(number).label("step"), words.c.rowid.label("id")).where(
            literal_column("search_fts").op("MATCH")(_fts_query(step)), readable(words.c.rowid)
        )
        if before is not None and number == 0:
            found = found.where(words.c.rowid < before)
        each_step.append(found.order_by(words.c.rowid.desc()).limit(limit).subquery())
    return union_all(*(select(each.c.step, each.c.id) for each in each_step)).limit(limit)


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


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
