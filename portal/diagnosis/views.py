"""Pages of the diagnosis: its beginning, a few questions on a page, and the result."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.core import clock, db
from portal.diagnosis import operations, queries, questions
from portal.diagnosis.forms import PageForm, page_form
from portal.diagnosis.models import Diagnosis
from portal.diagnosis.questions import Question, Questionnaire
from portal.diagnosis.result import compare, from_json
from portal.web.access import ANYONE, SIGNED_IN, access

bp = Blueprint("diagnosis", __name__, url_prefix="/diagnosis", template_folder="templates")


@bp.get("/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Say what the diagnosis is; to a learner, where she stopped and what came of it before."""
    user, asked = me_or_nobody(), questions.current()
    if user is None:
        return render_template("diagnosis/welcome.html", questionnaire=asked)
    session = db.session()
    begun = queries.find_open(session, user)
    finished = queries.list_finished(session, user)
    return render_template(
        "diagnosis/index.html",
        questionnaire=asked,
        answered=asked.count_answered(begun.answers) if begun else 0,
        is_begun=begun is not None,
        finished=[(each, from_json(each.result or {})) for each in finished],
    )


@bp.post("/start")
@access(SIGNED_IN)
def start() -> ResponseReturnValue:
    """Begin a diagnosis, or go on with the one begun."""
    asked = questions.current()
    with db.transaction() as session:
        begun = operations.start(session, me(), asked, now=clock.now())
    return redirect(_page_address(begun, asked.first_open_page(begun.answers) or len(asked.pages)))


@bp.route("/<int:diagnosis_id>/questions/<int:number>", methods=["GET", "POST"])
@access(SIGNED_IN)
def page(diagnosis_id: int, number: int) -> ResponseReturnValue:
    """Show some questions; keep the answers given, also when some are missing."""
    asked = questions.current()
    shown = asked.page(number)
    diagnosis = queries.get_diagnosis(db.session(), me(), diagnosis_id)
    if diagnosis.finished_at is not None:
        return redirect(_address(diagnosis))
    form = page_form(shown, request.form, diagnosis.answers)
    if request.method == "GET":
        return _show(diagnosis, form, number, shown)
    is_complete = form.submitted()
    with form.show_refusal(), db.transaction() as session:
        diagnosis = queries.get_diagnosis(session, me(), diagnosis_id)
        operations.answer(session, diagnosis, form.given(), now=clock.now())
        if is_complete and number == len(asked.pages) and asked.first_open_page(diagnosis.answers) is None:
            operations.finish(session, diagnosis, asked, now=clock.now())
    if form.form_errors or not (is_complete or form.is_leaving):
        return _show(diagnosis, form, number, shown)
    return _go_on(diagnosis, asked, number, is_leaving=form.is_leaving)


@bp.get("/<int:diagnosis_id>/")
@access(SIGNED_IN)
def result(diagnosis_id: int) -> ResponseReturnValue:
    """Show the prescription, why it is so, and what changed since the last one."""
    session = db.session()
    diagnosis = queries.get_diagnosis(session, me(), diagnosis_id)
    if diagnosis.result is None:
        asked = questions.current()
        return redirect(
            _page_address(diagnosis, asked.first_open_page(diagnosis.answers) or len(asked.pages))
        )
    before = queries.find_before(session, me(), diagnosis)
    found = from_json(diagnosis.result)
    return render_template(
        "diagnosis/result.html",
        diagnosis=diagnosis,
        result=found,
        name=me().name,
        before=before,
        change=compare(from_json(before.result or {}), found) if before else None,
    )


def _show(
    diagnosis: Diagnosis, form: PageForm, number: int, shown: Sequence[Question]
) -> ResponseReturnValue:
    asked = questions.current()
    before = sum(len(page) for page in asked.pages[: number - 1])
    shown_page = render_template(
        "diagnosis/questions.html",
        form=form,
        number=number,
        count=len(asked.pages),
        first=before + 1,
        last=before + len(shown),
        total=len(asked.questions),
        address=_page_address(diagnosis, number),
        previous=_page_address(diagnosis, number - 1) if number > 1 else "",
    )
    return shown_page, form.status


def _go_on(
    diagnosis: Diagnosis, asked: Questionnaire, number: int, *, is_leaving: bool
) -> ResponseReturnValue:
    if is_leaving:
        flash("여기까지 저장했어요. 다른 휴대전화에서도 이어서 할 수 있어요.", "ok")
        return redirect(url_for("diagnosis.index"))
    if diagnosis.finished_at is not None:
        return redirect(_address(diagnosis))
    following = number + 1 if number < len(asked.pages) else asked.first_open_page(diagnosis.answers) or 1
    return redirect(_page_address(diagnosis, following))


def _address(diagnosis: Diagnosis) -> str:
    return url_for("diagnosis.result", diagnosis_id=diagnosis.id)


def _page_address(diagnosis: Diagnosis, number: int) -> str:
    return url_for("diagnosis.page", diagnosis_id=diagnosis.id, number=number)
