"""`flask accounts …`."""

import click
from flask.cli import AppGroup

from portal.accounts import operations, queries
from portal.accounts.identifier import normalise
from portal.core import clock, db
from portal.core.roles import Role

cli = AppGroup("accounts", help="Accounts and roles.")


@cli.command("grant")
@click.argument("identifier")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def grant(identifier: str, role: str) -> None:
    """Give the person with this telephone number or e-mail address a role."""
    with db.transaction() as session:
        user = queries.find_user(session, normalise(identifier))
        if user is None:
            raise click.ClickException("Nobody has signed up with that number or address yet.")
        operations.grant_role(session, user, Role(role), granted_by=None, now=clock.now())
    click.echo(f"{user.name} is now {role}.")
