"""Saying what was the matter when a visit did not come about, and deciding on it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import appeals, queries
from portal.mentoring.booking_forms import AppealForm, DecisionForm
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("appeals", __name__, template_folder="templates")


@bp.route("/mentoring/visits/<int:visit_id>/appeal", methods=["GET", "POST"])
@access(Role.MERCHANT, Role.MENTOR)
def explain(visit_id: int) -> ResponseReturnValue:
    """Say what was the matter."""
    now = clock.now()
    visit = queries.get_visit(db.session(), me(), visit_id)
    back = url_for("mentoring.engagement", engagement_id=visit.engagement_id)
    form = AppealForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            appeals.appeal(
                session,
                queries.get_visit(session, me(), visit_id),
                me(),
                words=form.words.data or "",
                path=url_for(".index"),
                now=now,
            )
        if not form.errors and not form.form_errors:
            flash("사정을 전했어요. 운영자가 읽고 알려 드려요.", "ok")
            return redirect(back)
    page = render_template("mentoring/explain.html", form=form, visit_id=visit_id, back=back)
    return page, form.status


@bp.get("/desk/appeals/")
@access(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List what people said about visits that did not come about."""
    is_open = request.args.get("state") != "decided"
    rows = appeals.list_cases(
        db.session(), is_open=is_open, now=clock.now(), before_id=request.args.get("beyond", type=row_id)
    )
    shown, has_more = rows[: appeals.PAGE_SIZE], len(rows) > appeals.PAGE_SIZE
    state = None if is_open else "decided"
    next_href = url_for(".index", state=state, beyond=shown[-1].id) if has_more else None
    return render_template("mentoring/appeals.html", rows=shown, is_open=is_open, next_href=next_href)


@bp.route("/desk/appeals/<int:appeal_id>", methods=["GET", "POST"])
@access(Role.OPERATOR)
def decide(appeal_id: int) -> ResponseReturnValue:
    """Show one appeal and decide on it, with a sentence."""
    now, form = clock.now(), DecisionForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            case = appeals.get_appeal(session, appeal_id)
            engagement_id = appeals.engagement_of(session, case)
            appeals.decide(
                session,
                case,
                me(),
                is_upheld=form.verdict.data == "upheld",
                decision=form.decision.data or "",
                path=url_for("mentoring.engagement", engagement_id=engagement_id),
                now=now,
            )
            appeals.mark_seen(session, me(), path=url_for(".index"), now=now)
        if not form.errors and not form.form_errors:
            flash("정한 것을 알려 드렸어요.", "ok")
            return redirect(url_for(".index"))
    shown = appeals.get_case(db.session(), appeal_id, now=now)
    return render_template("mentoring/appeal.html", case=shown, form=form), form.status
