"""`flask db …` and `flask jobs …`: the commands that belong to the house itself."""

import time
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask.cli import AppGroup
from redis.exceptions import RedisError

from portal.core import clock, db, queue, settings

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

db_cli = AppGroup("db", help="Bring the database to a revision.")
jobs_cli = AppGroup("jobs", help="Run jobs and find unfinished ones.")


def alembic_config(url: str) -> Config:
    """Return the configuration of our migrations for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option(
        "file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(hour).2d%%(minute).2d_%%(rev)s_%%(slug)s"
    )
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


@db_cli.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database up to REVISION (the newest)."""
    command.upgrade(alembic_config(settings.current().database_url), revision)
    click.echo(f"The database stands at {revision}.")


@db_cli.command("downgrade")
@click.argument("revision")
def downgrade(revision: str) -> None:
    """Take the database back to REVISION."""
    command.downgrade(alembic_config(settings.current().database_url), revision)


@db_cli.command("revision")
@click.argument("what")
def revision(what: str) -> None:
    """Write a migration from the difference between models and database."""
    command.revision(alembic_config(settings.current().database_url), message=what, autogenerate=True)


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
