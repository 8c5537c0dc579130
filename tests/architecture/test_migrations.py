"""The migrations and the models say the same, and every revision goes up, down and up again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect, text

from portal.core.cli import alembic_config
from portal.core.db import Base, make_engine
from tests.servers import private_postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/migrations.db"
    else:
        with private_postgres() as url:
            yield url


def checks(engine: Engine) -> set[tuple[str, str]]:
    """Return every CHECK constraint: autogenerate does not see them."""
    seen = inspect(engine)
    return {
        (table, str(check["name"]))
        for table in filter(is_ours, seen.get_table_names())
        for check in seen.get_check_constraints(table)
    }


def is_ours(name: str | None, _kind: str = "table", _parents: object = None) -> bool:
    """Leave out the tables that SQLite's full-text search makes for itself."""
    return not (name or "").startswith("search_fts")


def is_of(connection: Connection) -> Callable[..., bool]:
    """Leave out an index that only PostgreSQL makes, by its ``postgresql_using``, on SQLite."""

    def is_of(item: object, _name: str, kind: str, *_rest: object) -> bool:
        only_there = kind == "index" and bool(getattr(item, "dialect_kwargs", {}).get("postgresql_using"))
        return not only_there or connection.dialect.name == "postgresql"

    return is_of


def test_the_migrations_make_what_the_models_describe(url: str) -> None:
    engine = make_engine(url)
    command.upgrade(alembic_config(url), "head")
    with engine.connect() as connection:
        difference = compare_metadata(
            MigrationContext.configure(
                connection, opts={"include_name": is_ours, "include_object": is_of(connection)}
            ),
            Base.metadata,
        )
    migrated = checks(engine)
    _drop_everything(engine)
    Base.metadata.create_all(engine)

    assert difference == []
    assert len(migrated) > 20
    assert migrated == checks(engine)
    engine.dispose()


def test_every_revision_goes_down_and_up_again(url: str) -> None:
    config = alembic_config(url)
    engine = make_engine(url)
    command.upgrade(config, "head")
    command.downgrade(config, "base")

    # Down to the last one: no table is left, and every revision meets again what it met the first time.
    assert [name for name in inspect(engine).get_table_names() if name != "alembic_version"] == []
    command.upgrade(config, "head")
    with engine.connect() as connection:
        (head,) = ScriptDirectory.from_config(config).get_heads()
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == head
    engine.dispose()


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(alembic_config("sqlite://")).get_heads()) == 1


def _drop_everything(engine: Engine) -> None:
    old = MetaData()
    old.reflect(engine, only=lambda name, _: is_ours(name))
    old.drop_all(engine)
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE search_fts"))
