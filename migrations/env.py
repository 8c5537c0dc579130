"""How Alembic reaches the database and the models."""

from typing import Any, Literal

from alembic import context

import portal.factory  # noqa: F401 - knows every domain, and with it every model
from portal.core.db import Base, UtcDateTime, make_engine


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column type as what it is in the database: a migration imports nothing of ours."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def include_name(name: str | None, kind: str, _parents: Any) -> bool:
    """Leave out the tables that SQLite's full-text search makes for itself."""
    return not (kind == "table" and (name or "").startswith("search_fts"))


def include_object(item: Any, _name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """Leave out the index that only PostgreSQL has: SQLite's search has its own tables."""
    return (
        kind != "index"
        or item.name != "ix_search_document_tokens"
        or context.get_context().dialect.name == "postgresql"
    )


def run() -> None:
    """Run the migrations on the configured database."""
    engine = make_engine(context.config.get_main_option("sqlalchemy.url") or "")
    writing = engine.execution_options(portal_writes=True)
    with writing.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            render_item=render_item,
            include_name=include_name,
            include_object=include_object,
        )
        if connection.dialect.name == "postgresql":
            # The limits of pages are not those of a migration over a million rows.
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.commit()
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
