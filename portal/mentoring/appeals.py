"""Somebody disagrees with what was written about a visit that did not come about; an operator decides.

A market day, the weather, an illness: whoever is meant says so in a line. What is upheld counts no more,
and what was written stays, with the decision beside it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.accounts.models import RoleGrant, User
from portal.core import db, korean
from portal.core.errors import ConflictError, ForbiddenError
from portal.core.roles import Role
from portal.mentoring.models import Engagement
from portal.mentoring.policy import may_view
from portal.mentoring.queries import found
from portal.mentoring.telling import about
from portal.mentoring.visit_models import Appeal, MissedBy, Visit, VisitState
from portal.messages.operations import mark_path_read, notify

PAGE_SIZE = 20
WITHIN = timedelta(days=90)
"""What is longer ago than a season says nothing of how somebody keeps their word now."""

SHOWN_FOR = timedelta(days=30)
"""How long the page of the two still speaks of it."""


@dataclass(frozen=True)
class Case:
    """An appeal as operators read it."""

    id: int
    engagement_id: int
    who: str
    phone: str
    #: What was written: who did not come, or who let go late, and by whom it was written.
    written: str
    when: str
    words: str
    made_at: datetime
    #: How often something like it was written about this person lately, this one among them.
    count: int
    is_upheld: bool | None
    decision: str


@dataclass(frozen=True)
class Blame:
    """What was written about the reader of a page, with what they said to it."""

    visit_id: int
    sentence: str
    words: str
    decision: str
    is_upheld: bool | None

    @property
    def can_appeal(self) -> bool:
        """Nothing has been said to it yet."""
        return not self.words


def appeal(session: Session, visit: Visit, user: User, *, words: str, path: str, now: datetime) -> Appeal:
    """Say what was the matter, and tell the operators; the first words stay.

    Raises ForbiddenError for somebody about whom nothing was written. Holds the visit.
    """
    visit = db.lock(session, Visit, visit.id)
    made = session.scalar(select(Appeal).where(Appeal.visit_id == visit.id, Appeal.user_id == user.id))
    if made is not None:
        return made
    if (
        session.scalar(select(Visit.id).join(Visit.engagement).where(Visit.id == visit.id, blames(user)))
        is None
    ):
        raise ForbiddenError("사장님이나 멘토님께 적힌 것이 없어요. 멘토 화면에서 다시 확인해 주세요.")
    made = Appeal(visit_id=visit.id, user_id=user.id, words=words, made_at=now)
    session.add(made)
    session.flush()  # the notices name its id
    operators = select(RoleGrant.user_id).where(RoleGrant.role == Role.OPERATOR).order_by(RoleGrant.user_id)
    for user_id in session.scalars(operators).all():
        notify(
            session,
            user_id=user_id,
            cause=f"appeal:{made.id}",
            message="appeal-made",
            values={"who": user.name},
            path=path,
            now=now,
        )
    return made


def decide(
    session: Session,
    case: Appeal,
    operator: User,
    *,
    is_upheld: bool,
    decision: str,
    path: str,
    now: datetime,
) -> None:
    """Take back what was written, or leave it, with a sentence both kinds of answer need; tell who asked.

    The same decision again changes nothing. Raises ConflictError for another one, ForbiddenError for an
    operator who is one of the two. Holds the appeal.
    """
    case = db.lock(session, Appeal, case.id)
    engagement = session.scalars(
        select(Engagement).join(Visit, Visit.engagement_id == Engagement.id).where(Visit.id == case.visit_id)
    ).one()
    if operator.id in {engagement.merchant_id, engagement.mentor_id}:
        raise ForbiddenError("함께하는 두 분 가운데 한 분이라 정할 수 없어요. 다른 운영자께 부탁해 주세요.")
    if case.decided_at is not None:
        if case.is_upheld == is_upheld:
            return
        raise ConflictError("다른 운영자가 먼저 정했어요. 목록에서 다시 봐 주세요.")
    case.decided_at, case.decided_by_id = now, operator.id
    case.is_upheld, case.decision = is_upheld, decision
    notify(
        session,
        user_id=case.user_id,
        cause=f"appeal:{case.id}:decided",
        message="appeal-upheld" if is_upheld else "appeal-declined",
        values={},
        about=about(engagement.id),
        path=path,
        now=now,
    )


def mark_seen(session: Session, operator: User, *, path: str, now: datetime) -> None:
    """Note that an operator has dealt with what the notices of the list tell."""
    mark_path_read(session, user_id=operator.id, path=path, now=now)


def get_appeal(session: Session, appeal_id: int) -> Appeal:
    """Return an appeal to decide, for operators. Raises NotFoundError if there is none."""
    return found(session.get(Appeal, appeal_id), "찾는 사정이 없어요. 목록에서 다시 골라 주세요.")


def engagement_of(session: Session, case: Appeal) -> int:
    """Return which engagement an appeal is about."""
    return session.scalars(select(Visit.engagement_id).where(Visit.id == case.visit_id)).one()


def list_cases(session: Session, *, is_open: bool, now: datetime, before_id: int | None = None) -> list[Case]:
    """Return appeals for operators: those that wait, the oldest first, or the decided ones, newest first."""
    order = Appeal.id if is_open else Appeal.id.desc()
    statement = (
        _cases()
        .where(Appeal.decided_at.is_(None) if is_open else Appeal.decided_at.is_not(None))
        .order_by(order)
        .limit(PAGE_SIZE + 1)
    )
    if before_id is not None:
        statement = statement.where(Appeal.id > before_id if is_open else Appeal.id < before_id)
    rows = session.execute(statement).all()
    counts = _count_all(session, {user.id for _, user in rows}, now=now)
    return [_case(case, user, counts, now=now) for case, user in rows]


def get_case(session: Session, appeal_id: int, *, now: datetime) -> Case:
    """Return one appeal as operators read it. Raises NotFoundError if there is none."""
    row = session.execute(_cases().where(Appeal.id == appeal_id)).one_or_none()
    case, user = found(row, "찾는 사정이 없어요. 목록에서 다시 골라 주세요.")
    return _case(case, user, _count_all(session, {user.id}, now=now), now=now)


def find_blame(session: Session, user: User, engagement_id: int, *, now: datetime) -> Blame | None:
    """Return the last thing written about ``user`` in an engagement of late, whatever became of it."""
    row = session.execute(
        select(Visit, Appeal)
        .join(Visit.engagement)
        .outerjoin(Appeal, and_(Appeal.visit_id == Visit.id, Appeal.user_id == user.id))
        .where(
            Visit.engagement_id == engagement_id,
            Visit.starts_at > now - SHOWN_FOR,
            blames(user, is_upheld=None),
            may_view(user),
        )
        .order_by(Visit.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    visit, said = row
    when = korean.dated_time(visit.starts_at or visit.created_at, now=now)
    late = f"{when} 약속을 만나기 하루 안에 바꾼 것으로 적혀 있어요."
    return Blame(
        visit_id=visit.id,
        sentence=late if visit.is_late_cancel else f"{when} 약속에 못 오신 것으로 적혀 있어요.",
        words=said.words if said else "",
        decision=said.decision if said else "",
        is_upheld=said.is_upheld if said else None,
    )


def count_against(session: Session, user: User, *, now: datetime) -> int:
    """Return how often it was lately written that somebody did not come or let go late, and still stands."""
    return _count_all(session, {user.id}, now=now).get(user.id, 0)


def blames(user: User, *, is_upheld: bool | None = False) -> ColumnElement[bool]:
    """Return the condition under which a visit, joined to its engagement, speaks against ``user``.

    What was taken back is left out unless ``is_upheld`` is None.
    """
    missed = or_(
        and_(Visit.missed_by == MissedBy.MERCHANT, Engagement.merchant_id == user.id),
        and_(Visit.missed_by == MissedBy.MENTOR, Engagement.mentor_id == user.id),
    )
    said = or_(
        and_(Visit.state == VisitState.MISSED, missed),
        and_(Visit.is_late_cancel, Visit.closed_by_id == user.id),
    )
    taken_back = exists().where(
        Appeal.visit_id == Visit.id, Appeal.user_id == user.id, Appeal.is_upheld.is_(True)
    )
    return said if is_upheld is None else and_(said, ~taken_back)


def _cases() -> Select[Appeal, User]:
    return (
        select(Appeal, User)
        .join(User, User.id == Appeal.user_id)
        .join(Appeal.visit)
        .options(
            contains_eager(Appeal.visit).joinedload(Visit.engagement).joinedload(Engagement.merchant),
            contains_eager(Appeal.visit).joinedload(Visit.engagement).joinedload(Engagement.mentor),
        )
    )


def _count_all(session: Session, user_ids: set[int], *, now: datetime) -> dict[int, int]:
    counts = {}
    for user in session.scalars(select(User).where(User.id.in_(user_ids))):
        statement = select(func.count(Visit.id)).join(Visit.engagement)
        since = Visit.starts_at > now - WITHIN
        counts[user.id] = session.scalar(statement.where(blames(user), since)) or 0
    return counts


def _case(case: Appeal, user: User, counts: dict[int, int], *, now: datetime) -> Case:
    visit, engagement = case.visit, case.visit.engagement
    is_merchant = user.id == engagement.merchant_id
    names = {
        engagement.merchant_id: f"{engagement.merchant.name} 사장님",
        engagement.mentor_id: f"{engagement.mentor.name} 멘토님",
    }
    what = "만나기 하루 안에 약속을 바꿈" if visit.is_late_cancel else "약속에 오지 않음"
    by = "" if visit.is_late_cancel else f" ({names.get(visit.closed_by_id or 0, '운영자')}이 적음)"
    return Case(
        id=case.id,
        engagement_id=engagement.id,
        who=names[engagement.merchant_id if is_merchant else engagement.mentor_id],
        phone=user.phone_shown,
        written=what + by,
        when=korean.dated_time(visit.starts_at, now=now) if visit.starts_at else "",
        words=case.words,
        made_at=case.made_at,
        count=counts.get(user.id, 0),
        is_upheld=case.is_upheld,
        decision=case.decision,
    )
