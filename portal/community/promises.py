"""The promise: every question has one owner and a time, and goes on by itself when that owner cannot keep it.

At 70 % of the working time the owner is reminded; when the time is over, or the owner is away, paused or no
mentor any more, the next mentor has it and the asker is told. Whatever needs this follows from the rows
(`list_due_ids`), so a worker that was down for hours only comes late. Every step is a `Routing` row; one that
leaves a promise makes a later one, and the unique constraint lets each be left once.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant, User
from portal.accounts.queries import get_user
from portal.accounts.vocabulary import Topic
from portal.community import absences, following, owners, writing
from portal.community.models import Question, QuestionState, Routing, RoutingCause
from portal.community.owners import Wanted
from portal.core import db, korean, queue, working_time
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.messages.operations import notify

PROMISE_WORKING_HOURS = 8
"""One working day: who asks in the morning has the answer before the office closes, who asks in the
afternoon has it the next working day, and a mentor with a shop of their own has one quiet hour in between."""

REMINDED_AFTER = 0.7
"""How much of a promise's working time goes by before its owner is reminded."""

ENOUGH_WORKING_HOURS = 4
"""With half a day left a new owner keeps the promise as it is; with less there is a new one."""

DUE_MAX = 200


@dataclass(frozen=True)
class Paths:
    """Where notices lead: to the question, and to where a mentor comes back from a pause."""

    question: str
    rest: str


def promise(now: datetime, *, after: datetime | None = None) -> datetime:
    """Return by when a question of now is answered: a full hour, later than the promise it comes ``after``.

    Two promises of one question never name the same moment, so that each can be told from the next.
    """
    made = working_time.up_to_the_hour(working_time.add_working_hours(now, PROMISE_WORKING_HOURS))
    return made if after is None or made > after else working_time.add_working_hours(after, 1)


def choose_owner_id(session: Session, asker: User, topic: Topic, *, now: datetime) -> int:
    """Return who answers a new question: the next mentor, or an operator when no mentor takes questions.

    Holds the mentors. Raises ConflictError when there is nobody at all.
    """
    owners.hold_mentors(session)
    wanted = Wanted(asker.id, asker.region, topic, owners.days_of(now, promise(now)))
    owner_id = owners.find_next_mentor_id(session, wanted) or owners.find_operator_id(session, wanted)
    if owner_id is None:
        raise ConflictError("지금은 질문을 받을 멘토가 없어요. 아래 번호로 전화해 주세요.")
    return owner_id


def begin(session: Session, question: Question, *, path: str, now: datetime) -> None:
    """Note the first step of a new question that has its owner and promise, and tell the owner."""
    _promise_anew(question, now)
    _add_step(session, question, RoutingCause.ASKED, now=now)
    tell_owner(session, question, "question-asked", cause=f"question:{question.id}", path=path, now=now)


def renew(session: Session, question: Question, *, now: datetime) -> None:
    """Promise an answer to what was asked on, by another mentor if the owner is away or paused by now."""
    _promise_anew(question, now, after=question.promised_at)
    former_id = question.owner_id
    if not owners.is_there(session, former_id, now=now):
        owners.hold_mentors(session)
        wanted = _wanted(session, question, now)
        found = owners.find_next_mentor_id(session, wanted) or owners.find_operator_id(session, wanted)
        question.owner_id = found or former_id
    has_changed = question.owner_id != former_id
    _add_step(session, question, RoutingCause.ASKED_ON, former_id=former_id if has_changed else None, now=now)


def take(session: Session, question: Question, taker: User, *, paths: Paths, now: datetime) -> Question:
    """Give a waiting question to the staff member who asked for it; a promise that still runs stays.

    A second press changes nothing. Raises ConflictError when it has an answer by now, when somebody else took
    it first, or while ``taker`` is away or paused. Holds the question, then the mentors.
    """
    question = db.lock(session, Question, question.id)
    if question.state != QuestionState.WAITING:
        raise ConflictError("그사이에 답이 왔어요. 다른 질문을 골라 주세요.")
    if question.owner_id == taker.id:
        return question
    owners.hold_mentors(session)
    if not owners.is_there(session, taker.id, now=now):
        raise ConflictError("지금은 쉬는 중이에요. ‘쉬는 날’ 화면에서 다시 시작한 뒤에 맡아 주세요.")
    is_late = question.promised_at < now
    if not is_late and session.scalar(select(owners.is_taken()).where(Question.id == question.id)):
        owner = get_user(session, question.owner_id)
        raise ConflictError(f"{owner.title}이 먼저 맡으셨어요. 다른 질문을 골라 주세요.")
    if is_late:
        absences.note_miss(session, question, path=paths.rest, now=now)
    cause = RoutingCause.LATE if is_late else RoutingCause.TAKEN
    _move(session, question, taker.id, cause, by_id=taker.id, is_kept=not is_late, paths=paths, now=now)
    return question


