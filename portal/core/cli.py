"""`flask db …` and `flask jobs …`: the commands that belong to the house itself."""

import importlib
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup
from redis.exceptions import RedisError

from portal.core import clock, db, queue, settings

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

db_cli = AppGroup("db", help="Bring the database to a revision.")
jobs_cli = AppGroup("jobs", help="Run jobs and find unfinished ones.")


def alembic_config(url: str) -> "Config":
    """Return the configuration of our migrations for one database."""
    config: Config = importlib.import_module("alembic.config").Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option(
        "file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(rev)s_%%(slug)s"
    )
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def _alembic() -> ModuleType:
    # Imported here: every process knows these commands, and only the few that run one need what is behind it.
    return importlib.import_module("alembic.command")


@db_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to REVISION (the newest)."""
    _alembic().upgrade(alembic_config(settings.current().database_url), revision)
    click.echo(f"The database stands at {revision}.")


@db_cli.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database back to REVISION."""
    _alembic().downgrade(alembic_config(settings.current().database_url), revision)


@db_cli.command("revision")
@click.argument("what")
def revision(what: str) -> None:
    """Write a migration from the difference between models and database."""
    _alembic().revision(alembic_config(settings.current().database_url), message=what, autogenerate=True)


@jobs_cli.command("work")
def work() -> None:
    """Run jobs until told to stop."""
    queue.work()


@jobs_cli.command("sweep")
@click.option("--every", "every_s", type=int, default=0, help="Repeat after so many seconds; 0 sweeps once.")
def sweep(every_s: int) -> None:
    """Queue whatever is unfinished."""
    while True:
        try:
            pushed = queue.sweep(now=clock.now())
            if pushed:
                click.echo(f"Queued {pushed} unfinished jobs.")
        except RedisError as error:
            click.echo(f"Redis does not answer: {error}", err=True)
            if not every_s:
                raise SystemExit(1) from error
        if not every_s:
            return
        db.session().rollback()
        time.sleep(every_s)
