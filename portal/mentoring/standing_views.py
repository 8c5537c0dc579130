"""The page on which a mentor rests, comes back, or says goodbye."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import standing
from portal.web.access import access

bp = Blueprint("mentor_state", __name__, url_prefix="/mentoring/me", template_folder="templates")


@bp.get("/")
@access(Role.MENTOR)
def own_state() -> ResponseReturnValue:
    """Show whether one takes shops now, and what one can press."""
    return render_template("mentoring/own_state.html", own=standing.get_standing(db.session(), me()))


@bp.post("/pause")
@access(Role.MENTOR)
def pause() -> ResponseReturnValue:
    """Rest for a while."""
    with db.transaction() as session:
        standing.pause(session, me(), now=clock.now())
    flash("푹 쉬세요. 새 부탁과 질문은 다른 멘토님께 가요.", "ok")
    return redirect(url_for("mentor_state.own_state"))


@bp.post("/come-back")
@access(Role.MENTOR)
def come_back() -> ResponseReturnValue:
    """Take shops again."""
    back = url_for("mentor_state.own_state")
    with db.transaction() as session:
        standing.come_back(session, me(), path=back, now=clock.now())
    flash("다시 와 주셔서 고맙습니다. 새 부탁이 오면 알려 드려요.", "ok")
    return redirect(back)


@bp.route("/goodbye", methods=["GET", "POST"])
@access(Role.MENTOR)
def goodbye() -> ResponseReturnValue:
    """Say goodbye, once no shop is looked after any more."""
    if request.method == "POST":
        with db.transaction() as session:
            standing.say_goodbye(session, me(), now=clock.now())
        flash("그동안 이웃 가게를 도와주셔서 고맙습니다.", "ok")
        return redirect(url_for("mentor_state.own_state"))
    return render_template("mentoring/goodbye.html", own=standing.get_standing(db.session(), me()))
