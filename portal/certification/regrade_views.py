"""Putting a wrong key right: proposing it, seeing what it would change, deciding; and how items do."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import (
    exam_queries,
    item_statistics,
    regrades,
    regrading,
    releasing,
    result_page,
)
from portal.certification.item_html import item_html
from portal.certification.marking_models import RegradeState
from portal.certification.policy import ISSUERS
from portal.certification.regrade_forms import RegradeForm
from portal.core import clock, db
from portal.web.access import access
from portal.web.addresses import row_id

ITEMS_ON_PAGE = 40
bp = Blueprint("regrades", __name__, url_prefix="/desk", template_folder="templates")


@bp.get("/exams/<int:exam_id>/regrade")
@access(*ISSUERS)
def items(exam_id: int) -> ResponseReturnValue:
    """List a session's items, those to look at first, and what was proposed."""
    session = db.session()
    exam = releasing.get_exam(session, me(), exam_id)
    after = request.args.get("after", 0, type=row_id)
    lines = item_statistics.of_items(session, regrades.list_items(session, exam))
    further = after + ITEMS_ON_PAGE
    return render_template(
        "certification/regrade_items.html",
        exam=exam,
        title=exam_queries.title_of(exam),
        lines=lines[after:further],
        next_href=url_for(".items", exam_id=exam_id, after=further) if len(lines) > further else "",
        count=ITEMS_ON_PAGE,
        regrades=regrades.list_of_exam(session, exam_id),
    )


@bp.route("/exams/<int:exam_id>/regrade/<int:item_id>", methods=["GET", "POST"])
@access(*ISSUERS)
def propose(exam_id: int, item_id: int) -> ResponseReturnValue:
    """Propose another key for one item."""
    exam = releasing.get_exam(db.session(), me(), exam_id)
    item = regrades.get_item(db.session(), exam, item_id)
    form = RegradeForm(request.form)
    form.fit(item.kind, item.content)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            exam = releasing.get_exam(session, me(), exam_id)
            made = regrading.propose(
                session,
                exam,
                regrades.get_item(session, exam, item_id),
                me(),
                key=form.key(item.kind, item.content),
                reason=form.reason.data or "",
                path=url_for("regrades.items", exam_id=exam_id),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            return redirect(url_for(".regrade", regrade_id=made.id))
    page = render_template(
        "certification/regrade_propose.html",
        exam=exam,
        title=exam_queries.title_of(exam),
        item=item,
        stem=item_html(item.content["stem"]),
        right=result_page.right_words(item, {}) if not item.content.get("vary") else "",
        form=form,
    )
    return page, form.status


@bp.get("/regrades/<int:regrade_id>/")
@access(*ISSUERS)
def regrade(regrade_id: int) -> ResponseReturnValue:
    """Show a proposal with everybody whose result it would change, or changed."""
    session = db.session()
    found, exam, item = regrades.get(session, me(), regrade_id)
    is_open = found.state is RegradeState.PROPOSED
    return render_template(
        "certification/regrade.html",
        regrade=found,
        title=exam_queries.title_of(exam),
        exam=exam,
        item=item,
        stem=item_html(item.content["stem"]),
        right=regrades.key_in_words(item, found),
        run=regrading.try_out(session, found) if is_open else None,
        changed=() if is_open else regrades.list_changed(session, found),
        is_mine=found.proposed_by_id == me().id,
    )


@bp.post("/regrades/<int:regrade_id>/approve")
@access(*ISSUERS)
def approve(regrade_id: int) -> ResponseReturnValue:
    """Mark anew, as the second person."""
    with db.transaction() as session:
        found, exam, _item = regrades.get(session, me(), regrade_id)
        own_path = url_for("results.own", exam_id=exam.id)
        changed = regrading.approve(session, found, me(), own_path=own_path, now=clock.now())
    flash(f"다시 채점했어요. 결과가 바뀐 답안은 {changed}개예요.", "ok")
    return redirect(url_for(".regrade", regrade_id=regrade_id))


@bp.post("/regrades/<int:regrade_id>/decline")
@access(*ISSUERS)
def decline(regrade_id: int) -> ResponseReturnValue:
    """Leave the key as it is, as the second person."""
    with db.transaction() as session:
        found, _exam, _item = regrades.get(session, me(), regrade_id)
        regrading.decline(session, found, me(), now=clock.now())
    flash("그대로 두기로 했어요.", "ok")
    return redirect(url_for(".regrade", regrade_id=regrade_id))


@bp.get("/exams/items")
@access(*ISSUERS)
def statistics() -> ResponseReturnValue:
    """List every item that was answered, those to look at first, some at a time."""
    after = request.args.get("after", 0, type=row_id)
    lines = item_statistics.of_all(db.session())
    page, rest = lines[after : after + ITEMS_ON_PAGE], lines[after + ITEMS_ON_PAGE :]
    next_href = url_for(".statistics", after=after + ITEMS_ON_PAGE) if rest else ""
    return render_template("certification/item_statistics.html", lines=page, next_href=next_href)
