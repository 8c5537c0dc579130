"""What nobody else sees yet: text half typed, and a public copy that waits for its asker's yes."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import User
from portal.community.models import Thread
from portal.core.db import Base


class WritingDraft(Base):
    """What somebody has typed into one form and not sent yet; it goes when the form is sent."""

    __tablename__ = "writing_draft"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    #: Which form: ``ask``, or ``reply:12`` for the one under question 12.
    form: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_at: Mapped[datetime]


class PublicCopy(Base):
    """A private question written anew without names and numbers; public once its asker has agreed.

    The public question belongs to the one who made the copy, so that nothing in it leads to the asker.
    """

    __tablename__ = "public_copy"
    __table_args__ = (
        CheckConstraint("(agreed_at IS NULL) = (public_id IS NULL)", name="public_once_agreed"),
        CheckConstraint("agreed_at IS NULL OR declined_at IS NULL", name="one_answer"),
    )

    #: The private question.
    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id), primary_key=True)
    title: Mapped[str]
    text_markdown: Mapped[str]
    answer_markdown: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    agreed_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    #: The public question.
    public_id: Mapped[int | None] = mapped_column(ForeignKey(Thread.id), unique=True)
