"""Rehearsing a cue sheet: when each part ends, what came of it, and what a mentor or trainer says to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.courses import catalogue, operations, policy, queries
from portal.courses.catalogue import Place
from portal.courses.models import PracticeTry
from portal.courses.rehearsal_models import Rehearsal, RehearsalCheck, RehearsalLog
from portal.messages.operations import notify
from portal.practice import kinds
from portal.practice.cue_sheet import CueSheet, Part

SHOWN = 10
"""The newest rehearsals of a step."""
TO_CHECK = 3
"""Rehearsals after which somebody looks at one."""
_HALF_A_MINUTE = timedelta(seconds=30)


@dataclass(frozen=True)
class Timed:
    """A part with the minutes between which it lies, and the moment it ends once the rehearsal has begun."""

    number: int
    part: Part
    from_minute: int
    to_minute: int
    ends_at: datetime | None


@dataclass(frozen=True)
class Logged:
    """A rehearsal that was written down, and what was said to it."""

    rehearsal: Rehearsal
    log: RehearsalLog
    check: RehearsalCheck | None


def find_sheet(session: Session, user: User, place: Place) -> PracticeTry | None:
    """Return the person's last cue sheet at a step that passed."""
    found: PracticeTry | None = session.scalar(
        select(PracticeTry)
        .where(policy.own_at(user, PracticeTry, place), PracticeTry.passed)
        .order_by(PracticeTry.number.desc())
        .limit(1)
    )
    return found if isinstance(place.step.practice, CueSheet) else None


def time_parts(place: Place, tried: PracticeTry, started_at: datetime | None = None) -> tuple[Timed, ...]:
    """Return the parts of a cue sheet in their order, with the clock from ``started_at``.

    Ends are told to the minute that is nearest, as the clock of a telephone shows them.
    """
    practice = place.step.practice
    parts = practice.read_parts(tried.answer) if isinstance(practice, CueSheet) else ()
    begin = to_the_minute(started_at) if started_at else None
    timed, minute = [], 0
    for number, part in enumerate(parts, start=1):
        ended = minute + part.minutes
        ends_at = begin + timedelta(minutes=ended) if begin else None
        timed.append(Timed(number, part, minute, ended, ends_at))
        minute = ended
    return tuple(timed)


def to_the_minute(moment: datetime) -> datetime:
    """Return the nearest full minute, from which the parts are counted."""
    return (moment + _HALF_A_MINUTE).replace(second=0, microsecond=0)


def start(session: Session, learner: User, place: Place, *, form_key: str, now: datetime) -> Rehearsal:
    """Begin a rehearsal now; the same form sent twice is the same one.

    Raises DomainError before the cue sheet has passed. Holds the learner's enrolment.
    """
    operations.enrol(session, learner, place.course, now=now)
    begun: Rehearsal | None = session.scalar(
        select(Rehearsal).where(policy.may_view(learner, Rehearsal), Rehearsal.form_key == form_key)
    )
    if begun is not None:
        return begun
    tried = find_sheet(session, learner, place)
    if tried is None:
        raise DomainError("순서표를 먼저 다 짜 주세요. 그다음에 연습할 수 있어요.")
    begun = Rehearsal(
        learner_id=learner.id,
        course_id=place.course.id,
        lesson_id=place.lesson.id,
        step_id=place.step.id,
        try_id=tried.id,
        started_at=now,
        form_key=form_key,
    )
    session.add(begun)
    session.flush()  # its page names its id
    return begun


def get_own(session: Session, user: User, rehearsal_id: int) -> Rehearsal:
    """Return a rehearsal of this person with its cue sheet; raises NotFoundError."""
    found: Rehearsal | None = session.scalar(
        select(Rehearsal)
        .where(Rehearsal.id == rehearsal_id, policy.may_view(user, Rehearsal))
        .options(joinedload(Rehearsal.tried))
    )
    if found is None:
        raise NotFoundError("찾는 연습이 없어요. 수업에서 다시 시작해 주세요.")
    return found


