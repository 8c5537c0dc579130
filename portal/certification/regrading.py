"""Putting a wrong key right: who would get other points is seen first, and a second person approves.

An item's row is never changed. The proposal keeps the right key; approving it marks every attempt of the
session anew where the key says something else, leaves what a person marked as it is, and works the results
out again. Those whose result changed are told once, if results are out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant, User
from portal.certification import exam_queries, grading, marking_queue, releasing, scoring
from portal.certification.exam_models import (
    Exam,
    ExamAttempt,
    ExamItem,
    ExamPaper,
    ExamResult,
    ItemMark,
    MarkCause,
    PaperItem,
)
from portal.certification.marking_models import Regrade, RegradeState
from portal.certification.qualifications import Blueprint
from portal.core import db
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.core.roles import Role
from portal.messages.operations import notify

_ONE_CHOSEN = {"choice", "true_false"}
EVERYONE: Mapping[str, Any] = {"everyone": True}


@dataclass(frozen=True)
class Change:
    """What a regrade does to one attempt."""

    attempt_id: int
    user_id: int
    name: str
    #: Points of the item before and after; the same where a person's mark stands.
    before: int
    after: int
    total_before: int
    total_after: int
    passed_before: bool
    passed_after: bool

    @property
    def turns(self) -> bool:
        """Whether somebody passes who did not, or the reverse."""
        return self.passed_before != self.passed_after


@dataclass(frozen=True)
class DryRun:
    """Everybody whose points would change, and how many a person's mark keeps as they are."""

    changes: tuple[Change, ...]
    kept: int
    looked_at: int


def propose(
    session: Session,
    exam: Exam,
    item: ExamItem,
    by: User,
    *,
    key: Mapping[str, Any],
    reason: str,
    path: str,
    now: datetime,
) -> Regrade:
    """Propose another key for an item, or points for everybody; a second press gives the same proposal.

    ``key`` is ``{"key": …}`` in the shape of the item's own, or `EVERYONE`; ``path`` is the list where it is
    decided. Raises DomainError for the key it has already, and ConflictError while the session is open or
    another proposal for the item waits.
    """
    _refuse_proposal(exam, item, key=key, reason=reason, now=now)
    made = _find_proposed(session, exam, item)
    if made is None:
        made = Regrade(
            exam_id=exam.id,
            item_id=item.id,
            key=dict(key),
            reason=reason.strip(),
            proposed_by_id=by.id,
            proposed_at=now,
        )
        try:
            with session.begin_nested():
                session.add(made)
        except IntegrityError:
            made = _find_proposed(session, exam, item)
        else:
            _tell_operators(session, exam, made, by, path=path, now=now)
    if made is None or made.proposed_by_id != by.id or made.key != dict(key):
        raise ConflictError("이 문제에 기다리는 제안이 있어요. 그 제안부터 정해 주세요.")
    return made


def try_out(session: Session, regrade: Regrade) -> DryRun:
    """Return whose points would change and how, and change nothing."""
    exam = session.get_one(Exam, regrade.exam_id)
    blueprint = Blueprint.of(exam.blueprint)
    changes, kept, looked_at = [], 0, 0
    for attempt, name in _attempts(session, regrade):
        looked_at += 1
        marks = scoring.marks_in_force(session, attempt.id)
        places = scoring.places(session, attempt.paper_id)
        place = next(each for each in places if each.item_id == regrade.item_id)
        old = marks.get(regrade.item_id)
        result = scoring.result_of(session, attempt.id)
        if old is None or result is None:
            continue
        new = _points(session, regrade, attempt, place)
        if old.cause is MarkCause.PERSON:
            kept += old.points != new
            continue
        if old.points == new:
            continue
        points = {item_id: mark.points for item_id, mark in marks.items()} | {regrade.item_id: new}
        scored = scoring.score(blueprint, [(each.subject, points[each.item_id]) for each in places])
        changes.append(
            Change(
                attempt_id=attempt.id,
                user_id=attempt.user_id,
                name=name,
                before=old.points,
                after=new,
                total_before=result.total,
                total_after=scored.total,
                passed_before=result.passed,
                passed_after=scored.passed,
            )
        )
    changes.sort(key=lambda change: (not change.turns, change.name, change.attempt_id))
    return DryRun(tuple(changes), kept, looked_at)


