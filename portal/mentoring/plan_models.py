"""The papers on which two people have what they agreed to do."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.work import Work
from portal.mentoring.models import Engagement


class PlanPaper(Work, Base):
    """The things to do of one engagement on paper, as they stood; due for a worker until it is stored.

    It is personal: only who may see the engagement may have it. One whose content changed before it was drawn
    is neither due nor stored.
    """

    __tablename__ = "plan_paper"
    __table_args__ = (
        UniqueConstraint("engagement_id", "size_pt", "content_hash"),
        CheckConstraint("size_pt IN (16, 20, 24)", name="size"),
        CheckConstraint("(document_key IS NULL) = (made_at IS NULL)", name="made"),
    )

    engagement_id: Mapped[int] = mapped_column(ForeignKey(Engagement.id))
    size_pt: Mapped[int]
    #: Of everything the paper shows: an item added or ticked asks for another paper.
    content_hash: Mapped[str]
    ordered_at: Mapped[datetime]
    document_key: Mapped[str | None]
    made_at: Mapped[datetime | None]

    @property
    def is_made(self) -> bool:
        """Tell whether its document is stored."""
        return self.document_key is not None
