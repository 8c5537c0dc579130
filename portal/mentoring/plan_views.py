"""Pages that give the two people of an engagement what they agreed to do, on paper."""

import io
import logging

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.core.storage import storage
from portal.courses import paper
from portal.mentoring import plan, queries
from portal.mentoring.plan_forms import PlanForm
from portal.mentoring.plan_models import PlanPaper
from portal.web.access import SIGNED_IN, access

bp = Blueprint("plans", __name__, url_prefix="/mentoring", template_folder="templates")
log = logging.getLogger(__name__)

LOOK_AGAIN_S = 4
"""How long the page of a paper that is being made waits before it looks again."""
LOOK_AGAIN_LATER_S = 30


@bp.route("/engagements/<int:engagement_id>/plan", methods=["GET", "POST"])
@access(SIGNED_IN)
def order(engagement_id: int) -> ResponseReturnValue:
    """Ask for the size of the letters, then make or find the paper and go to its page."""
    engagement = queries.get_engagement(db.session(), me(), engagement_id)
    agreed = plan.get_plan(db.session(), me(), engagement_id, now=clock.now())
    if not agreed.agreed:
        flash("아직 함께 정한 일이 없어요. 만난 이야기를 적을 때 함께 정해요.", "info")
        return redirect(url_for("mentoring.engagement", engagement_id=engagement_id))
    form = PlanForm(request.form, size=paper.usual_size(me().text_size))
    if form.submitted():
        with db.transaction() as session:
            agreed = plan.get_plan(session, me(), engagement_id, now=clock.now())
            size_pt = int(form.size.data)
            content_hash = plan.write(agreed, size_pt).content_hash
            ordered = plan.order(session, agreed, size_pt=size_pt, content_hash=content_hash, now=clock.now())
        return redirect(url_for(".show", plan_id=ordered.id, wait=1))
    other = queries.other_side(engagement, me())
    page = render_template("mentoring/plan_order.html", form=form, engagement_id=engagement_id, other=other)
    return page, form.status


@bp.get("/plans/<int:plan_id>/")
@access(SIGNED_IN)
def show(plan_id: int) -> ResponseReturnValue:
    """Show how far a paper is; the page looks again by itself, and hands the file over once it is there."""
    found = plan.get_paper(db.session(), me(), plan_id)
    page = render_template("mentoring/plan.html", paper=found)
    if found.due_at is not None:  # whether it is still today's is looked at once it is there
        wait_s = LOOK_AGAIN_LATER_S if found.last_error else LOOK_AGAIN_S
        return page, {"Refresh": f"{wait_s}; url={url_for('.show', plan_id=plan_id, wait=1)}"}
    if not _is_todays(found):
        return _offer_todays(found)
    if "wait" in request.args:
        return page, {"Refresh": f"1; url={url_for('.download', plan_id=plan_id)}"}
    return page


@bp.get("/plans/<int:plan_id>.pdf")
@access(SIGNED_IN)
def download(plan_id: int) -> ResponseReturnValue:
    """Hand out the file, unless something was ticked or agreed since."""
    found = plan.get_paper(db.session(), me(), plan_id)
    if found.due_at is not None:
        return redirect(url_for(".show", plan_id=plan_id, wait=1))
    if found.document_key is None or not _is_todays(found):
        return _offer_todays(found)
    engagement = queries.get_engagement(db.session(), me(), found.engagement_id)
    if me().id not in {engagement.merchant_id, engagement.mentor_id}:
        log.info("Staff %s read the plan of engagement %s.", me().id, engagement.id)
    response = send_file(
        io.BytesIO(storage().get(found.document_key)),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=f"{plan.TITLE} {found.size_pt}pt.pdf",
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/plans/<int:plan_id>/retry")
@access(Role.OPERATOR)
def retry(plan_id: int) -> ResponseReturnValue:
    """Let a worker make it now."""
    with db.transaction() as session:
        plan.retry(session, plan.get_paper(session, me(), plan_id), now=clock.now())
    flash("다시 만들고 있어요. 잠시 뒤에 이 화면을 새로 열어 보세요.", "ok")
    return redirect(url_for("desk.jobs"))


def _is_todays(found: PlanPaper) -> bool:
    """Tell whether a paper that no worker has to make any more is there and says what holds today."""
    agreed = plan.get_plan(db.session(), me(), found.engagement_id, now=clock.now())
    return found.is_made and plan.write(agreed, found.size_pt).content_hash == found.content_hash


def _offer_todays(found: PlanPaper) -> ResponseReturnValue:
    flash("그사이 내용이 바뀌었어요. 새로 뽑아 주세요.", "info")
    return redirect(url_for(".order", engagement_id=found.engagement_id))
