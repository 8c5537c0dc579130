"""The training log on the telephone, those who confirm it, and the portfolio on paper."""

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.accounts.login import me
from portal.certification import candidates, portfolios, qualifications, standings, training_log
from portal.certification.kinds.mentoring_log import NAMES, totals
from portal.certification.qualification_models import TrainingLog
from portal.certification.training_log import READERS
from portal.certification.training_log_forms import MINUTES, LogForm, ReadForm, from_draft
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.roles import Role
from portal.core.storage import storage
from portal.web.access import SIGNED_IN, access
from portal.web.addresses import row_id

bp = Blueprint("training_logs", __name__, template_folder="templates")

LOOK_AGAIN_S = 4
"""How long the page of a portfolio that is being made waits before it looks again."""


@bp.get("/certification/candidates/<int:candidate_id>/log")
@access(SIGNED_IN)
def index(candidate_id: int) -> ResponseReturnValue:
    """Show the log with what became of each line, and what it adds up to."""
    session = db.session()
    candidate = candidates.get(session, me(), candidate_id)
    lines = training_log.list_lines(session, candidate)
    return render_template(
        "certification/log.html",
        candidate=candidate,
        qualification=qualifications.current().get(candidate.qualification_id),
        lines=lines,
        asked=[
            line for line in standings.status(session, candidate) if line.requirement.kind == "mentoring_log"
        ],
        totals=totals(lines),
        names=NAMES,
        lasting=portfolios.lasting,
        readers=standings.names_of(session, {line.confirmed_by_id for line in lines}),
        is_mine=candidate.user_id == me().id,
    )


@bp.route("/certification/candidates/<int:candidate_id>/log/new", methods=["GET", "POST"])
@access(SIGNED_IN)
def write(candidate_id: int) -> ResponseReturnValue:
    """Write a line."""
    candidate = candidates.get_own(db.session(), me(), candidate_id)
    back = url_for(".index", candidate_id=candidate_id)
    form = _new_form(candidate.log_draft)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            own = candidates.get_own(session, me(), candidate_id)
            training_log.write(
                session, own, me(), form.written(), form_key=form.form_key.data or "", now=clock.now()
            )
        if not form.errors and not form.form_errors:
            flash("적었어요. 멘토님이나 강사님이 확인하면 알려 드려요.", "ok")
            return redirect(back)
    action = url_for(".write", candidate_id=candidate_id)
    page = render_template(
        "certification/log_write.html",
        form=form,
        candidate=candidate,
        action=action,
        line=None,
        shops=training_log.list_shops(db.session(), candidate),
    )
    return page, form.status


@bp.post("/certification/candidates/<int:candidate_id>/log/draft")
@access(SIGNED_IN)
def keep_draft(candidate_id: int) -> ResponseReturnValue:
    """Keep a half-written line, for a connection that breaks outside the shop."""
    with db.transaction() as session:
        own = candidates.get_own(session, me(), candidate_id)
        training_log.keep_draft(session, own, me(), draft=LogForm(request.form).to_draft())
    return "", 204


@bp.route("/certification/logs/<int:log_id>", methods=["GET", "POST"])
@access(SIGNED_IN)
def mend(log_id: int) -> ResponseReturnValue:
    """Write a line anew that nobody has confirmed yet."""
    line = training_log.get_own(db.session(), me(), log_id)
    candidate = candidates.get_own(db.session(), me(), line.candidate_id)
    back, form = url_for(".index", candidate_id=candidate.id), _form_of(line)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            own = training_log.get_own(session, me(), log_id)
            training_log.mend(session, own, me(), form.written(), now=clock.now())
        if not form.errors and not form.form_errors:
            flash("고쳤어요. 다시 확인을 기다려요.", "ok")
            return redirect(back)
    page = render_template(
        "certification/log_write.html",
        form=form,
        candidate=candidate,
        action=url_for(".mend", log_id=log_id),
        line=line,
        shops=training_log.list_shops(db.session(), candidate),
    )
    return page, form.status


@bp.get("/desk/training-logs/")
@access(*READERS)
def to_read() -> ResponseReturnValue:
    """List the lines that wait for a mentor or trainer, the oldest first."""
    after = request.args.get("after", 0, type=row_id)
    lines = training_log.list_to_read(db.session(), me(), after_id=after)
    is_full = len(lines) == training_log.PAGE_SIZE
    return render_template(
        "certification/logs_to_read.html",
        lines=lines,
        names=NAMES,
        lasting=portfolios.lasting,
        next_href=url_for(".to_read", after=lines[-1].id) if is_full else "",
    )