def approve(session: Session, regrade: Regrade, by: User, *, own_path: str, now: datetime) -> int:
    """Mark the session's attempts anew as the second person; returns how many results changed.

    A second press changes nothing and returns 0. ``own_path`` leads each to their own result. Holds the
    proposal. Raises ForbiddenError for who proposed it or sat the exam, ConflictError once it was declined.
    """
    regrade = _decide(session, regrade, by)
    if regrade.state is RegradeState.APPLIED:
        return 0
    regrade.state = RegradeState.APPLIED
    regrade.decided_by_id, regrade.decided_at = by.id, now
    session.flush()
    exam = session.get_one(Exam, regrade.exam_id)
    changed = [
        attempt
        for attempt, _name in _attempts(session, regrade)
        if mark_anew(session, regrade, db.lock(session, ExamAttempt, attempt.id), now=now)
    ]
    people = sorted({attempt.user_id for attempt in changed})
    releasing.tell_candidates_ledger(session, exam, people, now=now)
    for user_id in people if exam.released_at else ():
        tell_changed(session, exam, user_id, cause=f"regrade:{regrade.id}", path=own_path, now=now)
    return len(changed)


def decline(session: Session, regrade: Regrade, by: User, *, now: datetime) -> None:
    """Leave the key as it is, as the second person; a second press changes nothing."""
    regrade = _decide(session, regrade, by, declines=True)
    if regrade.state is RegradeState.PROPOSED:
        regrade.state = RegradeState.DECLINED
        regrade.decided_by_id, regrade.decided_at = by.id, now


def mark_anew(
    session: Session, regrade: Regrade, attempt: ExamAttempt, *, now: datetime
) -> ExamResult | None:
    """Mark one item of a locked attempt by the key put right; returns the result if it is another one."""
    marks = scoring.marks_in_force(session, attempt.id)
    old, before = marks.get(regrade.item_id), scoring.result_of(session, attempt.id)
    place = next(
        each for each in scoring.places(session, attempt.paper_id) if each.item_id == regrade.item_id
    )
    new = _points(session, regrade, attempt, place)
    if old is None or old.cause is MarkCause.PERSON or old.points == new:
        return None
    session.add(
        ItemMark(
            attempt_id=attempt.id,
            item_id=regrade.item_id,
            points=new,
            cause=MarkCause.REGRADE,
            by_id=regrade.decided_by_id,
            reason=regrade.reason,
            at=now,
        )
    )
    session.flush()  # the result is worked out from rows
    after = scoring.settle(session, attempt, cause=f"regrade:{regrade.id}", now=now)
    return after if after is not None and (before is None or after.id != before.id) else None


def apply_to(session: Session, attempt: ExamAttempt, *, now: datetime) -> None:
    """Mark an attempt that came later, as one on paper does, by every key that was put right meanwhile."""
    asked = select(PaperItem.item_id).where(PaperItem.paper_id == attempt.paper_id)
    for regrade in session.scalars(
        select(Regrade)
        .where(
            Regrade.exam_id == attempt.exam_id,
            Regrade.state == RegradeState.APPLIED,
            Regrade.item_id.in_(asked),
        )
        .order_by(Regrade.id)
    ).all():
        mark_anew(session, regrade, attempt, now=now)


def tell_changed(session: Session, exam: Exam, user_id: int, *, cause: str, path: str, now: datetime) -> None:
    """Tell somebody once that their result is another one now."""
    notify(
        session,
        user_id=user_id,
        cause=f"exam-result-changed:{cause}",
        message="exam-result-changed",
        values={"exam": exam_queries.title_of(exam)},
        path=path,
        now=now,
    )


