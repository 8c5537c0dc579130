"""The first screen of each role, and the staff's work lists."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.core import clock, db, korean, queue
from portal.core.clock import KST
from portal.core.roles import STAFF, Role
from portal.courses import catalogue
from portal.courses import queries as courses
from portal.desk import queries
from portal.desk.forms import SampleForm
from portal.web.access import ANYONE, access

bp = Blueprint("desk", __name__, template_folder="templates")

HOMES = {
    queries.LearnerHome: "desk/home_learner.html",
    queries.MentorHome: "desk/home_mentor.html",
    queries.TrainerHome: "desk/home_trainer.html",
    queries.OperatorHome: "desk/home_operator.html",
}


@bp.get("/")
@access(ANYONE)
def home() -> ResponseReturnValue:
    """Show the first screen of whoever is here."""
    user, now = me_or_nobody(), clock.now()
    if user is None:
        return render_template("desk/landing.html", courses=catalogue.current().courses)
    home = queries.get_home(db.session(), user, now=now)
    return render_template(
        HOMES[type(home)], home=home, user=user, now=now, today=korean.day(now), titles=_titles()
    )


@bp.get("/desk/")
@access(*STAFF)
def index() -> ResponseReturnValue:
    """List a staff member's work, for each role they hold."""
    user, session, now = me(), db.session(), clock.now()
    return render_template(
        "desk/index.html",
        now=now,
        titles=_titles(),
        mentor=queries.get_mentor_home(session, user, now=now) if user.has_role(Role.MENTOR) else None,
        trainer=queries.get_trainer_home(session, user, now=now) if user.has_role(Role.TRAINER) else None,
        operator=queries.get_operator_home(session, user, now=now) if user.has_role(Role.OPERATOR) else None,
        step_tasks=courses.count_step_tasks(session),
        doubtful=catalogue.current().doubtful_facts(now.astimezone(KST).date()),
    )


@bp.get("/desk/jobs")
@access(Role.OPERATOR)
def jobs() -> ResponseReturnValue:
    """List unfinished work with its cause."""
    home = queries.get_operator_home(db.session(), me(), now=clock.now())
    return render_template("desk/jobs.html", home=home, is_queue_up=queue.is_up())


@bp.get("/desk/style")
@access(*STAFF)
def style() -> ResponseReturnValue:
    """Show every part pages are made of."""
    form = SampleForm(request.args)
    form.validate()
    return render_template("style.html", form=form)


def _titles() -> dict[str, str]:
    """Return the title of each course by its id."""
    return {course.id: course.title for course in catalogue.current().courses}
