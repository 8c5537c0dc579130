"""The files of videos for the players in lessons: whole or in parts, kept by browsers under their version."""

from flask import Blueprint, redirect, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.core.errors import NotFoundError
from portal.courses import catalogue
from portal.courses.videos import TYPES
from portal.web.access import ANYONE, access

bp = Blueprint("videos", __name__, url_prefix="/courses")


@bp.get("/<course_id>/<lesson_id>/videos/<version>/<name>")
@access(ANYONE)
def file(course_id: str, lesson_id: str, version: str, name: str) -> ResponseReturnValue:
    """Hand out a file of a video; a page opened before an edit is sent to what is taught now."""
    found = catalogue.current()
    lessons = [each.course(course_id).lesson(lesson_id) for each in (found, found.in_english)]
    named = [video for lesson in lessons for video in lesson.videos if name in video.files]
    if not named:
        raise NotFoundError("찾는 영상이 없어요. 수업이 바뀌었을 수 있어요. 배우기에서 다시 찾아 주세요.")
    video = next((each for each in named if each.version == version), named[0])
    if version != video.version:
        return redirect(
            url_for(".file", course_id=course_id, lesson_id=lesson_id, version=video.version, name=name)
        )
    mimetype = next(mimetype for ending, mimetype in TYPES.items() if name == f"{video.name}{ending}")
    return send_file(video.files[name], mimetype=mimetype, etag=f"{version}-{name}", conditional=True)
