"""What moderators decide: about texts that wait, and by hiding and showing; every step is in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.community import holding, lifting, operations, texts
from portal.community.models import Post, PostKind, Question, QuestionState, Story
from portal.community.moderation_models import (
    ModerationAction,
    ModerationLine,
    Report,
    ReviewCause,
    ReviewItem,
    ReviewState,
)
from portal.community.texts import Text
from portal.core import db, korean
from portal.core.errors import ConflictError, DomainError
from portal.messages.operations import notify

STATE_NAMES = {
    ReviewState.APPROVED: "보이게 둠",
    ReviewState.HIDDEN: "가림",
    ReviewState.IGNORED: "신고 무시",
}
ACTION_NAMES = {
    ModerationAction.HID: "가림",
    ModerationAction.SHOWED: "다시 보이게 함",
    ModerationAction.RELEASED: "처음 글을 보이게 함",
    ModerationAction.MOVED: "옮김",
    ModerationAction.MERGED: "합침",
    ModerationAction.SPLIT: "나눔",
}


@dataclass(frozen=True)
class Decision:
    """What a moderator decided about what they saw; the stamp says which state of it they saw."""

    state: ReviewState
    reason: str
    stamp: str


@dataclass(frozen=True)
class Paths:
    """The page of a text, and where those go who may no longer read it."""

    text: str
    elsewhere: str


def stamp(item: ReviewItem, text: Text) -> str:
    """Return what changes when somebody decides, reports once more or edits the text."""
    edited = int(text.edited_at.timestamp()) if text.edited_at else 0
    return f"{item.version}-{edited}"


def decide(
    session: Session,
    item: ReviewItem,
    text: Text,
    moderator: User,
    decision: Decision,
    *,
    paths: Paths,
    now: datetime,
) -> None:
    """Decide about a text that waits, once, and tell its author and those who reported it.

    Raises ConflictError, naming who decided what, for the second moderator, and when the text or the reports
    changed since they were looked at; DomainError for hiding without a reason. Holds the text, then the item.
    """
    text = texts.lock_text(session, text)
    item = db.lock(session, ReviewItem, item.id)
    _require_same(session, item, text, decision, now=now)
    if decision.state == ReviewState.IGNORED and item.cause == ReviewCause.FIRST_POST:
        raise DomainError("신고가 없는 글이에요. 보이게 두거나 가려 주세요.", field="state")
    if decision.state == ReviewState.HIDDEN:
        _require_reason(decision.reason)
        _hide(session, text, moderator, reason=decision.reason, paths=paths, now=now)
        return
    is_hidden_by_moderator = _last_action(session, text) == ModerationAction.HID
    reason = decision.reason or "살펴보고 그대로 두었어요."
    _conclude(session, text, moderator, decision.state, reason=reason, paths=paths, now=now)
    _release(session, text, moderator, reason=reason, path=paths.text, now=now)
    # What a moderator hid comes back by approval alone; what was put aside for a moment comes back.
    if decision.state == ReviewState.APPROVED or not is_hidden_by_moderator:
        _show(session, text, moderator, reason=reason, path=paths.text, now=now)


def hide(session: Session, text: Text, moderator: User, *, reason: str, paths: Paths, now: datetime) -> None:
    """Take a text from everybody but its author and moderators, with a reason the author is told.

    Hiding what a moderator hid already changes nothing. A question left without a visible answer waits
    again. Raises DomainError without a reason. Holds the text.
    """
    _require_reason(reason)
    text = texts.lock_text(session, text)
    if text.hidden_at is None or _last_action(session, text) != ModerationAction.HID:
        _hide(session, text, moderator, reason=reason, paths=paths, now=now)


def show(session: Session, text: Text, moderator: User, *, reason: str, paths: Paths, now: datetime) -> None:
    """Let everybody read a text again that is hidden or held, and tell its author. Holds the text."""
    text = texts.lock_text(session, text)
    reason = reason or "살펴보고 그대로 두었어요."
    _conclude(session, text, moderator, ReviewState.APPROVED, reason=reason, paths=paths, now=now)
    _release(session, text, moderator, reason=reason, path=paths.text, now=now)
    _show(session, text, moderator, reason=reason, path=paths.text, now=now)


def list_log(session: Session, text: Text) -> Sequence[tuple[ModerationLine, str]]:
    """Return what moderators did with a text and who, the newest first, at most 50."""
    rows = session.execute(
        select(ModerationLine, User.name)
        .join(User, User.id == ModerationLine.moderator_id)
        .where(_is_about(ModerationLine, text))
        .order_by(ModerationLine.id.desc())
        .limit(50)
    )
    return [(line, name) for line, name in rows]


def find_reason(session: Session, text: Text) -> str:
    """Return why a text was last hidden by a moderator; empty while it is only put aside."""
    line = session.scalar(
        select(ModerationLine)
        .where(_is_about(ModerationLine, text))
        .order_by(ModerationLine.id.desc())
        .limit(1)
    )
    return line.reason if line is not None and line.action == ModerationAction.HID else ""


def _require_same(
    session: Session, item: ReviewItem, text: Text, decision: Decision, *, now: datetime
) -> None:
    if item.state != ReviewState.PENDING and item.decided_by_id and item.decided_at:
        by = get_user(session, item.decided_by_id).title
        when = korean.day_and_time(item.decided_at, now=now)
        raise ConflictError(f"{by}이 {when}에 먼저 정했어요: {STATE_NAMES[item.state]}.")
    if decision.stamp != stamp(item, text):
        raise ConflictError("보시는 사이에 글이 바뀌었거나 신고가 더 왔어요. 다시 보고 정해 주세요.")


def _require_reason(reason: str) -> None:
    if not reason:
        raise DomainError("가리는 까닭을 한 줄 적어 주세요. 글을 쓴 분께 그대로 보여요.", field="reason")


def _conclude(
    session: Session,
    text: Text,
    moderator: User,
    state: ReviewState,
    *,
    reason: str,
    paths: Paths,
    now: datetime,
) -> None:
    """Close what waits about a text, and tell those who reported it, but for reports that are ignored."""
    item = session.scalar(
        select(ReviewItem).where(_is_about(ReviewItem, text), ReviewItem.state == ReviewState.PENDING)
    )
    if item is None:
        return
    item.state, item.version = state, item.version + 1
    item.decided_at, item.decided_by_id, item.decision_reason = now, moderator.id, reason
    if state == ReviewState.IGNORED:
        return
    is_hidden = state == ReviewState.HIDDEN
    path = paths.elsewhere if is_hidden else paths.text
    for user_id in _list_reporters(session, item, text):
        notify(
            session,
            user_id=user_id,
            cause=f"report-decided:{item.id}",
            message="report-hidden" if is_hidden else "report-kept",
            values={},
            path=path,
            now=now,
        )


def _hide(session: Session, text: Text, moderator: User, *, reason: str, paths: Paths, now: datetime) -> None:
    _conclude(session, text, moderator, ReviewState.HIDDEN, reason=reason, paths=paths, now=now)
    text.hidden_at = text.hidden_at or now
    if not isinstance(text, Story):  # a story is held until its evidence was seen
        text.held_at = None
    _log(session, text, moderator, ModerationAction.HID, reason=reason, now=now)
    lifting.withdraw(session, text, now=now)
    if isinstance(text, Post):
        texts.recount(session, text.thread_id)
        text.accepted_at = text.accepted_by_id = None  # what is hidden solves nothing
        session.flush()
        question = session.get(Question, text.thread_id)
        if question is not None:
            settle(session, question, path=paths.text, now=now)
    texts.tell_author(session, text, "text-hidden", reason=reason, path=paths.text, now=now)


def _release(session: Session, text: Text, moderator: User, *, reason: str, path: str, now: datetime) -> None:
    if text.held_at is None or isinstance(text, Story):  # a story is held until its evidence was seen
        return
    holding.release(session, text, by_id=moderator.id, reason=reason, now=now)
    texts.tell_author(session, text, "text-released", path=path, now=now)


def _show(session: Session, text: Text, moderator: User, *, reason: str, path: str, now: datetime) -> None:
    if text.hidden_at is None:
        return
    text.hidden_at = None
    _log(session, text, moderator, ModerationAction.SHOWED, reason=reason, now=now)
    if isinstance(text, Post):
        texts.recount(session, text.thread_id)
    texts.tell_author(session, text, "text-shown-again", path=path, now=now)


def _list_reporters(session: Session, item: ReviewItem, text: Text) -> Sequence[int]:
    return session.scalars(
        select(Report.reporter_id).where(
            _is_about(Report, text),
            Report.created_at >= item.opened_at,
            Report.reporter_id != text.author_id,
        )
    ).all()


def settle(session: Session, question: Question, *, path: str, now: datetime) -> None:
    """Let a question whose answers were taken away stand as what is left says: without any it waits again."""
    left = session.execute(
        select(func.count(Post.id), func.count(Post.accepted_at)).where(
            Post.thread_id == question.id, Post.kind == PostKind.ANSWER, Post.hidden_at.is_(None)
        )
    ).one()
    if left[0] and not left[1] and question.state == QuestionState.ACCEPTED:
        question.state, question.closed_at = QuestionState.ANSWERED, None
    if not left[0] and question.state != QuestionState.WAITING:
        operations.promise_anew(session, question, path=path, now=now)


def _log(
    session: Session, text: Text, moderator: User, action: ModerationAction, *, reason: str, now: datetime
) -> None:
    session.add(
        ModerationLine(moderator_id=moderator.id, action=action, reason=reason, at=now, **texts.about(text))
    )
    session.flush()  # the next step reads the log


def _last_action(session: Session, text: Text) -> ModerationAction | None:
    return session.scalar(
        select(ModerationLine.action)
        .where(_is_about(ModerationLine, text))
        .order_by(ModerationLine.id.desc())
        .limit(1)
    )


def _is_about(
    model: type[ModerationLine] | type[Report] | type[ReviewItem], text: Text
) -> ColumnElement[bool]:
    return and_(*(getattr(model, column) == key for column, key in texts.about(text).items()))
