"""Paper and the way back: handouts in large type, the printed code of a step, and a learner's own notes."""

import io
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.accounts.login import me, me_or_nobody
from portal.core import clock, db, i18n
from portal.core.errors import NotFoundError
from portal.core.i18n import gettext as _
from portal.core.roles import Role
from portal.core.storage import storage
from portal.courses import catalogue, codes, handouts, operations, paper, policy, queries, step_notes
from portal.courses.catalogue import Course, Place
from portal.courses.forms import CodeForm, HandoutForm, NoteForm
from portal.courses.lesson_file import Lesson
from portal.courses.models import Handout, HandoutKind, StepNote
from portal.courses.paper import Paper
from portal.web.access import ANYONE, SIGNED_IN, access
from portal.web.language import in_english

bp = Blueprint("handouts", __name__, template_folder="templates")

UNKNOWN = "이 번호로 찾은 단계가 없어요. 종이의 숫자 여섯 개를 한 번 더 봐 주세요."
CONFLICT = 409
LOOK_AGAIN_S = 4
"""How long the page of a handout that is being made waits before it looks again."""
LOOK_AGAIN_LATER_S = 30
FILE_NAMES = {
    HandoutKind.LESSON: "{title} {size}pt.pdf",
    HandoutKind.CHECKLIST: "{title} {size}pt.pdf",
    HandoutKind.CLASS_PACK: "수업 묶음 {title} {size}pt.pdf",
    HandoutKind.GLOSSARY: "{title} {size}pt.pdf",
}


@dataclass(frozen=True)
class NoteLine:
    """One note with the step it belongs to; no place where the step is taught no more."""

    note: StepNote
    place: Place | None


@bp.app_template_global("own_note")
def own_note(place: Place) -> StepNote | None:
    """Return the visitor's note at a step, for the page of the step."""
    user = me_or_nobody()
    return queries.find_note(db.session(), user, place) if user else None


@bp.get("/c/")
@access(ANYONE)
def find_step() -> ResponseReturnValue:
    """Ask for a printed code, and go to its step."""
    form = CodeForm(request.args)
    if "code" not in request.args:
        return render_template("courses/code.html", form=form)
    if not form.validate():
        return render_template("courses/code.html", form=form), 422
    return _go_to_step(form.code.data or "")


@bp.get("/c/<code>")
@access(ANYONE)
def step(code: str) -> ResponseReturnValue:
    """Go to the step with this printed code."""
    return _go_to_step(code)


@bp.route("/courses/<course_id>/<lesson_id>/handout", methods=["GET", "POST"])
@access(SIGNED_IN)
def lesson(course_id: str, lesson_id: str) -> ResponseReturnValue:
    """Order a lesson on paper, or for a trainer the same lesson for a class."""
    course = catalogue.current().course(course_id)
    return _order(HandoutKind.LESSON, course, course.lesson(lesson_id))


@bp.route("/courses/<course_id>/checklist", methods=["GET", "POST"])
@access(SIGNED_IN)
def checklist(course_id: str) -> ResponseReturnValue:
    """Order the steps of a course on paper, to tick off."""
    return _order(HandoutKind.CHECKLIST, catalogue.current().course(course_id), None)


@bp.route("/glossary/handout", methods=["GET", "POST"])
@access(SIGNED_IN)
def glossary() -> ResponseReturnValue:
    """Order all words on paper."""
    return _order(HandoutKind.GLOSSARY, None, None)


@bp.get("/handouts/<int:handout_id>/")
@access(SIGNED_IN)
def handout(handout_id: int) -> ResponseReturnValue:
    """Show how far a handout is; the page looks again by itself, and hands the file over once it is there."""
    found = queries.get_handout(db.session(), me(), handout_id)
    if found.due_at is not None:  # whether it is still today's is looked at once it is there
        again = url_for("handouts.handout", handout_id=handout_id, wait=1)
        wait_s = LOOK_AGAIN_LATER_S if found.last_error else LOOK_AGAIN_S
        page = render_template("courses/handout.html", handout=found, title="", order=_order_address(found))
        return page, {"Refresh": f"{wait_s}; url={again}"}
    todays = _find_todays(found)
    if todays is None:
        return _offer_todays(found)
    page = render_template(
        "courses/handout.html", handout=found, title=todays.title, order=_order_address(found)
    )
    if "wait" in request.args:
        return page, {"Refresh": f"1; url={url_for('handouts.download', handout_id=handout_id)}"}
    return page


