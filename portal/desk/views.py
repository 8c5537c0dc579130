"""The first screen of each role, and the staff's work lists."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.certification import redrawing
from portal.core import clock, db, i18n, queue
from portal.core.errors import NotFoundError
from portal.core.i18n import gettext as _
from portal.core.i18n import noted, translated
from portal.core.roles import STAFF, Role
from portal.courses import catalogue, operations
from portal.desk import groups, pending, queries
from portal.desk.forms import ProofForm, SampleForm
from portal.messages.vocabulary import CHANNEL_NAMES
from portal.web.access import ANYONE, access, safe_next
from portal.web.addresses import row_id
from portal.web.language import in_english

bp = Blueprint("desk", __name__, template_folder="templates")

HOMES = {
    queries.LearnerHome: "desk/home_learner.html",
    queries.MentorHome: "desk/home_mentor.html",
    queries.TrainerHome: "desk/home_trainer.html",
    queries.OperatorHome: "desk/home_operator.html",
}
FACTS_ON_PAGE = 40
TOUR = (noted("글자와 화면"), noted("읽고 해 보기"), noted("물어보기"))
"""What each page of the first visit is about."""


@bp.get("/")
@access(ANYONE)
@in_english
def home() -> ResponseReturnValue:
    """Show the first screen of whoever is here."""
    user, now = me_or_nobody(), clock.now()
    if user is None:
        return render_template("desk/landing.html")
    home = queries.get_home(db.session(), user, now=now)
    if not isinstance(home, queries.LearnerHome):
        i18n.speak(i18n.KOREAN)  # mentors' and staff's work has no English
    return render_template(
        HOMES[type(home)],
        home=home,
        user=user,
        greeted=user.title if i18n.language() == i18n.KOREAN else user.name,
        now=now,
        titles=_titles(),
    )


@bp.get("/tour/<int:page>")
@access(ANYONE)
@in_english
def tour(page: int) -> ResponseReturnValue:
    """Show one page of the first visit: the letters, learning by doing, where to ask."""
    if page not in range(1, len(TOUR) + 1):
        raise NotFoundError(_("처음 안내는 세 쪽이에요. 첫 쪽부터 다시 봐 주세요."))
    following = safe_next(request.args.get("next"))
    pages = [url_for(".tour", page=at, next=following) for at in range(1, len(TOUR) + 1)]
    states = ["done" if at < page else "now" if at == page else "todo" for at in range(1, len(TOUR) + 1)]
    return render_template(
        f"desk/tour_{page}.html",
        steps=list(zip(map(translated, TOUR), pages, states, strict=True)),
        following=following,
        end=following or url_for(".home"),
        onward=pages[page] if page < len(TOUR) else "",
        answer=request.args.get("answer", ""),
        was_sent="sent" in request.args,
    )


@bp.get("/desk/")
@access(*STAFF)
def index() -> ResponseReturnValue:
    """Show a staff member how much waits in each group of work, for each role they hold."""
    found = groups.list_groups(db.session(), me(), now=clock.now())
    return render_template("desk/index.html", groups=found)


@bp.get("/desk/work/<key>")
@access(*STAFF)
def group(key: str) -> ResponseReturnValue:
    """Show what waits in one group of work, or one kind of it further on."""
    only, after = request.args.get("kind", ""), request.args.get("after", 0, type=row_id)
    shown = groups.read_group(db.session(), me(), key, only=only, after_id=after, now=clock.now())
    return render_template(
        f"desk/work_{shown.group.key}.html",
        shown=shown,
        titles=_titles(),
        is_operator=me().has_role(Role.OPERATOR),
    )


@bp.get("/desk/facts")
@access(Role.TRAINER, Role.OPERATOR)
def facts() -> ResponseReturnValue:
    """List the facts that must be looked up again, a page at a time: those past their review first."""
    after = request.args.get("after", 0, type=row_id)
    notes = sorted(pending.list_doubtful_facts(clock.now()), key=lambda note: not note.fact.is_verified)
    page, rest = notes[after : after + FACTS_ON_PAGE], notes[after + FACTS_ON_PAGE :]
    return render_template(
        "desk/facts.html",
        notes=page,
        further=url_for("desk.facts", after=after + FACTS_ON_PAGE) if rest else "",
    )


@bp.get("/desk/jobs")
@access(Role.OPERATOR)
def jobs() -> ResponseReturnValue:
    """List unfinished work with its cause."""
    return render_template(
        "desk/jobs.html",
        home=queries.list_jobs(db.session(), now=clock.now()),
        is_queue_up=queue.is_up(),
        channel_names=CHANNEL_NAMES,
        drifted=redrawing.list_drifted(db.session()),
    )


@bp.get("/desk/proofs/")
@access(*STAFF)
def proofs() -> ResponseReturnValue:
    """List what learners did outside the portal and somebody must confirm."""
    proofs = queries.list_proofs(
        db.session(), me(), after_id=request.args.get("after", default=0, type=row_id)
    )
    is_full = len(proofs) == queries.LIMIT
    next_href = url_for(".proofs", after=proofs[-1].id) if is_full else ""
    return render_template("desk/proofs.html", proofs=proofs, next_href=next_href)


@bp.route("/desk/proofs/<int:review_id>", methods=["GET", "POST"])
@access(*STAFF)
def proof(review_id: int) -> ResponseReturnValue:
    """Show what a learner told of a task, and confirm it or say what is missing."""
    form = ProofForm(request.form)
    shown = queries.get_proof(db.session(), me(), review_id)
    step = url_for("courses.lesson", course_id=shown.course_id, lesson_id=shown.lesson_id, step=shown.step_id)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            operations.review_proof(
                session,
                queries.get_proof(session, me(), review_id).id,
                me(),
                is_confirmed=form.verdict.data == "confirmed",
                comment=form.comment.data or "",
                path=step,
                now=clock.now(),
            )
        if not form.form_errors:
            flash(f"{shown.learner_name} 님께 알렸어요.", "ok")
            return redirect(url_for(".proofs"))
        shown = queries.get_proof(db.session(), me(), review_id)
    return render_template("desk/proof.html", proof=shown, step=step, form=form), form.status


@bp.get("/desk/style")
@access(*STAFF)
def style() -> ResponseReturnValue:
    """Show every part pages are made of."""
    form = SampleForm(request.args)
    form.validate()
    return render_template("style.html", form=form)


def _titles() -> dict[str, str]:
    """Return the title of each course by its id."""
    return {course.id: course.title for course in catalogue.current().courses}
