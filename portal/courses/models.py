"""What people did in the courses. Rows are added and never taken away; how far somebody is, is counted."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.core.db import Base


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
