"""Pages on which people say that a text is wrong, look after their pictures, and find a thread again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.community import covering, moderation, photos, places, reports, texts
from portal.community.models import Post
from portal.community.moderation_forms import LONG_SIDE, SHORT_SIDE, CoverForm, ObjectionForm, ReportForm
from portal.community.moderation_models import ReportReason
from portal.community.texts import Text
from portal.core import clock, db
from portal.core.pictures import cover_picture, is_wide
from portal.core.roles import STAFF
from portal.core.storage import storage
from portal.web.access import ANYONE, SIGNED_IN, access

bp = Blueprint("safety", __name__, url_prefix="/community", template_folder="templates")

REASONS = {reason.value: name for reason, name in reports.REASON_NAMES.items()}


@bp.route("/report/thread/<int:thread_id>", methods=["GET", "POST"])
@bp.route("/report/post/<int:post_id>", methods=["GET", "POST"])
@access(SIGNED_IN)
def report(thread_id: int | None = None, post_id: int | None = None) -> ResponseReturnValue:
    """Take what is wrong with a text; from its author, why a hidden one should be looked at again."""
    text = texts.get_text(db.session(), me(), thread_id=thread_id, post_id=post_id)
    path = _path_of(text)
    if text.author_id == me().id and text.hidden_at is not None:
        return _object(text, path)
    form = ReportForm(request.form, reasons=REASONS)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            reports.report(
                session,
                texts.get_text(session, me(), thread_id=thread_id, post_id=post_id),
                me(),
                reason=ReportReason(form.reason.data),
                words=form.words.data or "",
                path=path,
                now=clock.now(),
            )
        if not form.errors:
            flash("알려 주셔서 고맙습니다. 살펴보고 알림으로 답해 드릴게요.", "ok")
            return redirect(url_for("community.index"))
    told = reports.find_report(db.session(), text, me())
    return render_template("community/report.html", text=text, path=path, form=form, told=told), form.status


def _object(text: Text, path: str) -> ResponseReturnValue:
    form = ObjectionForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            reports.object_to_hiding(session, text, me(), words=form.words.data or "", now=clock.now())
        if not form.errors:
            flash("다시 살펴볼게요. 결과는 알림으로 알려 드려요.", "ok")
            return redirect(path)
    session = db.session()
    page = render_template(
        "community/hidden.html",
        text=text,
        path=path,
        form=form,
        reason=moderation.find_reason(session, text),
        told=reports.find_report(session, text, me()),
    )
    return page, form.status


@bp.route("/cover/thread/<int:thread_id>", methods=["GET", "POST"])
@bp.route("/cover/post/<int:post_id>", methods=["GET", "POST"])
@access(SIGNED_IN)
def cover(thread_id: int | None = None, post_id: int | None = None) -> ResponseReturnValue:
    """Cover parts of a picture for good: boxes that are ticked over it, or four numbers."""
    text = covering.get_to_cover(db.session(), me(), thread_id=thread_id, post_id=post_id)
    key = text.picture_key or ""
    content = storage().get(key)
    columns, rows = (LONG_SIDE, SHORT_SIDE) if is_wide(content) else (SHORT_SIDE, LONG_SIDE)
    form = CoverForm(request.form)
    if form.submitted():
        with form.show_refusal():
            covered = photos.store(cover_picture(content, form.chosen(columns=columns, rows=rows)))
            with db.transaction() as session:
                covering.replace_picture(
                    session,
                    covering.get_to_cover(session, me(), thread_id=thread_id, post_id=post_id),
                    former_key=key,
                    covered_key=covered,
                    now=clock.now(),
                )
        if not form.errors:
            flash("가렸어요. 가리기 전 사진은 지웠어요.", "ok")
            return redirect(url_for(".cover", thread_id=thread_id, post_id=post_id))
    page = render_template(
        "community/cover.html",
        text=text,
        picture=picture_path(text),
        path=_path_of(text),
        form=form,
        columns=columns,
        rows=rows,
    )
    return page, form.status


@bp.get("/pictures/thread/<int:thread_id>")
@bp.get("/pictures/post/<int:post_id>")
@access(ANYONE)
def picture(thread_id: int | None = None, post_id: int | None = None) -> ResponseReturnValue:
    """Give the picture of a text to those who may see it."""
    key = covering.get_picture_key(db.session(), me_or_nobody(), thread_id=thread_id, post_id=post_id)
    return photos.send(key)


@bp.post("/pictures/thread/<int:thread_id>")
@bp.post("/pictures/post/<int:post_id>")
@access(*STAFF)
def open_picture(thread_id: int | None = None, post_id: int | None = None) -> ResponseReturnValue:
    """Let everybody see a picture that somebody has looked at, or only its author and staff again."""
    is_open = request.form.get("do") == "open"
    with db.transaction() as session:
        text = texts.get_text(session, me(), thread_id=thread_id, post_id=post_id)
        covering.open_picture(session, text, me(), is_open=is_open, now=clock.now())
        path = places.path_of_text(texts.thread_of(session, text), text)
    flash(
        "이제 다른 분도 사진을 볼 수 있어요."
        if is_open
        else "이제 쓴 분과 멘토님, 운영진만 사진을 볼 수 있어요.",
        "ok",
    )
    return redirect(path)


def picture_path(text: Text) -> str:
    """Return the address of a text's picture; it changes with the picture."""
    mark, is_post = (text.picture_key or "")[:8], isinstance(text, Post)
    named: dict[str, Any] = {"post_id" if is_post else "thread_id": text.id}
    return url_for("safety.picture", v=mark, **named)


def _path_of(text: Text) -> str:
    return places.path_of_text(texts.thread_of(db.session(), text), text)