def hand_over(session: Session, question: Question, by: User, *, paths: Paths, now: datetime) -> Question:
    """Give a late question, or one an operator keeps for want of mentors, to the next mentor, and tell all.

    A mentor's promise that still runs stays as it is, so a second press changes nothing. Raises ConflictError
    when the question has an answer by now or there is no other mentor. Holds the question, then the mentors.
    """
    question = db.lock(session, Question, question.id)
    if question.state != QuestionState.WAITING:
        raise ConflictError("그사이에 답이 왔어요. 질문을 다시 열어 확인해 주세요.")
    is_late = question.promised_at < now
    if not is_late and not get_user(session, question.owner_id).roles.isdisjoint(owners.ANSWERING):
        return question
    owners.hold_mentors(session)
    owner_id = owners.find_next_mentor_id(session, _wanted(session, question, now))
    if owner_id is None:
        raise ConflictError("이 질문을 맡을 다른 멘토님이 없어요. 지금 맡은 멘토님께 전화해 주세요.")
    if is_late:
        absences.note_miss(session, question, path=paths.rest, now=now)
    is_kept = not is_late and _has_enough_time(question, now)
    _move(
        session, question, owner_id, RoutingCause.HANDED, by_id=by.id, is_kept=is_kept, paths=paths, now=now
    )
    return question


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the questions `look_after` has something to do for, the oldest promise first."""
    can_answer = owners.can_answer(Question.owner_id, now)
    has_a_way = or_(
        owners.somebody_else_takes(owners.days_of(now, promise(now))),
        ~_is_escalated(),
        and_(~can_answer, owners.an_operator_takes()),
    )
    goes_on = and_(or_(Question.promised_at < now, ~can_answer), has_a_way)
    return list(
        session.scalars(
            select(Question.id)
            .where(owners.waits(), or_(Question.remind_at <= now, goes_on))
            .order_by(Question.promised_at, Question.id)
            .limit(DUE_MAX)
        )
    )


WATCH = queue.register("community.watch", run="portal.community.jobs.watch", timeout_s=30, due=list_due_ids)


def look_after(session: Session, question_id: int, *, paths: Paths, now: datetime) -> None:
    """Remind the owner, or let the question go on: whatever its promise needs at this moment.

    Run twice, the second time does nothing. Holds the question, then the mentors.
    """
    question = db.lock(session, Question, question_id)
    if session.scalar(select(Question.id).where(Question.id == question_id, owners.waits())) is None:
        return
    is_late = question.promised_at < now
    if is_late or not owners.is_there(session, question.owner_id, now=now):
        _let_go_on(session, question, paths=paths, now=now)
    if question.remind_at is not None and question.remind_at <= now:
        question.remind_at = None
        if question.promised_at > now:
            cause = f"reminder:{question.id}:{question.promised_at:%Y%m%d%H}"
            tell_owner(session, question, "question-waits", cause=cause, path=paths.question, now=now)


def tell_owner(
    session: Session, question: Question, message: str, *, cause: str, path: str, now: datetime
) -> None:
    """Tell the owner of a question what happened to it and by when to answer."""
    values = {"title": writing.short_title(question.title), "by": _by(question, now)}
    _tell(session, question, question.owner_id, message, values, cause=cause, path=path, now=now)


def _let_go_on(session: Session, question: Question, *, paths: Paths, now: datetime) -> None:
    """Give the question to the next mentor; without any, bring the operators in."""
    owners.hold_mentors(session)
    cause = (
        RoutingCause.LATE if owners.is_there(session, question.owner_id, now=now) else RoutingCause.OWNER_AWAY
    )
    is_late = question.promised_at < now
    if is_late:
        absences.note_miss(session, question, path=paths.rest, now=now)
    wanted = _wanted(session, question, now)
    owner_id = owners.find_next_mentor_id(session, wanted)
    if owner_id is not None:
        is_kept = not is_late and _has_enough_time(question, now)
        _move(session, question, owner_id, cause, is_kept=is_kept, paths=paths, now=now)
        return
    was_escalated = session.scalar(select(_is_escalated()).where(Question.id == question.id))
    owner_id = owners.find_operator_id(session, wanted)
    if owner_id is not None and not owners.is_there(session, question.owner_id, now=now):
        cause = cause if was_escalated else RoutingCause.ESCALATED
        _move(session, question, owner_id, cause, is_kept=False, paths=paths, now=now)
    elif not was_escalated:
        _stay(session, question, paths=paths, now=now)
    if not was_escalated:
        _tell_operators(session, question, path=paths.question, now=now)


def _move(
    session: Session,
    question: Question,
    owner_id: int,
    cause: RoutingCause,
    *,
    by_id: int | None = None,
    is_kept: bool,
    paths: Paths,
    now: datetime,
) -> None:
    """Give the question to ``owner_id`` and tell the new owner, the former one and the asker."""
    former_id, left = question.owner_id, question.promised_at
    question.owner_id = owner_id
    if not is_kept:
        _promise_anew(question, now, after=left)
    step = _add_step(session, question, cause, former_id=former_id, by_id=by_id, now=now)
    step.former_promise = None if is_kept else left
    session.flush()  # the notices name the step's id
    told, path = f"routing:{step.id}", paths.question
    if owner_id != by_id:
        tell_owner(session, question, "question-handed-to-you", cause=told, path=path, now=now)
    owner, asker_id = get_user(session, owner_id).title, question.author_id
    values = {"title": writing.short_title(question.title), "owner": owner}
    _tell(session, question, former_id, "question-handed-on", values, cause=told, path=path, now=now)
    values["by"] = _by(question, now)
    message = "question-late-has-new-owner" if left < now else "question-has-new-owner"
    _tell(session, question, asker_id, message, values, cause=told, path=path, now=now)


def _stay(session: Session, question: Question, *, paths: Paths, now: datetime) -> None:
    """Leave the question where it is, and tell the asker that the operators look at it."""
    step = _add_step(session, question, RoutingCause.ESCALATED, former_id=question.owner_id, now=now)
    step.former_promise = question.promised_at
    if question.promised_at < now:
        cause = f"late:{question.id}:{question.promised_at:%Y%m%d%H}"
        values = {"title": writing.short_title(question.title)}
        asker_id, path = question.author_id, paths.question
        _tell(session, question, asker_id, "question-late", values, cause=cause, path=path, now=now)


def _tell_operators(session: Session, question: Question, *, path: str, now: datetime) -> None:
    untold = (question.author_id, question.owner_id)
    operators = select(RoleGrant.user_id).where(
        RoleGrant.role == Role.OPERATOR, RoleGrant.user_id.not_in(untold)
    )
    cause = f"escalated:{question.id}:{question.promised_at:%Y%m%d%H}"
    values = {"title": writing.short_title(question.title)}
    for user_id in session.scalars(operators.order_by(RoleGrant.user_id)).all():
        _tell(session, question, user_id, "question-without-mentor", values, cause=cause, path=path, now=now)


def _tell(
    session: Session,
    question: Question,
    user_id: int,
    message: str,
    values: dict[str, str],
    *,
    cause: str,
    path: str,
    now: datetime,
) -> None:
    notify(
        session,
        user_id=user_id,
        cause=cause,
        message=message,
        values=values,
        about=following.about(question),
        path=path,
        now=now,
    )


def _promise_anew(question: Question, now: datetime, *, after: datetime | None = None) -> None:
    question.promised_at = promise(now, after=after)
    question.remind_at = working_time.add_working_hours(now, PROMISE_WORKING_HOURS * REMINDED_AFTER)


def _add_step(
    session: Session,
    question: Question,
    cause: RoutingCause,
    *,
    former_id: int | None = None,
    by_id: int | None = None,
    now: datetime,
) -> Routing:
    step = Routing(
        thread_id=question.id,
        cause=cause,
        owner_id=question.owner_id,
        former_id=former_id,
        promised_at=question.promised_at,
        by_id=by_id,
        at=now,
    )
    session.add(step)
    return step


def _has_enough_time(question: Question, now: datetime) -> bool:
    return working_time.add_working_hours(now, ENOUGH_WORKING_HOURS) <= question.promised_at


def _is_escalated() -> ColumnElement[bool]:
    return exists().where(
        Routing.thread_id == Question.id,
        Routing.cause == RoutingCause.ESCALATED,
        Routing.former_promise == Question.promised_at,
    )


def _wanted(session: Session, question: Question, now: datetime) -> Wanted:
    return Wanted(
        asker_id=question.author_id,
        region=get_user(session, question.author_id).region,
        topic=question.topic,
        days=owners.days_of(now, promise(now)),
        besides_id=question.owner_id,
    )


def _by(question: Question, now: datetime) -> str:
    return korean.dated_time(question.promised_at, now=now)
