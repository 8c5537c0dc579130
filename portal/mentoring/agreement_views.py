"""The agreement of two people on one page, the goal in it, and what they look at when they meet."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import agreements, engagement_page, guides, journey, match_queries, preparing, queries
from portal.mentoring.engagement_forms import AgendaForm, AgreementForm, ConfirmForm
from portal.mentoring.models import Engagement, GoalJudge
from portal.mentoring.vocabulary import STEP_NAMES
from portal.web.access import SIGNED_IN, access
from portal.web.form import SelectChoice

bp = Blueprint("agreements", __name__, url_prefix="/mentoring", template_folder="templates")


@bp.get("/engagements/<int:engagement_id>/agreement")
@access(SIGNED_IN)
def agreement(engagement_id: int) -> ResponseReturnValue:
    """Show what the two agreed on, to read, to confirm and to print."""
    shared = queries.get_engagement(db.session(), me(), engagement_id)
    return render_template(
        "mentoring/agreement.html",
        shared=shared,
        shop=engagement_page.shop_of(shared),
        way=journey.read(db.session(), me(), shared, now=clock.now()),
        text=journey.guide_text(shared),
        seen=agreements.fingerprint(shared),
        services=match_queries.find_services(db.session(), shared.mentor_id),
        is_mentor=me().id == shared.mentor_id,
        is_party=me().id in {shared.mentor_id, shared.merchant_id},
    )


@bp.route("/engagements/<int:engagement_id>/agreement/write", methods=["GET", "POST"])
@access(Role.MENTOR)
def write(engagement_id: int) -> ResponseReturnValue:
    """Write or change the agreement."""
    shared = queries.get_engagement(db.session(), me(), engagement_id, lead=True)
    text, form = guides.current().text, AgreementForm(request.form, data=_usual(shared))
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            agreements.write(
                session,
                queries.get_engagement(session, me(), engagement_id, lead=True),
                goal=form.goal.data or "",
                visits_planned=form.visits_planned.data or 1,
                contact=form.contact.data or "",
                judge=GoalJudge(form.judge.data),
                version=text.version,
                path=_agreement_of(engagement_id),
                now=clock.now(),
            )
        if not form.errors:
            flash("약속을 적었어요. 사장님이 읽고 확인하면 알려 드려요.", "ok")
            return redirect(_agreement_of(engagement_id))
    other = queries.other_side(shared, me())
    page = render_template("mentoring/agreement_form.html", form=form, shared=shared, other=other, text=text)
    return page, form.status


@bp.post("/engagements/<int:engagement_id>/agreement/confirm")
@access(Role.MERCHANT, Role.MENTOR)
def confirm(engagement_id: int) -> ResponseReturnValue:
    """Agree to what one has read."""
    form = ConfirmForm(request.form)
    with db.transaction() as session:
        agreements.confirm(
            session,
            queries.get_own_engagement(session, me(), engagement_id),
            me(),
            seen=form.seen.data or "",
            path=_agreement_of(engagement_id),
            now=clock.now(),
        )
    flash("약속을 확인했어요. 종이로 뽑아 두셔도 돼요.", "ok")
    return redirect(_agreement_of(engagement_id))


@bp.post("/engagements/<int:engagement_id>/goal/<answer>")
@access(Role.MENTOR)
def goal(engagement_id: int, answer: str) -> ResponseReturnValue:
    """Say whether the goal is reached (``reached``) or not yet (anything else)."""
    with db.transaction() as session:
        shared = queries.get_engagement(session, me(), engagement_id, lead=True)
        agreements.set_goal_reached(session, shared, is_reached=answer == "reached", now=clock.now())
    flash("적었어요. 사장님께도 보여요.", "ok")
    return redirect(url_for("mentoring.engagement", engagement_id=engagement_id))


@bp.get("/visits/<int:visit_id>/agenda")
@access(Role.MERCHANT, Role.MENTOR)
def agenda(visit_id: int) -> ResponseReturnValue:
    """Show what the two look at when they meet, to read and to print."""
    plan = preparing.read(db.session(), me(), visit_id, now=clock.now())
    return render_template("mentoring/agenda.html", plan=plan)


@bp.route("/visits/<int:visit_id>/agenda/choose", methods=["GET", "POST"])
@access(Role.MENTOR)
def choose_agenda(visit_id: int) -> ResponseReturnValue:
    """Choose what the two look at."""
    queries.get_visit(db.session(), me(), visit_id, lead=True)
    plan = preparing.read(db.session(), me(), visit_id, now=clock.now())
    form = AgendaForm(request.form, data={"agenda": plan.agenda.id})
    form.agenda.choices = [
        SelectChoice(each.id, f"{STEP_NAMES[each.step]}: {each.title}") for each in guides.current().agendas
    ]
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            visit = queries.get_visit(session, me(), visit_id, lead=True)
            preparing.choose(session, visit, guides.current().get(form.agenda.data or ""))
        if not form.errors:
            flash("두 분께 같은 것이 보여요. 종이로 뽑아 가셔도 돼요.", "ok")
            return redirect(url_for("agreements.agenda", visit_id=visit_id))
    return render_template("mentoring/agenda_form.html", form=form, plan=plan), form.status


def _usual(shared: Engagement) -> dict[str, object]:
    """Return what stands in the form before anything is typed: the agreement so far, or the need's words."""
    return {
        "goal": shared.goal or shared.need.detail[:200],
        "judge": shared.goal_judge.value,
        "visits_planned": shared.visits_planned,
        "contact": shared.contact,
    }


def _agreement_of(engagement_id: int) -> str:
    return url_for("agreements.agreement", engagement_id=engagement_id)
