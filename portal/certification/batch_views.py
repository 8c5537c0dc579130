"""Pages of batches: whom to propose together, the approval, and how far everybody has come."""

from collections import Counter
from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import batches, declining
from portal.certification.batch_forms import BatchForm
from portal.certification.batches import Line, Ready
from portal.certification.forms import DeclineForm
from portal.certification.policy import ISSUERS
from portal.core import clock, db, korean
from portal.core.roles import Role
from portal.web.access import access
from portal.web.form import SelectChoice

bp = Blueprint("batches", __name__, template_folder="templates")

STAGES = {
    "failed": ("bad", "멈췄어요"),
    "waiting": ("info", "승인을 기다려요"),
    "next": ("info", "곧 만들어요"),
    "approved": ("info", "만들고 있어요"),
    "drawn": ("ok", "나왔어요"),
    "declined": ("warn", "돌려보냈어요"),
    "revoked": ("bad", "취소됐어요"),
}
"""How far somebody has come, in the order of the page: what needs a hand first."""


@bp.get("/desk/batches/")
@access(*ISSUERS)
def index() -> ResponseReturnValue:
    """List the batches, and offer a new one to a trainer."""
    session = db.session()
    return render_template(
        "certification/batches.html",
        batches=batches.list_batches(session, me()),
        may_propose=me().has_role(Role.TRAINER),
    )


@bp.route("/desk/batches/new", methods=["GET", "POST"])
@access(Role.TRAINER)
def propose() -> ResponseReturnValue:
    """Propose everybody who is ticked, as one batch."""
    now = clock.now()
    ready = batches.list_ready(db.session(), me())
    form = BatchForm(
        request.form if request.method == "POST" else None,
        title=f"{korean.plain_day(now)} 묶음",
        people=[each.key for each in ready if not each.returned_because],
    )
    form.people.choices = [
        SelectChoice(each.key, f"{each.learner_name} 님", render_kw={"hint": _hint_of(each)})
        for each in ready
    ]
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            made = batches.propose(
                session,
                form.people.data or [],
                me(),
                title=form.title.data or "",
                form_key=form.key.data or "",
                now=now,
                path_of=lambda each: url_for("candidates.show", candidate_id=each),
            )
        if not form.errors and not form.form_errors:
            flash("제안했어요. 다른 분이 한 번 승인하면 모두 나와요.", "ok")
            return redirect(url_for(".batch", batch_id=made.id))
    return render_template("certification/batch_new.html", form=form, ready=ready), form.status


@bp.get("/desk/batches/<int:batch_id>/")
@access(*ISSUERS)
def batch(batch_id: int) -> ResponseReturnValue:
    """Show how far everybody of a batch has come."""
    session = db.session()
    found = batches.get_batch(session, me(), batch_id)
    lines = _in_order(batches.list_lines(session, me(), found))
    stages = Counter(line.stage for line in lines)
    return render_template(
        "certification/batch.html",
        batch=found,
        lines=lines,
        stages=STAGES,
        people=len(lines),
        drawn=stages["drawn"],
        failed=stages["failed"],
        under_way=stages["next"] + stages["approved"],
        is_declined=bool(lines) and stages["declined"] == len(lines),
        may_approve=found.decided_by_id is None and found.proposed_by_id != me().id,
    )


@bp.post("/desk/batches/<int:batch_id>/approve")
@access(*ISSUERS)
def approve(batch_id: int) -> ResponseReturnValue:
    """Approve a batch, as the second person."""
    with db.transaction() as session:
        found = batches.get_batch(session, me(), batch_id, decide=True)
        batches.approve(session, found, me(), now=clock.now())
    flash("승인했어요. 한 분씩 만들고, 다 되면 받는 분께 알려 드려요.", "ok")
    return redirect(url_for(".batch", batch_id=batch_id))


@bp.route("/desk/batches/<int:batch_id>/decline", methods=["GET", "POST"])
@access(*ISSUERS)
def decline(batch_id: int) -> ResponseReturnValue:
    """Send everybody of a batch back with one reason."""
    found = batches.get_batch(db.session(), me(), batch_id, decide=True)
    title, address = found.title, url_for(".batch", batch_id=batch_id)
    people = len(batches.list_lines(db.session(), me(), found))
    form = DeclineForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            found = batches.get_batch(session, me(), batch_id, decide=True)
            reason = form.reason.data or ""
            declining.decline_batch(session, found, me(), reason=reason, path=address, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("모두 돌려보냈어요. 제안한 분께 까닭을 알려 드려요.", "ok")
            return redirect(address)
    page = render_template(
        "certification/batch_decline.html", form=form, batch_id=batch_id, title=title, people=people
    )
    return page, form.status


@bp.post("/desk/batches/<int:batch_id>/retry")
@access(*ISSUERS)
def retry(batch_id: int) -> ResponseReturnValue:
    """Try again what failed."""
    with db.transaction() as session:
        found = batches.get_batch(session, me(), batch_id)
        count = batches.retry(session, found, me(), now=clock.now())
    flash(f"멈춘 {korean.people(count)}만 다시 하고 있어요.", "ok")
    return redirect(url_for(".batch", batch_id=batch_id))


def _hint_of(ready: Ready) -> str:
    returned = f" · 지난번에 되돌린 까닭: {ready.returned_because}" if ready.returned_because else ""
    return f"{ready.title} · {ready.evidence}{returned}"


def _in_order(lines: Sequence[Line]) -> list[Line]:
    """Return those who need a hand first, then those under way, then the rest; each in their order."""
    order = list(STAGES)
    return sorted(lines, key=lambda line: order.index(line.stage))
