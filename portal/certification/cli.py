"""`flask certificates …`: what an operator does about certificates without a page."""

import re
from io import TextIOWrapper

import click
from flask.cli import AppGroup

from portal.certification import chain
from portal.certification.key_cli import keys_cli
from portal.core import db

cli = AppGroup("certificates", help="Certificates, what happened to them, and the keys they are signed with.")
cli.add_command(keys_cli)
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
