"""The one queue of texts that wait for a moderator, the oldest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import User
from portal.accounts.vocabulary import TOPIC_NAMES, Topic
from portal.community import moderation, policy, reports, trust
from portal.community.models import Post, Question, Thread
from portal.community.moderation_models import Report, ReviewCause, ReviewItem, ReviewState
from portal.community.texts import Text
from portal.core.errors import NotFoundError

PAGE_SIZE = 20
EXCERPT_CHARS = 80
REPORTS_SHOWN = 20
CAUSE_NAMES = {ReviewCause.REPORTED: "신고", ReviewCause.FIRST_POST: "처음 쓴 글"}


@dataclass(frozen=True)
class ReviewLine:
    """A text that waits, in the list."""

    id: int
    cause: str
    title: str
    excerpt: str
    author: str
    #: Empty outside the questions.
    topic: str
    reports: int
    is_hidden: bool
    opened_at: datetime


@dataclass(frozen=True)
class ReportLine:
    """What one reader, or the author who objects, said."""

    reporter: str
    reason: str
    words: str
    is_by_author: bool
    created_at: datetime


@dataclass(frozen=True)
class ReviewPage(ReviewLine):
    """A text that waits, with all a moderator needs to decide."""

    item: ReviewItem
    thread: Thread
    text: Text
    text_html: str
    stamp: str
    is_first_post: bool
    trust: Sequence[str]
    said: Sequence[ReportLine]
    #: Who decided, once somebody has; else empty.
    decided_by: str
    decision: str

    @property
    def post_id(self) -> int | None:
        """The post it is about, if it is about one."""
        return self.item.post_id


def list_waiting(
    session: Session, user: User, *, topic: Topic | None = None, after_id: int = 0
) -> list[ReviewLine]:
    """Return a page of what waits for this moderator and one more, the oldest first."""
    statement = _joined(user).where(ReviewItem.state == ReviewState.PENDING, ReviewItem.id > after_id)
    if topic is not None:
        statement = statement.where(Question.topic == topic)
    rows = session.execute(statement.order_by(ReviewItem.id).limit(PAGE_SIZE + 1))
    return [_line(*row) for row in rows]


def get_review(session: Session, user: User, item_id: int) -> ReviewPage:
    """Return a text that waits or waited. Raises NotFoundError for those it is not for."""
    row = session.execute(_joined(user).where(ReviewItem.id == item_id)).one_or_none()
    if row is None:
        raise NotFoundError("찾는 글이 없어요. 목록에서 다시 골라 주세요.")
    item, thread, post, author, _ = row
    text: Text = post or thread
    decider = session.get(User, item.decided_by_id) if item.decided_by_id else None
    return ReviewPage(
        **vars(_line(*row)),
        item=item,
        thread=thread,
        text=text,
        text_html=text.text_html,
        stamp=moderation.stamp(item, text),
        is_first_post=item.cause == ReviewCause.FIRST_POST,
        trust=trust.weigh(session, author.id).reasons,
        said=_list_said(session, text),
        decided_by=decider.name if decider else "",
        decision=moderation.STATE_NAMES.get(item.state, ""),
    )


def _joined(user: User) -> Select[ReviewItem, Thread, Post, User, int]:
    """Return items with their thread, post, author and number of reports, those that are for ``user``."""
    author = aliased(User)
    said = (
        select(func.count(Report.id))
        .where(or_(Report.thread_id == ReviewItem.thread_id, Report.post_id == ReviewItem.post_id))
        .scalar_subquery()
    )
    return (
        select(ReviewItem, Thread, Post, author, said)
        .outerjoin(Post, Post.id == ReviewItem.post_id)
        .join(Thread, Thread.id == func.coalesce(ReviewItem.thread_id, Post.thread_id))
        .join(author, author.id == func.coalesce(Post.author_id, Thread.author_id))
        .where(policy.may_review(user))
    )


def _line(item: ReviewItem, thread: Thread, post: Post | None, author: User, said: int) -> ReviewLine:
    text: Text = post or thread
    words = " ".join(text.text_markdown.split())
    return ReviewLine(
        id=item.id,
        cause=CAUSE_NAMES[item.cause],
        title=thread.title,
        excerpt=words if len(words) <= EXCERPT_CHARS else words[: EXCERPT_CHARS - 1] + "…",
        author=f"{author.name} 님",
        topic=TOPIC_NAMES[thread.topic] if isinstance(thread, Question) else "",
        reports=said,
        is_hidden=text.hidden_at is not None,
        opened_at=item.opened_at,
    )


def _list_said(session: Session, text: Text) -> list[ReportLine]:
    column = Report.post_id if isinstance(text, Post) else Report.thread_id
    rows = session.execute(
        select(Report, User.name)
        .join(User, User.id == Report.reporter_id)
        .where(column == text.id)
        .order_by(Report.id.desc())
        .limit(REPORTS_SHOWN)
    )
    return [
        ReportLine(
            reporter=f"{name} 님",
            reason=reports.REASON_NAMES[row.reason],
            words=row.words,
            is_by_author=row.reporter_id == text.author_id,
            created_at=row.created_at,
        )
        for row, name in rows
    ]
