"""Asking for a mentor."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.accounts.vocabulary import Region, Topic
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import nearby, operations
from portal.mentoring.forms import NeedForm
from portal.mentoring.vocabulary import VisitKind
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("needs", __name__, url_prefix="/mentoring", template_folder="templates")


@bp.route("/needs/new", methods=["GET", "POST"])
@access(Role.MERCHANT)
def ask() -> ResponseReturnValue:
    """Ask for a mentor; ``mentor`` in the address is whom she would like."""
    user = me()
    if request.method == "GET" and not nearby.may_ask(db.session(), user):
        flash("이미 함께하는 멘토님이 있거나, 찾고 있어요. 이 화면에서 이어 가세요.")
        return redirect(url_for("mentoring.index"))
    form = NeedForm(request.form, data={"preferred": request.args.get("mentor", type=row_id)})
    if user.region is not None:
        del form.region
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            operations.ask(
                session,
                user,
                topic=Topic(form.topic.data),
                detail=form.detail.data or "",
                wants=VisitKind(form.wants.data),
                region=user.region or Region(form.region.data),
                wishes=form.wishes(),
                form_key=form.key.data or "",
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("부탁을 올렸어요. 멘토님이 맡으면 알려 드려요.", "ok")
            return redirect(url_for("mentoring.index"))
    preferred = nearby.find_mentor_name(db.session(), form.preferred_id())
    return render_template("mentoring/ask.html", form=form, preferred=preferred), form.status
