"""Diagnoses people began and finished. A finished one is never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import User
from portal.core.db import Base

_OPEN = text("finished_at IS NULL")


class Diagnosis(Base):
    """One going through the questions. A learner has at most one that is not finished."""

    __tablename__ = "diagnosis"
    __table_args__ = (
        Index("uq_diagnosis_open", "learner_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_diagnosis_learner_id_id", "learner_id", "id"),
        CheckConstraint("(finished_at IS NULL) = (result IS NULL)", name="result"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: The version of the questions it was begun with, and once it is finished the one it was judged by.
    version: Mapped[str]
    #: The id of the answer by the id of its question.
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    #: The prescription as it was given; what portal.diagnosis.result makes of it.
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