def log(
    session: Session, learner: User, rehearsal: Rehearsal, *, over: Sequence[int], mend: str, now: datetime
) -> None:
    """Write down what came of a rehearsal; once enough are, a step that asks for them is complete.

    A second time changes nothing. Raises DomainError for a part that the sheet does not have. Holds the
    learner's enrolment.
    """
    place = place_of(rehearsal)
    enrolment = operations.enrol(session, learner, place.course, now=now)
    if session.get(RehearsalLog, rehearsal.id) is not None:
        return
    parts = {timed.number for timed in time_parts(place, rehearsal.tried)}
    if not set(over) <= parts:
        raise DomainError("순서표에 있는 순서만 골라 주세요.", field="over")
    session.add(RehearsalLog(rehearsal_id=rehearsal.id, over=sorted(set(over)), mend=mend, logged_at=now))
    session.flush()  # the count below reads the database
    needed = kinds.rehearsals_needed(operations.required_practice(place))
    if needed and queries.count_rehearsals(session, learner, place) >= needed:
        operations.complete_step(session, enrolment, place, now=now)


def place_of(rehearsal: Rehearsal) -> Place:
    """Return the step of a rehearsal; raises NotFoundError where it is taught no more."""
    return catalogue.current().place(rehearsal.course_id, rehearsal.lesson_id, rehearsal.step_id)


def list_own(session: Session, user: User, place: Place) -> list[Logged]:
    """Return what the person wrote down of rehearsals at a step, the newest first, ``SHOWN`` at most."""
    return _list(session, policy.own_at(user, Rehearsal, place))[:SHOWN]


def list_beside(session: Session, rehearsal: Rehearsal) -> list[Logged]:
    """Return the rehearsals of the same learner at the same step, the newest first, ``SHOWN`` at most.

    For callers that hold one of them, loaded by their policy.
    """
    return _list(session, _beside(rehearsal))[:SHOWN]


def check(
    session: Session, rehearsal: Rehearsal, reviewer: User, *, comment: str, path: str, now: datetime
) -> None:
    """Say something to a rehearsal and tell the learner; ``path`` is the step's page.

    The caller has loaded it by its policy. Holds the learner's enrolment. Raises ForbiddenError for one's
    own, NotFoundError for one that was not written down, ConflictError where somebody has said something to
    one of this step's already.
    """
    if rehearsal.learner_id == reviewer.id:
        raise ForbiddenError("내 연습은 다른 분이 봐요.")
    learner = session.get_one(User, rehearsal.learner_id)
    operations.enrol(session, learner, place_of(rehearsal).course, now=now)
    beside = _list(session, _beside(rehearsal))
    if rehearsal.id not in {each.rehearsal.id for each in beside}:
        raise NotFoundError("아직 적지 않은 연습이에요. 목록에서 다시 골라 주세요.")
    if any(each.check for each in beside):
        raise ConflictError("다른 분이 이미 말씀해 드렸어요.")
    session.add(
        RehearsalCheck(rehearsal_id=rehearsal.id, checked_by_id=reviewer.id, comment=comment, checked_at=now)
    )
    notify(
        session,
        user_id=rehearsal.learner_id,
        cause=f"rehearsal:{rehearsal.id}",
        message="rehearsal-checked",
        values={"reviewer": reviewer.title},
        path=path,
        now=now,
    )


def _beside(rehearsal: Rehearsal) -> ColumnElement[bool]:
    return (
        (Rehearsal.learner_id == rehearsal.learner_id)
        & (Rehearsal.course_id == rehearsal.course_id)
        & (Rehearsal.lesson_id == rehearsal.lesson_id)
        & (Rehearsal.step_id == rehearsal.step_id)
    )


def _list(session: Session, condition: ColumnElement[bool]) -> list[Logged]:
    statement: Select[Rehearsal, RehearsalLog, RehearsalCheck] = (
        select(Rehearsal, RehearsalLog, RehearsalCheck)
        .join(RehearsalLog, RehearsalLog.rehearsal_id == Rehearsal.id)
        .outerjoin(RehearsalCheck, RehearsalCheck.rehearsal_id == Rehearsal.id)
        .where(condition)
        .options(joinedload(RehearsalCheck.checked_by))
        .order_by(Rehearsal.id.desc())
    )
    return [Logged(*row) for row in session.execute(statement)]
