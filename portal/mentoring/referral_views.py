"""Pages on which a hard question goes to a specialist and its answer comes back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import queries, referral_queries, referrals, specialists
from portal.mentoring.referral_forms import NO_FIELD, AnswerForm, FieldForm, QuestionForm
from portal.mentoring.vocabulary import Field
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("referrals", __name__, template_folder="templates")


@bp.route("/mentoring/engagements/<int:engagement_id>/specialist", methods=["GET", "POST"])
@access(Role.MENTOR)
def ask(engagement_id: int) -> ResponseReturnValue:
    """Hand a hard question of one's shop to a specialist."""
    shared = queries.get_engagement(db.session(), me(), engagement_id, lead=True)
    form, other = QuestionForm(request.form), queries.other_side(shared, me())
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            referrals.ask(
                session,
                queries.get_engagement(session, me(), engagement_id, lead=True),
                referrals.Asked(Field(form.field.data), form.question.data or "", form.key.data or ""),
                path=url_for(".index"),
                desk=url_for(".waiting"),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("전문가에게 보냈어요. 답이 오면 두 분께 알려 드려요.", "ok")
            return redirect(_page_of(engagement_id))
    page = render_template(
        "mentoring/referral_ask.html", form=form, back=_page_of(engagement_id), other=other
    )
    return page, form.status


@bp.get("/mentoring/referrals/")
@access(Role.MENTOR)
def index() -> ResponseReturnValue:
    """List what a specialist may take, the oldest first, or has taken."""
    session, is_mine = db.session(), request.args.get("state") == "mine"
    beyond_id = request.args.get("beyond", type=row_id)
    rows = referral_queries.list_questions(session, me(), is_mine=is_mine, beyond_id=beyond_id)
    shown, has_more = rows[: queries.PAGE_SIZE], len(rows) > queries.PAGE_SIZE
    state = "mine" if is_mine else None
    return render_template(
        "mentoring/referrals.html",
        rows=shown,
        is_mine=is_mine,
        field=specialists.find_field(session, me()),
        next_href=url_for(".index", state=state, beyond=shown[-1].id) if has_more else None,
    )


@bp.route("/mentoring/referrals/<int:referral_id>/", methods=["GET", "POST"])
@access(Role.MENTOR)
def question(referral_id: int) -> ResponseReturnValue:
    """Show a question, and take its answer once it is one's own."""
    form = AnswerForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            row = referral_queries.get_referral(session, me(), referral_id)
            path, text = _page_of(row.engagement_id), form.answer.data or ""
            referrals.answer(session, row, me(), text=text, path=path, now=clock.now())
        if not form.errors and not form.form_errors:
            flash("답을 보냈어요. 멘토님과 사장님께 알려 드려요.", "ok")
            return redirect(url_for(".index", state="mine"))
    asked = referral_queries.get_question(db.session(), me(), referral_id)
    return render_template("mentoring/referral.html", asked=asked, form=form), form.status


@bp.post("/mentoring/referrals/<int:referral_id>/take")
@access(Role.MENTOR)
def take(referral_id: int) -> ResponseReturnValue:
    """Take a question."""
    with db.transaction() as session:
        row = referral_queries.get_referral(session, me(), referral_id)
        referrals.take(session, row, me(), now=clock.now())
    flash("맡아 주셔서 고맙습니다. 아래에 답을 적어 주세요.", "ok")
    return redirect(url_for(".question", referral_id=referral_id))


@bp.post("/mentoring/referrals/<int:referral_id>/give-back")
@access(Role.MENTOR, Role.OPERATOR)
def give_back(referral_id: int) -> ResponseReturnValue:
    """Let another specialist take a question."""
    with db.transaction() as session:
        row = referral_queries.get_referral(session, me(), referral_id)
        referrals.give_back(
            session, row, me(), path=url_for(".index"), desk=url_for(".waiting"), now=clock.now()
        )
    flash("돌려놓았어요. 다른 전문가가 맡을 수 있어요.", "ok")
    return redirect(url_for(".index" if me().has_role(Role.MENTOR) else ".waiting"))


@bp.get("/desk/referrals/")
@access(Role.OPERATOR)
def waiting() -> ResponseReturnValue:
    """List the questions that wait too long or that nobody could answer."""
    after_id = request.args.get("after", 0, type=row_id)
    rows = referral_queries.list_waiting(db.session(), now=clock.now(), after_id=after_id)
    shown, has_more = rows[: queries.PAGE_SIZE], len(rows) > queries.PAGE_SIZE
    next_href = url_for(".waiting", after=shown[-1].id) if has_more else None
    return render_template("mentoring/referrals_waiting.html", rows=shown, next_href=next_href)


@bp.get("/desk/specialists/")
@access(Role.OPERATOR)
def appointed() -> ResponseReturnValue:
    """List the mentors and which hard questions each answers."""
    rows = specialists.list_mentors(db.session(), after_id=request.args.get("after", 0, type=row_id))
    shown, has_more = rows[: queries.PAGE_SIZE], len(rows) > queries.PAGE_SIZE
    next_href = url_for(".appointed", after=shown[-1].id) if has_more else None
    return render_template("mentoring/specialists.html", rows=shown, next_href=next_href)


@bp.route("/desk/specialists/<int:mentor_id>", methods=["GET", "POST"])
@access(Role.OPERATOR)
def appoint(mentor_id: int) -> ResponseReturnValue:
    """Say which hard questions a mentor answers."""
    mentor = specialists.get_mentor(db.session(), mentor_id)
    form = FieldForm(request.form, field=mentor.field.value if mentor.field else NO_FIELD)
    if form.submitted():
        chosen = None if form.field.data == NO_FIELD else Field(form.field.data)
        with form.show_refusal(), db.transaction() as session:
            specialists.appoint(session, specialists.get_mentor(session, mentor_id).id, chosen)
        if not form.errors and not form.form_errors:
            flash("적어 두었어요.", "ok")
            return redirect(url_for(".appointed"))
    return render_template("mentoring/specialist.html", form=form, mentor=mentor), form.status


def _page_of(engagement_id: int) -> str:
    return url_for("mentoring.engagement", engagement_id=engagement_id)
