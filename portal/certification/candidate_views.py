"""What is left until a qualification: for the candidate, and for those who decide about it."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.certification import appealing, candidates, ledger, names, operations, qualifications, standings
from portal.certification.appealing import AppealLine
from portal.certification.candidate_forms import AnswerForm, AppealForm, DecideForm, MoveForm
from portal.certification.kinds.verdict import Next, ToDo
from portal.certification.ledger import Outcome
from portal.certification.policy import ISSUERS
from portal.certification.qualification_models import (
    Appeal,
    AppealState,
    Candidate,
    LedgerKind,
    QualificationVersion,
)
from portal.certification.standings import Line, State
from portal.core import clock, db, korean
from portal.core.errors import NotFoundError
from portal.core.roles import Role
from portal.web.access import SIGNED_IN, access
from portal.web.addresses import row_id

bp = Blueprint("candidates", __name__, template_folder="templates")

STATES = {
    State.MET: ("ok", "됐어요"),
    State.WAIVED: ("ok", "면제"),
    State.IN_REVIEW: ("info", "살펴보는 중"),
    State.WAITING: ("info", "기다림"),
    State.NOT_YET: ("plain", "아직"),
}
ENTRIES = {
    LedgerKind.MET: "됐어요",
    LedgerKind.WAIVED: "면제했어요",
    LedgerKind.REJECTED: "다시 하게 했어요",
    LedgerKind.REOPENED: "다시 열었어요",
    LedgerKind.MOVED: "기준을 옮겼어요",
}


@bp.get("/certification/candidates/<int:candidate_id>/")
@access(SIGNED_IN)
def show(candidate_id: int) -> ResponseReturnValue:
    """Show every requirement with where it stands, by what, and what to do next."""
    session = db.session()
    candidate = candidates.get(session, me(), candidate_id)
    qualification = qualifications.current().get(candidate.qualification_id)
    present = session.get_one(QualificationVersion, candidate.version_id)
    lines = standings.status(session, candidate)
    is_mine = candidate.user_id == me().id
    following = next((line for line in lines if line.next is not None), None) if is_mine else None
    return render_template(
        "certification/candidate.html",
        candidate=candidate,
        qualification=qualification,
        lines=lines,
        left=sum(not line.is_settled for line in lines),
        states=STATES,
        following=following,
        following_href=next_href(candidate, following.next) if following and following.next else "",
        next_hrefs={line.requirement.key: next_href(candidate, line.next) for line in lines if line.next},
        evidence={line.requirement.key: evidence_href(candidate, line, is_mine=is_mine) for line in lines},
        proposal=candidates.find_proposal(session, candidate),
        is_mine=is_mine,
        needs_name=is_mine and qualification.is_registered and names.find(session, me()) is None,
        can_decide=not is_mine,
        place_in_menu="" if is_mine else "일감",
        can_propose=not is_mine and me().has_role(Role.TRAINER),
        version=present.number,
        can_move=not is_mine
        and me().has_role(Role.OPERATOR)
        and bool(candidates.newer_versions(qualification, present)),
    )


@bp.get("/certification/candidates/<int:candidate_id>/entries")
@access(SIGNED_IN)
def entries(candidate_id: int) -> ResponseReturnValue:
    """Show every line of the ledger as it was written."""
    session = db.session()
    candidate = candidates.get(session, me(), candidate_id)
    lines = standings.list_entries(session, candidate)
    return render_template(
        "certification/entries.html",
        candidate=candidate,
        qualification=qualifications.current().get(candidate.qualification_id),
        entries=lines,
        words=ENTRIES,
        titles=_titles(candidate),
        names=standings.names_of(session, {line.by_id for line in lines}),
    )


@bp.post("/certification/candidates/<int:candidate_id>/check")
@access(SIGNED_IN)
def check(candidate_id: int) -> ResponseReturnValue:
    """Look now for what is newly met."""
    path = url_for(".show", candidate_id=candidate_id)
    with db.transaction() as session:
        candidate = candidates.get(session, me(), candidate_id)
        made = ledger.record(session, candidate, path=path, now=clock.now())
    if made:
        flash(f"새로 된 것이 {len(made)}가지 있어요. 잘하셨어요!", "ok")
    else:
        flash("새로 된 것은 아직 없어요. 아래에서 무엇이 남았는지 봐 주세요.", "info")
    return redirect(path)


@bp.route("/certification/candidates/<int:candidate_id>/leave", methods=["GET", "POST"])
@access(SIGNED_IN)
def leave(candidate_id: int) -> ResponseReturnValue:
    """Ask once more, then end the way."""
    candidate = candidates.get_own(db.session(), me(), candidate_id)
    qualification = qualifications.current().get(candidate.qualification_id)
    if request.method == "POST":
        with db.transaction() as session:
            own = candidates.get_own(session, me(), candidate_id)
            candidates.leave(session, own, me(), now=clock.now())
        flash("그만두었어요. 해 두신 것은 그대로 남아 있어요.", "ok")
        return redirect(url_for("qualifications.show", qualification_id=qualification.id))
    return render_template("certification/leave.html", candidate=candidate, qualification=qualification)


@bp.post("/certification/candidates/<int:candidate_id>/propose")
@access(Role.TRAINER)
def propose(candidate_id: int) -> ResponseReturnValue:
    """Propose a certificate for somebody who has met everything."""
    now = clock.now()
    with db.transaction() as session:
        candidate = candidates.get_to_judge(session, me(), candidate_id)
        path = url_for(".show", candidate_id=candidate_id)
        proposal = operations.propose_candidate(session, candidate, me(), path=path, now=now)
    flash(
        "제안했어요. 다른 분이 승인하면 증서가 나와요."
        if proposal.proposed_at == now
        else "이미 제안했어요. 승인을 기다리고 있어요.",
        "ok",
    )
    return redirect(url_for("certification.proposal", proposal_id=proposal.id))


@bp.route("/certification/candidates/<int:candidate_id>/decide/<requirement>", methods=["GET", "POST"])
@access(*ISSUERS)
def decide(candidate_id: int, requirement: str) -> ResponseReturnValue:
    """Waive a requirement, take it back or open it again, with a reason."""
    candidate = candidates.get_to_judge(db.session(), me(), candidate_id)
    who, standing = candidate.user.name, standings.get(db.session(), candidate, requirement)
    back, form = url_for(".show", candidate_id=candidate_id), DecideForm(request.form)
    form.offer(ledger.list_choices(standing))
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            ledger.decide(
                session,
                candidates.get_to_judge(session, me(), candidate_id),
                me(),
                requirement=requirement,
                kind=LedgerKind(form.kind.data),
                reason=form.reason.data or "",
                path=back,
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("정했어요. 받는 분께 까닭을 알려 드려요.", "ok")
            return redirect(back)
    page = render_template(
        "certification/decide.html",
        form=form,
        candidate=candidate,
        who=who,
        requirement=standing.requirement,
    )
    return page, form.status


@bp.route("/certification/candidates/<int:candidate_id>/move", methods=["GET", "POST"])
@access(Role.OPERATOR)
def move(candidate_id: int) -> ResponseReturnValue:
    """Let somebody go over to newer rules, with a reason."""
    candidate = candidates.get_to_judge(db.session(), me(), candidate_id)
    who, qualification = candidate.user.name, qualifications.current().get(candidate.qualification_id)
    present = db.session().get_one(QualificationVersion, candidate.version_id)
    newer = candidates.newer_versions(qualification, present)
    back, form = url_for(".show", candidate_id=candidate_id), MoveForm(request.form)
    form.number.choices = [(each.number, f"{each.number}판 ({each.effective_from}부터)") for each in newer]
    if newer and form.submitted():
        with form.show_refusal(), db.transaction() as session:
            candidates.move(
                session,
                candidates.get_to_judge(session, me(), candidate_id),
                me(),
                number=form.number.data,
                reason=form.reason.data or "",
                path=back,
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("새 기준으로 옮겼어요. 받는 분께 까닭을 알려 드려요.", "ok")
            return redirect(back)
    page = render_template(
        "certification/move.html", form=form, candidate=candidate, who=who, present=present, newer=newer
    )
    return page, form.status


@bp.route("/certification/candidates/<int:candidate_id>/appeal/<requirement>", methods=["GET", "POST"])
@access(SIGNED_IN)
def appeal(candidate_id: int, requirement: str) -> ResponseReturnValue:
    """Ask to look again at a requirement."""
    candidate = candidates.get_own(db.session(), me(), candidate_id)
    standing = standings.get(db.session(), candidate, requirement)
    back, form = url_for(".show", candidate_id=candidate_id), AppealForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            made = ledger.file_appeal(
                session,
                candidates.get_own(session, me(), candidate_id),
                me(),
                requirement=requirement,
                text=form.text.data or "",
                path=url_for(".appeals"),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash(f"신청했어요. {korean.plain_day(made.answer_by)}까지 답해 드려요.", "ok")
            return redirect(back)
    page = render_template(
        "certification/appeal.html", form=form, candidate=candidate, requirement=standing.requirement
    )
    return page, form.status


@bp.get("/desk/candidates/")
@access(*ISSUERS)
def index() -> ResponseReturnValue:
    """List who is on the way to a qualification, those who are ready first if asked."""
    ready_only, after = request.args.get("state") == "ready", request.args.get("after", 0, type=row_id)
    list_them = candidates.list_ready if ready_only else candidates.list_all
    found = list_them(db.session(), me(), after_id=after)
    is_full = len(found) == candidates.PAGE_SIZE
    state = "ready" if ready_only else None
    next_href = url_for(".index", after=found[-1].candidate_id, state=state) if is_full else ""
    return render_template(
        "certification/candidates.html", found=found, ready_only=ready_only, next_href=next_href
    )


@bp.get("/desk/certification-appeals/")
@access(*ISSUERS)
def appeals() -> ResponseReturnValue:
    """List the appeals that wait for an answer, the longest waiting first."""
    now = clock.now()
    found = appealing.list_open(
        db.session(), me(), now=now, after_id=request.args.get("after", 0, type=row_id)
    )
    is_full = len(found) == appealing.PAGE_SIZE
    next_href = url_for(".appeals", after=found[-1].id) if is_full else ""
    return render_template(
        "certification/appeals.html", found=found, titles=_appealed(found), next_href=next_href
    )


@bp.route("/desk/certification-appeals/<int:appeal_id>", methods=["GET", "POST"])
@access(*ISSUERS)
def answer(appeal_id: int) -> ResponseReturnValue:
    """Show an appeal about a requirement with what its ledger says, and answer it."""
    form = AnswerForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            asked = _get_appeal(appeal_id)
            ledger.answer_appeal(
                session,
                asked,
                me(),
                outcome=Outcome(form.outcome.data),
                words=form.answer.data or "",
                path=url_for(".show", candidate_id=asked.candidate_id),
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("답했어요. 신청한 분께 알려 드려요.", "ok")
            return redirect(url_for(".appeals"))
    session = db.session()
    asked = _get_appeal(appeal_id)
    candidate = candidates.get_to_judge(session, me(), asked.candidate_id or 0)
    lines = standings.status(session, candidate)
    page = render_template(
        "certification/appeal_answer.html",
        form=form,
        appeal=asked,
        candidate=candidate,
        line=next((line for line in lines if line.requirement.key == asked.requirement), None),
        states=STATES,
        is_open=asked.state is AppealState.OPEN,
    )
    return page, form.status


def next_href(candidate: Candidate, following: Next) -> str:
    """Return where somebody does the next thing for a requirement."""
    if following.what is ToDo.COURSE:
        return url_for(
            "courses.lesson",
            course_id=following.course_id,
            lesson_id=following.lesson_id,
            step=following.step_id,
        )
    if following.what is ToDo.LOG:
        return url_for("training_logs.index", candidate_id=candidate.id)
    return url_for("exams.index")


def evidence_href(candidate: Candidate, line: Line, *, is_mine: bool) -> str:
    """Return the page that shows what proves a requirement; empty where its reader has none to see."""
    if not line.is_settled or not line.evidence:
        return ""
    courses = list(line.requirement.params.get("courses", ()))
    if courses:
        return url_for("courses.course", course_id=courses[0])
    if line.evidence[0].startswith("training_log:"):
        return url_for("training_logs.index", candidate_id=candidate.id)
    what, _, attempt_id = line.evidence[0].partition(":")
    if what == "exam_attempt" and is_mine:
        return url_for("results.show", attempt_id=int(attempt_id))
    return ""


def _get_appeal(appeal_id: int) -> Appeal:
    """Return an appeal about a requirement that this person may answer; NotFoundError for one of an exam."""
    found = appealing.get_to_answer(db.session(), me(), appeal_id)
    if found.candidate_id is None:
        raise NotFoundError(appealing.NO_APPEAL)
    return found


def _titles(candidate: Candidate) -> dict[str, str]:
    """Return the title of every requirement that any frozen version of a qualification knows."""
    rules = candidates.all_rules(db.session(), candidate.qualification_id)
    return {each.key: each.title for version in rules.values() for each in version.requirements}


def _appealed(found: Sequence[AppealLine]) -> dict[int, str]:
    """Return what each appeal about a requirement is about, by its id."""
    session = db.session()
    return {
        line.id: _titles(candidates.get(session, me(), line.candidate_id)).get(line.requirement, "")
        for line in found
        if line.candidate_id is not None
    }
