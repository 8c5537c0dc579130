"""What people did in the courses. Rows are added and never taken away; how far somebody is, is counted."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
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


class AtStep:
    """What a row of one learner at one step holds; the ids are those of the content."""

    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]


class StepCompletion(AtStep, Base):
    """That a learner completed a step (완료), as it was written then; a later edit does not take it away."""

    __tablename__ = "step_completion"
    __table_args__ = (UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    content_hash: Mapped[str]
    completed_at: Mapped[datetime]


class PracticeTry(AtStep, Base):
    """One answer to a practice and what was said to it. Every try is kept."""

    __tablename__ = "practice_try"
    __table_args__ = (
        UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: 1, 2, 3 … for each learner and step, without gaps.
    number: Mapped[int]
    #: Draws the numbers of the question.
    seed: Mapped[str]
    #: How many hints were open.
    hints: Mapped[int] = mapped_column(server_default="0")
    #: What was typed, by the name of its field.
    answer: Mapped[dict[str, str]] = mapped_column(JSON)
    passed: Mapped[bool]
    #: One ``{"field", "sentence", "good"}`` for each field.
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    content_hash: Mapped[str]
    created_at: Mapped[datetime]

    learner: Mapped[User] = relationship(lazy="raise")


class ReviewState(StrEnum):
    """Whether somebody has looked at what a learner did outside the portal."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    CHANGES_REQUESTED = "changes_requested"


class ProofReview(Base):
    """That a try waits for a mentor or trainer, and what they said."""

    __tablename__ = "proof_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    try_id: Mapped[int] = mapped_column(ForeignKey(PracticeTry.id), unique=True)
    state: Mapped[ReviewState] = mapped_column(str_enum(ReviewState), index=True)
    sent_at: Mapped[datetime]
    #: When those who may confirm it were told that it waits.
    told_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: What the learner is told.
    comment: Mapped[str] = mapped_column(default="")

    tried: Mapped[PracticeTry] = relationship(lazy="raise")


class Draft(AtStep, Base):
    """An answer half typed, and the hints opened for it. It goes when the answer is sent."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer: Mapped[dict[str, str]] = mapped_column(JSON)
    hints: Mapped[int] = mapped_column(server_default="0")
    saved_at: Mapped[datetime]


class LessonOpinion(Base):
    """Whether a lesson helped its learner, and why; a second opinion takes the place of the first."""

    __tablename__ = "lesson_opinion"
    __table_args__ = (UniqueConstraint("learner_id", "course_id", "lesson_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    helped: Mapped[bool]
    #: Empty until the learner says why.
    reason: Mapped[str]
    given_at: Mapped[datetime] = mapped_column(index=True)


class Ending(StrEnum):
    """How a step's task ended."""

    FIXED = "fixed"
    AS_IT_IS = "as_it_is"


class StepTask(Base):
    """A step that looks different from somebody's screen, until a trainer has dealt with it."""

    __tablename__ = "step_task"
    __table_args__ = (
        Index(
            "step_task_open",
            "course_id",
            "lesson_id",
            "step_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        CheckConstraint("(closed_at IS NULL) = (ending IS NULL)", name="closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    #: Of the step as it stood when the first report came.
    content_hash: Mapped[str]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    ending: Mapped[Ending | None] = mapped_column(str_enum(Ending))
    #: What the reporters were told.
    answer: Mapped[str] = mapped_column(default="")

    reports: Mapped[list["StepReport"]] = relationship(lazy="raise", order_by="StepReport.id")


class StepReport(Base):
    """What one learner saw that differs from a step."""

    __tablename__ = "step_report"
    __table_args__ = (UniqueConstraint("task_id", "learner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey(StepTask.id))
    learner_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    seen: Mapped[str]
    content_hash: Mapped[str]
    created_at: Mapped[datetime]

    learner: Mapped[User] = relationship(lazy="raise")


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


class StepNote(AtStep, Base):
    """What a learner wrote down for themself at a step. Empty once they took it out."""

    __tablename__ = "step_note"
    __table_args__ = (UniqueConstraint("learner_id", "course_id", "lesson_id", "step_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    saved_at: Mapped[datetime]


class HandoutKind(StrEnum):
    """What a handout prints: a lesson, a course's steps to tick off, a lesson for a class, or all words."""

    LESSON = "lesson"
    CHECKLIST = "checklist"
    CLASS_PACK = "class_pack"
    GLOSSARY = "glossary"


class Handout(Work, Base):
    """One paper in one size of type, as its content stood; it is due for a worker until it is stored.

    Whoever asks for the same paper gets the same row. One whose content changed before it was drawn is
    neither due nor stored: nobody can draw it any more.
    """

    __tablename__ = "handout"
    __table_args__ = (
        UniqueConstraint("kind", "course_id", "lesson_id", "size_pt", "content_hash"),
        CheckConstraint("size_pt IN (16, 20, 24)", name="size"),
        CheckConstraint("(kind = 'glossary') = (course_id = '')", name="course"),
        CheckConstraint("(kind IN ('checklist', 'glossary')) = (lesson_id = '')", name="lesson"),
        CheckConstraint("(document_key IS NULL) = (made_at IS NULL)", name="made"),
    )

    kind: Mapped[HandoutKind] = mapped_column(str_enum(HandoutKind))
    #: Empty for the glossary.
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


class StepAnswer(Base):
    """An accepted answer lifted into a step as what shop owners often ask, with both names.

    Its words are copied: a step does not change because somebody edits a post.
    """

    __tablename__ = "step_answer"
    __table_args__ = (
        Index("ix_step_answer_place", "course_id", "lesson_id", "step_id"),
        Index(
            "uq_step_answer_post",
            "post_id",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[str]
    lesson_id: Mapped[str]
    step_id: Mapped[str]
    #: The post it was lifted from, and the path of its question.
    post_id: Mapped[int]
    path: Mapped[str]
    question: Mapped[str]
    answer_html: Mapped[str]
    asker_name: Mapped[str]
    answerer_name: Mapped[str]
    #: The facts it relies on, by id, each with the hash it had when the answer was last checked.
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    lifted_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    lifted_at: Mapped[datetime]
    #: When a trainer last looked; null until then.
    checked_at: Mapped[datetime | None]
    #: The day by which somebody looks whether it is still right.
    check_by: Mapped[date]
    removed_at: Mapped[datetime | None]


class StepAnswerVote(Base):
    """Somebody's word whether a lifted answer is still right; the last one counts."""

    __tablename__ = "step_answer_vote"

    step_answer_id: Mapped[int] = mapped_column(ForeignKey(StepAnswer.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    is_right: Mapped[bool]
    voted_at: Mapped[datetime]
