"""What is kept on a phone for reading without a network: nothing in it belongs to anybody."""

from flask import Blueprint, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.courses import catalogue
from portal.web.access import ANYONE, access

bp = Blueprint("offline", __name__, url_prefix="/courses", template_folder="templates")


@bp.get("/<course_id>/offline.json")
@access(ANYONE)
def index(course_id: str) -> ResponseReturnValue:
    """Name the pages of a course to keep; an edit of the course gives each another address."""
    course = catalogue.current().course(course_id)
    pages = [
        url_for(".read", course_id=course.id, lesson_id=lesson.id, v=course.version[:12])
        for lesson in course.lessons
    ]
    return jsonify(pages=pages)


@bp.get("/<course_id>/<lesson_id>/read")
@access(ANYONE)
def read(course_id: str, lesson_id: str) -> ResponseReturnValue:
    """Show a whole lesson on one page."""
    course = catalogue.current().course(course_id)
    return render_template("courses/read.html", course=course, lesson=course.lesson(lesson_id))
