"""`flask sms …`: taking text messages where no gateway hands them over."""

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from portal.accounts.identifier import normalise
from portal.core import clock, db, settings
from portal.core.errors import DomainError
from portal.mentoring import text_replies

cli = AppGroup("sms", help="Text messages that come in.")


@cli.command("receive")
def receive() -> None:
    """Take each file of var/inbox/: `From: 010-…`, an empty line, the text. Its name is the message's id."""
    folder = settings.current().data_dir / "inbox"
    taken = folder / "taken"
    taken.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.glob("*.txt")):
        try:
            click.echo(f"{path.name}: {_receive(path)}")
        except DomainError:
            click.echo(
                f"{path.name}: not a text message (From: 010-0000-0000, an empty line, the text)", err=True
            )
            continue
        path.replace(taken / path.name)


def _receive(path: Path) -> str:
    head, _, text = path.read_text(encoding="utf-8").replace("\r\n", "\n").partition("\n\n")
    phone = normalise(head.strip().removeprefix("From:"))
    with db.transaction() as session:
        return text_replies.receive(
            session, message_id=f"file:{path.name}", phone=phone, text=text, link=_page_of, now=clock.now()
        )


def _page_of(engagement_id: int | None) -> str:
    urls = current_app.url_map.bind("")
    if engagement_id is None:
        return urls.build("mentoring.index")
    return urls.build("mentoring.engagement", {"engagement_id": engagement_id})
