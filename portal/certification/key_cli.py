"""`flask certificates keys …`: making and changing the keys certificates are signed with."""

import click
from flask.cli import AppGroup

from portal.certification import keys
from portal.certification.keys import KeysMissingError
from portal.core import settings

keys_cli = AppGroup("keys", help="The keys certificates are signed with.")


@keys_cli.command("make")
def make() -> None:
    """Make whatever key is missing; what is there stays."""
    folder = settings.current().signing_key_dir
    keys.make(folder)
    click.echo(f"The keys lie in {folder}.")
    _list()


@keys_cli.command("rotate")
def rotate() -> None:
    """Sign with new keys from now on; of the old ones stays what verifies what they signed."""
    try:
        keys.rotate(settings.current().signing_key_dir)
    except KeysMissingError as error:
        raise click.ClickException(str(error)) from error
    _list()


@keys_cli.command("list")
def list_keys() -> None:
    """Say which keys there are and which of them sign."""
    _list()


def _list() -> None:
    try:
        ring = keys.current(settings.current())
    except KeysMissingError as error:
        raise click.ClickException(str(error)) from error
    for key in ring.keys:
        ends = f", certified until {key.chain[0].not_valid_after_utc:%Y-%m-%d}" if key.chain else ""
        state = "signs" if key.private else "verifies only"
        click.echo(f"{key.use} {key.number} ({key.algorithm}) {state}{ends}: {key.thumbprint}")
