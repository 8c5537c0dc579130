"""When a mentor takes no questions: days they are away, and a pause after promises that were not kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.community import owners
from portal.community.models import MentorAway, Question, Routing, RoutingCause
from portal.core import db
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.messages.operations import mark_path_read, notify

MISSES_MAX = 3
"""Once is an accident and twice a bad week. The third says that whoever asks next would wait in vain too."""

MISSES_WITHIN = timedelta(days=28)
"""Four whole weeks, so that every weekday counts alike; what is longer ago is forgotten."""

AHEAD = timedelta(days=365)
"""How far ahead days can be named; a later year is a slip of the hand."""

LONGEST = timedelta(days=92)
"""Three months: who is away for longer had better be no mentor for the time."""

STEPS_MAX = 500
"""More late steps than this nobody makes before being paused."""

AWAYS_MAX = 20
"""As many coming absences as fit on a page and in a year."""


@dataclass(frozen=True)
class Rest:
    """Whether a mentor takes questions, and if not, why."""

    is_paused: bool
    #: Promises that led to the pause, or count now.
    misses: int
    aways: Sequence[MentorAway]
    is_away: bool


@dataclass(frozen=True)
class Resting:
    """A mentor who takes no questions now, for the operators."""

    name: str
    phone: str
    #: Null for those who are away for some days.
    paused_at: datetime | None
    misses: int
    first_day: date | None
    last_day: date | None


def go_away(session: Session, mentor: User, *, first_day: date, last_day: date, now: datetime) -> MentorAway:
    """Note days on which the mentor takes no questions; the same days again change nothing.

    What waits for them goes on by itself (`promises.look_after`). Raises DomainError for days that are over,
    in the wrong order or too far ahead, ConflictError for too many. Holds the mentor's profile.
    """
    today = now.astimezone(KST).date()
    if last_day < first_day:
        raise DomainError("마지막 날이 첫날보다 빨라요. 날짜를 바꿔 적어 주세요.", field="last_day")
    if last_day < today:
        raise DomainError("지난 날이에요. 오늘이나 그다음 날을 적어 주세요.", field="last_day")
    if first_day > today + AHEAD:
        raise DomainError("1년 안의 날을 적어 주세요.", field="first_day")
    if last_day - first_day > LONGEST:
        raise DomainError("한 번에 석 달까지 적을 수 있어요. 나누어 적어 주세요.", field="last_day")
    db.lock(session, MentorProfile, mentor.id)
    coming = list_aways(session, mentor, now=now)
    for away in coming:
        if (away.first_day, away.last_day) == (first_day, last_day):
            return away
    if len(coming) >= AWAYS_MAX:
        raise ConflictError("쉬는 날이 너무 많아요. 지난 것을 지우고 다시 적어 주세요.")
    away = MentorAway(mentor_id=mentor.id, first_day=first_day, last_day=last_day, created_at=now)
    session.add(away)
    return away


def cancel_away(away: MentorAway, *, now: datetime) -> None:
    """Take questions on these days after all; a second press changes nothing."""
    away.cancelled_at = away.cancelled_at or now


def come_back(session: Session, mentor: User, *, path: str, now: datetime) -> None:
    """End the mentor's pause, or their goodbye, at once; what was missed before counts no more.

    Holds the mentor's profile. Without a pause nothing changes.
    """
    profile = db.lock(session, MentorProfile, mentor.id)
    if profile.paused_at is not None:
        profile.paused_at, profile.left_at, profile.resumed_at = None, None, now
    mark_path_read(session, user_id=mentor.id, path=path, now=now)


def note_miss(session: Session, question: Question, *, path: str, now: datetime) -> None:
    """Pause the owner of a late question whose third broken promise this is; say why and how to come back.

    The caller holds the mentors. Who is away or paused misses nothing.
    """
    profile = session.get(MentorProfile, question.owner_id, populate_existing=True)
    if profile is None or not owners.is_there(session, question.owner_id, now=now):
        return
    this: set[tuple[int, datetime | None]] = {(question.id, question.promised_at)}
    missed = this | _misses(session, profile, until=now)
    if len(missed) < MISSES_MAX:
        return
    profile.paused_at = now
    notify(
        session,
        user_id=profile.user_id,
        cause=f"paused:{now:%Y%m%d%H%M%S}",
        message="mentor-paused",
        values={},
        path=path,
        now=now,
    )


def get_away(session: Session, mentor: User, away_id: int) -> MentorAway:
    """Return one absence of this mentor. Raises NotFoundError for anybody else's."""
    away = session.scalar(
        select(MentorAway).where(MentorAway.id == away_id, MentorAway.mentor_id == mentor.id)
    )
    if away is None:
        raise NotFoundError("찾는 날이 없어요. 목록에서 다시 골라 주세요.")
    return away


