"""Pages of the questions."""

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.accounts.vocabulary import TOPIC_NAMES, Topic
from portal.community import (
    accepting,
    covering,
    drafts,
    finding,
    groups,
    operations,
    photos,
    places,
    queries,
    texts,
    threads,
    unread,
    waiting,
)
from portal.community.activity import read_place, write_place
from portal.community.forms import AskForm, ReplyForm, moment
from portal.community.models import PostKind, QuestionState
from portal.community.structured_data import qa_page
from portal.community.visits import note_visit
from portal.core import clock, db, search_words, settings
from portal.core.errors import NotFoundError
from portal.core.personal_numbers import check_texts
from portal.courses import catalogue
from portal.web.access import ANYONE, SIGNED_IN, access
from portal.web.addresses import row_id

bp = Blueprint("community", __name__, url_prefix="/community", template_folder="templates")

FILTERS = (("전체", None), ("답변 대기", QuestionState.WAITING), ("해결됨", QuestionState.ACCEPTED))
QUESTIONS_ON_FRONT = 5
BADGES = {
    "waiting": ("info", "답변 대기"),
    "late": ("warn", "약속이 지났어요"),
    "answered": ("ok", "답변 있음"),
    "accepted": ("ok", "해결됨"),
}
SIMILAR_MAX = 5
ANSWER_SENT = "답을 보냈어요. 질문하신 분이 이제 볼 수 있어요."


