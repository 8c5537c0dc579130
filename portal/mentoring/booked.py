"""Reading what is agreed: for its two people's calendars, for operators, and what changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core.errors import NotFoundError
from portal.mentoring import appeals, calendars, policy, queries
from portal.mentoring.appeals import Blame
from portal.mentoring.appointment import Appointment
from portal.mentoring.visit_models import Visit, VisitState, VisitTime


@dataclass(frozen=True)
class Booking:
    """What the page of two people says about their visit beside when and where."""

    #: Where a video call is opened; empty for other kinds.
    link: str
    #: The operator who chose for the merchant on the telephone; empty when she did so herself.
    chosen_by: str
    #: Why the last visit was changed, in the words of who changed it.
    change_reason: str
    #: The moments by the number under which they were sent.
    numbers: dict[int, int]
    blame: Blame | None


def read(session: Session, user: User, engagement_id: int, *, now: datetime) -> Booking:
    """Return what stands beside the last visit of an engagement, for those who may see it."""
    row = session.execute(
        select(Visit, User.name)
        .join(Visit.engagement)
        .outerjoin(User, User.id == Visit.agreed_by_id)
        .where(Visit.engagement_id == engagement_id, policy.may_view(user))
        .order_by(Visit.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return Booking(link="", chosen_by="", change_reason="", numbers={}, blame=None)
    visit, operator = row
    times = session.scalars(select(VisitTime).where(VisitTime.visit_id == visit.id))
    return Booking(
        link=visit.link if visit.state == VisitState.AGREED else "",
        chosen_by=operator or "",
        change_reason=visit.change_reason if visit.state == VisitState.CANCELLED else "",
        numbers={time.id: time.position for time in times},
        blame=appeals.find_blame(session, user, engagement_id, now=now),
    )


def get_visit_to_choose_for(session: Session, user: User, visit_id: int) -> Visit:
    """Return a visit whose time an operator presses for the merchant. Raises NotFoundError for all others."""
    visit = session.scalar(
        select(Visit).join(Visit.engagement).where(Visit.id == visit_id, policy.may_choose_for(user))
    )
    return queries.found(visit, "찾는 약속이 없어요.")


def get_appointment(session: Session, user: User, visit_id: int) -> Appointment:
    """Return an agreed visit for a calendar.

    Raises NotFoundError until it is agreed, else as `queries.get_visit`.
    """
    visit = queries.get_visit(session, user, visit_id)
    if visit.state != VisitState.AGREED or visit.starts_at is None or visit.agreed_at is None:
        raise NotFoundError("아직 정한 약속이 아니에요. 멘토 화면에서 다시 확인해 주세요.")
    return calendars.get_appointment(session, visit, user.id)


def is_missed(visit: Visit) -> bool:
    """Tell whether it is written down already that the two did not meet."""
    return visit.state == VisitState.MISSED