@bp.route("/desk/training-logs/<int:log_id>", methods=["GET", "POST"])
@access(*READERS)
def read(log_id: int) -> ResponseReturnValue:
    """Show a line, and confirm it or ask for a little more."""
    form, now = ReadForm(request.form), clock.now()
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            line, shown = training_log.get_to_read(session, me(), log_id)
            back = url_for(".index", candidate_id=line.candidate_id)
            remark = form.remark.data or ""
            if form.verdict.data == "confirmed":
                training_log.confirm(session, line, me(), remark=remark, path=back, now=now)
            else:
                training_log.send_back(session, line, me(), remark=remark, path=back, now=now)
        if not form.errors and not form.form_errors:
            flash(f"{shown.who} 님께 알렸어요.", "ok")
            return redirect(url_for(".to_read"))
    line, shown = training_log.get_to_read(db.session(), me(), log_id)
    page = render_template(
        "certification/log_read.html",
        form=form,
        line=line,
        shown=shown,
        name=NAMES[shown.kind],
        readers=standings.names_of(db.session(), {line.confirmed_by_id, line.remarked_by_id}),
        lasting=portfolios.lasting,
    )
    return page, form.status


@bp.post("/certification/candidates/<int:candidate_id>/portfolio")
@access(SIGNED_IN)
def order(candidate_id: int) -> ResponseReturnValue:
    """Ask for the portfolio as it stands today."""
    with db.transaction() as session:
        candidate = candidates.get(session, me(), candidate_id)
        made = portfolios.order(session, candidate, now=clock.now())
    return redirect(url_for(".portfolio", portfolio_id=made.id, wait=1))


@bp.get("/certification/portfolios/<int:portfolio_id>/")
@access(SIGNED_IN)
def portfolio(portfolio_id: int) -> ResponseReturnValue:
    """Show how far a portfolio is; the page looks again by itself, and hands the file over once."""
    found = portfolios.get(db.session(), me(), portfolio_id)
    page = render_template("certification/portfolio.html", portfolio=found)
    if found.due_at is not None:
        again = url_for(".portfolio", portfolio_id=portfolio_id, wait=1)
        return page, {"Refresh": f"{LOOK_AGAIN_S}; url={again}"}
    if found.document_key is not None and "wait" in request.args:
        return page, {"Refresh": f"1; url={url_for('.download', portfolio_id=portfolio_id)}"}
    return page


@bp.get("/certification/portfolios/<int:portfolio_id>.pdf")
@access(SIGNED_IN)
def download(portfolio_id: int) -> ResponseReturnValue:
    """Hand out the file; one that is not there yet leads to its page."""
    found = portfolios.get(db.session(), me(), portfolio_id)
    if found.document_key is None:
        return redirect(url_for(".portfolio", portfolio_id=portfolio_id))
    response = send_file(
        io.BytesIO(storage().get(found.document_key)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{portfolios.TITLE}.pdf",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/certification/portfolios/<int:portfolio_id>/retry")
@access(Role.OPERATOR)
def retry(portfolio_id: int) -> ResponseReturnValue:
    """Let a worker make it now."""
    with db.transaction() as session:
        portfolios.retry(session, portfolios.get(session, me(), portfolio_id), now=clock.now())
    flash("다시 만들고 있어요. 잠시 뒤에 이 화면을 새로 열어 보세요.", "ok")
    return redirect(url_for("desk.jobs"))


def _new_form(draft: str) -> LogForm:
    """Return the form with what was sent, else what was typed before, else today."""
    usual = {"day": clock.now().astimezone(KST).date()}
    if request.method == "POST" or not draft:
        return LogForm(request.form, data=usual)
    form = LogForm(MultiDict(from_draft(draft)), data=usual)
    form.clear_errors()
    return form


def _form_of(line: TrainingLog) -> LogForm:
    """Return the form with what was sent, else with what the line says."""
    lasted = min(MINUTES, key=lambda minutes: abs(minutes - line.minutes))
    stands = {"kind": line.kind.value, "day": line.day, "minutes": str(lasted)}
    return LogForm(request.form, data={**stands, "shop": line.shop, "text": line.text})
