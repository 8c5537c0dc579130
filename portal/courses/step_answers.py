"""Accepted answers lifted into a step, as what shop owners often ask: kept right, or said to be in doubt.

An answer is in doubt once its day has come, once a fact or rule it rests on has changed, or once people say
that it is not right any more. All answers that rest on a changed fact are in doubt together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, korean
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.courses import catalogue, dependents
from portal.courses.catalogue import Place
from portal.courses.models import StepAnswer, StepAnswerVote

STAYS_FRESH = timedelta(days=120)
"""How long a lifted answer is trusted unless told otherwise, as long as a lesson's screens are."""
LONGEST_TRUST = timedelta(days=400)
WRONG_VOTES = 2
"""People who say that an answer is wrong before it is doubted: one may have misread it."""
ON_STEP = 5


@dataclass(frozen=True)
class Lifted:
    """What is lifted: the words as they stand, who asked and who answered, and the question's page."""

    post_id: int
    path: str
    question: str
    answer_html: str
    asker_name: str
    answerer_name: str


@dataclass(frozen=True)
class AnswerLine:
    """A lifted answer as one reader sees it."""

    id: int
    question: str
    answer_html: str
    names: str
    path: str
    checked_until: date
    #: Why it should be looked at; empty while it is trusted.
    doubts: tuple[str, ...]
    #: What the reader said of it, if anything.
    vote: bool | None
    place: Place | None


def lift(
    session: Session,
    trainer: User,
    place: Place,
    lifted: Lifted,
    *,
    facts: Sequence[str],
    check_by: date | None,
    now: datetime,
) -> StepAnswer:
    """Put an answer into a step, resting on ``facts``, ids of what the step rests on.

    Raises ConflictError if the answer stands in a step already, DomainError for a day that is past or too far
    off, or for a fact the step does not rest on.
    """
    hashes = dependents.hashes(catalogue.current())
    if not set(facts) <= set(dependents.rests_on(place)):
        raise DomainError("이 단계에서 쓰는 사실 가운데서 골라 주세요.", field="facts")
    check_by = _day(check_by, now)
    standing = select(StepAnswer.id).where(
        StepAnswer.post_id == lifted.post_id, StepAnswer.removed_at.is_(None)
    )
    if session.scalar(standing) is not None:
        raise ConflictError("이미 수업에 넣은 답이에요.")
    made = StepAnswer(
        course_id=place.course.id,
        lesson_id=place.lesson.id,
        step_id=place.step.id,
        facts={fact: hashes[fact] for fact in facts},
        lifted_by_id=trainer.id,
        lifted_at=now,
        check_by=check_by,
        **vars(lifted),
    )
    session.add(made)
    session.flush()
    return made


def vote(session: Session, user: User, answer_id: int, *, is_right: bool, now: datetime) -> None:
    """Keep what somebody says of a lifted answer; the last word counts. Raises NotFoundError for none."""
    db.lock(session, StepAnswer, _find(session, answer_id).id)
    said = session.get(StepAnswerVote, (answer_id, user.id))
    if said is None:
        session.add(
            StepAnswerVote(step_answer_id=answer_id, user_id=user.id, is_right=is_right, voted_at=now)
        )
    else:
        said.is_right, said.voted_at = is_right, now


def confirm(session: Session, answer_id: int, *, check_by: date | None, now: datetime) -> None:
    """Note that a trainer looked: it is right today, and is looked at again on a new day.

    What it rests on is taken as it is now, and earlier votes do not count any more. Raises NotFoundError for
    none, DomainError for a day that is past or too far off.
    """
    check_by = _day(check_by, now)
    answer = db.lock(session, StepAnswer, _find(session, answer_id).id)
    hashes = dependents.hashes(catalogue.current())
    answer.facts = {fact: hashes[fact] for fact in answer.facts if fact in hashes}
    answer.check_by, answer.checked_at = check_by, now


def remove(session: Session, answer_id: int, *, now: datetime) -> None:
    """Take an answer out of its step. Raises NotFoundError for none."""
    db.lock(session, StepAnswer, _find(session, answer_id).id).removed_at = now


def remove_posts(session: Session, post_ids: Collection[int], *, now: datetime) -> None:
    """Take out what was lifted from these posts, if anything; for whoever hides them."""
    standing = select(StepAnswer).where(StepAnswer.post_id.in_(post_ids), StepAnswer.removed_at.is_(None))
    for answer in session.scalars(standing):
        answer.removed_at = now


