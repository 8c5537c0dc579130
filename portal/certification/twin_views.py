"""The paper twin: printing it, handing it out, and typing answer sheets in."""

import io
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import answering, exam_queries, releasing, twin_prints, twins
from portal.certification.exam_queries import Question, Sheet
from portal.certification.item_html import item_html
from portal.certification.policy import ISSUERS
from portal.certification.twin_forms import PlaceForm, PrintForm
from portal.core import clock, db
from portal.core.roles import Role
from portal.core.storage import storage
from portal.web.access import access

bp = Blueprint("twins", __name__, url_prefix="/desk/exams", template_folder="templates")
LOOK_AGAIN_S = 4


@bp.route("/<int:exam_id>/paper", methods=["GET", "POST"])
@access(*ISSUERS)
def index(exam_id: int) -> ResponseReturnValue:
    """Show a session's papers, and who sits it on paper; take when and where that is."""
    session, now = db.session(), clock.now()
    exam = releasing.get_exam(session, me(), exam_id)
    form = PlaceForm(request.form, data={"place": exam.paper_place})
    if form.submitted():
        own_path = url_for("exams.exam", exam_id=exam_id)
        with form.show_refusal(), db.transaction() as writing:
            found = releasing.get_exam(writing, me(), exam_id)
            twins.set_place(writing, found, form.place.data or "", own_path=own_path, now=now)
        if not form.errors and not form.form_errors:
            flash("적었어요. 종이로 접수한 분께 알려 드려요.", "ok")
            return redirect(url_for(".index", exam_id=exam_id))
    page = render_template(
        "certification/twins.html",
        exam=exam,
        title=exam_queries.title_of(exam),
        papers=twin_prints.list_papers(session, exam),
        lines=twins.list_lines(session, exam),
        form=form,
        is_over=exam.closes_at <= now,
    )
    return page, form.status


@bp.route("/papers/<int:paper_id>/print", methods=["GET", "POST"])
@access(*ISSUERS)
def order(paper_id: int) -> ResponseReturnValue:
    """Ask for a booklet in large type."""
    found = twin_prints.get_paper(db.session(), me(), paper_id)
    form = PrintForm(request.form)
    if form.submitted():
        with db.transaction() as session:
            made = twin_prints.order(
                session,
                twin_prints.get_paper(session, me(), paper_id),
                size=int(form.size.data),
                now=clock.now(),
            )
        return redirect(url_for(".show", print_id=made.id))
    return render_template("certification/twin_print.html", paper=found, form=form), form.status


@bp.get("/prints/<int:print_id>/")
@access(*ISSUERS)
def show(print_id: int) -> ResponseReturnValue:
    """Show how far a booklet is; the page looks again by itself."""
    made, found = twin_prints.get(db.session(), me(), print_id)
    page = render_template("certification/twin_ready.html", made=made, paper=found)
    return (page, {"Refresh": str(LOOK_AGAIN_S)}) if made.document_key is None else page


@bp.get("/prints/<int:print_id>.pdf")
@access(*ISSUERS)
def download(print_id: int) -> ResponseReturnValue:
    """Hand out the booklet."""
    made, found = twin_prints.get(db.session(), me(), print_id)
    if made.document_key is None:
        return redirect(url_for(".show", print_id=print_id))
    response = send_file(
        io.BytesIO(storage().get(made.document_key)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"시험지 {found.number} {made.size}pt.pdf",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/prints/<int:print_id>/retry")
@access(Role.OPERATOR)
def retry(print_id: int) -> ResponseReturnValue:
    """Let a worker make the booklet now."""
    with db.transaction() as session:
        made, _paper = twin_prints.get(session, me(), print_id)
        twin_prints.retry(session, made, now=clock.now())
    flash("다시 만들고 있어요. 잠시 뒤에 이 화면을 새로 열어 보세요.", "ok")
    return redirect(url_for("desk.jobs"))


@bp.post("/<int:exam_id>/paper/<int:user_id>")
@access(*ISSUERS)
def hand_out(exam_id: int, user_id: int) -> ResponseReturnValue:
    """Note that somebody got a booklet, and which."""
    with db.transaction() as session:
        exam = releasing.get_exam(session, me(), exam_id)
        twins.hand_out(session, exam, user_id, me(), now=clock.now())
    return redirect(url_for(".index", exam_id=exam_id))


@bp.route("/sheets/<int:attempt_id>/", methods=["GET", "POST"])
@access(*ISSUERS)
def sheet(attempt_id: int) -> ResponseReturnValue:
    """Type in what stands on an answer sheet."""
    found = twins.get_sheet(db.session(), me(), attempt_id)
    if request.method == "POST":
        with db.transaction() as session:
            found = twins.get_sheet(session, me(), attempt_id)
            done = twins.key(session, found, me(), responses=_read(found), now=clock.now())
        flash(
            "입력했어요. 두 분이 같아서 냈어요." if done else "입력했어요. 다른 분이 한 번 더 입력해요.", "ok"
        )
        return redirect(url_for(".index", exam_id=found.exam.id))
    return render_template(
        "certification/twin_sheet.html",
        sheet=found,
        stems={each.number: item_html(each.stem) for each in found.questions},
        keyed=twins.find_keyed(db.session(), me(), attempt_id),
        differing=twins.list_differing(db.session(), found),
    )


def _read(found: Sheet) -> dict[str, dict[str, Any]]:
    return {str(each.item.id): _response(each) for each in found.questions}


def _response(question: Question) -> dict[str, Any]:
    prefix = f"q{question.number}"
    return answering.read_response(
        question.item, lambda name: request.form.getlist(prefix + name.removeprefix("answer"))
    )
