"""What a qualification is, for everybody, and joining it."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.certification import candidates, ledger, qualifications
from portal.certification.qualifications import REGISTER_URL, Qualification
from portal.core import clock, db
from portal.core.clock import KST
from portal.courses import catalogue
from portal.courses.catalogue import Course
from portal.web.access import ANYONE, SIGNED_IN, access

bp = Blueprint("qualifications", __name__, url_prefix="/certification", template_folder="templates")
EXAMS = {"written": "필기", "practical": "실기"}


@bp.get("/<qualification_id>/")
@access(ANYONE)
def show(qualification_id: str) -> ResponseReturnValue:
    """Show what a qualification is, what it asks for, and what the law wants to be said of it."""
    qualification = qualifications.current().get(qualification_id)
    user, today = me_or_nobody(), clock.now().astimezone(KST).date()
    version = qualification.version_on(today)
    standing = candidates.find_standing(db.session(), user.id, qualification.id) if user else None
    return render_template(
        "certification/qualification.html",
        qualification=qualification,
        version=version,
        effective_from=date.fromisoformat(version.effective_from),
        courses=_courses(qualification),
        standing=standing,
        exams=EXAMS,
        register_url=REGISTER_URL,
    )


@bp.post("/<qualification_id>/join")
@access(SIGNED_IN)
def join(qualification_id: str) -> ResponseReturnValue:
    """Begin the way to a qualification, and see at once what is met already."""
    qualification, now = qualifications.current().get(qualification_id), clock.now()
    with db.transaction() as session:
        candidate = candidates.join(session, me(), qualification, now=now)
        path = url_for("candidates.show", candidate_id=candidate.id)
        ledger.record(session, candidate, path=path, now=now)
    is_new = candidate.joined_at == now
    flash("시작했어요. 무엇이 남았는지 여기에서 봐요." if is_new else "이미 시작하셨어요.", "ok")
    return redirect(path)


def _courses(qualification: Qualification) -> dict[str, Course]:
    """Return the courses that any version asks for and that are taught, by their ids."""
    asked = {
        course_id
        for version in qualification.versions
        for requirement in version.requirements
        for course_id in requirement.params.get("courses", ())
    }
    found = {course_id: catalogue.current().find_course(course_id) for course_id in sorted(asked)}
    return {course_id: course for course_id, course in found.items() if course is not None}
