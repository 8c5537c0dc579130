"""The operator's pages of the matching: runs, pairs, changes, weights, fixed pairs, people kept apart."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.login import me
from portal.core import clock, db
from portal.core.roles import Role
from portal.mentoring import match_answers, match_changes, match_fixing, match_queries, match_runs
from portal.mentoring.match_changes import CHANGE_NAMES, Change
from portal.mentoring.match_forms import ConflictForm, RunForm, WeightsForm
from portal.mentoring.match_models import RunState
from portal.mentoring.matching import Weights
from portal.mentoring.queries import PAGE_SIZE
from portal.web.access import access
from portal.web.addresses import row_id

bp = Blueprint("matching", __name__, url_prefix="/desk/matching", template_folder="templates")

TABS = ("left", "pairs", *(change.value for change in Change))


@bp.route("/", methods=["GET", "POST"])
@access(Role.OPERATOR)
def index() -> ResponseReturnValue:
    """List the runs, and start one."""
    form = RunForm(request.form)
    if form.submitted():
        with db.transaction() as session:
            run = match_runs.start(
                session, me(), seed=form.seed.data or 1, form_key=form.key.data or "", now=clock.now()
            )
        flash("짝을 찾기 시작했어요. 잠시 뒤에 이 화면을 새로 고쳐 주세요.", "ok")
        return redirect(url_for(".run", run_id=run.id))
    rows = match_queries.list_runs(db.session(), before_id=request.args.get("before", type=row_id))
    shown, has_more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    next_href = url_for(".index", before=shown[-1].id) if has_more else None
    page = render_template("mentoring/match_index.html", form=form, rows=shown, next_href=next_href)
    return page, form.status


@bp.get("/runs/<int:run_id>/")
@access(Role.OPERATOR)
def run(run_id: int) -> ResponseReturnValue:
    """Show one run: those left over, the pairs, or what changed against the run before."""
    session = db.session()
    page = match_queries.get_run_page(session, run_id)
    usual = "left" if page.left else "pairs"
    tab = request.args.get("tab", usual)
    tab = tab if tab in TABS else usual
    after_id = request.args.get("after", type=row_id)
    if tab in ("left", "pairs"):
        lines = match_queries.list_pairs(session, run_id, is_left=tab == "left", after_id=after_id)
        keys, changed = [line.id for line in lines], []
    else:
        changed = match_changes.list_changes(session, page.run, Change(tab), after_id=after_id)
        keys, lines = [line.need_id for line in changed], []
    further = (
        url_for(".run", run_id=run_id, tab=tab, after=keys[PAGE_SIZE - 1]) if len(keys) > PAGE_SIZE else None
    )
    return render_template(
        "mentoring/match_run.html",
        page_of=page,
        tab=tab,
        lines=lines[:PAGE_SIZE],
        changed=changed[:PAGE_SIZE],
        counts=match_changes.count_changes(session, page.run) if page.run.before_id else {},
        change_names=CHANGE_NAMES,
        next_href=further,
    )


@bp.get("/runs/<int:run_id>/pairs/<int:pair_id>")
@access(Role.OPERATOR)
def pair(run_id: int, pair_id: int) -> ResponseReturnValue:
    """Show one pair with its reasons, and answer why it is not another mentor."""
    session, name = db.session(), request.args.get("name", "").strip()[:30]
    page = match_queries.get_pair_page(session, run_id, pair_id)
    answers = match_answers.list_answers(session, page.run, page.pair, name) if name else []
    return render_template("mentoring/match_pair.html", page_of=page, name=name, answers=answers)


@bp.post("/runs/<int:run_id>/review")
@access(Role.OPERATOR)
def review(run_id: int) -> ResponseReturnValue:
    """Say that the pairs were looked through."""
    with db.transaction() as session:
        match_runs.review(session, match_queries.get_run(session, run_id), me(), now=clock.now())
    flash("살펴봤다고 적었어요. 이제 멘토님들께 부탁을 보낼 수 있어요.", "ok")
    return redirect(url_for(".run", run_id=run_id))


@bp.route("/runs/<int:run_id>/publish", methods=["GET", "POST"])
@access(Role.OPERATOR)
def publish(run_id: int) -> ResponseReturnValue:
    """Ask whether to ask every mentor of the run, and do it."""
    back = url_for(".run", run_id=run_id)
    if request.method == "POST":
        with db.transaction() as session:
            done = match_runs.publish(session, match_queries.get_run(session, run_id), me(), now=clock.now())
        flash(f"멘토님께 부탁을 {done.offered}건 보냈어요.", "ok")
        if done.skipped:
            flash(f"{done.skipped}건은 그사이에 달라져서 보내지 않았어요. 다음 짝짓기에서 다시 찾아요.")
        return redirect(back)
    page = match_queries.get_run_page(db.session(), run_id)
    if page.run.state != RunState.REVIEWED:
        flash("지금은 보낼 수 없어요. 여기에서 다시 확인해 주세요.")
        return redirect(back)
    return render_template("mentoring/match_sure.html", page_of=page, act="publish", back=back)


@bp.route("/runs/<int:run_id>/discard", methods=["GET", "POST"])
@access(Role.OPERATOR)
def discard(run_id: int) -> ResponseReturnValue:
    """Ask whether to throw a run away, and do it."""
    if request.method == "POST":
        with db.transaction() as session:
            match_runs.discard(session, match_queries.get_run(session, run_id))
        flash("버렸어요. 아무에게도 알리지 않았어요.", "ok")
        return redirect(url_for(".index"))
    page = match_queries.get_run_page(db.session(), run_id)
    back = url_for(".run", run_id=run_id)
    return render_template("mentoring/match_sure.html", page_of=page, act="discard", back=back)


@bp.route("/weights", methods=["GET", "POST"])
@access(Role.OPERATOR)
def weights() -> ResponseReturnValue:
    """Change what counts how much, and see in a new draft what that changes."""
    in_force = match_runs.find_weights(db.session()) or Weights(id=0)
    form = WeightsForm(request.form, data={name: getattr(in_force, name) for name in match_runs.WEIGHTS})
    if form.submitted():
        values = {name: form[name].data for name in match_runs.WEIGHTS}
        with db.transaction() as session:
            match_runs.change_weights(session, me(), values, remark=form.remark.data or "", now=clock.now())
            run = match_runs.start(session, me(), seed=1, form_key=form.key.data or "", now=clock.now())
        flash("새 기준으로 짝을 다시 찾고 있어요. 무엇이 바뀌는지 보고 정하세요.", "ok")
        return redirect(url_for(".run", run_id=run.id, tab=Change.CHANGED.value))
    return render_template("mentoring/match_weights.html", form=form), form.status


@bp.get("/locks")
@access(Role.OPERATOR)
def locks() -> ResponseReturnValue:
    """List who is kept together."""
    rows = match_queries.list_locks(db.session(), after_id=request.args.get("after", type=row_id))
    shown, has_more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    next_href = url_for(".locks", after=shown[-1][0]) if has_more else None
    return render_template("mentoring/match_locks.html", rows=shown, next_href=next_href)


@bp.post("/runs/<int:run_id>/pairs/<int:pair_id>/lock")
@access(Role.OPERATOR)
def lock(run_id: int, pair_id: int) -> ResponseReturnValue:
    """Keep the pair's need with a mentor in every run."""
    with db.transaction() as session:
        page = match_queries.get_pair_page(session, run_id, pair_id)
        mentor_id = request.form.get("mentor", 0, type=row_id)
        match_fixing.fix(session, page.pair.need_id, mentor_id, me(), now=clock.now())
    flash("고정했어요. 다음 짝짓기부터 이 두 분을 그대로 둬요.", "ok")
    return redirect(url_for(".pair", run_id=run_id, pair_id=pair_id))


