"""Marking scripts of practical exams, blind."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import calibrations, marking, marking_queue, scripts
from portal.certification.marking_forms import sheet_form, typed
from portal.core import clock, db
from portal.core.roles import Role
from portal.web.access import access

bp = Blueprint("marking", __name__, template_folder="templates")


@bp.get("/desk/marking/")
@access(Role.TRAINER)
def index() -> ResponseReturnValue:
    """Show what waits to be marked, and what this person has taken."""
    session, now = db.session(), clock.now()
    opened = calibrations.find_open(session, me().id)
    return render_template(
        "certification/marking.html",
        mine=scripts.list_mine(session, me()),
        waiting=marking_queue.count_waiting(session, me(), now=now),
        rule=marking.RULE,
        measured=calibrations.measured_of(opened) if opened else None,
    )


@bp.post("/desk/marking/")
@access(Role.TRAINER)
def take() -> ResponseReturnValue:
    """Take the script that has waited longest."""
    with db.transaction() as session:
        sheet = scripts.take(session, me(), now=clock.now())
    return redirect(url_for(".sheet", sheet_id=sheet.id))


@bp.route("/desk/marking/<int:sheet_id>/", methods=["GET", "POST"])
@access(Role.TRAINER)
def sheet(sheet_id: int) -> ResponseReturnValue:
    """Show a script beside its rubric, keep what is given so far, and finish."""
    now = clock.now()
    script = scripts.get_script(db.session(), me(), sheet_id)
    places = marking.places(script.blueprint)
    form = sheet_form(places)(request.form, data=typed(script.sheet.points, script.sheet.comment))
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            script = scripts.get_script(session, me(), sheet_id)
            done = scripts.save(
                session,
                script,
                points=form.points,
                comment=form.comment.data or "",
                finish=form.finish.data,
                now=now,
            )
        if not form.errors and not form.form_errors:
            flash("채점을 마쳤어요. 고맙습니다." if done else "적은 데까지 두었어요.", "ok")
            return redirect(url_for(".index") if done else url_for(".sheet", sheet_id=sheet_id))
    return render_template("certification/marking_sheet.html", script=script, form=form), form.status


@bp.post("/desk/marking/<int:sheet_id>/give-back")
@access(Role.TRAINER)
def give_back(sheet_id: int) -> ResponseReturnValue:
    """Let somebody else mark the script."""
    with db.transaction() as session:
        scripts.give_back(session, scripts.get_script(session, me(), sheet_id))
    flash("내려놓았어요. 다른 분이 채점해요.", "ok")
    return redirect(url_for(".index"))
