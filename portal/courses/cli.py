"""`flask lessons …`: looking at what we teach."""

import click
from flask import current_app
from flask.cli import AppGroup, ScriptInfo, pass_script_info

from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import NotFoundError
from portal.core.settings import current as current_settings
from portal.courses import announcing, catalogue, dependents, publishing
from portal.courses.catalogue import Catalogue

lessons_cli = AppGroup("lessons", help="Look at the lessons.")


@lessons_cli.command("sync")
@pass_script_info
def sync(info: ScriptInfo) -> None:
    """Let the running portal teach the files as they are now.

    Content that does not pass is told with file and line, the command ends with 1, and the portal goes on
    teaching what it taught. A changed fact or set of rules is named with every step that rests on it.
    """
    settings = current_settings()
    app = info.load_app()
    taught: Catalogue = app.extensions["portal_catalogue"]
    version, found = publishing.publish(app, settings)
    published: Catalogue = found["portal_catalogue"]
    for line in (*dependents.report_changes(taught, published), *publishing.compare(app, found)):
        click.echo(line)
    click.echo(f"Published as {version}. Every running process takes it over with its next request or job.")


@lessons_cli.command("check")
@pass_script_info
def check(info: ScriptInfo) -> None:
    """Say what is wrong with the content.

    Each mistake is printed with its file and line, and the command ends with 1; the portal refuses to start
    on such content with the same sentences. Otherwise advice is printed.
    """
    others = publishing.read(info.load_app(), current_settings().content_dir)
    differing = publishing.compare(info.load_app(), others)
    found: Catalogue = others.pop("portal_catalogue")
    today = clock.now().astimezone(KST).date()
    advice = [each for other in others.values() for each in other.advice]
    for each in (*found.advice, *advice, *found.overdue(today), *differing):
        click.echo(f"{each} (advice)")
    lessons = [lesson for course in found.courses for lesson in course.lessons]
    steps = [step for lesson in lessons for step in lesson.steps]
    practices = sum(step.practice is not None for step in steps)
    also = "".join(f", {other.summary}" for other in others.values())
    click.echo(
        f"The content passes: {len(found.courses)} courses, {len(lessons)} lessons, {len(steps)} steps "
        f"({practices} to practise), {len(found.facts)} facts{also}."
    )


@lessons_cli.command("announce")
@click.argument("course_id")
def announce(course_id: str) -> None:
    """Tell everybody who asked for news that a course has opened; a second time tells nobody again."""
    try:
        course = catalogue.current().course(course_id)
    except NotFoundError as error:
        raise click.ClickException(f"There is no course '{course_id}'.") from error
    path = current_app.url_map.bind("").build("courses.course", {"course_id": course.id})
    with db.transaction() as session:
        readers = announcing.announce(session, course, path=path, now=clock.now())
    click.echo(f"{readers} people who asked for news are told of it, as each of them wishes.")
