"""What a mentor tells for the matching, and why a shop owner was matched as she was."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.accounts.vocabulary import Region
from portal.core import db
from portal.core.errors import NotFoundError
from portal.core.roles import Role
from portal.mentoring import match_answers, match_profile
from portal.mentoring.match_forms import ProfileForm
from portal.mentoring.match_profile import Told
from portal.mentoring.models import MatchProfile
from portal.mentoring.vocabulary import Channel, Manner
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("mentor_match", __name__, url_prefix="/mentoring", template_folder="templates")


@bp.route("/me/profile", methods=["GET", "POST"])
@access(Role.MENTOR)
def profile() -> ResponseReturnValue:
    """Take what the matching needs to know of a mentor."""
    kept = match_profile.find_profile(db.session(), me())
    # An empty form would untick every box that was kept.
    form = ProfileForm(request.form, data=_shown(kept))
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            match_profile.save_profile(session, me(), _told(form))
        if not form.errors and not form.form_errors:
            flash("적어 주셔서 고맙습니다. 이제 맞는 가게와 이어 드릴 수 있어요.", "ok")
            return redirect(url_for("mentoring.index"))
    return render_template("mentoring/me.html", form=form), form.status


@bp.get("/why")
@access(Role.MERCHANT)
def why() -> ResponseReturnValue:
    """Say why the shop owner's mentor is who it is, or why it is not another."""
    session, mentor_id = db.session(), request.args.get("mentor", type=row_id)
    if mentor_id is not None:
        own, answer = match_answers.get_own_answer(session, me(), mentor_id)
        return render_template("mentoring/why.html", own=own, answer=answer)
    found = match_answers.find_own_match(session, me())
    if found is None:
        raise NotFoundError("아직 이어진 멘토님이 없어요. 멘토 화면에서 확인해 주세요.")
    return render_template("mentoring/why.html", own=found, answer=None)


def _told(form: ProfileForm) -> Told:
    return Told(
        regions=[Region(value) for value in form.regions.data or ()],
        channels=[Channel(value) for value in form.channels.data or ()],
        market=form.market.data or "",
        sells_services=form.sells.data == "yes",
        services=form.services.data or "",
        manner=Manner(form.manner.data) if form.manner.data else None,
        speaks_english=bool(form.speaks_english.data),
    )


def _shown(kept: MatchProfile | None) -> dict[str, object]:
    """Return what the form begins with; a mentor's own region until they have said more."""
    if kept is None:
        region = me().region
        return {"regions": [region.value] if region else []}
    return {
        "regions": [row.region.value for row in kept.regions],
        "channels": [row.channel.value for row in kept.channels],
        "market": kept.market,
        "sells": {True: "yes", False: "no", None: None}[kept.sells_services],
        "services": kept.services,
        "manner": kept.manner.value if kept.manner else "",
        "speaks_english": kept.speaks_english,
    }
