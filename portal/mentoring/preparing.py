"""What the two look at together when they meet: chosen by the mentor, or what fits the step and the need."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db
from portal.core.errors import ConflictError
from portal.mentoring import guides, journey, queries
from portal.mentoring.guides import Agenda
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import OPEN_VISIT_STATES, Visit
from portal.mentoring.vocabulary import STEP_NAMES


@dataclass(frozen=True)
class Preparation:
    """What is prepared for one visit."""

    visit_id: int
    engagement_id: int
    is_mentor: bool
    other: str
    #: When and where, once agreed.
    words: str
    step: str
    agenda: Agenda


def agenda_of(session: Session, visit: Visit | None, engagement: Engagement) -> Agenda:
    """Return what is looked at in a visit, or in the next one; for callers that loaded it by its policy.

    Needs the engagement's need loaded.
    """
    known = guides.current()
    chosen = known.find(visit.agenda) if visit else None
    if chosen is not None:
        return chosen
    step = visit.step if visit and visit.step else journey.next_step(session, engagement)
    return known.fitting(step, engagement.need.topic)


def read(session: Session, user: User, visit_id: int, *, now: datetime) -> Preparation:
    """Return what is prepared for a visit, for its two people. Raises as `queries.get_visit` does."""
    visit = queries.get_visit(session, user, visit_id)
    engagement = queries.get_own_engagement(session, user, visit.engagement_id)
    agenda = agenda_of(session, visit, engagement)
    return Preparation(
        visit_id=visit.id,
        engagement_id=visit.engagement_id,
        is_mentor=user.id == visit.mentor_id,
        other=queries.other_side(engagement, user),
        words=queries.when_and_where(visit, now=now),
        step=STEP_NAMES[agenda.step],
        agenda=agenda,
    )


def choose(session: Session, visit: Visit, agenda: Agenda) -> None:
    """Choose what is looked at, and with it which of the four visits it is; both see it.

    Raises ConflictError for a visit that is over.
    """
    visit = db.lock(session, Visit, visit.id)
    if visit.state not in OPEN_VISIT_STATES:
        raise ConflictError("이미 지난 만남이에요. 다음 만남에서 골라 주세요.")
    visit.step, visit.agenda = agenda.step, agenda.id
