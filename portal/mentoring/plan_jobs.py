"""Making the papers of what two people agreed to do."""

from portal.core import clock, db, work
from portal.core.storage import storage
from portal.courses.handout_pdf import Press
from portal.courses.paper import Paper
from portal.mentoring import plan
from portal.mentoring.plan_models import PlanPaper

LEASE_S = plan.MAKE_WITHIN_S + 30
"""Longer than the job may run, so that only a dead worker's lease runs out."""


def make_plan(plan_id: int) -> None:
    """Draw and store one paper.

    Run twice, the second time does nothing. One whose content changed since it was asked for is finished
    without a document: its page then offers today's. A failure notes its cause and waits.
    """
    now = clock.now()
    with db.transaction() as session:
        lease = work.claim(session, PlanPaper, plan_id, now=now, lease_s=LEASE_S)
        if lease is None:
            return
        ordered = db.lock(session, PlanPaper, plan_id)
        agreed = plan.get_plan_to_draw(session, ordered.engagement_id, now=now)
    try:
        todays = plan.write(agreed, ordered.size_pt)
        key = _store(todays) if todays.content_hash == ordered.content_hash else None
    except Exception as error:
        with db.transaction() as session:
            words = f"{type(error).__name__}: {error}"
            work.fail(session, PlanPaper, plan_id, lease=lease, error=words, now=clock.now())
        raise
    made_at = clock.now() if key else None
    with db.transaction() as session:
        work.finish(session, PlanPaper, plan_id, lease=lease, document_key=key, made_at=made_at)


def _store(todays: Paper) -> str:
    with Press() as press:
        return storage().put(press.draw(todays))
