"""The first screen of each role, and the staff's work lists."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me, me_or_nobody
from portal.calculators import fee_tables
from portal.certification import appealing, batches, corrections, exam_desk, redrawing, training_log
from portal.certification.policy import ISSUERS
from portal.community import queries as community
from portal.core import clock, db, korean, queue
from portal.core.clock import KST
from portal.core.errors import NotFoundError
from portal.core.roles import STAFF, Role
from portal.courses import catalogue, operations
from portal.courses import queries as courses
from portal.courses.facts import FactNote
from portal.desk import checks, queries
from portal.desk.forms import ProofForm, SampleForm
from portal.mentoring import appeals, referral_queries
from portal.messages.vocabulary import CHANNEL_NAMES
from portal.web.access import ANYONE, access, safe_next
from portal.web.addresses import row_id

bp = Blueprint("desk", __name__, template_folder="templates")

HOMES = {
    queries.LearnerHome: "desk/home_learner.html",
    queries.MentorHome: "desk/home_mentor.html",
    queries.TrainerHome: "desk/home_trainer.html",
    queries.OperatorHome: "desk/home_operator.html",
}
FACTS_ON_PAGE = 40
EXAMINERS = (Role.TRAINER, Role.OPERATOR)
TOUR = ("글자와 화면", "읽고 해 보기", "물어보기")
"""What each page of the first visit is about."""


@bp.get("/")
@access(ANYONE)
def home() -> ResponseReturnValue:
    """Show the first screen of whoever is here."""
    user, now = me_or_nobody(), clock.now()
    if user is None:
        return render_template("desk/landing.html", courses=catalogue.current().courses)
    home = queries.get_home(db.session(), user, now=now)
    return render_template(
        HOMES[type(home)],
        home=home,
        user=user,
        now=now,
        today=korean.day(now),
        titles=_titles(),
    )


@bp.get("/tour/<int:page>")
@access(ANYONE)
def tour(page: int) -> ResponseReturnValue:
    """Show one page of the first visit: the letters, learning by doing, where to ask."""
    if page not in range(1, len(TOUR) + 1):
        raise NotFoundError("처음 안내는 세 쪽이에요. 첫 쪽부터 다시 봐 주세요.")
    following = safe_next(request.args.get("next"))
    pages = [url_for(".tour", page=at, next=following) for at in range(1, len(TOUR) + 1)]
    states = ["done" if at < page else "now" if at == page else "todo" for at in range(1, len(TOUR) + 1)]
    return render_template(
        f"desk/tour_{page}.html",
        steps=list(zip(TOUR, pages, states, strict=True)),
        following=following,
        end=following or url_for(".home"),
        onward=pages[page] if page < len(TOUR) else "",
        answer=request.args.get("answer", ""),
        was_sent="sent" in request.args,
    )


@bp.get("/desk/")
@access(*STAFF)
def index() -> ResponseReturnValue:
    """List a staff member's work, for each role they hold."""
    user, session, now = me(), db.session(), clock.now()
    return render_template(
        "desk/index.html",
        now=now,
        titles=_titles(),
        mentor=queries.get_mentor_home(session, user, now=now) if user.has_role(Role.MENTOR) else None,
        trainer=queries.get_trainer_home(session, user, now=now) if user.has_role(Role.TRAINER) else None,
        operator=queries.get_operator_home(session, user, now=now) if user.has_role(Role.OPERATOR) else None,
        proofs=queries.list_proofs(session, user),
        replies=checks.list_replies(session, user),
        rehearsals=checks.list_rehearsals(session, user),
        reviews=community.count_reviews(session, user),
        appeals=appeals.count_open(session) if user.has_role(Role.OPERATOR) else None,
        hard_questions=referral_queries.count_waiting(session, now=now)
        if user.has_role(Role.OPERATOR)
        else None,
        candidate_appeals=None if user.roles.isdisjoint(ISSUERS) else appealing.count_open(session, user),
        logs_to_read=None
        if user.roles.isdisjoint(training_log.READERS)
        else training_log.count_to_read(session, user),
        exams=exam_desk.get(session, user, now=now) if not user.roles.isdisjoint(EXAMINERS) else None,
        step_tasks=courses.count_step_tasks(session),
        batches=batches.count_waiting(session, user),
        stories=community.count_stories_to_see(session, user),
        doubtful=_doubtful_facts(),
        requests=corrections.count_waiting(session, user),
    )


@bp.get("/desk/facts")
@access(Role.TRAINER, Role.OPERATOR)
def facts() -> ResponseReturnValue:
    """List the facts that must be looked up again, a page at a time: those past their review first."""
    after = request.args.get("after", 0, type=row_id)
    notes = sorted(_doubtful_facts(), key=lambda note: not note.fact.is_verified)
    page, rest = notes[after : after + FACTS_ON_PAGE], notes[after + FACTS_ON_PAGE :]
    return render_template(
        "desk/facts.html",
        notes=page,
        further=url_for("desk.facts", after=after + FACTS_ON_PAGE) if rest else "",
    )


def _doubtful_facts() -> tuple[FactNote, ...]:
    """Return the facts of lessons, calculators and advice that must be looked up again today."""
    today = clock.now().astimezone(KST).date()
    also = (*fee_tables.current().facts, *referral_queries.list_advice().values())
    return catalogue.current().doubtful_facts(today, also=also)


@bp.get("/desk/jobs")
@access(Role.OPERATOR)
def jobs() -> ResponseReturnValue:
    """List unfinished work with its cause."""
    home = queries.get_operator_home(db.session(), me(), now=clock.now())
    return render_template(
        "desk/jobs.html",
        home=home,
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