@bp.post("/locks/<int:need_id>/release")
@access(Role.OPERATOR)
def release(need_id: int) -> ResponseReturnValue:
    """Let the next run choose freely again."""
    with db.transaction() as session:
        match_fixing.release(session, need_id)
    flash("고정을 풀었어요. 다음 짝짓기에서 다시 찾아요.", "ok")
    return redirect(url_for(".locks"))


@bp.route("/conflicts", methods=["GET", "POST"])
@access(Role.OPERATOR)
def conflicts() -> ResponseReturnValue:
    """List who must not be matched, and add two people."""
    form = ConflictForm(request.form)
    if form.submitted():
        with form.show_refusal(), db.transaction() as session:
            match_fixing.keep_apart(
                session,
                match_fixing.get_mentor(session, form.mentor.data or "").id,
                match_fixing.get_merchant(session, form.merchant.data or "").id,
                me(),
                reason=form.reason.data or "",
                now=clock.now(),
            )
        if not form.errors and not form.form_errors:
            flash("이 두 분은 이제 잇지 않아요.", "ok")
            return redirect(url_for(".conflicts"))
    rows = match_queries.list_conflicts(db.session(), before_id=request.args.get("before", type=row_id))
    shown, has_more = rows[:PAGE_SIZE], len(rows) > PAGE_SIZE
    next_href = url_for(".conflicts", before=shown[-1][0].id) if has_more else None
    page = render_template("mentoring/match_conflicts.html", form=form, rows=shown, next_href=next_href)
    return page, form.status


@bp.post("/conflicts/<int:conflict_id>/end")
@access(Role.OPERATOR)
def end_conflict(conflict_id: int) -> ResponseReturnValue:
    """Let two people be matched again."""
    with db.transaction() as session:
        match_fixing.end_conflict(session, conflict_id, now=clock.now())
    flash("다음 짝짓기부터 이 두 분도 이을 수 있어요.", "ok")
    return redirect(url_for(".conflicts"))
