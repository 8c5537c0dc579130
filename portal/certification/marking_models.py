"""Marking by people and keeping them together, the proctor's incidents, regrading, and the paper twin."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import User
from portal.certification.exam_models import Exam, ExamAttempt, ExamItem, ExamPaper
from portal.core.db import Base, str_enum
from portal.core.work import Work

_PENDING = text("state = 'proposed'")
_UNSEEN = text("finished_at IS NOT NULL AND looked_at IS NULL")
_OPEN = text("closed_at IS NULL")


class IncidentKind(StrEnum):
    """What an incident in an exam was about."""

    ENVIRONMENT = "environment"
    PERSON = "person"
    STAFF = "staff"
    TECHNICAL = "technical"


class ProctorAct(StrEnum):
    """What a proctor did about it."""

    NOTED = "noted"
    AUTHORISED = "authorised"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    ENDED = "ended"
    VOIDED = "voided"


class Incident(Base):
    """What a proctor did in an exam, and why. Rows are only ever added."""

    __tablename__ = "exam_incident"
    __table_args__ = (CheckConstraint("length(cause) > 0", name="cause"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey(Exam.id), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey(ExamAttempt.id), index=True)
    kind: Mapped[IncidentKind] = mapped_column(str_enum(IncidentKind))
    act: Mapped[ProctorAct] = mapped_column(str_enum(ProctorAct))
    #: How many minutes an extension gave.
    minutes: Mapped[int] = mapped_column(default=0)
    cause: Mapped[str]
    by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]


class MarkingSheet(Base):
    """One marker's sheet for one script: two markers, and a third where the two differ too much."""

    __tablename__ = "marking_sheet"
    __table_args__ = (
        UniqueConstraint("attempt_id", "slot"),
        UniqueConstraint("attempt_id", "marker_id"),
        CheckConstraint("slot BETWEEN 1 AND 3", name="slot"),
        Index("ix_marking_sheet_unseen", "marker_id", sqlite_where=_UNSEEN, postgresql_where=_UNSEEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey(ExamAttempt.id))
    slot: Mapped[int]
    marker_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    #: Nobody else takes this place before then; afterwards anybody may, and the draft is gone.
    lease_until: Mapped[datetime]
    #: Points by criterion, ``subject.criterion``; a draft may lack some.
    points: Mapped[dict[str, int]] = mapped_column(JSON)
    comment: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    #: Null while it is a draft.
    finished_at: Mapped[datetime | None]
    #: When its marker was measured with it (`supervision`); null until the night after the script was agreed.
    looked_at: Mapped[datetime | None]


class Calibration(Base):
    """That a marker's points lay apart from the others', how far, and what was agreed about it."""

    __tablename__ = "calibration"
    __table_args__ = (
        Index("uq_calibration_open", "marker_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("scripts > 0 AND most > 0", name="measured"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed"),
        CheckConstraint("(closed_at IS NULL) = (length(note) = 0)", name="note"),
        CheckConstraint("closed_by_id <> marker_id", name="second_person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    marker_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    opened_at: Mapped[datetime]
    #: What was measured then; see `supervision.Measured`.
    scripts: Mapped[int]
    halves: Mapped[int]
    most: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: What was agreed.
    note: Mapped[str] = mapped_column(default="")


class RegradeState(StrEnum):
    """Where the regrading of an item stands."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    DECLINED = "declined"


class Regrade(Base):
    """That an item's key was wrong: what would change, who approved it, and what changed."""

    __tablename__ = "exam_regrade"
    __table_args__ = (
        Index(
            "uq_exam_regrade_pending",
            "exam_id",
            "item_id",
            unique=True,
            sqlite_where=_PENDING,
            postgresql_where=_PENDING,
        ),
        CheckConstraint("decided_by_id <> proposed_by_id", name="second_person"),
        CheckConstraint("(state = 'proposed') = (decided_by_id IS NULL)", name="decided"),
        CheckConstraint("length(reason) > 0", name="reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey(Exam.id))
    item_id: Mapped[int] = mapped_column(ForeignKey(ExamItem.id))
    #: The right answers, in the shape of the item's key; ``{"everyone": true}`` gives everybody the points.
    key: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str]
    state: Mapped[RegradeState] = mapped_column(str_enum(RegradeState), default=RegradeState.PROPOSED)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    proposed_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]


class KeyedSheet(Base):
    """An answer sheet on paper, typed in: by two people apart, and by a third look where they differ."""

    __tablename__ = "exam_keyed_sheet"
    __table_args__ = (
        UniqueConstraint("attempt_id", "slot"),
        UniqueConstraint("attempt_id", "keyer_id"),
        CheckConstraint("slot BETWEEN 1 AND 3", name="slot"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey(ExamAttempt.id))
    slot: Mapped[int]
    keyer_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: Responses by the item's id.
    responses: Mapped[dict[str, Any]] = mapped_column(JSON)
    keyed_at: Mapped[datetime]


class PaperPrint(Work, Base):
    """The paper twin as a PDF in one size, due for a worker until it is stored."""

    __tablename__ = "exam_paper_print"
    __table_args__ = (UniqueConstraint("paper_id", "size"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(ExamPaper.id))
    #: Points of type: 16, 20 or 24.
    size: Mapped[int]
    ordered_at: Mapped[datetime]
    document_key: Mapped[str | None]
