"""The session and the one place that commits.

Two engines, one code. On SQLite a writing transaction begins with BEGIN IMMEDIATE, so that it waits for its
turn instead of failing half way when another writer was first; on PostgreSQL rows are locked with FOR
UPDATE (`lock`).
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from portal.core.errors import NotFoundError
from portal.core.settings import Settings

SQLITE_WAIT_S = 15
#: A page waits this long for a lock or a statement, then answers 503 instead of hanging with its thread.
POSTGRES_LIMITS = "-c lock_timeout=5s -c statement_timeout=20s"
CONNECT_WITHIN_S = 3
STATEMENTS_KEPT = 2_000
"""Compiled statements an engine keeps. Loading the demo world alone has 766; of the library's usual 500 the
rarer ones would be compiled again and again."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, aware and in UTC on both engines (SQLite itself forgets the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone and store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment must carry its time zone.")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment in UTC."""
        if value is None:
            return None
        moment = cast(datetime, value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def str_enum(kind: type[StrEnum], *, name: str = "") -> Enum:
    """Store a StrEnum by value, with a CHECK that lists the values.

    ``name`` is the CHECK's, for a second column of the same kind in one table.
    """
    # Room for longer values, so that a new one changes the CHECK only.
    return Enum(
        kind,
        name=name or kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda k: [m.value for m in k],
    )


class Base(DeclarativeBase):
    """The base of every model: constraint names by convention, moments in UTC."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


Row = TypeVar("Row", bound=Base)


class Database:
    """The engine and the session factory of one app."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self.make_session = sessionmaker(self.engine, expire_on_commit=False)


def make_engine(url: str) -> Engine:
    """Return an engine for SQLite (WAL, foreign keys on) or PostgreSQL."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={"timeout": SQLITE_WAIT_S},
            hide_parameters=True,
            query_cache_size=STATEMENTS_KEPT,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
        # Parameters hold names and telephone numbers; an error would write them into the log.
        hide_parameters=True,
        query_cache_size=STATEMENTS_KEPT,
        connect_args={"connect_timeout": CONNECT_WITHIN_S, "options": POSTGRES_LIMITS},
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself, or it would begin reading ones as writing ones and
    # the reverse.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("portal_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def init_app(app: Flask, settings: Settings) -> None:
    """Give ``app`` its database and close the session after each request, job and command."""
    app.extensions["portal_db"] = Database(settings.database_url)
    app.teardown_appcontext(_close)


def database() -> Database:
    """Return the current app's database."""
    return cast(Database, current_app.extensions["portal_db"])


def session() -> Session:
    """Return the session of this request, job or command, opening it on first use."""
    if "portal_session" not in g:
        g.portal_session = database().make_session()
    return cast(Session, g.portal_session)


def _close(_error: BaseException | None) -> None:
    current = g.pop("portal_session", None)
    if current is not None:
        current.close()


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit what the block did, then run its after-commit calls.

    Any exception rolls back and drops the after-commit calls. The reading transaction the request may
    already have open is ended first, so that the writing one begins as such; a change made outside any
    block is a mistake and raises RuntimeError.
    """
    current = session()
    if current.new or current.dirty or current.deleted:
        raise RuntimeError("Something was changed outside of transaction().")
    current.commit()
    try:
        current.connection(execution_options={"portal_writes": True})
        yield current
        current.commit()
    except BaseException:
        # A rollback empties the rows it knows, and the page that explains the refusal still shows them.
        current.expunge_all()
        current.rollback()
        current.info.pop("after_commit", None)
        raise
    for call in current.info.pop("after_commit", ()):
        call()


def after_commit(current: Session, call: Callable[[], None]) -> None:
    """Run ``call`` once the transaction around has committed; never if it rolls back."""
    current.info.setdefault("after_commit", []).append(call)


def lock(current: Session, model: type[Row], key: object) -> Row:
    """Return the row fresh from the database, locked until the transaction ends.

    Raises NotFoundError if there is none.
    """
    row = current.get(model, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFoundError("찾는 것이 없어요. 지워졌거나 주소가 바뀌었을 수 있어요.")
    return row
