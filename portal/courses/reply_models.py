"""Replies to customers that a person has read, and the best of them in the phrase book."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.core.db import Base
from portal.courses.models import AtStep, PracticeTry


class ReplyReview(AtStep, Base):
    """That a reply which met every rule waits for a mentor or trainer, and what they said of it.

    The step is completed without them: they say what no rule can see.
    """

    __tablename__ = "reply_review"
    __table_args__ = (
        Index(
            "uq_reply_review_waiting",
            "learner_id",
            "course_id",
            "lesson_id",
            "step_id",
            unique=True,
            sqlite_where=text("reviewed_at IS NULL"),
            postgresql_where=text("reviewed_at IS NULL"),
        ),
        Index("ix_reply_review_place", "learner_id", "course_id", "lesson_id", "step_id", "id"),
        CheckConstraint("(reviewed_at IS NULL) = (reviewed_by_id IS NULL)", name="reviewed"),
        CheckConstraint("reviewed_at IS NOT NULL OR NOT is_best", name="best"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    try_id: Mapped[int] = mapped_column(ForeignKey(PracticeTry.id), unique=True)
    sent_at: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: What the writer is told.
    comment: Mapped[str] = mapped_column(default="")
    #: Others should read it too; it is shown to nobody before its writer says yes.
    is_best: Mapped[bool] = mapped_column(default=False)

    tried: Mapped[PracticeTry] = relationship(lazy="raise")
    reviewer: Mapped[User | None] = relationship(lazy="raise", foreign_keys=reviewed_by_id)


class Phrase(AtStep, Base):
    """A best reply that its writer lets others read, without names and numbers.

    Its words and the customer's are copied: it says what it said when the writer saw it and agreed.
    """

    __tablename__ = "phrase"
    __table_args__ = (
        Index("ix_phrase_place", "course_id", "lesson_id", "step_id", "id"),
        CheckConstraint("(removed_at IS NULL) = (removed_by_id IS NULL)", name="removed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey(ReplyReview.id), unique=True)
    #: What the customer wrote.
    customer: Mapped[str]
    reply: Mapped[str]
    agreed_at: Mapped[datetime]
    #: When the writer took the yes back; null while it stands.
    withdrawn_at: Mapped[datetime | None]
    #: When a moderator took it out, for good.
    removed_at: Mapped[datetime | None]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    removed_because: Mapped[str] = mapped_column(default="")
