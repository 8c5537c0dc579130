"""Pages of courses: the catalogue, a course, and one step on a page."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.accounts.models import User
from portal.core import clock, db, i18n
from portal.core.clock import KST
from portal.core.errors import ForbiddenError
from portal.core.i18n import gettext as _
from portal.core.pictures import clean_picture
from portal.core.storage import storage
from portal.courses import catalogue, operations, queries
from portal.courses.catalogue import Place
from portal.courses.facts import notes_on
from portal.courses.forms import TryForm, Values, read_answer
from portal.courses.glossary import by_initial
from portal.courses.progress import CourseProgress, last_in
from portal.courses.sheet import Sheet, draw_sheet
from portal.practice import kinds
from portal.practice.kinds import Practice
from portal.practice.outcome import Outcome, Remark
from portal.practice.photo import Photo, measure
from portal.web.access import ANYONE, SIGNED_IN, access
from portal.web.language import in_english

bp = Blueprint("courses", __name__, url_prefix="/courses", template_folder="templates")
glossary_bp = Blueprint("glossary", __name__, url_prefix="/glossary")


@bp.get("/")
@access(ANYONE)
@in_english
def index() -> ResponseReturnValue:
    """List the courses with how far the visitor is in each."""
    groups = catalogue.spoken().groups
    courses = [course for group in groups for course in group.courses]
    listed = queries.list_progress(db.session(), me_or_nobody(), courses)
    progress = {each.course.id: each for each in listed}
    shown = [(group.title, [progress[course.id] for course in group.courses]) for group in groups]
    last = last_in(listed)
    return render_template("courses/index.html", groups=shown, last_id=last.course.id if last else "")


@glossary_bp.get("/")
@access(ANYONE)
def words() -> ResponseReturnValue:
    """List every word in plain language, by its first consonant."""
    found = catalogue.current()
    lessons = {
        f"{course.id}/{lesson.id}": (
            lesson.title,
            url_for("courses.lesson", course_id=course.id, lesson_id=lesson.id),
        )
        for course in found.courses
        for lesson in course.lessons
    }
    return render_template(
        "courses/glossary.html",
        groups=list(by_initial(found.words)),
        count=len(found.words),
        lessons={word.id: lessons[word.lesson] for word in found.words if word.lesson},
    )


@bp.get("/<course_id>/")
@access(ANYONE)
@in_english
def course(course_id: str) -> ResponseReturnValue:
    """Show a course: its lessons, what is completed, and where to go on."""
    shown = catalogue.spoken().course(course_id)
    i18n.speak(shown.language)
    return render_template(
        "courses/course.html", progress=queries.get_progress(db.session(), me_or_nobody(), shown)
    )


@bp.post("/<course_id>/start")
@access(SIGNED_IN)
@in_english
def start(course_id: str) -> ResponseReturnValue:
    """Begin a course and open its first step."""
    begun = catalogue.current().course(course_id)
    with db.transaction() as session:
        operations.enrol(session, me(), begun, now=clock.now())
        place = queries.get_progress(session, me(), begun).place or begun.places[0]
    return redirect(_address(place))


@bp.get("/<course_id>/<lesson_id>/")
@access(ANYONE)
@in_english
def lesson(course_id: str, lesson_id: str) -> ResponseReturnValue:
    """Show one step: the one asked for, or the one the learner is at."""
    user = me_or_nobody()
    place = _asked_place(course_id, lesson_id, user)
    if user is None or place.step.practice is None:
        return _show(user, place)
    sheet = draw_sheet(
        user,
        place,
        queries.get_practice_state(db.session(), user, place),
        again="again" in request.args,
        preview="preview" in request.args,
    )
    return _show(user, place, sheet)


@bp.post("/<course_id>/<lesson_id>/")
@access(SIGNED_IN)
@in_english
def answer(course_id: str, lesson_id: str) -> ResponseReturnValue:
    """Take an answer to a practice; or keep it as it is: for a hint, a preview, more fields, another day."""
    place, form = _asked_place(course_id, lesson_id, me()), TryForm(request.form)
    practice = operations.required_practice(place)
    number = form.try_number
    seed = operations.seed_of(me(), place, number)
    typed = read_answer(practice, seed, request.form)
    if isinstance(practice, Photo) and form.do.data == "answer":
        last = queries.get_practice_state(db.session(), me(), place).last_try
        if last is not None and last.number == number:
            return redirect(_address(place, "result"))  # pressed twice
        with form.show_refusal():
            operations.require_photo_may_come(db.session(), me(), place, number=number, now=clock.now())
            typed |= _take_photo()
        if form.errors or form.form_errors:
            return _show_refused(place, form, typed=typed)
    outcome = practice.check(typed, seed)
    if form.do.data == "open" and (wrong := _wrong_to_open(practice, seed, typed, outcome)):
        return _ask_to_write(place, form, typed, wrong)
    if form.do.data in _KEEPING:
        return _keep(place, form, typed)
    if outcome.unreadable or not any(typed.values()):
        return _ask_to_write(place, form, typed, outcome.remarks)
    with form.show_refusal(), db.transaction() as session:
        tried = operations.answer(session, me(), place, number=number, answer=typed, now=clock.now())
        if tried.passed or outcome.passed:
            return redirect(_address(place, "result"))
    return _show_refused(place, form, typed=typed if form.form_errors else None)


@bp.get("/<course_id>/<lesson_id>/<step_id>/photo/<int:try_number>")
@access(SIGNED_IN)
@in_english
def photo(course_id: str, lesson_id: str, step_id: str, try_number: int) -> ResponseReturnValue:
    """Give somebody the picture they sent in a try."""
    place = catalogue.current().place(course_id, lesson_id, step_id)
    key = queries.find_photo(db.session(), me(), place, try_number)
    return Response(storage().get(key), mimetype="image/jpeg")


@bp.post("/<course_id>/<lesson_id>/<step_id>/draft")
@access(SIGNED_IN)
@in_english
def draft(course_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    """Keep a half-typed answer; sent by the page itself while somebody types.

    The header tells the page when it was kept, so that the page sends it along the next time. What one person
    typed without a network is not taken from another who came in on the same device.
    """
    place = catalogue.current().place(course_id, lesson_id, step_id)
    if request.form.get("owner", str(me().id)) != str(me().id):
        raise ForbiddenError(_("다른 분이 이 기기에서 적은 답이에요."))
    practice, form = operations.required_practice(place), TryForm(request.form)
    typed = read_answer(practice, operations.seed_of(me(), place, form.try_number), request.form)
    kept_at = _save_draft(place, form, typed)
    return "", 204, {"X-Draft-Seen": kept_at.isoformat()} if kept_at else {}


@bp.post("/<course_id>/<lesson_id>/<step_id>/finish")
@access(SIGNED_IN)
@in_english
def finish(course_id: str, lesson_id: str, step_id: str) -> ResponseReturnValue:
    """Complete a reading step and go on to the next."""
    place = catalogue.spoken().place(course_id, lesson_id, step_id)
    with db.transaction() as session:
        operations.complete_reading(session, me(), place, now=clock.now())
        progress = queries.get_progress(session, me(), place.course)
    following = place.neighbour(1)
    if following is None or progress.place is None:
        return redirect(url_for("courses.course", course_id=course_id, _anchor="result"))
    if following.lesson.id != lesson_id:
        flash(_("‘%(lesson)s’ 수업을 마쳤어요. 다음 수업이에요.", lesson=place.lesson.title), "ok")
        return redirect(_address(following))
    return redirect(_address(following, "here"))


def _take_photo() -> Values:
    """Store the picture that was sent and return what it measures, if one was; raises DomainError."""
    upload = request.files.get("photo")
    if upload is None or not upload.filename:
        return {}
    cleaned = clean_picture(upload.stream)
    found = measure(cleaned.content, cleaned.width, cleaned.height)
    return found | {"photo": storage().put(cleaned.content)}


def _asked_place(course_id: str, lesson_id: str, user: User | None) -> Place:
    """Return the step in the address, or the one at which the lesson opens for this person.

    From here on everything speaks the language of the lesson: one that is not translated is Korean, whole.
    """
    step_id = request.args.get("step")
    course = catalogue.spoken().course(course_id)
    if step_id is not None:
        place = catalogue.spoken().place(course_id, lesson_id, step_id)
    else:
        place = queries.get_progress(db.session(), user, course).place_in(course.lesson(lesson_id))
    i18n.speak(place.lesson.language)
    return place


def _address(place: Place, anchor: str | None = None, *, preview: int | None = None) -> str:
    return url_for(
        "courses.lesson",
        course_id=place.course.id,
        lesson_id=place.lesson.id,
        step=place.step.id,
        _anchor=anchor,
        preview=preview,
    )


def _steps(place: Place, progress: CourseProgress) -> list[tuple[str, str, str]]:
    """Return the steps of the lesson as the step indicator shows them: words, address, state."""
    steps = []
    for each in place.course.places:
        if each.lesson.id == place.lesson.id:
            state = "now" if each.key == place.key else "done" if each.key in progress.done_keys else "todo"
            steps.append((each.step.title, _address(each, "here"), state))
    return steps


def _rules(place: Place, progress: CourseProgress) -> list[tuple[Place, str, bool]]:
    """Return each step of the lesson with what completes it and whether it is completed."""
    return [
        (
            each,
            _rule(each),
            each.key in progress.done_keys,
        )
        for each in place.course.places
        if each.lesson.id == place.lesson.id
    ]


def _rule(place: Place) -> str:
    if place.step.practice is None:
        return _("‘다 읽었어요’를 누르면 완료돼요")
    if kinds.is_confirmed_by_people(place.step.practice):
        return _("멘토님이나 강사님이 확인하면 완료돼요")
    if kinds.rehearsals_needed(place.step.practice):
        return _("답이 맞고 연습을 다 적으면 완료돼요")
    return _("답이 맞으면 완료돼요")


def _save_draft(place: Place, form: TryForm, typed: Values) -> datetime | None:
    with db.transaction() as session:
        return operations.save_draft(
            session,
            me(),
            place,
            number=form.try_number,
            answer=typed,
            seen=form.draft_seen,
            hints=form.hints_shown + 1 if form.do.data == "hint" else 0,
            now=clock.now(),
        )


def _leave(place: Place, _form: TryForm) -> ResponseReturnValue:
    flash(_("여기까지 저장했어요. 다음에 오시면 이 자리에서 이어서 할 수 있어요."), "ok")
    return redirect(url_for("courses.course", course_id=place.course.id))


def _next_hint(place: Place, _form: TryForm) -> ResponseReturnValue:
    return redirect(_address(place, "hints"))


def _preview(place: Place, _form: TryForm) -> ResponseReturnValue:
    return redirect(_address(place, "preview", preview=1))


def _open(place: Place, form: TryForm) -> ResponseReturnValue:
    """Show the fields that were opened, beginning where they were asked for."""
    practice = operations.required_practice(place)
    seed = operations.seed_of(me(), place, form.try_number)
    opening = next((field.name for field in practice.form_fields(seed, {}) if field.opens), "")
    return redirect(_address(place, f"field-{opening}"))


#: Buttons that keep the answer as a draft and send nothing.
_KEEPING = {"hint": _next_hint, "leave": _leave, "preview": _preview, "open": _open}


def _keep(place: Place, form: TryForm, typed: Values) -> ResponseReturnValue:
    """Keep the answer as a draft and do what was pressed."""
    with form.show_refusal():
        _save_draft(place, form, typed)
    if form.form_errors:
        return _show_refused(place, form, typed=typed)
    return _KEEPING[form.do.data or ""](place, form)


def _wrong_to_open(practice: Practice, seed: str, typed: Values, outcome: Outcome) -> tuple[Remark, ...]:
    """Return what is wrong with the fields that open others; the rest is not looked at yet."""
    opening = {field.name for field in practice.form_fields(seed, typed) if field.opens}
    return tuple(remark for remark in outcome.remarks if remark.field in opening and not remark.good)


def _ask_to_write(
    place: Place, form: TryForm, typed: Values, remarks: Sequence[Remark]
) -> ResponseReturnValue:
    """Say how to write what cannot be read. It is no try: the numbers stay, and the answer as a draft."""
    if any(typed.values()):
        with form.show_refusal():
            _save_draft(place, form, typed)
    return _show_refused(place, form, typed=typed, remarks=[asdict(each) for each in remarks])


def _show_refused(
    place: Place, form: TryForm, *, typed: Values | None, remarks: Sequence[Mapping[str, Any]] = ()
) -> ResponseReturnValue:
    state = queries.get_practice_state(db.session(), me(), place)
    sheet = draw_sheet(me(), place, state, typed=typed, remarks=remarks)
    status = form.status if form.form_errors else 422
    return _show(me(), place, sheet, refusals=form.form_errors, status=status)


def _show(
    user: User | None,
    place: Place,
    sheet: Sheet | None = None,
    *,
    refusals: Sequence[str] = (),
    status: int = 200,
) -> ResponseReturnValue:
    progress = queries.get_progress(db.session(), user, place.course)
    today = clock.now().astimezone(KST).date()
    page = render_template(
        "courses/lesson.html",
        place=place,
        progress=progress,
        is_done=place.key in progress.done_keys,
        steps=_steps(place, progress),
        rules=_rules(place, progress),
        address=_address(place),
        previous=place.neighbour(-1),
        following=place.neighbour(1),
        address_of=_address,
        sheet=sheet,
        refusals=refusals,
        is_refused=status != 200,
        notes=notes_on(place.step.facts, today),
        opener=progress.opener(place.lesson),
        is_overdue=place.lesson.is_overdue(today),
    )
    return page, status
