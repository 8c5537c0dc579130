"""What people did in the courses. Rows are added and never taken away; how far somebody is, is counted."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.core.db import Base, str_enum
from portal.core.work import Work


class Enrolment(Base):
    """That a learner began a course, and where in it they are."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("learner_id", "course_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: The id of a course is its folder below content/lessons, here and in every row below.
    course_id: Mapped[str]
    started_at: Mapped[datetime]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    #: When the learner last did anything in the course.
    moved_at: Mapped[datetime]


class StepCompletion(Base):
    """That a learner completed a step (완료), as it was written then; a later edit does not take it away."""

    __tablename__ = "step_completion"
    __table_args__ = (UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    content_hash: Mapped[str]
    completed_at: Mapped[datetime]


class PracticeTry(Base):
    """One answer to a practice and what was said to it. Every try is kept."""

    __tablename__ = "practice_try"
    __table_args__ = (
        UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    #: 1, 2, 3 … for each learner and step, without gaps.
    number: Mapped[int]
    #: Draws the numbers of the question.
    seed: Mapped[str]
    #: What was typed, by the name of its field.
    answer: Mapped[dict[str, str]] = mapped_column(JSON)
    passed: Mapped[bool]
    #: One ``{"field", "sentence", "good"}`` for each field.
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    content_hash: Mapped[str]
    created_at: Mapped[datetime]


class Draft(Base):
    """An answer half typed. It goes when the answer is sent."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    answer: Mapped[dict[str, str]] = mapped_column(JSON)
    saved_at: Mapped[datetime]


class CourseCompletion(Base):
    """That a learner completed every step of a course; from here a trainer proposes the 수료증."""

    __tablename__ = "course_completion"
    __table_args__ = (UniqueConstraint("learner_id", "course_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    course_id: Mapped[str] = mapped_column(index=True)
    #: The version of the course it was completed on.
    version: Mapped[str]
    completed_at: Mapped[datetime]

    learner: Mapped[User] = relationship(lazy="raise")


class StepNote(Base):
    """What a learner wrote down for themself at a step. Empty once they took it out."""

    __tablename__ = "step_note"
    __table_args__ = (UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    text: Mapped[str]
    saved_at: Mapped[datetime]


class HandoutKind(StrEnum):
    """What a handout prints: a lesson, the steps of a course to tick off, or a lesson for a whole class."""

    LESSON = "lesson"
    CHECKLIST = "checklist"
    CLASS_PACK = "class_pack"


class Handout(Work, Base):
    """One paper in one size of type, as its content stood; it is due for a worker until it is stored.

    Whoever asks for the same paper gets the same row. One whose content changed before it was drawn is
    neither due nor stored: nobody can draw it any more.
    """

    __tablename__ = "handout"
    __table_args__ = (
        UniqueConstraint("kind", "course_id", "lesson_id", "size_pt", "content_hash"),
        CheckConstraint("size_pt IN (16, 20, 24)", name="size"),
        CheckConstraint("(kind = 'checklist') = (lesson_id = '')", name="lesson"),
        CheckConstraint("(document_key IS NULL) = (made_at IS NULL)", name="made"),
    )

    kind: Mapped[HandoutKind] = mapped_column(str_enum(HandoutKind))
    course_id: Mapped[str]
    #: Empty for what is of the whole course.
    lesson_id: Mapped[str]
    size_pt: Mapped[int]
    #: Of everything the paper shows, facts in doubt included: an edit asks for another paper.
    content_hash: Mapped[str]
    ordered_at: Mapped[datetime]
    document_key: Mapped[str | None]
    made_at: Mapped[datetime | None]

    @property
    def is_made(self) -> bool:
        """Tell whether its document is stored."""
        return self.document_key is not None
