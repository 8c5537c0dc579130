"""Reading handed-over questions: as a specialist does, on the page of the two, and for operators."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select, true
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.core.clock import KST
from portal.core.working_time import add_working_days
from portal.courses import catalogue
from portal.courses.facts import Fact, FactNote, notes_on
from portal.mentoring import policy, specialists
from portal.mentoring.models import Engagement, MatchProfile, Referral
from portal.mentoring.queries import PAGE_SIZE, found
from portal.mentoring.vocabulary import FIELD_NAMES, Field

LATE_AFTER_DAYS = 3
"""Working days a question may wait before operators see it."""
SHOWN = 10
NO_QUESTION = "찾는 질문이 없어요. 다른 전문가가 맡았을 수 있어요."


@dataclass(frozen=True)
class Question:
    """A question as a specialist reads it: nothing in it tells whose shop it is about."""

    id: int
    field_name: str
    question: str
    made_at: datetime
    is_mine: bool
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Answered:
    """A question as the two read it, with the answer once there is one."""

    id: int
    field_name: str
    question: str
    made_at: datetime
    #: Who took it; empty while nobody has.
    specialist: str
    answer: str
    answered_at: datetime | None
    #: Where official advice is found, and what is in doubt about that.
    advice: FactNote


@dataclass(frozen=True)
class Waiting:
    """A question that waits too long, for operators."""

    id: int
    field_name: str
    question: str
    made_at: datetime
    engagement_id: int
    #: Who took it; empty while nobody has.
    specialist: str


def list_questions(
    session: Session, user: User, *, is_mine: bool, beyond_id: int | None = None
) -> list[Question]:
    """Return what a specialist may take, oldest first, or has taken, newest first; one more than a page."""
    chosen = _is_mine(user) if is_mine else _may_take(session, user)
    statement = select(Referral).where(chosen).order_by(Referral.id.desc() if is_mine else Referral.id)
    if beyond_id is not None:
        statement = statement.where(Referral.id < beyond_id if is_mine else Referral.id > beyond_id)
    return [_question(row, user) for row in session.scalars(statement.limit(PAGE_SIZE + 1))]


def get_question(session: Session, user: User, referral_id: int) -> Question:
    """Return a question a specialist may take or has taken. Raises NotFoundError for anybody else."""
    may = or_(_is_mine(user), _may_take(session, user))
    row = session.scalar(select(Referral).where(Referral.id == referral_id, may))
    return _question(found(row, NO_QUESTION), user)


def get_referral(session: Session, user: User, referral_id: int) -> Referral:
    """Return the row of a question, to take it, answer it or give it back.

    One that another specialist took first is found too, for taking it says so. Raises NotFoundError for those
    who are neither specialists of its field nor operators.
    """
    may = true() if specialists.may_appoint(user) else or_(_is_mine(user), _is_of_field(session, user))
    return found(session.scalar(select(Referral).where(Referral.id == referral_id, may)), NO_QUESTION)


def list_shared(session: Session, user: User, engagement_id: int, *, now: datetime) -> list[Answered]:
    """Return the questions of an engagement one may see, the newest first."""
    rows = session.execute(
        select(Referral, User.name)
        .join(Referral.engagement)
        .outerjoin(User, User.id == Referral.specialist_id)
        .where(Referral.engagement_id == engagement_id, policy.may_view(user))
        .order_by(Referral.id.desc())
        .limit(SHOWN)
    ).all()
    return [
        Answered(
            id=row.id,
            field_name=FIELD_NAMES[row.field],
            question=row.question,
            made_at=row.made_at,
            specialist=name or "",
            answer=row.answer,
            answered_at=row.answered_at,
            advice=advice_on(row.field, now=now),
        )
        for row, name in rows
    ]


def list_waiting(session: Session, *, now: datetime, after_id: int = 0) -> list[Waiting]:
    """Return what waits too long, or has nobody who could answer, the oldest first; one more than a page."""
    rows = session.execute(
        select(Referral, User.name)
        .outerjoin(User, User.id == Referral.specialist_id)
        .where(waits_too_long(now), Referral.id > after_id)
        .order_by(Referral.id)
        .limit(PAGE_SIZE + 1)
    )
    return [
        Waiting(row.id, FIELD_NAMES[row.field], row.question, row.made_at, row.engagement_id, name or "")
        for row, name in rows
    ]


def late_before(now: datetime) -> datetime:
    """Return the moment before which a question was made that has waited LATE_AFTER_DAYS working days."""
    today = now.astimezone(KST).date()
    day = today
    while add_working_days(day, LATE_AFTER_DAYS) >= today:
        day -= timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), KST)


def advice_on(field: Field, *, now: datetime) -> FactNote:
    """Return where official advice on a field is found, as content/facts/official_advice.toml says."""
    return notes_on([list_advice()[field]], now.astimezone(KST).date())[0]


def list_advice() -> dict[Field, Fact]:
    """Return where official advice is found, for each field the content knows it of."""
    facts = {fact.id: fact for fact in catalogue.current().facts}
    named = {field: f"official_advice.{field.value}" for field in Field}
    return {field: facts[name] for field, name in named.items() if name in facts}


def _question(row: Referral, user: User) -> Question:
    return Question(
        id=row.id,
        field_name=FIELD_NAMES[row.field],
        question=row.question,
        made_at=row.made_at,
        is_mine=row.specialist_id == user.id,
        answer=row.answer,
        answered_at=row.answered_at,
    )


def _is_mine(user: User) -> ColumnElement[bool]:
    return Referral.specialist_id == user.id


def _may_take(session: Session, user: User) -> ColumnElement[bool]:
    return and_(_is_of_field(session, user), Referral.specialist_id.is_(None))


def _is_of_field(session: Session, user: User) -> ColumnElement[bool]:
    """Return the condition that ``user`` answers questions of this field, and is none of the two."""
    field = specialists.find_field(session, user)
    if field is None:
        return false()
    own = exists().where(Engagement.id == Referral.engagement_id, policy.is_party(user))
    return and_(Referral.field == field, not_(own))


def waits_too_long(now: datetime) -> ColumnElement[bool]:
    """Return the condition that operators look after a question."""
    is_one_of_the_two = exists().where(
        Engagement.id == Referral.engagement_id,
        or_(Engagement.mentor_id == MentorProfile.user_id, Engagement.merchant_id == MentorProfile.user_id),
    )
    answers = exists().where(
        MatchProfile.field == Referral.field,
        MatchProfile.mentor_id == MentorProfile.user_id,
        ~is_one_of_the_two,
        MentorProfile.left_at.is_(None),
        MentorProfile.paused_at.is_(None),
    )
    too_long = Referral.made_at < late_before(now)
    nobody = and_(Referral.specialist_id.is_(None), not_(answers))
    return and_(Referral.answered_at.is_(None), or_(too_long, nobody))