def list_aways(session: Session, mentor: User, *, now: datetime) -> Sequence[MentorAway]:
    """Return the mentor's absences that are not over, the first one first."""
    return session.scalars(
        select(MentorAway)
        .where(
            MentorAway.mentor_id == mentor.id,
            MentorAway.cancelled_at.is_(None),
            MentorAway.last_day >= now.astimezone(KST).date(),
        )
        .order_by(MentorAway.first_day, MentorAway.id)
        .limit(AWAYS_MAX)
    ).all()


def get_rest(session: Session, mentor: User, *, now: datetime) -> Rest:
    """Return whether a mentor takes questions now. Raises NotFoundError for one without a profile."""
    profile = session.get(MentorProfile, mentor.id)
    if profile is None:
        raise NotFoundError("멘토 소개가 아직 없어요. 운영자에게 전화해 주세요.")
    aways, today = list_aways(session, mentor, now=now), now.astimezone(KST).date()
    return Rest(
        is_paused=profile.paused_at is not None,
        misses=len(_misses(session, profile, until=profile.paused_at or now)),
        aways=aways,
        is_away=any(away.first_day <= today for away in aways),
    )


def list_resting(session: Session, *, now: datetime) -> list[Resting]:
    """Return the mentors who take no questions now: those paused first, the longest pause first."""
    today = now.astimezone(KST).date()
    rows = session.execute(
        select(User, MentorProfile, MentorAway)
        .join(MentorProfile, MentorProfile.user_id == User.id)
        .outerjoin(
            MentorAway,
            and_(
                MentorAway.mentor_id == User.id,
                MentorAway.cancelled_at.is_(None),
                MentorAway.first_day <= today,
                MentorAway.last_day >= today,
            ),
        )
        .where(or_(MentorProfile.paused_at.is_not(None), MentorAway.id.is_not(None)))
        .order_by(MentorProfile.paused_at.is_(None), MentorProfile.paused_at, User.id)
        .limit(AWAYS_MAX)
    ).all()
    missed = _list_missed(session, {profile.user_id for _, profile, _ in rows if profile.paused_at})
    return [
        Resting(
            name=user.name,
            phone=user.phone_shown,
            paused_at=profile.paused_at,
            misses=len(_counted(missed, profile, until=profile.paused_at or now)),
            first_day=away.first_day if away else None,
            last_day=away.last_day if away else None,
        )
        for user, profile, away in rows
    ]


@dataclass(frozen=True)
class _Missed:
    """A promise somebody left late."""

    user_id: int
    thread_id: int
    left: datetime | None
    at: datetime


def _misses(session: Session, profile: MentorProfile, *, until: datetime) -> set[tuple[int, datetime | None]]:
    return _counted(_list_missed(session, {profile.user_id}), profile, until=until)


def _counted(
    missed: list[_Missed], profile: MentorProfile, *, until: datetime
) -> set[tuple[int, datetime | None]]:
    """Return the promises a mentor broke in the weeks before ``until``, since they last came back."""
    since = until - MISSES_WITHIN
    since = max(since, profile.resumed_at or since)
    mine = [row for row in missed if row.user_id == profile.user_id and since < row.at <= until]
    return {(row.thread_id, row.left) for row in mine}


def _list_missed(session: Session, user_ids: set[int]) -> list[_Missed]:
    """Return the steps with which questions left these owners late, or stayed for want of others."""
    stayed = and_(Routing.cause == RoutingCause.ESCALATED, Routing.owner_id == Routing.former_id)
    rows = session.execute(
        select(Routing.former_id, Routing.thread_id, Routing.former_promise, Routing.at)
        .where(
            Routing.former_id.in_(user_ids),
            Routing.former_promise < Routing.at,
            or_(Routing.cause.in_([RoutingCause.LATE, RoutingCause.HANDED]), stayed),
        )
        .order_by(Routing.at.desc())
        .limit(STEPS_MAX)
    )
    return [_Missed(user_id, thread_id, left, at) for user_id, thread_id, left, at in rows if user_id]
