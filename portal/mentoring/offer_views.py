"""Pages on which a mentor answers whether they take a shop."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import offer_paths, offered, offers
from portal.mentoring.offer_forms import DeclineForm
from portal.web.access import access

bp = Blueprint("offers", __name__, url_prefix="/mentoring/offers", template_folder="templates")


@bp.get("/<int:offer_id>/")
@access(Role.MENTOR)
def offer(offer_id: int) -> ResponseReturnValue:
    """Show what one is asked, why, and until when to answer."""
    asked = offered.read(db.session(), me(), offer_id, now=clock.now())
    return render_template("mentoring/offer.html", asked=asked)


@bp.post("/<int:offer_id>/accept")
@access(Role.MENTOR)
def accept(offer_id: int) -> ResponseReturnValue:
    """Take the shop one was asked to take."""
    paths = offer_paths.current()
    with db.transaction() as session:
        asked = offered.get_offer(session, me(), offer_id)
        engagement = offers.accept(session, asked, me(), paths=paths, now=clock.now())
    flash("맡아 주셔서 고맙습니다. 이제 만날 시간을 보내 주세요.", "ok")
    return redirect(paths.engagement(engagement.id))


@bp.route("/<int:offer_id>/decline", methods=["GET", "POST"])
@access(Role.MENTOR)
def decline(offer_id: int) -> ResponseReturnValue:
    """Say that it does not work this time; the next mentor is asked."""
    asked = offered.read(db.session(), me(), offer_id, now=clock.now())
    form = DeclineForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            offers.decline(
                session,
                offered.get_offer(session, me(), offer_id),
                reason=form.reason.data or "",
                paths=offer_paths.current(),
                now=clock.now(),
            )
        if not form.errors:
            flash("알려 주셔서 고맙습니다. 다음 멘토님께 부탁할게요.", "ok")
            return redirect(url_for("mentoring.index"))
    return render_template("mentoring/decline.html", form=form, asked=asked), form.status
