"""Computing a run of the matching. The solver is loaded when a run needs it, and by nothing else."""

import importlib

from portal.core import clock, db, work
from portal.mentoring import match_input, match_runs
from portal.mentoring.match_models import MatchRun, MatchWeights, RunState
from portal.mentoring.matching import Problem, Result

LEASE_S = match_runs.MATCH_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""

NO_SOLVER = "짝을 찾는 프로그램이 없어요. 서버를 돌보는 분께 requirements-matching.lock 설치를 부탁해 주세요."


def compute(run_id: int) -> None:
    """Find the pairs of one run and keep them as a draft.

    Run twice, the second time does nothing. Killed at any point it starts again once its lease has run out:
    the pairs are written with the end of the work, in one transaction, by the holder of the lease only. A
    failure is tried again a few times; without the solver the run has failed, and says what is missing.
    """
    with db.transaction() as session:
        lease = work.claim(session, MatchRun, run_id, now=clock.now(), lease_s=LEASE_S)
        tries = db.lock(session, MatchRun, run_id).attempts
    if lease is None:
        return
    if tries > match_runs.TRIES_MAX:  # workers were killed at it, each without a word
        _give_up(run_id, lease, "A worker ended while it was matching.")
        return
    try:
        _compute(run_id, lease)
    except ModuleNotFoundError:
        _give_up(run_id, lease, NO_SOLVER)
    except Exception as error:
        _note_failure(run_id, lease, f"{type(error).__name__}: {error}")
        raise


def _compute(run_id: int, lease: str) -> None:
    with db.transaction() as session:
        run = db.lock(session, MatchRun, run_id)
        problem = match_input.read_problem(
            session, session.get_one(MatchWeights, run.weights_id), seed=run.seed
        )
    result = solve(problem)
    with db.transaction() as session:
        values = {"state": RunState.DRAFT, "computed_at": clock.now(), "total": result.total}
        if work.finish(session, MatchRun, run_id, lease=lease, **values):
            match_runs.write(session, run_id, result)


def solve(problem: Problem) -> Result:
    """Return the result of a problem. Raises ModuleNotFoundError where the solver is not installed."""
    found: Result = importlib.import_module("portal.mentoring.solving").solve(problem)
    return found


def _note_failure(run_id: int, lease: str, error: str) -> None:
    with db.transaction() as session:
        if session.get_one(MatchRun, run_id).attempts < match_runs.TRIES_MAX:
            work.fail(session, MatchRun, run_id, lease=lease, error=error, now=clock.now())
            return
    _give_up(run_id, lease, error)


def _give_up(run_id: int, lease: str, sentence: str) -> None:
    with db.transaction() as session:
        if work.finish(session, MatchRun, run_id, lease=lease, state=RunState.FAILED):
            db.lock(session, MatchRun, run_id).last_error = sentence[:500]