@bp.get("/handouts/<int:handout_id>.pdf")
@access(SIGNED_IN)
def download(handout_id: int) -> ResponseReturnValue:
    """Hand out the file, unless it is no longer what the course says."""
    found = queries.get_handout(db.session(), me(), handout_id)
    todays = _find_todays(found)
    if todays is None:
        return _offer_todays(found)
    if found.document_key is None:
        return redirect(url_for("handouts.handout", handout_id=handout_id, wait=1))
    return send_file(
        io.BytesIO(storage().get(found.document_key)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=FILE_NAMES[found.kind].format(title=todays.title, size=found.size_pt),
        etag=found.document_key,
    )


@bp.post("/handouts/<int:handout_id>/retry")
@access(Role.OPERATOR)
def retry(handout_id: int) -> ResponseReturnValue:
    """Let a worker make it now."""
    with db.transaction() as session:
        found = queries.get_handout(session, me(), handout_id)
        operations.retry_handout(session, found, now=clock.now())
    flash("다시 만들고 있어요. 잠시 뒤에 이 화면을 새로 열어 보세요.", "ok")
    return redirect(url_for("desk.jobs"))


@bp.route("/courses/<course_id>/<lesson_id>/<step_id>/note", methods=["GET", "POST"])
@access(SIGNED_IN)
@in_english
def note(course_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    """Show and keep what a learner writes down at a step."""
    place = catalogue.spoken().place(course_id, lesson_id, step_id)
    i18n.speak(place.lesson.language)
    kept = queries.find_note(db.session(), me(), place)
    form = NoteForm(
        request.form, text=kept.text if kept else "", seen=kept.saved_at.isoformat() if kept else ""
    )
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            text = form.text.data or ""
            step_notes.save_note(session, me(), place, text=text, seen=form.note_seen, now=clock.now())
        if not form.errors and not form.form_errors:
            flash(_("메모를 저장했어요."), "ok")
            return redirect(_step_address(place, "step"))
        if form.status == CONFLICT:
            _join(form, place)
    return render_template(
        "courses/note.html", form=form, place=place, address=_step_address(place)
    ), form.status


@bp.get("/courses/<course_id>/notes")
@access(SIGNED_IN)
def notes(course_id: str) -> ResponseReturnValue:
    """List what the person wrote down in a course, in the order of its steps; made to be printed."""
    course = catalogue.current().course(course_id)
    written = {(row.lesson_id, row.step_id): row for row in queries.list_notes(db.session(), me(), course)}
    lines = [NoteLine(written.pop(place.key), place) for place in course.places if place.key in written]
    lines += [NoteLine(row, None) for row in written.values()]
    return render_template("courses/notes.html", course=course, lines=lines)


def _go_to_step(typed: str) -> ResponseReturnValue:
    """Redirect to the step of a code, or to what somebody's own paper is about; or say what is wrong."""
    code = codes.normalise(typed)
    own = codes.find_own(code)
    if own is not None:  # its page asks who is there and whose it is
        return redirect(url_for("mentoring.engagement", engagement_id=own, _anchor="items"))
    place = catalogue.current().find_place(code) if codes.is_well_formed(code) else None
    if place is not None:
        return redirect(_step_address(place, "here"))
    form = CodeForm(MultiDict({"code": typed[:40]}))
    form.code.errors = [UNKNOWN if codes.is_well_formed(code) else _typing_error(code)]
    return render_template("courses/code.html", form=form), 404


def _typing_error(code: str) -> str:
    if codes.is_like_own(code):
        return "숫자 하나가 다른 것 같아요. 종이의 번호를 한 번 더 봐 주세요."
    count = sum(letter.isdigit() for letter in code)
    if count == codes.LENGTH or not count:
        return "번호를 다시 봐 주세요. 숫자 여섯 개예요."
    how_many = f"{count}개만" if count < codes.LENGTH else f"{count}개"
    return f"숫자가 {how_many} 적혔어요. 모두 여섯 개예요."


def _step_address(place: Place, anchor: str | None = None) -> str:
    return url_for(
        "courses.lesson",
        course_id=place.course.id,
        lesson_id=place.lesson.id,
        step=place.step.id,
        _anchor=anchor,
    )


def _order(kind: HandoutKind, course: Course | None, lesson: Lesson | None) -> ResponseReturnValue:
    """Ask for the size of the letters, then make or find the handout and go to its page."""
    form = HandoutForm(request.form, size=paper.usual_size(me().text_size))
    if lesson and form.for_class.data:
        kind = HandoutKind.CLASS_PACK
    if form.submitted():
        size_pt = int(form.size.data)
        course_id, lesson_id = course.id if course else "", lesson.id if lesson else ""
        todays = handouts.write_named(kind, course_id, lesson_id, size_pt)
        with db.transaction() as session:
            ordered = operations.order_handout(
                session,
                me(),
                kind,
                course_id,
                lesson_id,
                size_pt=size_pt,
                content_hash=todays.content_hash,
                now=clock.now(),
            )
        return redirect(url_for("handouts.handout", handout_id=ordered.id, wait=1))
    may_pack = lesson is not None and policy.may_order(me(), HandoutKind.CLASS_PACK)
    page = render_template("courses/order.html", form=form, course=course, lesson=lesson, may_pack=may_pack)
    return page, form.status


def _find_todays(found: Handout) -> Paper | None:
    """Return the paper of a row, or None if the course says something else by now."""
    try:
        todays = handouts.write_named(found.kind, found.course_id, found.lesson_id, found.size_pt)
    except NotFoundError:
        return None
    is_given_up = found.due_at is None and not found.is_made
    return todays if todays.content_hash == found.content_hash and not is_given_up else None


def _offer_todays(found: Handout) -> ResponseReturnValue:
    flash("그사이 내용이 바뀌었어요. 새로 받아 주세요.", "info")
    return redirect(_order_address(found))


def _order_address(found: Handout) -> str:
    if found.kind is HandoutKind.GLOSSARY:
        return url_for("handouts.glossary")
    if found.kind is HandoutKind.CHECKLIST:
        return url_for("handouts.checklist", course_id=found.course_id)
    return url_for("handouts.lesson", course_id=found.course_id, lesson_id=found.lesson_id)


def _join(form: NoteForm, place: Place) -> None:
    """Put what another device kept before what was typed here, so that the next press loses neither."""
    kept = queries.find_note(db.session(), me(), place)
    if kept is not None:
        form.text.data = "\n\n".join(text for text in (kept.text, form.text.data) if text)
        form.seen.data = kept.saved_at.isoformat()
