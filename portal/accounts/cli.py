"""`flask accounts …`: what has no page yet."""

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from portal.accounts import operations, queries
from portal.accounts.identifier import normalise
from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.core import clock, db
from portal.core.errors import DomainError
from portal.core.roles import Role

cli = AppGroup("accounts", help="Accounts, roles and mentors.")
ROLES = click.Choice([role.value for role in Role])
TOPICS = click.Choice([topic.value for topic in Topic])


@cli.command("grant")
@click.argument("identifier")
@click.argument("role", type=ROLES)
def grant(identifier: str, role: str) -> None:
    """Give the person with this telephone number or e-mail address a role."""
    with db.transaction() as session:
        user = _find(session, identifier)
        operations.grant_role(session, user, Role(role), granted_by=None, now=clock.now())
    click.echo(f"{user.name} is now {role}.")


@cli.command("withdraw")
@click.argument("identifier")
@click.argument("role", type=ROLES)
def withdraw(identifier: str, role: str) -> None:
    """Take a role back and end the person's open sessions."""
    with db.transaction() as session:
        user = _find(session, identifier)
        operations.withdraw_role(session, user, Role(role), now=clock.now())
    click.echo(f"{user.name} is no longer {role}.")


@cli.command("mentor")
@click.argument("identifier")
@click.option("--introduction", default=None, help="One or two sentences shop owners read.")
@click.option("--capacity", type=click.IntRange(0, 20), default=None, help="How many shops at once.")
@click.option("--topic", "topics", type=TOPICS, multiple=True, help="A topic they answer; repeat it.")
@click.option("--pause/--resume", "pause", default=None, help="Give them nothing new, or again.")
def mentor(
    identifier: str,
    introduction: str | None,
    capacity: int | None,
    topics: tuple[str, ...],
    pause: bool | None,
) -> None:
    """Make a person a mentor, or change what they offer."""
    with db.transaction() as session:
        user, now = _find(session, identifier), clock.now()
        operations.grant_role(session, user, Role.MENTOR, granted_by=None, now=now)
        profile = operations.set_mentor_profile(
            session,
            user,
            introduction=introduction,
            capacity=capacity,
            topics=[Topic(topic) for topic in topics],
        )
        if pause is not None:
            profile.paused_at = now if pause else None
            profile.resumed_at = profile.resumed_at if pause else now
    click.echo(f"{user.name} is a mentor for {profile.capacity} shops.")


def _find(session: Session, identifier: str) -> User:
    try:
        user = queries.find_user(session, normalise(identifier))
    except DomainError as error:
        raise click.ClickException(error.message) from error
    if user is None:
        raise click.ClickException("Nobody has signed up with that number or address yet.")
    return user
