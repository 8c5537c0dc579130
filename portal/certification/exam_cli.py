"""`flask exams …`: the question banks."""

import click
from flask.cli import AppGroup

from portal.certification import bank, gift
from portal.core import clock, db
from portal.core.settings import current as current_settings

exams_cli = AppGroup("exams", help="Look after the question banks.")


@exams_cli.command("sync")
def sync() -> None:
    """Take over content/questions/*.gift: new and changed items become versions, missing ones are retired.

    A file with a mistake is told line by line and left alone, and the command ends with 1.
    """
    failed = False
    for path in sorted((current_settings().content_dir / "questions").glob("*.gift")):
        if path.stem not in bank.banks():
            raise click.ClickException(
                f"{path.name} is named for no bank; there are {', '.join(bank.banks())}."
            )
        text, subjects = path.read_text(encoding="utf-8"), tuple(bank.subjects_of(path.stem))
        parsed = gift.parse(text, subjects=subjects, knows_step=bank.knows_step)
        for problem in parsed.problems:
            click.echo(f"questions/{path.name}:{problem.line}: {problem.sentence}", err=problem.refused)
        if parsed.refused:
            failed = True
            continue
        with db.transaction() as session:
            report = bank.sync(session, path.stem, parsed.items, now=clock.now())
        click.echo(f"{path.stem}: " + ", ".join(f"{many} {what}" for what, many in report.items()))
    if failed:
        raise click.ClickException("Some files do not pass; their banks stay as they were.")
