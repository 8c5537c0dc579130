"""Pages of the success stories, and of looking at their evidence."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.community import photos, stories, unread
from portal.community.activity import read_place, write_place
from portal.community.board_forms import EvidenceForm, StoryForm
from portal.community.boards import PAGE_SIZE
from portal.core import clock, db, settings
from portal.core.dated_text import DatedText
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.web.access import ANYONE, SIGNED_IN, access
from portal.web.form import SelectChoice

bp = Blueprint("stories", __name__, template_folder="templates")

RUNGS = [SelectChoice(value, name) for value, name in stories.RUNGS.items()]
EVIDENCE = [SelectChoice(value, name) for value, name in stories.EVIDENCE.items()]


@bp.get("/community/stories/")
@access(ANYONE)
def index() -> ResponseReturnValue:
    """List the stories that are public, and the reader's own that wait."""
    session, reader = db.session(), me_or_nobody()
    lines = stories.list_stories(session, reader, before=request.args.get("before", type=read_place))
    page, has_more = lines[:PAGE_SIZE], len(lines) > PAGE_SIZE
    return render_template(
        "community/stories.html",
        lines=page,
        waiting=stories.list_mine(session, reader),
        new_ids=unread.find_new_ids(session, reader, [line.id for line in page], now=clock.now()),
        next_href=url_for(".index", before=write_place(page[-1].place)) if has_more else "",
    )


@bp.route("/community/stories/new", methods=["GET", "POST"])
@access(SIGNED_IN)
def tell() -> ResponseReturnValue:
    """Tell a story, and agree to what will be shown of it."""
    consent = _consent()
    begun = {"business_type": me().business_type, "consent_version": consent.version}
    form = StoryForm(request.form, data=begun)
    form.rung.choices = RUNGS
    is_well_shaped = form.submitted()
    if request.method == "POST":
        with form.show_refusal():
            photos.keep(form)
    if is_well_shaped and not form.errors:
        with form.show_refusal(), db.transaction() as session:
            told = stories.tell(session, me(), _told(form, consent), mask=_wants_mask(), now=clock.now())
        if not form.errors and not form.form_errors:
            flash("이야기를 받았어요. 확인하려고 곧 연락드릴게요.", "ok")
            return redirect(url_for("boards.thread", thread_id=told.id))
    return render_template("community/tell_story.html", form=form, consent=consent), form.status


@bp.get("/community/stories/mentor")
@access(ANYONE)
def to_mentor() -> ResponseReturnValue:
    """Say how somebody who got there becomes a mentor."""
    return render_template("community/to_mentor.html")


@bp.route("/community/stories/<int:thread_id>/withdraw", methods=["GET", "POST"])
@access(SIGNED_IN)
def withdraw(thread_id: int) -> ResponseReturnValue:
    """Ask once, then take the consent back: the story is gone from every page."""
    story = stories.get_own(db.session(), me(), thread_id)
    if request.method == "GET":
        return render_template("community/withdraw_story.html", story=story)
    with db.transaction() as session:
        stories.withdraw(session, stories.get_own(session, me(), thread_id), now=clock.now())
    flash("동의를 거두었어요. 이야기는 이제 다른 분에게 보이지 않아요.", "ok")
    return redirect(url_for(".index"))


@bp.get("/desk/stories/")
@access(Role.TRAINER, Role.OPERATOR)
def waiting() -> ResponseReturnValue:
    """List the stories whose evidence somebody has still to see."""
    return render_template("community/story_desk.html", stories=stories.list_waiting(db.session(), me()))


@bp.route("/desk/stories/<int:thread_id>", methods=["GET", "POST"])
@access(Role.TRAINER, Role.OPERATOR)
def evidence(thread_id: int) -> ResponseReturnValue:
    """Show a story, and take what somebody saw of its evidence."""
    form = EvidenceForm(request.form)
    form.evidence.choices = EVIDENCE
    story = stories.get_waiting(db.session(), me(), thread_id)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            facts = stories.see_evidence(
                session,
                stories.get_waiting(session, me(), thread_id).id,
                me(),
                evidence=form.evidence.data,
                path=url_for("boards.thread", thread_id=thread_id),
                now=clock.now(),
            )
        if not form.form_errors:
            is_public = facts.published_at is not None
            flash(
                "두 분이 확인해서 이제 모두가 볼 수 있어요."
                if is_public
                else "확인했어요. 한 분이 더 확인하면 보여요.",
                "ok",
            )
            return redirect(url_for(".waiting"))
    return render_template("community/story_evidence.html", story=story, form=form), form.status


def _told(form: StoryForm, consent: DatedText) -> stories.Told:
    if form.consent_version.data != consent.version:
        form.consent_version.data, form.consent.data = consent.version, False
        raise ConflictError(
            "동의하는 글이 그사이에 바뀌었어요. 새 글을 읽고 다시 눌러 주세요.", field="consent"
        )
    return stories.Told(
        title=form.title.data or "",
        text=form.text.data or "",
        business_type=form.business_type.data or "",
        channel=form.channel.data or "",
        months=form.months.data or 0,
        rung=form.rung.data,
        consent_version=consent.version,
        form_key=form.form_key.data or "",
        picture_key=photos.kept_key(form),
    )


def _consent() -> DatedText:
    return stories.read_consent(settings.current().content_dir / "consents")


def _wants_mask() -> bool:
    return request.form.get("do") == "mask"