def list_at_step(session: Session, reader: User | None, place: Place, *, now: datetime) -> list[AnswerLine]:
    """Return the answers of a step, the newest first; names are masked for those who are not signed in."""
    statement = (
        select(StepAnswer)
        .where(
            StepAnswer.course_id == place.course.id,
            StepAnswer.lesson_id == place.lesson.id,
            StepAnswer.step_id == place.step.id,
            StepAnswer.removed_at.is_(None),
        )
        .order_by(StepAnswer.id.desc())
        .limit(ON_STEP)
    )
    return _lines(session, list(session.scalars(statement)), reader, now=now)


def list_lifted(session: Session, reader: User, *, now: datetime, key: str = "") -> list[AnswerLine]:
    """Return all lifted answers, those in doubt first; with ``key`` only those that rest on it."""
    standing = select(StepAnswer).where(StepAnswer.removed_at.is_(None)).order_by(StepAnswer.id)
    rows = [row for row in session.scalars(standing) if not key or key in row.facts]
    return sorted(_lines(session, rows, reader, now=now), key=lambda line: not line.doubts)


def get_line(session: Session, reader: User, answer_id: int, *, now: datetime) -> AnswerLine:
    """Return one lifted answer. Raises NotFoundError for none."""
    return _lines(session, [_find(session, answer_id)], reader, now=now)[0]


def _find(session: Session, answer_id: int) -> StepAnswer:
    found = session.get(StepAnswer, answer_id)
    if found is None or found.removed_at is not None:
        raise NotFoundError("찾는 답이 없어요. 수업에서 뺐을 수 있어요.")
    return found


def _day(check_by: date | None, now: datetime) -> date:
    """Return the day of the next look, the usual one for None; refuse one that is past or too far off."""
    today = now.astimezone(KST).date()
    day = check_by or today + STAYS_FRESH
    if not today < day <= today + LONGEST_TRUST:
        raise DomainError("내일부터 1년 안의 날을 골라 주세요.", field="check_by")
    return day


def _lines(
    session: Session, rows: Sequence[StepAnswer], reader: User | None, *, now: datetime
) -> list[AnswerLine]:
    if not rows:  # as at most steps
        return []
    ids = [row.id for row in rows]
    votes = session.execute(
        select(StepAnswerVote.step_answer_id, func.count())
        .join(StepAnswer, StepAnswer.id == StepAnswerVote.step_answer_id)
        .where(
            StepAnswerVote.step_answer_id.in_(ids),
            StepAnswerVote.is_right.is_(False),
            StepAnswerVote.voted_at > func.coalesce(StepAnswer.checked_at, StepAnswer.lifted_at),
        )
        .group_by(StepAnswerVote.step_answer_id)
    )
    wrong = {row[0]: row[1] for row in votes}
    mine = _own_votes(session, reader, ids)
    current = dependents.hashes(catalogue.current())
    return [
        AnswerLine(
            id=row.id,
            question=row.question,
            answer_html=row.answer_html,
            names=_names(row, reader),
            path=row.path,
            checked_until=row.check_by,
            doubts=tuple(_doubts(row, current, wrong.get(row.id, 0), now)),
            vote=mine.get(row.id),
            place=_place(row),
        )
        for row in rows
    ]


def _own_votes(session: Session, reader: User | None, ids: Sequence[int]) -> dict[int, bool]:
    if reader is None:
        return {}
    said = session.execute(
        select(StepAnswerVote.step_answer_id, StepAnswerVote.is_right).where(
            StepAnswerVote.user_id == reader.id, StepAnswerVote.step_answer_id.in_(ids)
        )
    )
    return {row[0]: row[1] for row in said}


def _doubts(row: StepAnswer, current: dict[str, str], wrong: int, now: datetime) -> list[str]:
    changed = dependents.list_changed(row.facts, current)
    names = [dependents.name_of(catalogue.current(), key) for key in changed]
    doubts = [f"답에서 쓴 사실이 바뀌었어요: {', '.join(names)}"] if changed else []
    if row.check_by <= now.astimezone(KST).date():
        doubts.append("다시 확인할 날이 됐어요.")
    if wrong >= WRONG_VOTES:
        doubts.append(f"{wrong}명이 달라졌다고 했어요.")
    return doubts


def _names(row: StepAnswer, reader: User | None) -> str:
    asker = korean.masked_name(row.asker_name) if reader is None else row.asker_name
    return f"{asker} 님이 묻고 {row.answerer_name}이 답했어요"


def _place(row: StepAnswer) -> Place | None:
    try:
        return catalogue.current().place(row.course_id, row.lesson_id, row.step_id)
    except NotFoundError:
        return None
