"""Items of the question bank, exam sessions, papers, attempts, answers, marks and results."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.community.models import Association
from portal.core.db import Base, str_enum

_IN_USE = text("retired_at IS NULL")
_OPEN = text("state = 'open'")
_STANDS = text("cancelled_at IS NULL")


class ItemKind(StrEnum):
    """How an item is answered."""

    CHOICE = "choice"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    NUMERIC = "numeric"
    SHORT = "short"
    MATCHING = "matching"
    ESSAY = "essay"


class ItemLevel(StrEnum):
    """How hard its author holds an item to be."""

    EASY = "easy"
    STANDARD = "standard"
    HARD = "hard"


class ExamItem(Base):
    """One version of one item of a bank. A changed item is another row; what was shown stays as it was."""

    __tablename__ = "exam_item"
    __table_args__ = (
        UniqueConstraint("bank", "name", "version"),
        Index(
            "uq_exam_item_in_use",
            "bank",
            "name",
            unique=True,
            sqlite_where=_IN_USE,
            postgresql_where=_IN_USE,
        ),
        Index("ix_exam_item_choose", "bank", "subject", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The qualification whose exams ask it, with ``-practical`` for practical tasks: ``designer-2``.
    bank: Mapped[str]
    #: Its name in the GIFT file: ``platform-007``.
    name: Mapped[str]
    version: Mapped[int]
    subject: Mapped[str]
    level: Mapped[ItemLevel] = mapped_column(str_enum(ItemLevel))
    kind: Mapped[ItemKind] = mapped_column(str_enum(ItemKind))
    #: Question, choices, key, explanation, the step to study, the case it belongs to: see `gift.Item`.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The GIFT text it was read from.
    source: Mapped[str]
    digest: Mapped[str]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ItemImport(Base):
    """A file of items somebody handed in: looked through first, taken over by a second press."""

    __tablename__ = "item_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    bank: Mapped[str]
    file_name: Mapped[str]
    #: ``gift`` or ``csv``.
    form: Mapped[str]
    text: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    #: How many items became new, changed and stayed, once taken over.
    report: Mapped[dict[str, int]] = mapped_column(JSON)


class ExamKind(StrEnum):
    """Written on items with keys, practical on tasks people mark."""

    WRITTEN = "written"
    PRACTICAL = "practical"


class Medium(StrEnum):
    """On a screen, or on the paper twin."""

    ONLINE = "online"
    PAPER = "paper"


class Exam(Base):
    """One session of an exam: when it is open, for how long, by which blueprint."""

    __tablename__ = "exam"
    __table_args__ = (
        UniqueConstraint("qualification_id", "kind", "session_no"),
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("minutes BETWEEN 5 AND 600 AND grace_s BETWEEN 0 AND 3600", name="time"),
        CheckConstraint("attempts_max BETWEEN 1 AND 10", name="attempts"),
        CheckConstraint("(released_at IS NULL) = (released_by_id IS NULL)", name="released"),
        CheckConstraint("release_at IS NULL OR release_set_by_id IS NOT NULL", name="release_set"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    qualification_id: Mapped[str]
    kind: Mapped[ExamKind] = mapped_column(str_enum(ExamKind))
    session_no: Mapped[int]
    #: Applications are taken until then.
    apply_until: Mapped[datetime]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int]
    #: Answers sent within this many seconds after the end still count.
    grace_s: Mapped[int]
    attempts_max: Mapped[int]
    #: When and where those who chose paper sit it; empty until staff say so.
    paper_place: Mapped[str] = mapped_column(default="")
    #: `qualifications.Blueprint` as it was when the session was made.
    blueprint: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: Whether it was a mock exam (모의 검정): the qualification had no registration number then.
    is_mock: Mapped[bool]
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(unique=True)
    #: When results are shown; marking before and release are two acts.
    released_at: Mapped[datetime | None]
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: When a worker releases them, and who set that day; null while somebody is to press the button.
    release_at: Mapped[datetime | None] = mapped_column(index=True)
    release_set_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))


class ExamPaper(Base):
    """One paper of a session: items chosen by the blueprint and a seed, the same on screen and on paper."""

    __tablename__ = "exam_paper"
    __table_args__ = (UniqueConstraint("exam_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey(Exam.id))
    number: Mapped[int]
    seed: Mapped[int]

    exam: Mapped[Exam] = relationship(lazy="raise")


class PaperItem(Base):
    """One item on a paper, by its place."""

    __tablename__ = "exam_paper_item"
    __table_args__ = (UniqueConstraint("paper_id", "item_id"),)

    paper_id: Mapped[int] = mapped_column(ForeignKey(ExamPaper.id), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = mapped_column(ForeignKey(ExamItem.id), index=True)
    subject: Mapped[str]
    points: Mapped[int]

    item: Mapped[ExamItem] = relationship(lazy="raise")


class ExamApplication(Base):
    """That somebody applied for a session."""

    __tablename__ = "exam_application"
    __table_args__ = (
        Index(
            "uq_exam_application_stands",
            "exam_id",
            "user_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey(Exam.id), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    medium: Mapped[Medium] = mapped_column(str_enum(Medium))
    #: Ticked by the person: more time by policy, no reason asked.
    wants_more_time: Mapped[bool]
    applied_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class Allowance(Base):
    """More time, more attempts or a later end for one person or one association, with its reason."""

    __tablename__ = "exam_allowance"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (association_id IS NULL)", name="for_one"),
        CheckConstraint("extra_percent BETWEEN 0 AND 300", name="percent"),
        CheckConstraint("extra_attempts BETWEEN 0 AND 5", name="attempts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey(Exam.id), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    association_id: Mapped[int | None] = mapped_column(ForeignKey(Association.id))
    extra_percent: Mapped[int]
    extra_attempts: Mapped[int]
    #: A later end of the window, or null.
    open_until: Mapped[datetime | None]
    reason: Mapped[str]
    given_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    given_at: Mapped[datetime]


class AttemptState(StrEnum):
    """``closed``: time ran out and a job closed it. ``ended``: a proctor did. ``void`` does not count."""

    OPEN = "open"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    ENDED = "ended"
    VOID = "void"


class ExamAttempt(Base):
    """One person's attempt at a session: made when it starts, with the server's deadline."""

    __tablename__ = "exam_attempt"
    __table_args__ = (
        UniqueConstraint("exam_id", "user_id", "attempt_no"),
        Index(
            "uq_exam_attempt_open",
            "exam_id",
            "user_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        CheckConstraint("(state = 'open') = (finished_at IS NULL)", name="finished"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey(Exam.id), index=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey(ExamPaper.id), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    attempt_no: Mapped[int]
    medium: Mapped[Medium] = mapped_column(str_enum(Medium))
    #: Orders the items and their choices for this attempt, for ever.
    seed: Mapped[int]
    started_at: Mapped[datetime]
    deadline_at: Mapped[datetime] = mapped_column(index=True)
    #: Set while a proctor holds it; the deadline moves by the pause when it goes on.
    paused_at: Mapped[datetime | None]
    state: Mapped[AttemptState] = mapped_column(str_enum(AttemptState), default=AttemptState.OPEN)
    finished_at: Mapped[datetime | None]

    exam: Mapped[Exam] = relationship(lazy="raise")
    user: Mapped[User] = relationship(lazy="raise")


class ExamAnswer(Base):
    """One saving of one answer. Rows are only ever added; the last counts."""

    __tablename__ = "exam_answer"
    __table_args__ = (UniqueConstraint("attempt_id", "item_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey(ExamAttempt.id))
    item_id: Mapped[int] = mapped_column(ForeignKey(ExamItem.id))
    seq: Mapped[int]
    #: What was chosen or typed, by the item's own keys, however the attempt ordered them.
    response: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    #: When the device says it was answered: logged, never trusted.
    client_at: Mapped[datetime | None]
    #: Saved after the end, inside the grace.
    is_late: Mapped[bool]


class MarkCause(StrEnum):
    """Who set a mark. A person's mark wins over the rules' for ever."""

    RULES = "rules"
    REGRADE = "regrade"
    MARKERS = "markers"
    PERSON = "person"


class ItemMark(Base):
    """The points of one item in one attempt. Rows are only ever added."""

    __tablename__ = "exam_item_mark"
    __table_args__ = (
        Index("ix_exam_item_mark_attempt", "attempt_id", "item_id"),
        CheckConstraint("points >= 0", name="points"),
        CheckConstraint("cause <> 'person' OR (by_id IS NOT NULL AND length(reason) > 0)", name="person"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey(ExamAttempt.id))
    item_id: Mapped[int] = mapped_column(ForeignKey(ExamItem.id))
    points: Mapped[int]
    cause: Mapped[MarkCause] = mapped_column(str_enum(MarkCause))
    by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]


class ExamResult(Base):
    """What an attempt came to. Rows are only ever added; the last counts, and is shown after the release."""

    __tablename__ = "exam_result"
    __table_args__ = (UniqueConstraint("attempt_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey(ExamAttempt.id))
    seq: Mapped[int]
    #: Points out of 100 by subject, whole numbers.
    subjects: Mapped[dict[str, int]] = mapped_column(JSON)
    total: Mapped[int]
    passed: Mapped[bool]
    #: Why it was worked out: ``marking``, ``regrade:3``, ``appeal:5``.
    cause: Mapped[str]
    at: Mapped[datetime]