def _find_proposed(session: Session, exam: Exam, item: ExamItem) -> Regrade | None:
    return session.scalars(
        select(Regrade).where(
            Regrade.exam_id == exam.id,
            Regrade.item_id == item.id,
            Regrade.state == RegradeState.PROPOSED,
        )
    ).first()


def _refuse_proposal(
    exam: Exam, item: ExamItem, *, key: Mapping[str, Any], reason: str, now: datetime
) -> None:
    if exam.closes_at > now:
        raise ConflictError("시험이 끝난 뒤에 다시 채점할 수 있어요.")
    if not reason.strip():
        raise DomainError("왜 다시 채점하는지 적어 주세요.", field="reason")
    if not key.get("everyone") and not key.get("key"):
        raise DomainError("맞는 답을 골라 주세요.", field="key")
    if key.get("key") == item.content["key"]:
        raise DomainError("지금 답과 같아요. 바꿀 답을 골라 주세요.", field="key")


def _decide(session: Session, regrade: Regrade, by: User, *, declines: bool = False) -> Regrade:
    regrade = db.lock(session, Regrade, regrade.id)
    if regrade.proposed_by_id == by.id:
        raise ForbiddenError("제안한 사람은 정할 수 없어요. 다른 분이 정해요.")
    if _sat(session, regrade.exam_id, by):
        raise ForbiddenError("내가 본 시험의 재채점은 다른 분이 정해요.")
    against = RegradeState.APPLIED if declines else RegradeState.DECLINED
    if regrade.state is against:
        raise ConflictError("이미 다르게 정해졌어요. 목록에서 다시 봐 주세요.")
    return regrade


def _attempts(session: Session, regrade: Regrade) -> list[tuple[ExamAttempt, str]]:
    """Return the attempts that were asked the item and count, in the order in which they are held."""
    rows = session.execute(
        select(ExamAttempt, User.name)
        .join(User, User.id == ExamAttempt.user_id)
        .join(PaperItem, PaperItem.paper_id == ExamAttempt.paper_id)
        .where(
            ExamAttempt.exam_id == regrade.exam_id,
            PaperItem.item_id == regrade.item_id,
            ExamAttempt.state.in_(marking_queue.FINISHED),
        )
        .order_by(ExamAttempt.id)
    )
    return [(row[0], row[1]) for row in rows]


def _points(session: Session, regrade: Regrade, attempt: ExamAttempt, place: PaperItem) -> int:
    if regrade.key.get("everyone"):
        return place.points
    answer = scoring.last_answers(session, attempt.id).get(regrade.item_id)
    if answer is None:
        return 0
    paper = session.get_one(ExamPaper, attempt.paper_id)
    wanted = regrade.key["key"]
    # Where one is chosen, several right ones are as many ways to be right.
    keys = [[each] for each in wanted] if place.item.kind in _ONE_CHOSEN else [wanted]
    numbers = scoring.numbers_of(paper, place.item)
    right = any(
        grading.is_right(place.item.kind, {**place.item.content, "key": key}, answer.response, numbers)
        for key in keys
    )
    return place.points if right else 0


def _tell_operators(
    session: Session, exam: Exam, made: Regrade, by: User, *, path: str, now: datetime
) -> None:
    operators = select(RoleGrant.user_id).where(RoleGrant.role == Role.OPERATOR, RoleGrant.user_id != by.id)
    for user_id in session.scalars(operators.order_by(RoleGrant.user_id)).all():
        notify(
            session,
            user_id=user_id,
            cause=f"regrade-proposed:{made.id}",
            message="regrade-proposed",
            values={"exam": exam_queries.title_of(exam)},
            path=path,
            now=now,
        )


def _sat(session: Session, exam_id: int, user: User) -> bool:
    sat = select(ExamAttempt.id).where(ExamAttempt.exam_id == exam_id, ExamAttempt.user_id == user.id)
    return session.scalar(sat.limit(1)) is not None
