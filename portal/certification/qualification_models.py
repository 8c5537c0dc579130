"""Candidates of a qualification, their ledger, their training log, and appeals."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.certification.exam_models import ExamAttempt
from portal.core.db import Base, str_enum
from portal.core.work import Work

_STAYS = text("left_at IS NULL")
_MET = text("kind = 'met'")
_OPEN = text("state = 'open'")


class QualificationVersion(Base):
    """The rules of a qualification as somebody is judged by them: copied when first used, never changed."""

    __tablename__ = "qualification_version"
    __table_args__ = (UniqueConstraint("qualification_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    qualification_id: Mapped[str]
    number: Mapped[int]
    #: What `qualifications.Version` reads; see there.
    rules: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: SHA-256 of the rules, so that a changed file is noticed and refused.
    digest: Mapped[str]
    frozen_at: Mapped[datetime]


class Candidate(Base):
    """Somebody on the way to a qualification, judged by one version of its rules."""

    __tablename__ = "candidate"
    __table_args__ = (
        Index(
            "uq_candidate_stays",
            "user_id",
            "qualification_id",
            unique=True,
            sqlite_where=_STAYS,
            postgresql_where=_STAYS,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    qualification_id: Mapped[str]
    version_id: Mapped[int] = mapped_column(ForeignKey(QualificationVersion.id))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    #: When the ledger is next looked through for what is newly met; null when there is nothing left to meet.
    check_at: Mapped[datetime | None] = mapped_column(index=True)
    #: The next line of the training log as far as it is typed, as JSON; empty once it is written.
    log_draft: Mapped[str] = mapped_column(default="", server_default="")

    user: Mapped[User] = relationship(lazy="raise", foreign_keys=user_id)
    version: Mapped[QualificationVersion] = relationship(lazy="raise")


class LedgerKind(StrEnum):
    """What a line of the ledger says. The last of a requirement's lines counts; `moved` is about all."""

    MET = "met"
    WAIVED = "waived"
    REJECTED = "rejected"
    REOPENED = "reopened"
    MOVED = "moved"


class LedgerEntry(Base):
    """One line of a candidate's ledger. Rows are only ever added."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        Index(
            "uq_ledger_entry_met",
            "candidate_id",
            "requirement",
            "evidence",
            unique=True,
            sqlite_where=_MET,
            postgresql_where=_MET,
        ),
        CheckConstraint("kind = 'met' OR by_id IS NOT NULL", name="confirmer"),
        CheckConstraint("kind = 'met' OR length(note) > 0", name="reason"),
        CheckConstraint("kind <> 'met' OR length(evidence) > 0", name="evidence"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey(Candidate.id), index=True)
    #: The requirement's key in the rules; empty for `moved`.
    requirement: Mapped[str]
    kind: Mapped[LedgerKind] = mapped_column(str_enum(LedgerKind))
    #: What proves it, to find again: ``course_completion:12``, ``exam_attempt:3``.
    evidence: Mapped[str] = mapped_column(default="")
    #: The same in words, as it stood then.
    words: Mapped[str] = mapped_column(default="")
    #: The rules in force when it was written.
    version_id: Mapped[int] = mapped_column(ForeignKey(QualificationVersion.id))
    #: Who confirmed it; null for what the portal read off its own rows.
    by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")


class LogKind(StrEnum):
    """What a line of the training log tells of."""

    VISIT = "visit"
    CASE = "case"
    REFLECTION = "reflection"


class TrainingLog(Base):
    """One line of a candidate's own log; only what a mentor or trainer confirmed counts."""

    __tablename__ = "training_log"
    __table_args__ = (
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("minutes BETWEEN 0 AND 600", name="minutes"),
        CheckConstraint("(length(remark) = 0) = (remarked_at IS NULL)", name="remarked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey(Candidate.id), index=True)
    kind: Mapped[LogKind] = mapped_column(str_enum(LogKind))
    day: Mapped[date]
    minutes: Mapped[int]
    #: What sort of shop, never its name: ``반찬가게``. One that is called otherwise is another shop.
    shop: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    form_key: Mapped[str] = mapped_column(unique=True)
    written_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    confirmed_at: Mapped[datetime | None]
    #: What the last one who read it said: what to mend, or with the confirmation a word about it.
    remark: Mapped[str] = mapped_column(default="")
    #: Null also for what was said before who said it was kept.
    remarked_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    remarked_at: Mapped[datetime | None]

    @property
    def is_sent_back(self) -> bool:
        """Tell whether it waits to be mended."""
        if self.confirmed_at is not None or self.remarked_at is None:
            return False
        return self.remarked_at >= self.written_at

    @property
    def is_mended(self) -> bool:
        """Tell whether it was sent back before and waits for somebody to read it again."""
        return self.confirmed_at is None and self.remarked_at is not None and not self.is_sent_back


class Portfolio(Work, Base):
    """A candidate's training log as a PDF, due for a worker until it is stored."""

    __tablename__ = "portfolio"
    __table_args__ = (UniqueConstraint("candidate_id", "content_hash"),)

    candidate_id: Mapped[int] = mapped_column(ForeignKey(Candidate.id), index=True)
    content_hash: Mapped[str]
    ordered_at: Mapped[datetime]
    document_key: Mapped[str | None]


class AppealState(StrEnum):
    """Where an appeal stands."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Appeal(Base):
    """That somebody asks to look again at one requirement or one exam result, and what was answered."""

    __tablename__ = "certification_appeal"
    __table_args__ = (
        Index(
            "uq_certification_appeal_requirement",
            "candidate_id",
            "requirement",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index(
            "uq_certification_appeal_attempt",
            "attempt_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        CheckConstraint("(candidate_id IS NULL) <> (attempt_id IS NULL)", name="about_one"),
        CheckConstraint(
            "(state = 'open') = (answered_by_id IS NULL) AND (state = 'open') = (answered_at IS NULL)"
            " AND (state = 'open' OR length(answer) > 0)",
            name="answered",
        ),
        CheckConstraint("answered_by_id <> user_id", name="not_by_oneself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey(Candidate.id))
    requirement: Mapped[str] = mapped_column(default="")
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey(ExamAttempt.id))
    text: Mapped[str]
    filed_at: Mapped[datetime]
    #: The promise: an answer by then.
    answer_by: Mapped[datetime]
    state: Mapped[AppealState] = mapped_column(str_enum(AppealState), default=AppealState.OPEN)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
