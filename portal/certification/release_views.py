"""Looking everybody's results over, and releasing them."""

from datetime import datetime, time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import exam_queries, marking_queue, releasing
from portal.certification.exam_models import Exam
from portal.certification.policy import ISSUERS
from portal.certification.release_forms import ReleaseForm
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import DomainError
from portal.web.access import access

bp = Blueprint("releases", __name__, url_prefix="/desk/exams", template_folder="templates")
AT = time(10)


@bp.route("/<int:exam_id>/results", methods=["GET", "POST"])
@access(*ISSUERS)
def results(exam_id: int) -> ResponseReturnValue:
    """Show where everybody stands, and release now or on a day."""
    now = clock.now()
    form = ReleaseForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            _release(releasing.get_exam(session, me(), exam_id), form, now)
        if not form.errors and not form.form_errors:
            later = "on_day" in request.form
            flash("발표할 날을 정했어요." if later else "발표했어요. 보신 분들께 알려 드려요.", "ok")
            return redirect(url_for(".results", exam_id=exam_id))
    exam = releasing.get_exam(db.session(), me(), exam_id)
    page = render_template(
        "certification/release.html",
        exam=exam,
        title=exam_queries.title_of(exam),
        overview=releasing.look_over(db.session(), exam),
        disputed=marking_queue.count_disputed(db.session(), exam.id),
        stranded=marking_queue.count_stranded(db.session(), exam.id),
        is_over=exam.closes_at <= now,
        form=form,
    )
    return page, form.status


def _release(exam: Exam, form: ReleaseForm, now: datetime) -> None:
    absent = form.absent.data or 0
    if absent and not form.sure.data:
        raise DomainError("시작하지 않은 분을 결시로 두는지 확인해 주세요.", field="sure")
    if "on_day" not in request.form:
        path = url_for(".results", exam_id=exam.id)
        own_path = url_for("results.own", exam_id=exam.id)
        releasing.release(db.session(), exam, me(), absent=absent, path=path, own_path=own_path, now=now)
        return
    if form.day.data is None:
        raise DomainError("발표할 날을 골라 주세요.", field="day")
    day = datetime.combine(form.day.data, AT, KST)
    releasing.set_day(db.session(), exam, me(), day=day, absent=absent, now=now)


@bp.post("/<int:exam_id>/results/unset")
@access(*ISSUERS)
def unset(exam_id: int) -> ResponseReturnValue:
    """Take the day of release back."""
    with db.transaction() as session:
        releasing.unset_day(session, releasing.get_exam(session, me(), exam_id))
    flash("정해 둔 날을 없앴어요. 단추를 눌러 발표해 주세요.", "ok")
    return redirect(url_for(".results", exam_id=exam_id))
