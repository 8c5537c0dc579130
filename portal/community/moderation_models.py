"""Keeping the boards safe: reports, the queue they come to, decisions, earlier words, pictures sent."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from portal.accounts.models import User
from portal.community.models import Post, Thread
from portal.core.db import Base, str_enum
from portal.core.work import Work

_ONE_TARGET = "(thread_id IS NULL) <> (post_id IS NULL)"


class _About:
    """A row about one thread or one post."""

    id: Mapped[int] = mapped_column(primary_key=True)

    @declared_attr
    def thread_id(cls) -> Mapped[int | None]:  # noqa: N805 - SQLAlchemy hands the class
        """Name the thread, if it is about one."""
        return mapped_column(ForeignKey(Thread.id), index=True)

    @declared_attr
    def post_id(cls) -> Mapped[int | None]:  # noqa: N805
        """Name the post, if it is about one."""
        return mapped_column(ForeignKey(Post.id), index=True)


class ReportReason(StrEnum):
    """What is wrong with a text, as a reader says it."""

    PERSONAL_DATA = "personal_data"
    FRAUD = "fraud"
    INSULT = "insult"
    ADVERTISING = "advertising"
    WRONG = "wrong"
    OTHER = "other"


class Report(_About, Base):
    """Somebody's word that a text should be looked at; one a person and text."""

    __tablename__ = "report"
    __table_args__ = (
        CheckConstraint(_ONE_TARGET, name="about_one"),
        UniqueConstraint("reporter_id", "thread_id"),
        UniqueConstraint("reporter_id", "post_id"),
    )

    reporter_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    reason: Mapped[ReportReason] = mapped_column(str_enum(ReportReason))
    words: Mapped[str]
    created_at: Mapped[datetime]


class ReviewCause(StrEnum):
    """Why a text waits for a moderator."""

    REPORTED = "reported"
    FIRST_POST = "first_post"


class ReviewState(StrEnum):
    """What a moderator decided; ``ignored`` leaves the text and the reporters' word as it was."""

    PENDING = "pending"
    APPROVED = "approved"
    HIDDEN = "hidden"
    IGNORED = "ignored"


class ReviewItem(_About, Base):
    """One text in the moderators' queue. Its version is what keeps two of them from deciding it twice."""

    __tablename__ = "review_item"
    __table_args__ = (
        CheckConstraint(_ONE_TARGET, name="about_one"),
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_review_item_thread_pending",
            "thread_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "uq_review_item_post_pending",
            "post_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_review_item_state_id", "state", "id"),
    )

    cause: Mapped[ReviewCause] = mapped_column(str_enum(ReviewCause))
    state: Mapped[ReviewState] = mapped_column(str_enum(ReviewState), default=ReviewState.PENDING)
    version: Mapped[int] = mapped_column(default=1)
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decision_reason: Mapped[str] = mapped_column(default="")


class ModerationAction(StrEnum):
    """What a moderator did."""

    HID = "hid"
    SHOWED = "showed"
    RELEASED = "released"
    MOVED = "moved"
    MERGED = "merged"
    SPLIT = "split"


class ModerationLine(_About, Base):
    """One line of the moderators' log. Rows are only added."""

    __tablename__ = "moderation_line"
    __table_args__ = (CheckConstraint(_ONE_TARGET, name="about_one"),)

    moderator_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    action: Mapped[ModerationAction] = mapped_column(str_enum(ModerationAction))
    #: Where it stood and where it went, for a move, a merge or a split.
    detail: Mapped[str] = mapped_column(default="")
    reason: Mapped[str]
    at: Mapped[datetime]


class Revision(_About, Base):
    """What a text said before somebody changed it. Rows are only added; staff see them."""

    __tablename__ = "revision"
    __table_args__ = (CheckConstraint(_ONE_TARGET, name="about_one"),)

    editor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: Empty for a post.
    title: Mapped[str]
    text_markdown: Mapped[str]
    at: Mapped[datetime]


class Upload(Work, Base):
    """That somebody sent a picture for a text. It is due when its file may be named by nothing any more.

    So a form that was never finished leaves no picture behind, and neither does one that was covered.
    """

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_user_id_at", "user_id", "at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: Where the cleaned picture lies in storage.
    picture_key: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
