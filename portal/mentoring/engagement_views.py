"""Pages on which two people go on together, rest, or part."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import queries, together
from portal.mentoring.engagement_forms import AnotherForm, EndForm, HandOnForm, PauseForm
from portal.web.access import access

bp = Blueprint("engagements", __name__, url_prefix="/mentoring/engagements", template_folder="templates")


@bp.route("/<int:engagement_id>/end", methods=["GET", "POST"])
@access(Role.MERCHANT, Role.MENTOR, Role.OPERATOR)
def end(engagement_id: int) -> ResponseReturnValue:
    """End an engagement, with a reason for those who want to give one."""
    shared = queries.get_engagement_to_end(db.session(), me(), engagement_id)
    form = EndForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            together.end(
                session,
                queries.get_engagement_to_end(session, me(), engagement_id),
                me(),
                reason=form.reason.data or "",
                path=_page_of(engagement_id),
                now=clock.now(),
            )
        if not form.errors:
            flash("함께하는 일을 마쳤어요. 적어 둔 이야기는 그대로 남아 있어요.", "ok")
            return redirect(url_for("mentoring.index"))
    page = render_template(
        "mentoring/end.html",
        form=form,
        engagement_id=engagement_id,
        other=queries.other_side(shared, me()),
        is_mentor=me().id == shared.mentor_id,
        is_party=me().id in {shared.mentor_id, shared.merchant_id},
    )
    return page, form.status


@bp.route("/<int:engagement_id>/another", methods=["GET", "POST"])
@access(Role.MERCHANT, Role.MENTOR)
def another(engagement_id: int) -> ResponseReturnValue:
    """Ask for another mentor; what was written stays. A mentor hands the shop on the same way."""
    shared = queries.get_own_engagement(db.session(), me(), engagement_id)
    is_mentor = me().id == shared.mentor_id
    form: AnotherForm | HandOnForm = (HandOnForm if is_mentor else AnotherForm)(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            together.ask_for_another(
                session,
                queries.get_own_engagement(session, me(), engagement_id),
                me(),
                reason=form.said(),
                form_key=form.key.data or "",
                path=_page_of(engagement_id),
                home=url_for("mentoring.index"),
                now=clock.now(),
            )
        if not form.errors:
            flash("다른 멘토님을 찾고 있어요. 함께 한 이야기는 그대로 남아 있어요.", "ok")
            return redirect(url_for("mentoring.index"))
    page = render_template(
        "mentoring/another.html",
        form=form,
        engagement_id=engagement_id,
        other=queries.other_side(shared, me()),
        is_mentor=is_mentor,
    )
    return page, form.status


@bp.route("/<int:engagement_id>/pause", methods=["GET", "POST"])
@access(Role.MERCHANT, Role.MENTOR)
def pause(engagement_id: int) -> ResponseReturnValue:
    """Rest until a day on which both look again."""
    shared = queries.get_own_engagement(db.session(), me(), engagement_id)
    form = PauseForm(request.form)
    if form.submitted() and form.look_again_on.data is not None:
        with form.show_refusal(), db.transaction() as session:
            together.pause(
                session,
                queries.get_own_engagement(session, me(), engagement_id),
                me(),
                look_again_on=form.look_again_on.data,
                path=_page_of(engagement_id),
                now=clock.now(),
            )
        if not form.errors:
            flash("잠시 쉬어요. 그날이 되면 두 분께 알려 드려요.", "ok")
            return redirect(_page_of(engagement_id))
    other = queries.other_side(shared, me())
    page = render_template("mentoring/pause.html", form=form, engagement_id=engagement_id, other=other)
    return page, form.status


@bp.post("/<int:engagement_id>/resume")
@access(Role.MERCHANT, Role.MENTOR)
def resume(engagement_id: int) -> ResponseReturnValue:
    """Begin again after a pause."""
    return _press(engagement_id, together.resume, "다시 시작했어요. 상대방께도 알렸어요.")


@bp.post("/<int:engagement_id>/go-on")
@access(Role.MERCHANT, Role.MENTOR)
def go_on(engagement_id: int) -> ResponseReturnValue:
    """Say after the first visit that one goes on."""
    return _press(engagement_id, together.go_on, "고맙습니다. 두 분 다 고르면 앞으로도 함께해요.")


def _press(engagement_id: int, act: Callable[..., None], words: str) -> ResponseReturnValue:
    path = _page_of(engagement_id)
    with db.transaction() as session:
        shared = queries.get_own_engagement(session, me(), engagement_id)
        act(session, shared, me(), path=path, now=clock.now())
    flash(words, "ok")
    return redirect(path)


def _page_of(engagement_id: int) -> str:
    return url_for("mentoring.engagement", engagement_id=engagement_id)
