"""Statements of what a mentor did (활동 확인서)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import User
from portal.core.clock import KST
from portal.core.db import Base
from portal.core.work import Work


class Statement(Work, Base):
    """What a mentor did in a span of days, as it was counted when asked for; it never changes.

    It is neither a certificate of a course nor a qualification. It is due for a worker until its document is
    stored.
    """

    __tablename__ = "activity_statement"
    __table_args__ = (
        UniqueConstraint("mentor_id", "content_hash"),
        CheckConstraint("first_day <= last_day", name="span"),
        CheckConstraint("length(code) = 24", name="code"),
        CheckConstraint(
            "(document_key IS NULL) = (pdf_sha256 IS NULL)"
            " AND (document_key IS NULL) = (rendered_at IS NULL)",
            name="rendered",
        ),
    )

    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: Of name, days and numbers: the same ones are one document, however often it is asked for.
    content_hash: Mapped[str]
    #: What proves it to strangers; see `codes`.
    code: Mapped[str] = mapped_column(unique=True)
    holder_name: Mapped[str]
    issuer_name: Mapped[str]
    first_day: Mapped[date]
    last_day: Mapped[date]
    questions: Mapped[int]
    promises: Mapped[int]
    promises_kept: Mapped[int]
    visits: Mapped[int]
    visit_minutes: Mapped[int]
    groups: Mapped[int]
    group_minutes: Mapped[int]
    items: Mapped[int]
    first_orders: Mapped[int]
    issued_at: Mapped[datetime]
    #: Where the storage keeps the bytes; null until they are drawn, then served unchanged for ever.
    document_key: Mapped[str | None]
    #: Kept apart from the key, as a certificate's is.
    pdf_sha256: Mapped[str | None] = mapped_column(index=True)
    rendered_at: Mapped[datetime | None]

    @property
    def number(self) -> str:
        """What people call it by: ``2026-A-00017``."""
        return f"{self.issued_at.astimezone(KST).year}-A-{self.id:05d}"

    @property
    def is_rendered(self) -> bool:
        """Tell whether its document is stored."""
        return self.pdf_sha256 is not None
