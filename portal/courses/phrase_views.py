"""The phrase book, and what a writer decides about a reply that was chosen for it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.core import clock, db
from portal.core.i18n import gettext as _
from portal.core.roles import Role
from portal.courses import phrases, policy, replies
from portal.courses.catalogue import Place
from portal.courses.forms import RemovePhraseForm
from portal.courses.models import AtStep
from portal.courses.phrases import Situation
from portal.courses.replies import Said
from portal.practice.reply import Reply
from portal.web.access import SIGNED_IN, access, safe_next
from portal.web.addresses import row_id
from portal.web.language import in_english

bp = Blueprint("phrases", __name__, url_prefix="/replies", template_folder="templates")


@bp.app_template_global("said_to_reply")
def said_to_reply(place: Place) -> Said | None:
    """Return what became of the visitor's reply at a step, for the page of the step; None at all others."""
    user = me_or_nobody()
    if user is None or not isinstance(place.step.practice, Reply):
        return None
    return replies.find_said(db.session(), user, place)


@bp.app_template_global("as_others_read")
def as_others_read(said: Said) -> str:
    """Return the visitor's reply as others would read it."""
    return said.phrase.reply if said.phrase else phrases.blank(said.review.tried.answer["reply"], me())


@bp.get("/")
@access(SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show the phrase book, all of it or one situation, a page at a time."""
    situations = phrases.list_situations()
    key = request.args.get("at", "")
    chosen = next((each for each in situations if each.key == key), None)
    rows = phrases.list_phrases(
        db.session(), key=chosen.key if chosen else "", before_id=request.args.get("before", type=row_id)
    )
    shown, has_more = rows[: phrases.PAGE_SIZE], len(rows) > phrases.PAGE_SIZE
    at = chosen.key if chosen else None
    return render_template(
        "courses/phrases.html",
        situations=situations,
        chosen=chosen,
        phrases=shown,
        address_of=_step_address,
        next_href=url_for(".index", at=at, before=shown[-1].id) if has_more else "",
        can_remove=not me().roles.isdisjoint(policy.MODERATORS),
    )


@bp.post("/<int:review_id>/share")
@access(SIGNED_IN)
@in_english
def share(review_id: int) -> ResponseReturnValue:
    """Take the writer's yes."""
    with db.transaction() as session:
        phrase = phrases.share(session, me(), review_id, now=clock.now())
    flash(_("고맙습니다. 이제 다른 사장님들도 이 답장을 볼 수 있어요."), "ok")
    return redirect(safe_next(request.form.get("next")) or _step_address(phrase))


@bp.post("/<int:review_id>/take-back")
@access(SIGNED_IN)
@in_english
def take_back(review_id: int) -> ResponseReturnValue:
    """Take the yes back."""
    with db.transaction() as session:
        phrases.take_back(session, me(), review_id, now=clock.now())
    flash(_("답장 모음에서 내렸어요. 이제 다른 분에게 보이지 않아요."), "ok")
    return redirect(safe_next(request.form.get("next")) or url_for(".index"))


@bp.route("/phrases/<int:phrase_id>/remove", methods=["GET", "POST"])
@access(Role.TRAINER, Role.OPERATOR)
def remove(phrase_id: int) -> ResponseReturnValue:
    """Ask why a reply is taken out, and take it out."""
    form = RemovePhraseForm(request.form)
    phrase = phrases.get_phrase(db.session(), me(), phrase_id)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            phrases.remove(
                session,
                phrases.get_phrase(session, me(), phrase_id),
                me(),
                reason=form.reason.data or "",
                path=_step_address(phrase),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("답장 모음에서 뺐어요. 쓴 분께도 알렸어요.", "ok")
            return redirect(url_for(".index"))
    return render_template("courses/remove_phrase.html", phrase=phrase, form=form), form.status


def _step_address(row: AtStep | Situation) -> str:
    return url_for(
        "courses.lesson",
        course_id=row.course_id,
        lesson_id=row.lesson_id,
        step=row.step_id,
        _anchor="step",
    )
