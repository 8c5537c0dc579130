"""`flask search …`."""

import click
from flask.cli import AppGroup

from portal.community import finding
from portal.core import db

search_cli = AppGroup("search", help="What the search finds.")


@search_cli.command("rebuild")
def rebuild() -> None:
    """Index every thread anew, some hundred at a time, while the portal runs."""
    last: int | None = 0
    while last is not None:
        with db.transaction() as session:
            last = finding.rebuild(session, after_id=last)
        if last is not None:
            click.echo(f"Indexed up to {last}.")
    click.echo("The search finds everything as it is now.")
