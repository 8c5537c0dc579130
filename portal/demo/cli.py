"""`flask demo …`."""

import json

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.identifier import normalise
from portal.accounts.models import User
from portal.certification import standing
from portal.certification.exam_models import Exam
from portal.certification.life_models import TemplateDraft
from portal.certification.models import Certificate
from portal.certification.statement_models import Statement
from portal.community.models import Question
from portal.core import clock, db, queue, settings
from portal.courses import catalogue
from portal.courses.models import Handout
from portal.demo import world
from portal.mentoring.models import Engagement
from portal.mentoring.plan_models import PlanPaper

cli = AppGroup("demo", help="The demo world.")


@cli.command("load")
def load() -> None:
    """Load the demo world, once. Only with PORTAL_DEMO=1."""
    if not settings.current().is_demo:
        raise click.ClickException("The demo world is loaded only with PORTAL_DEMO=1.")
    with db.transaction() as session:
        if world.is_loaded(session):
            click.echo("The demo world is here already.")
            return
        world.load(session, settings.current().content_dir / "demo", now=clock.now())
        paper = session.scalars(select(Handout.id).order_by(Handout.id).limit(1)).one()
        plan_papers = session.scalars(select(PlanPaper.id)).all()
        statements = session.scalars(select(Statement.id)).all()
        drafts = session.scalars(select(TemplateDraft.id)).all()
    _draw_certificates()
    with db.transaction() as session:
        world.load_later(session, settings.current().content_dir / "demo", now=clock.now())
    _draw_certificates()
    queue.run("courses.make_handout", paper)
    for plan_id in plan_papers:
        queue.run("mentoring.make_plan", plan_id)
    for statement_id in statements:
        queue.run("certification.draw_statement", statement_id)
    for draft_id in drafts:
        queue.run("certification.preview", draft_id)
    click.echo("The demo world is loaded.")


def _draw_certificates() -> None:
    waiting = select(Certificate.id).where(Certificate.due_at.is_not(None)).order_by(Certificate.id)
    for certificate_id in db.session().scalars(waiting).all():
        queue.run("certification.render", certificate_id)


@cli.command("show")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(as_json: bool) -> None:
    """Print codes and ids an outside checker needs."""
    facts = _facts(db.session())
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")


def _facts(session: Session) -> dict[str, object]:
    """Return one certificate in each state and one of everything else, ids as they stand in addresses."""
    sunja = select(User.id).where(User.phone == normalise("010-0000-0001")).scalar_subquery()
    # Of each state the first, one of a course before one of a qualification.
    order = (Certificate.course_id.is_not(None), Certificate.id.desc())
    certificates, now = session.scalars(select(Certificate).order_by(*order)), clock.now()
    course = catalogue.current().course("first-sale")
    return {
        "certificates": {
            standing.status_of(row, now=now).value: {"code": row.code, "holder": row.holder_name}
            for row in certificates
        },
        "course": course.id,
        "lesson": course.lessons[0].id,
        "question": session.scalar(
            select(Question.id).where(Question.author_id == sunja, ~Question.is_private).limit(1)
        ),
        "exam": session.scalar(
            select(Exam.id).where(Exam.opens_at <= now, Exam.closes_at > now).order_by(Exam.id).limit(1)
        ),
        "engagement": session.scalar(select(Engagement.id).where(Engagement.merchant_id == sunja).limit(1)),
    }
