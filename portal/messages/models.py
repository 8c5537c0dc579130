"""The notice."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.core.db import Base
from portal.core.work import Work


class Notice(Work, Base):
    """One thing one person is told once. It is due for a worker until it has left the house."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("user_id", "cause"),
        Index("ix_notice_user_id_id", "user_id", "id"),
        Index(
            "ix_notice_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: What happened, e.g. ``answer:12``: the same cause tells the same person only once.
    cause: Mapped[str]
    #: One sentence, e.g. ``박정호 멘토님이 답했어요.``
    sentence: Mapped[str]
    #: The path of the page it is about.
    path: Mapped[str]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")