@bp.get("/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """Show what may be asked and said where, and the newest questions."""
    session, reader, now = db.session(), me_or_nobody(), clock.now()
    lines = queries.list_questions(session, reader, limit=QUESTIONS_ON_FRONT, now=now)[:QUESTIONS_ON_FRONT]
    return render_template(
        "community/front.html",
        topics=[(name, _list_path(topic, None), False) for topic, name in TOPIC_NAMES.items()],
        groups=groups.list_my_associations(session, reader),
        new=unread.count_new(session, reader, now=now),
        lines=lines,
        new_ids=unread.find_new_ids(session, reader, [line.id for line in lines], now=now),
        badges=BADGES,
    )


@bp.get("/questions/")
@access(ANYONE)
def questions() -> ResponseReturnValue:
    """List all questions."""
    return _list(None)


@bp.get("/<board>/")
@access(ANYONE)
def board(board: str) -> ResponseReturnValue:
    """List the questions about one topic."""
    if board not in {topic.value for topic in Topic}:
        raise NotFoundError("찾는 게시판이 없어요. 질문 목록에서 골라 주세요.")
    return _list(Topic(board))


@bp.route("/ask", methods=["GET", "POST"])
@access(SIGNED_IN)
def ask() -> ResponseReturnValue:
    """Ask a question, once the solved ones that look alike were shown."""
    form = AskForm(request.form, data={} if request.method == "POST" else _begun())
    is_well_shaped = form.submitted()
    if request.method == "POST":
        with form.show_refusal():
            photos.keep(form)
    if request.form.get("do") == "keep":
        return _keep_for_later(form)
    has_words = request.method == "POST" and form.require_words(has_photo=photos.kept_key(form) is not None)
    if is_well_shaped and has_words:
        with form.show_refusal():
            sent = operations.find_sent(db.session(), me(), _draft(form), mask=_wants_mask(), now=clock.now())
            if sent is not None:
                return redirect(path_of(sent.id))
            alike = _find_alike(form)
            if alike:
                return render_template("community/similar.html", form=form, alike=alike)
            if request.form.get("do") != "edit":
                with db.transaction() as session:
                    asked = operations.ask(
                        session, me(), _draft(form), mask=_wants_mask(), path_of=path_of, now=clock.now()
                    )
                    drafts.discard(session, me(), drafts.ASK)
                flash("질문을 보냈어요.", "ok")
                return redirect(path_of(asked.id))
    return _show_ask(form)


def _show_ask(form: AskForm) -> ResponseReturnValue:
    kept = drafts.find(db.session(), me(), drafts.ASK)
    return render_template("community/ask.html", form=form, kept=kept), form.status


def _begun() -> dict[str, object]:
    """Return what a fresh form holds: the draft, or what the page before it knows."""
    begun: dict[str, object] = {
        "topic": request.args.get("topic"),
        "title": request.args.get("title"),
        "tried": _asked_from(request.args.get("step", "")),
    }
    kept = drafts.find(db.session(), me(), drafts.ASK)
    if kept is not None:
        begun |= {name: value for name, value in kept.fields.items() if value}
        begun["seen"] = kept.saved_at.isoformat()
    return begun


def _keep_for_later(form: AskForm) -> ResponseReturnValue:
    """Keep what is typed so far, however little, and leave the form."""
    form.clear_errors()
    with form.show_refusal(), db.transaction() as session:
        drafts.save(
            session,
            me(),
            form=drafts.ASK,
            fields=form.typed(),
            form_key=form.form_key.data or "",
            seen=moment(form.seen.data),
            now=clock.now(),
        )
    if form.errors:
        _see_newest(form, drafts.ASK)
        return _show_ask(form)
    flash("적던 것을 두었어요. ‘질문하기’를 누르면 이어서 쓸 수 있어요.", "ok")
    return redirect(url_for(".index"))


def _see_newest(form: AskForm | ReplyForm, name: str) -> None:
    """Let the next press take the place of the draft that was in the way."""
    kept = drafts.find(db.session(), me(), name)
    form.seen.data = kept.saved_at.isoformat() if kept else ""


def _find_alike(form: AskForm) -> list[finding.FoundThread]:
    """Return the solved questions to look at first; none once they were shown."""
    if "looked" in request.form or request.form.get("do") == "edit":
        return []
    check_texts(_draft(form).texts, mask=_wants_mask())
    asked = search_words.ask(form.title.data or "", catalogue.current().synonyms)
    return finding.similar(db.session(), me(), asked, topic=Topic(form.topic.data), limit=SIMILAR_MAX)


def _asked_from(step: str) -> str:
    """Return a first line that names the step somebody asks from; empty for none of ours."""
    parts = step.split("/")
    try:
        place = catalogue.current().place(*parts) if len(parts) == 3 else None
    except NotFoundError:
        place = None
    return f"‘{place.lesson.title}’ 수업의 ‘{place.step.title}’ 단계에서 물어봐요.\n" if place else ""


@bp.get("/questions/<int:question_id>/")
@access(ANYONE)
def question(question_id: int) -> ResponseReturnValue:
    """Show a question with what was typed there before, or lead to where it went when it was merged."""
    elsewhere = texts.find_elsewhere(db.session(), question_id, is_question=True)
    if elsewhere is not None:
        return redirect(places.path_of(elsewhere), 301)
    reader = me_or_nobody()
    kept = drafts.find(db.session(), reader, drafts.reply_form(question_id)) if reader else None
    begun = {**kept.fields, "seen": kept.saved_at.isoformat()} if kept else {}
    answer = show_question(question_id, ReplyForm(data=begun))
    note_visit(question_id)
    return answer


@bp.post("/questions/<int:question_id>/")
@access(SIGNED_IN)
def reply(question_id: int) -> ResponseReturnValue:
    """Answer, or ask on."""
    queries.get_question(db.session(), me(), question_id, reply=True)
    form = ReplyForm(request.form)
    if request.form.get("do") == "keep":
        return _keep_reply(question_id, form)
    is_well_shaped = form.submitted()
    with form.show_refusal():
        photos.keep(form)
    if is_well_shaped and not form.errors:
        with form.show_refusal(), db.transaction() as session:
            written = operations.answer(
                session,
                queries.get_question(session, me(), question_id, reply=True),
                me(),
                text=form.text.data or "",
                form_key=form.form_key.data or "",
                mask=_wants_mask(),
                path_of=partial(path_of_answer, question_id),
                now=clock.now(),
                picture_key=photos.kept_key(form),
            )
            drafts.discard(session, me(), drafts.reply_form(question_id))
        if not form.errors:
            flash(ANSWER_SENT if written.kind is PostKind.ANSWER else "글을 남겼어요.", "ok")
            return redirect(path_of_answer(question_id, written.id))
    return show_question(question_id, form)


def _keep_reply(question_id: int, form: ReplyForm) -> ResponseReturnValue:
    name = drafts.reply_form(question_id)
    with form.show_refusal(), db.transaction() as session:
        drafts.save(
            session,
            me(),
            form=name,
            fields=form.typed(),
            form_key=form.form_key.data or "",
            seen=moment(form.seen.data),
            now=clock.now(),
        )
    if form.errors:
        _see_newest(form, name)
        return show_question(question_id, form)
    flash("적던 것을 두었어요. 이 질문을 열면 이어서 쓸 수 있어요.", "ok")
    return redirect(path_of(question_id))


@bp.post("/questions/<int:question_id>/accept")
@access(SIGNED_IN)
def accept(question_id: int) -> ResponseReturnValue:
    """Say which answer solved it."""
    path = path_of(question_id)
    with db.transaction() as session:
        question = queries.get_question(session, me(), question_id, edit=True)
        accepting.accept(
            session,
            question,
            me(),
            answer_id=request.form.get("answer_id", default=0, type=row_id),
            instead_of=request.form.get("instead_of", type=row_id),
            path=path,
            now=clock.now(),
        )
        is_asker = question.author_id == me().id
    flash(
        "해결됐다니 다행이에요. 멘토님께도 알려 드렸어요."
        if is_asker
        else "해결됨으로 표시하고 모두에게 알렸어요.",
        "ok",
    )
    return redirect(path)


@bp.get("/questions/<int:question_id>/picture")
@access(ANYONE)
def picture(question_id: int) -> ResponseReturnValue:
    """Give a question's picture to those who may see it."""
    return photos.send(covering.get_picture_key(db.session(), me_or_nobody(), thread_id=question_id))


def _list(topic: Topic | None) -> ResponseReturnValue:
    chosen = request.args.get("state", "")
    state = next((state for _, state in FILTERS if state is not None and state.value == chosen), None)
    lines = queries.list_questions(
        db.session(),
        me_or_nobody(),
        topic=topic,
        state=state,
        before=request.args.get("before", type=read_place),
        now=clock.now(),
    )
    page, has_more = lines[: queries.PAGE_SIZE], len(lines) > queries.PAGE_SIZE
    return render_template(
        "community/index.html",
        lines=page,
        next_href=_list_path(topic, state, before=write_place(page[-1].place)) if has_more else "",
        filters=[(label, _list_path(topic, value), value == state) for label, value in FILTERS],
        boards=[
            (name, _list_path(each, state), False) for each, name in TOPIC_NAMES.items() if each != topic
        ],
        new_ids=unread.find_new_ids(
            db.session(), me_or_nobody(), [line.id for line in page], now=clock.now()
        ),
        topic=topic,
        topic_name=TOPIC_NAMES[topic] if topic else "",
        badges=BADGES,
    )


def _list_path(topic: Topic | None, state: QuestionState | None, before: str | None = None) -> str:
    chosen = state.value if state else None
    if topic is None:
        return url_for("community.questions", state=chosen, before=before)
    return url_for("community.board", board=topic.value, state=chosen, before=before)


def _draft(form: AskForm) -> operations.Draft:
    return operations.Draft(
        topic=Topic(form.topic.data),
        title=form.title.data or "",
        detail=form.detail.data or "",
        form_key=form.form_key.data or "",
        picture_key=photos.kept_key(form),
        tried=form.tried.data or "",
        is_private=bool(form.is_private.data),
    )


def _wants_mask() -> bool:
    return request.form.get("do") == "mask"


def path_of(question_id: int) -> str:
    """Return the path of a question's page."""
    return url_for("community.question", question_id=question_id)


def path_of_answer(question_id: int, answer_id: int) -> str:
    """Return the path of a question's page, at one of its answers."""
    return url_for("community.question", question_id=question_id, _anchor=f"answer-{answer_id}")


def show_question(question_id: int, form: ReplyForm) -> ResponseReturnValue:
    """Show a question's page with ``form`` under it."""
    session, reader = db.session(), me_or_nobody()
    page = queries.get_question_page(session, reader, question_id, now=clock.now())
    if page.can_follow_up:
        form.text.label.text = "더 하고 싶은 말"
    address = settings.current().public_url + path_of(question_id)
    is_done = page.can_answer and page.state is not QuestionState.WAITING
    owned = (
        queries.list_owned_questions(session, reader, now=clock.now(), limit=1) if reader and is_done else ()
    )
    shown = render_template(
        "community/question.html",
        question=page,
        beside=threads.find_beside(session, reader, page),
        form=form,
        badges=BADGES,
        following=next(iter(owned), None),
        way=waiting.list_steps(session, reader, question_id),
        # Search engines are never signed in; what a signed-out reader sees is public.
        data=qa_page(page, address=address) if reader is None else None,
    )
    return shown, form.status
