"""Pages of one thread beside reading and answering: following, changing words, going back, public copies."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.community import accepting, drafts, editing, following, places, public_copies, queries
from portal.community.forms import AskForm, ReplyForm, moment
from portal.community.models import Post, Thread
from portal.community.moderation import Paths
from portal.community.thread_forms import CopyForm, EditForm, EditThreadForm
from portal.community.views import path_of
from portal.core import clock, db
from portal.core.errors import ForbiddenError, NotFoundError
from portal.web.access import SIGNED_IN, access

_DECIDED = {
    "agree": "고맙습니다. 이름 없이 모두에게 보여요.",
    "take_back": "공개를 그만두었어요. 이제 다른 분은 볼 수 없어요.",
    "decline": "알겠어요. 멘토님들만 볼 수 있게 두어요.",
}

bp = Blueprint("threads", __name__, url_prefix="/community", template_folder="templates")


@bp.post("/questions/<int:question_id>/follow")
@access(SIGNED_IN)
def follow(question_id: int) -> ResponseReturnValue:
    """Let the reader know how it goes on; with ``same`` as somebody who wonders the same."""
    is_same = "same" in request.form
    with db.transaction() as session:
        question = queries.get_question(session, me(), question_id)
        following.follow(session, question, me(), is_same_question=is_same, now=clock.now())
    flash("답이 오거나 해결되면 알림으로 알려 드려요.", "ok")
    return redirect(path_of(question_id))


@bp.post("/questions/<int:question_id>/unfollow")
@access(SIGNED_IN)
def unfollow(question_id: int) -> ResponseReturnValue:
    """Tell the reader nothing more of it."""
    with db.transaction() as session:
        question = queries.get_question(session, me(), question_id)
        following.stop(session, question, me(), now=clock.now())
    flash("이 질문의 알림을 그만 보내요.", "ok")
    return redirect(path_of(question_id))


@bp.post("/questions/<int:question_id>/not-yet")
@access(SIGNED_IN)
def not_yet(question_id: int) -> ResponseReturnValue:
    """Say that it is not solved after all."""
    path = path_of(question_id)
    with db.transaction() as session:
        question = queries.get_question(session, me(), question_id, edit=True)
        accepting.take_back(session, question, path=path, now=clock.now())
    flash("다시 멘토님께 알렸어요. 지금 어떻게 됐는지 아래에 덧붙여 주시면 더 빨리 도와드려요.", "ok")
    return redirect(path)


@bp.post("/ask/draft")
@access(SIGNED_IN)
def ask_draft() -> ResponseReturnValue:
    """Keep a half-typed question; sent by the page itself while somebody types."""
    return _keep(AskForm(request.form), drafts.ASK)


@bp.post("/questions/<int:question_id>/draft")
@access(SIGNED_IN)
def reply_draft(question_id: int) -> ResponseReturnValue:
    """Keep a half-typed answer; sent by the page itself while somebody types."""
    queries.get_question(db.session(), me(), question_id, reply=True)
    return _keep(ReplyForm(request.form), drafts.reply_form(question_id))


def _keep(form: AskForm | ReplyForm, name: str) -> ResponseReturnValue:
    if request.form.get("owner", str(me().id)) != str(me().id):
        raise ForbiddenError("다른 분이 이 기기에서 적은 글이에요.")
    with db.transaction() as session:
        kept_at = drafts.save(
            session,
            me(),
            form=name,
            fields=form.typed(),
            form_key=form.form_key.data or "",
            seen=moment(form.seen.data),
            now=clock.now(),
        )
    return "", 204, {"X-Draft-Seen": kept_at.isoformat()} if kept_at else {}


@bp.post("/ask/anew")
@access(SIGNED_IN)
def ask_anew() -> ResponseReturnValue:
    """Forget the half-typed question."""
    with db.transaction() as session:
        drafts.discard(session, me(), drafts.ASK)
    return redirect(url_for("community.ask"))


@bp.route("/questions/<int:thread_id>/edit", methods=["GET", "POST"])
@access(SIGNED_IN)
def edit(thread_id: int) -> ResponseReturnValue:
    """Change a thread's title and words."""
    thread = editing.get_thread_to_edit(db.session(), me(), thread_id)
    begun = {"title": thread.title, "text": thread.text_markdown, "seen": _stamp(thread.edited_at)}
    form = EditThreadForm(request.form, data=begun)
    if form.submitted() and form.require_words(has_photo=thread.picture_key is not None):
        with form.show_refusal(), db.transaction() as session:
            editing.edit_thread(
                session,
                editing.get_thread_to_edit(session, me(), thread_id, lock=True),
                me(),
                title=form.title.data or "",
                text=form.text.data or "",
                seen=moment(form.seen.data),
                mask=_wants_mask(),
                now=clock.now(),
            )
        if not form.errors:
            return _edited(places.path_of(thread))
    now = editing.get_thread_to_edit(db.session(), me(), thread_id)
    return _show_edit(form, url_for(".edit", thread_id=thread_id), now, places.path_of(now))


