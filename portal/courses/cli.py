"""`flask lessons …`: looking at what we teach."""

import click
from flask.cli import AppGroup

from portal.courses import catalogue

lessons_cli = AppGroup("lessons", help="Look at the lessons.")


@lessons_cli.command("check")
def check() -> None:
    """Say what is wrong with the content.

    The portal itself refuses to start on content that does not pass, and this command with it: each mistake
    is then printed with its file and line, and the command ends with 1. What is printed here is advice.
    """
    found = catalogue.current()
    others = catalogue.list_checked()
    for each in (*found.advice, *(advice for _, advices in others for advice in advices)):
        click.echo(f"{each} (advice)")
    lessons = [lesson for course in found.courses for lesson in course.lessons]
    steps = [step for lesson in lessons for step in lesson.steps]
    practices = sum(step.practice is not None for step in steps)
    click.echo(
        f"The content passes: {len(found.courses)} courses, {len(lessons)} lessons, {len(steps)} steps "
        f"({practices} to practise), {len(found.facts)} facts{''.join(f', {words}' for words, _ in others)}."
    )
