"""What two people agreed to do, on paper: what stands on it today, asking for it, and finding it again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.models import User
from portal.core import db, korean, queue, settings, work
from portal.core.errors import ConflictError, NotFoundError
from portal.courses import paper
from portal.courses.paper import Paper
from portal.mentoring import policy, queries
from portal.mentoring.models import Engagement, EngagementState
from portal.mentoring.plan_models import PlanPaper
from portal.mentoring.visit_models import ActionItem, Visit, VisitState

TITLE = "해 볼 일"
FAILED_SHOWN = 20
_TEMPLATE = Path(__file__).parent / "document" / "plan.jinja"


@dataclass(frozen=True)
class PlannedItem:
    """One thing to do: who does it, by when, and the day it was done; empty where there is none."""

    text: str
    done_on: str
    by: str = ""
    due_on: str = ""


@dataclass(frozen=True)
class Agreed:
    """What was agreed on one day."""

    day: str
    items: tuple[PlannedItem, ...]


@dataclass(frozen=True)
class Plan:
    """Everything agreed in an engagement, the newest day first, and by when the two meet again."""

    engagement_id: int
    people: str
    #: The agreed next meeting in words; empty while there is none.
    until: str
    is_active: bool
    agreed: tuple[Agreed, ...]


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the papers a worker should make now."""
    return work.list_due(session, PlanPaper, now=now)


MAKE_WITHIN_S = 180
MAKE = queue.register(
    "mentoring.make_plan",
    run="portal.mentoring.plan_jobs.make_plan",
    timeout_s=MAKE_WITHIN_S,
    due=list_due_ids,
)


def get_plan(session: Session, user: User, engagement_id: int, *, now: datetime) -> Plan:
    """Return what was agreed, for the two and for operators. Raises NotFoundError for anybody else."""
    return _plan(session, queries.get_engagement(session, user, engagement_id), now=now)


def get_plan_to_draw(session: Session, engagement_id: int, *, now: datetime) -> Plan:
    """Return what was agreed, for the worker that draws what one of the two has asked for."""
    people = (joinedload(Engagement.merchant), joinedload(Engagement.mentor))
    found = session.scalars(select(Engagement).where(Engagement.id == engagement_id).options(*people)).one()
    return _plan(session, found, now=now)


def write(plan: Plan, size_pt: int) -> Paper:
    """Write the paper as it stands."""
    html = paper.open_template(_TEMPLATE).render(
        plan=plan,
        title=TITLE,
        size_pt=size_pt,
        way=paper.way_to_own(plan.engagement_id),
        house=settings.current(),
    )
    return paper.finish(TITLE, html)


def order(session: Session, plan: Plan, *, size_pt: int, content_hash: str, now: datetime) -> PlanPaper:
    """Return the paper somebody asks for: the one there is, or a new one that a worker will make.

    The caller has loaded the plan by its policy. However often it is asked for, it is queued once.
    """
    wanted = {"engagement_id": plan.engagement_id, "size_pt": size_pt, "content_hash": content_hash}
    find = select(PlanPaper.id).filter_by(**wanted)
    key = session.scalar(find)
    if key is None:
        try:
            with session.begin_nested():
                session.add(PlanPaper(**wanted, ordered_at=now))
        except IntegrityError:
            pass  # the other one asked for it in this moment; that row is the one
        key = session.scalar(find)
    ordered = db.lock(session, PlanPaper, key)
    if ordered.due_at is None and not ordered.is_made:
        ordered.due_at = now
        queue.enqueue(session, MAKE, ordered.id)
    return ordered


def get_paper(session: Session, user: User, plan_id: int) -> PlanPaper:
    """Return a paper of an engagement this person may see; raises NotFoundError."""
    found: PlanPaper | None = session.scalar(
        select(PlanPaper)
        .join(Engagement, Engagement.id == PlanPaper.engagement_id)
        .where(PlanPaper.id == plan_id, policy.may_view(user))
    )
    if found is None:
        raise NotFoundError("찾는 종이가 없어요. 멘토 화면에서 다시 뽑아 주세요.")
    return found


def list_failed(session: Session) -> Sequence[PlanPaper]:
    """Return the papers that could not be made yet, the longest waiting first: for the page of jobs."""
    return session.scalars(
        select(PlanPaper).where(work.has_failed(PlanPaper)).order_by(PlanPaper.id).limit(FAILED_SHOWN)
    ).all()


def retry(session: Session, found: PlanPaper, *, now: datetime) -> None:
    """Let a worker try again now; one that is at it loses its lease. Raises ConflictError once it is made."""
    found = db.lock(session, PlanPaper, found.id)
    if found.due_at is None:
        raise ConflictError("이미 다 만든 종이예요.")
    found.due_at, found.lease = now, None
    queue.enqueue(session, MAKE, found.id)


def _plan(session: Session, engagement: Engagement, *, now: datetime) -> Plan:
    held = session.scalars(
        select(Visit)
        .where(Visit.engagement_id == engagement.id, Visit.state == VisitState.HELD)
        .options(selectinload(Visit.items))
        .order_by(Visit.id.desc())
    ).all()
    coming = session.scalar(
        select(Visit.starts_at).where(
            Visit.engagement_id == engagement.id, Visit.state == VisitState.AGREED, Visit.starts_at > now
        )
    )
    return Plan(
        engagement_id=engagement.id,
        people=f"{engagement.merchant.name} 사장님, {engagement.mentor.name} 멘토님",
        until=korean.dated_time(coming, now=now) if coming else "",
        is_active=engagement.state != EngagementState.ENDED,
        agreed=tuple(_agreed(visit) for visit in held if visit.items),
    )


def _agreed(visit: Visit) -> Agreed:
    return Agreed(
        korean.day(visit.starts_at or visit.created_at), tuple(_planned(item) for item in visit.items)
    )


def _planned(item: ActionItem) -> PlannedItem:
    return PlannedItem(
        item.text,
        done_on=korean.day(item.done_at) if item.done_at else "",
        by="멘토님이 해요" if item.is_mentors else "",
        due_on=korean.day(item.due_on) if item.due_on else "",
    )