@bp.route("/posts/<int:post_id>/edit", methods=["GET", "POST"])
@access(SIGNED_IN)
def edit_post(post_id: int) -> ResponseReturnValue:
    """Change the words of something written under a thread."""
    post = editing.get_post_to_edit(db.session(), me(), post_id)
    form = EditForm(request.form, data={"text": post.text_markdown, "seen": _stamp(post.edited_at)})
    path = places.path_of(editing.get_thread_of(db.session(), post), post_id=post_id)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            editing.edit_post(
                session,
                editing.get_post_to_edit(session, me(), post_id, lock=True),
                me(),
                text=form.text.data or "",
                seen=moment(form.seen.data),
                mask=_wants_mask(),
                now=clock.now(),
            )
        if not form.errors:
            return _edited(path)
    now = editing.get_post_to_edit(db.session(), me(), post_id)
    return _show_edit(form, url_for(".edit_post", post_id=post_id), now, path)


def _edited(path: str) -> ResponseReturnValue:
    flash("글을 고쳤어요.", "ok")
    return redirect(path)


def _show_edit(form: EditForm, action: str, present: Thread | Post, back: str) -> ResponseReturnValue:
    """Show the form; where somebody else was first, beside it what stands there now."""
    is_overtaken = moment(form.seen.data) != present.edited_at
    form.seen.data = _stamp(present.edited_at)
    page = render_template(
        "community/edit.html", form=form, action=action, present=present, is_overtaken=is_overtaken, back=back
    )
    return page, form.status


@bp.get("/questions/<int:thread_id>/history")
@access(SIGNED_IN)
def history(thread_id: int) -> ResponseReturnValue:
    """Show staff what the words were before."""
    thread, lines = editing.list_history(db.session(), me(), thread_id)
    return render_template("community/history.html", thread=thread, lines=lines)


@bp.route("/questions/<int:question_id>/copy", methods=["GET", "POST"])
@access(SIGNED_IN)
def copy(question_id: int) -> ResponseReturnValue:
    """Write what everybody may read of a private question, or as its asker read that and decide."""
    question, can_copy = public_copies.get_question(db.session(), me(), question_id)
    made = public_copies.find_copy(db.session(), question)
    if not can_copy:
        if made is None:
            raise NotFoundError(queries.NO_QUESTION)
        is_public = public_copies.is_public(db.session(), made)
        return render_template("community/copy_asked.html", question=question, copy=made, is_public=is_public)
    begun = public_copies.suggest(db.session(), question)
    if made is not None:
        begun = {"title": made.title, "text": made.text_markdown, "answer": made.answer_markdown}
    form = CopyForm(request.form, data=begun)
    if form.submitted():
        texts = {name: form[name].data or "" for name in begun}
        path = url_for(".copy", question_id=question_id)
        with form.show_refusal(), db.transaction() as session:
            question, _ = public_copies.get_question(session, me(), question_id)
            public_copies.propose(session, question, me(), texts, path=path, now=clock.now())
        if not form.errors:
            flash("질문한 분께 여쭤봤어요. 좋다고 하시면 모두에게 보여요.", "ok")
            return redirect(path_of(question_id))
    return render_template("community/copy.html", question=question, form=form, copy=made), form.status


@bp.post("/questions/<int:question_id>/copy/decide")
@access(SIGNED_IN)
def decide(question_id: int) -> ResponseReturnValue:
    """Take the asker's yes or no, or a yes taken back."""
    path, said = url_for(".copy", question_id=question_id), request.form.get("do", "decline")
    now = clock.now()
    with db.transaction() as session:
        question, _ = public_copies.get_question(session, me(), question_id)
        if said == "agree":
            seen = request.form.get("seen", "")
            public_copies.agree(session, question, me(), seen=seen, path=path, now=now)
        elif said == "take_back":
            paths = Paths(text=path_of(question_id), elsewhere=url_for("community.index"))
            public_copies.take_back(session, question, me(), paths=paths, now=now)
        else:
            public_copies.decline(session, question, me(), path=path, now=now)
    flash(_DECIDED.get(said, _DECIDED["decline"]), "ok")
    return redirect(path_of(question_id))


def _stamp(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _wants_mask() -> bool:
    return request.form.get("do") == "mask"
