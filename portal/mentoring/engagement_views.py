"""Pages on which two people go on together, rest, or part."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import operations, queries
from portal.mentoring.engagement_forms import EndForm
from portal.web.access import access

bp = Blueprint("engagements", __name__, url_prefix="/mentoring/engagements", template_folder="templates")


@bp.route("/<int:engagement_id>/end", methods=["GET", "POST"])
@access(Role.MERCHANT, Role.MENTOR)
def end(engagement_id: int) -> ResponseReturnValue:
    """End an engagement, with a reason for those who want to give one."""
    other = queries.other_side(queries.get_own_engagement(db.session(), me(), engagement_id), me())
    form = EndForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            operations.end(
                session,
                queries.get_own_engagement(session, me(), engagement_id),
                me(),
                reason=form.reason.data or "",
                path=_page_of(engagement_id),
                now=clock.now(),
            )
        if not form.errors:
            flash("함께하는 일을 마쳤어요. 적어 둔 이야기는 그대로 남아 있어요.", "ok")
            return redirect(url_for("mentoring.index"))
    page = render_template("mentoring/end.html", form=form, engagement_id=engagement_id, other=other)
    return page, form.status


def _page_of(engagement_id: int) -> str:
    return url_for("mentoring.engagement", engagement_id=engagement_id)
