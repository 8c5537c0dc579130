"""How markers mark, for operators, and writing down what was agreed with one of them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import calibrations, supervision
from portal.certification.supervision_forms import AgreedForm
from portal.core import clock, db
from portal.core.roles import Role
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("markers", __name__, url_prefix="/desk/markers", template_folder="templates")


@bp.get("/")
@access(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List the markers, those to talk with first, and what was agreed before."""
    session = db.session()
    opened = calibrations.list_open(session)
    mine_to_close = [each.calibration.id for each in opened if each.calibration.marker_id != me().id]
    closed = calibrations.list_closed(session, before_id=request.args.get("before", 0, type=row_id))
    is_full = len(closed) == calibrations.PAGE_SIZE
    return render_template(
        "certification/markers.html",
        opened=opened,
        first_id=mine_to_close[0] if mine_to_close else 0,
        my_id=me().id,
        not_ones_own=calibrations.NOT_ONES_OWN,
        lines=calibrations.list_markers(session, now=clock.now()),
        closed=closed,
        next_href=url_for(".index", before=closed[-1].calibration.id) if is_full else "",
        least_scripts=supervision.LEAST_SCRIPTS,
        most_points=supervision.MOST_POINTS,
    )


@bp.route("/<int:calibration_id>", methods=["GET", "POST"])
@access(Role.OPERATOR)
def calibration(calibration_id: int) -> ResponseReturnValue:
    """Show what was measured, and write down what was agreed."""
    shown = calibrations.get(db.session(), calibration_id)
    form = AgreedForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            note = form.note.data or ""
            calibrations.close(session, calibration_id, me(), note=note, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("적어 두었어요. 이제부터 채점한 답안으로 다시 견줘요.", "ok")
            return redirect(url_for(".index"))
    page = render_template(
        "certification/calibration.html",
        shown=shown,
        form=form,
        is_mine=shown.calibration.marker_id == me().id,
        not_ones_own=calibrations.NOT_ONES_OWN,
    )
    return page, form.status
