"""A reader's word that a text is wrong, and the author's that one was hidden without need."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import limits, texts
from portal.community.models import Post
from portal.community.moderation_models import (
    Report,
    ReportReason,
    ReviewCause,
    ReviewItem,
    ReviewState,
)
from portal.community.texts import Text
from portal.core.errors import ConflictError

HIDDEN_AFTER = 3
"""So many people's word hides a text until a moderator has looked (임시조치)."""

REASON_NAMES = {
    ReportReason.PERSONAL_DATA: "전화번호나 주소 같은 것이 보여요",
    ReportReason.FRAUD: "사기 같아요",
    ReportReason.INSULT: "욕하거나 깎아내려요",
    ReportReason.ADVERTISING: "광고예요",
    ReportReason.WRONG: "내용이 사실과 달라요",
    ReportReason.OTHER: "다른 까닭이에요",
}


def report(
    session: Session,
    text: Text,
    reporter: User,
    *,
    reason: ReportReason,
    words: str,
    path: str,
    now: datetime,
) -> Report:
    """Take somebody's word that a text is wrong, and put the text into the review queue.

    The third person's word hides the text until a moderator has looked, and its author is told. Raises
    ConflictError for one's own text and for a second word about the same one, TooManyError after very many.
    Holds the text.
    """
    if text.author_id == reporter.id:
        raise ConflictError("내가 쓴 글이에요. 고칠 것이 있으면 글에서 바로 고쳐 주세요.")
    made = _add(session, text, reporter, reason=reason, words=words, now=now)
    text = texts.lock_text(session, text)
    if text.hidden_at is None and _count_since_decision(session, text) >= HIDDEN_AFTER:
        text.hidden_at = now
        session.flush()  # the count below reads the database
        if isinstance(text, Post):
            texts.recount(session, text.thread_id)
        texts.tell_author(session, text, "text-put-aside", path=path, now=now)
    return made


def object_to_hiding(session: Session, text: Text, author: User, *, words: str, now: datetime) -> Report:
    """Take the author's word that their text was hidden without need, and put it into the review queue.

    Raises ConflictError for a text that is not hidden or is somebody else's, and for a second word. Holds
    the text.
    """
    if text.author_id != author.id or text.hidden_at is None:
        raise ConflictError("가려진 내 글만 다시 봐 달라고 할 수 있어요.")
    return _add(session, text, author, reason=ReportReason.OTHER, words=words, now=now)


def find_report(session: Session, text: Text, reporter: User) -> Report | None:
    """Return what this person said of a text."""
    return session.scalar(select(Report).where(*_of(Report, text), Report.reporter_id == reporter.id))


def _add(
    session: Session, text: Text, reporter: User, *, reason: ReportReason, words: str, now: datetime
) -> Report:
    text = texts.lock_text(session, text)
    if find_report(session, text, reporter) is not None:
        raise ConflictError("이 글은 이미 알려 주셨어요. 살펴보고 알림으로 답해 드릴게요.")
    limits.check(session, reporter.id, limits.REPORTS, now=now)
    made = Report(reporter_id=reporter.id, reason=reason, words=words, created_at=now, **texts.about(text))
    session.add(made)
    _open_item(session, text, now=now)
    session.flush()  # the next report counts this one
    return made


def _open_item(session: Session, text: Text, *, now: datetime) -> None:
    """Have the text wait for a moderator; one who is looking at it already must look anew."""
    item = session.scalar(
        select(ReviewItem).where(*_of(ReviewItem, text), ReviewItem.state == ReviewState.PENDING)
    )
    if item is None:
        session.add(ReviewItem(cause=ReviewCause.REPORTED, opened_at=now, **texts.about(text)))
    else:
        item.version += 1


def _count_since_decision(session: Session, text: Text) -> int:
    """Return how many others said so since a moderator last decided about the text."""
    decided = select(func.max(ReviewItem.decided_at)).where(*_of(ReviewItem, text)).scalar_subquery()
    return (
        session.scalar(
            select(func.count())
            .select_from(Report)
            .where(
                *_of(Report, text),
                Report.reporter_id != text.author_id,
                (Report.created_at > decided) | decided.is_(None),
            )
        )
        or 0
    )


def _of(model: type[Report] | type[ReviewItem], text: Text) -> list[ColumnElement[bool]]:
    return [getattr(model, column) == key for column, key in texts.about(text).items()]
