"""Rehearsals of a cue sheet: that one began, what came of it, what somebody said. Facts: no row changes."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.core.db import Base
from portal.courses.models import AtStep, PracticeTry


class Rehearsal(AtStep, Base):
    """That a learner began to rehearse a cue sheet, at the moment from which its parts are counted."""

    __tablename__ = "rehearsal"
    __table_args__ = (
        UniqueConstraint("learner_id", "form_key"),
        Index("ix_rehearsal_place", "learner_id", "course_id", "lesson_id", "step_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The answer that was rehearsed.
    try_id: Mapped[int] = mapped_column(ForeignKey(PracticeTry.id))
    started_at: Mapped[datetime]
    #: Random, from the form: the same press twice makes one row.
    form_key: Mapped[str]

    tried: Mapped[PracticeTry] = relationship(lazy="raise")


class RehearsalLog(Base):
    """What came of a rehearsal, in the learner's words."""

    __tablename__ = "rehearsal_log"

    rehearsal_id: Mapped[int] = mapped_column(ForeignKey(Rehearsal.id), primary_key=True)
    #: The parts that went over their time, from 1.
    over: Mapped[list[int]] = mapped_column(JSON)
    #: What to mend, in one sentence.
    mend: Mapped[str]
    logged_at: Mapped[datetime]


class RehearsalCheck(Base):
    """What a mentor or trainer said to a rehearsal."""

    __tablename__ = "rehearsal_check"

    rehearsal_id: Mapped[int] = mapped_column(ForeignKey(RehearsalLog.rehearsal_id), primary_key=True)
    checked_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    comment: Mapped[str]
    checked_at: Mapped[datetime]

    checked_by: Mapped[User] = relationship(lazy="raise")
