"""`flask certificates …`: what an operator does about certificates without a page."""

import re
from io import TextIOWrapper

import click
from flask.cli import AppGroup

from portal.certification import chain, keys
from portal.certification.keys import KeysMissingError
from portal.core import db, settings

cli = AppGroup("certificates", help="Certificates, what happened to them, and the keys they are signed with.")
_COPIED = re.compile(r"\b(\d+)\s+([0-9a-f]{64})\b")


@cli.command("check")
@click.option("--kept", type=click.File(encoding="utf-8"), help="A copy of the public list of days.")
def check(kept: TextIOWrapper | None) -> None:
    """Read the whole chain of events; print where it does not hold, and end with 1 if that is anywhere.

    With --kept, links copied earlier from the public page are compared too: a chain that was written anew
    from its start holds in itself, and differs from every copy.
    """
    session = db.session()
    copied = [(int(seq), digest) for seq, digest in _COPIED.findall(kept.read())] if kept else []
    found = [
        *chain.list_breaks(session),
        *chain.list_altered(session),
        *chain.list_contradictions(session, copied),
    ]
    for each in found:
        click.echo(each)
    count, digest = chain.newest(session)
    click.echo(f"{count} links, the newest is {digest}.")
    if kept:
        click.echo(f"{len(copied)} copied links were compared.")
    click.echo(f"{len(found)} things are wrong." if found else "Nothing was altered.")
    if found:
        raise SystemExit(1)


keys_cli = AppGroup("keys", help="The keys certificates are signed with.")
cli.add_command(keys_cli)


@keys_cli.command("make")
def make_keys() -> None:
    """Make whatever key is missing; what is there stays."""
    folder = settings.current().signing_key_dir
    keys.make(folder)
    click.echo(f"The keys lie in {folder}.")
    _list_keys()


@keys_cli.command("rotate")
def rotate_keys() -> None:
    """Sign with new keys from now on; of the old ones stays what verifies what they signed."""
    try:
        keys.rotate(settings.current().signing_key_dir)
    except KeysMissingError as error:
        raise click.ClickException(str(error)) from error
    _list_keys()


@keys_cli.command("list")
def list_keys() -> None:
    """Say which keys there are and which of them sign."""
    _list_keys()


def _list_keys() -> None:
    try:
        ring = keys.current(settings.current())
    except KeysMissingError as error:
        raise click.ClickException(str(error)) from error
    for key in ring.keys:
        ends = f", certified until {key.chain[0].not_valid_after_utc:%Y-%m-%d}" if key.chain else ""
        state = "signs" if key.private else "verifies only"
        click.echo(f"{key.use} {key.number} ({key.algorithm}) {state}{ends}: {key.thumbprint}")
