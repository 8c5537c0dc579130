"""What came of a visit: three notes for three readers, and up to three small things to do.

The log is the two people's; one note is the mentor's alone; one is for operators and its writer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, korean
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError
from portal.mentoring import appointment, together
from portal.mentoring.models import Engagement
from portal.mentoring.telling import about, mentor_of, tell
from portal.mentoring.visit_models import ActionItem, ItemReturn, Visit, VisitState
from portal.mentoring.vocabulary import VisitStep
from portal.messages.operations import mark_cause_read, mark_path_read, notify

ITEMS_MAX = 3
"""Small enough to be done before the next visit; the database refuses a fourth."""

DUE_WITHIN = timedelta(days=92)
RETURNS_MAX = 10


@dataclass(frozen=True)
class Todo:
    """A small thing to do: what, who, until when."""

    text: str
    is_mentors: bool = False
    due_on: date | None = None


@dataclass(frozen=True)
class Written:
    """What a mentor writes after a visit."""

    log: str
    mentor_note: str = ""
    operator_note: str = ""
    items: Sequence[Todo] = ()
    step: VisitStep | None = None
    #: How long it lasted; None leaves what was planned.
    minutes: int | None = None


def write_log(session: Session, visit: Visit, written: Written, *, path: str, now: datetime) -> None:
    """Write down what was done and what is to do, and tell the merchant once.

    After the last of the four visits the month begins in which the mentor still looks in. The same log again
    does nothing. Raises ConflictError before the visit began or when it has a log, DomainError (field
    ``item_1``, ``due_1`` …) for too many things or a day that cannot be. Holds the engagement and the visit.
    """
    engagement = db.lock(session, Engagement, visit.engagement_id)
    visit = db.lock(session, Visit, visit.id)
    if visit.state == VisitState.HELD and visit.log == written.log:
        return
    why_not = appointment.why_not_over(visit, now=now)
    if why_not:
        raise ConflictError(why_not)
    _check(written.items, now=now)
    visit.state, visit.log, visit.log_written_at, visit.draft = VisitState.HELD, written.log, now, ""
    visit.mentor_note, visit.operator_note = written.mentor_note, written.operator_note
    visit.step, visit.minutes = written.step, written.minutes or visit.minutes
    for position, item in enumerate(written.items, start=1):
        session.add(
            ActionItem(
                visit_id=visit.id,
                position=position,
                text=item.text,
                is_mentors=item.is_mentors,
                due_on=item.due_on,
            )
        )
    if written.step == VisitStep.CHECK:
        together.begin_follow_up(session, engagement, now=now)
    _tell_merchant(session, visit, engagement, written, path=path, now=now)
    mark_path_read(session, user_id=visit.mentor_id, path=path, now=now)


def keep_draft(session: Session, visit: Visit, *, draft: str) -> None:
    """Keep a half-written log; one that comes after the log itself is dropped."""
    visit = db.lock(session, Visit, visit.id)
    if visit.state == VisitState.AGREED:
        visit.draft = draft


def set_done(session: Session, item: ActionItem, user: User, *, is_done: bool, now: datetime) -> None:
    """Tick an item or take the tick back; ticking twice keeps the first time."""
    item = db.lock(session, ActionItem, item.id)
    item.done_at = (item.done_at or now) if is_done else None
    causes = [f"visit:{item.visit_id}:held-with-items", _cause(item, _count_returns(session, item))]
    for cause in causes:
        mark_cause_read(session, user_id=user.id, cause=cause, now=now)


def send_back(session: Session, item: ActionItem, *, words: str, path: str, now: datetime) -> None:
    """Ask a little more of something that was done: it is to do again, and what was, stays.

    The same words again do nothing. Raises ConflictError for what is not done yet or is the mentor's own.
    """
    item = db.lock(session, ActionItem, item.id)
    if item.is_mentors:
        raise ConflictError("멘토님이 하기로 한 일이에요. 다 하면 ‘했어요’를 눌러 주세요.")
    last = session.scalar(
        select(ItemReturn.words).where(ItemReturn.item_id == item.id).order_by(ItemReturn.id.desc()).limit(1)
    )
    if item.done_at is None and last == words:
        return
    if item.done_at is None:
        raise ConflictError("사장님이 아직 하고 계신 일이에요. 다 하시면 그때 적어 주세요.")
    if _count_returns(session, item) >= RETURNS_MAX:
        raise ConflictError("여러 번 다시 부탁한 일이에요. 이번에는 전화로 함께 이야기해 주세요.")
    session.add(ItemReturn(item_id=item.id, words=words, returned_at=now, done_at=item.done_at))
    item.done_at = None
    session.flush()  # the notice counts the returns
    visit = session.get_one(Visit, item.visit_id)
    merchant_id = session.get_one(Engagement, visit.engagement_id).merchant_id
    notify(
        session,
        user_id=merchant_id,
        cause=_cause(item, _count_returns(session, item)),
        message="item-sent-back",
        values={"item": item.text, "words": words.rstrip(".")},
        about=about(visit.engagement_id),
        path=path,
        now=now,
    )


def _check(items: Sequence[Todo], *, now: datetime) -> None:
    if len(items) > ITEMS_MAX:
        raise DomainError(f"해 볼 일은 {ITEMS_MAX}가지까지 적을 수 있어요.", field="item_1")
    today = now.astimezone(KST).date()
    for position, item in enumerate(items, start=1):
        if item.due_on is not None and not today <= item.due_on <= today + DUE_WITHIN:
            raise DomainError("오늘부터 석 달 안의 날을 골라 주세요.", field=f"due_{position}")


def _tell_merchant(
    session: Session, visit: Visit, engagement: Engagement, written: Written, *, path: str, now: datetime
) -> None:
    hers = [item for item in written.items if not item.is_mentors]
    message, values = "visit-held", {"mentor": mentor_of(session, visit)}
    if hers:
        message, values["items"] = "visit-held-with-items", ", ".join(_words(item) for item in hers)
    else:
        values["when"] = korean.dated_time(visit.starts_at, now=now) if visit.starts_at else "정한 날"
    tell(session, visit, engagement.merchant_id, message, values, path=path, now=now)


def _words(item: Todo) -> str:
    return f"{item.text}({item.due_on.month}월 {item.due_on.day}일까지)" if item.due_on else item.text


def _count_returns(session: Session, item: ActionItem) -> int:
    statement = select(func.count()).select_from(ItemReturn).where(ItemReturn.item_id == item.id)
    return session.scalar(statement) or 0


def _cause(item: ActionItem, number: int) -> str:
    return f"item:{item.id}:back:{number}"
