"""Sessions of exams, as staff make and prepare them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import allowances, exam_queries, qualifications, sessions
from portal.certification.allowances import More
from portal.certification.exam_models import Allowance, Exam, ExamKind
from portal.certification.policy import ISSUERS
from portal.certification.session_forms import LAST_MINUTE, AllowanceForm, SessionForm, moment
from portal.core import clock, db
from portal.core.errors import DomainError
from portal.core.roles import Role
from portal.web.access import access
from portal.web.addresses import row_id
from portal.web.form import SelectChoice

bp = Blueprint("exam_sessions", __name__, url_prefix="/desk/exams", template_folder="templates")

PAGE_SIZE = 20


@bp.get("/")
@access(*ISSUERS)
def index() -> ResponseReturnValue:
    """List the sessions of every exam, the newest first."""
    before = request.args.get("before", 0, type=row_id) or 0
    lines = exam_queries.list_all(db.session(), before_id=before, limit=PAGE_SIZE + 1)
    shown = lines[:PAGE_SIZE]
    return render_template(
        "certification/sessions.html",
        lines=shown,
        next_href=url_for(".index", before=shown[-1].exam.id) if len(lines) > PAGE_SIZE else "",
        now=clock.now(),
        may_make=me().has_role(Role.TRAINER),
    )


@bp.route("/new", methods=["GET", "POST"])
@access(Role.TRAINER)
def new() -> ResponseReturnValue:
    """Make a session with its papers."""
    form = SessionForm(request.form)
    form.exam.choices = [
        SelectChoice(f"{each.id} {kind}", f"{each.title} {exam_queries.KINDS[kind]} ({each.exam_word})")
        for each in qualifications.current().all
        for kind in ExamKind
    ]
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            qualification_id, _, kind = form.exam.data.partition(" ")
            exam = sessions.open_session(
                session,
                me(),
                qualification_id=qualification_id,
                kind=ExamKind(kind),
                window=form.window,
                paper_count=form.paper_count.data or 0,
                form_key=form.key.data or "",
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("회차를 열었어요. 시험지도 만들었어요.", "ok")
            return redirect(url_for(".session", exam_id=exam.id))
    return render_template("certification/session_new.html", form=form), form.status


@bp.get("/<int:exam_id>/")
@access(*ISSUERS)
def session(exam_id: int) -> ResponseReturnValue:
    """Show a session: its terms, its papers and who applied."""
    current = db.session()
    exam = exam_queries.get_exam(current, exam_id)
    return render_template(
        "certification/session.html",
        exam=exam,
        title=exam_queries.title_of(exam),
        blueprint=qualifications.Blueprint.of(exam.blueprint),
        papers=exam_queries.list_papers(current, exam),
        applied=exam_queries.list_candidates_in(current, exam),
        now=clock.now(),
    )


@bp.route("/<int:exam_id>/allowances", methods=["GET", "POST"])
@access(*ISSUERS)
def more(exam_id: int) -> ResponseReturnValue:
    """List what people were given beyond the session's terms, and give somebody more."""
    current = db.session()
    exam = exam_queries.get_exam(current, exam_id)
    names = _whom(exam)
    form = AllowanceForm(request.form)
    form.whom.choices = [SelectChoice("", "골라 주세요"), *(SelectChoice(*each) for each in names.items())]
    if form.submitted():
        with form.show_refusal(), db.transaction() as writing:
            _give(writing_exam=exam_queries.get_exam(writing, exam_id), form=form)
        if not form.errors and not form.form_errors:
            flash("더 드렸어요. 그분 화면에 바로 나와요.", "ok")
            return redirect(url_for(".more", exam_id=exam_id))
    given = allowances.list_given(current, exam)
    page = render_template(
        "certification/allowances.html",
        form=form,
        exam=exam,
        title=exam_queries.title_of(exam),
        given=[(names[_name_of(each)], each) for each in given],
    )
    return page, form.status


def _whom(exam: Exam) -> dict[str, str]:
    """Return whom more can be given to: who applied or was given something, and every association."""
    people, associations = allowances.list_whom(db.session(), exam)
    named = {f"person {user_id}": name for user_id, name in people}
    return named | {f"association {each}": f"{name} (상인회 모두)" for each, name in associations}


def _name_of(given: Allowance) -> str:
    return f"person {given.user_id}" if given.user_id else f"association {given.association_id}"


def _give(*, writing_exam: Exam, form: AllowanceForm) -> None:
    side, _, number = form.whom.data.partition(" ")
    if not number:
        raise DomainError("누구에게 드릴지 골라 주세요.", field="whom")
    allowances.give(
        db.session(),
        writing_exam,
        me(),
        user_id=int(number) if side == "person" else None,
        association_id=int(number) if side == "association" else None,
        more=More(
            form.extra_percent.data or 0,
            form.extra_attempts.data or 0,
            moment(form.open_on.data, LAST_MINUTE) if form.open_on.data else None,
        ),
        reason=form.reason.data or "",
        now=clock.now(),
    )
