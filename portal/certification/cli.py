"""`flask certificates …`: what an operator checks about certificates without a page."""

import click
from flask.cli import AppGroup

from portal.certification import chain
from portal.core import db

cli = AppGroup("certificates", help="Certificates and the chain of what happened to them.")


@cli.command("check")
def check() -> None:
    """Read the whole chain of events; print where it does not hold, and end with 1 if that is anywhere."""
    session = db.session()
    breaks = list(chain.list_breaks(session))
    for each in breaks:
        click.echo(each, err=True)
    count, digest = chain.newest(session)
    click.echo(f"{count} links, the newest digest is {digest}, {len(breaks)} breaks.")
    if breaks:
        raise SystemExit(1)
