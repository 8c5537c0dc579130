"""Runs of the matching: by which weights, what came out, and what an operator fixed beforehand."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.core.db import Base, str_enum
from portal.core.work import Work
from portal.mentoring.models import Need, partial_unique


class MatchWeights(Base):
    """What a run counts how much: a new row for every change, so that an old run can be read for ever."""

    __tablename__ = "match_weights"
    __table_args__ = (
        CheckConstraint(
            "topic BETWEEN 0 AND 100 AND channel BETWEEN 0 AND 100 AND region BETWEEN 0 AND 100"
            " AND time BETWEEN 0 AND 100 AND manner BETWEEN 0 AND 100 AND preference BETWEEN 0 AND 100"
            " AND fairness BETWEEN 0 AND 100",
            name="range",
        ),
    )

    #: The version of the rules.
    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    #: Null for the ones the portal began with.
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    remark: Mapped[str] = mapped_column(default="")
    topic: Mapped[int]
    channel: Mapped[int]
    region: Mapped[int]
    time: Mapped[int]
    manner: Mapped[int]
    preference: Mapped[int]
    #: What each further shop of a mentor costs, so that load is shared.
    fairness: Mapped[int]


class RunState(StrEnum):
    """Where a run stands. Nobody hears of it before it is published."""

    QUEUED = "queued"
    DRAFT = "draft"
    REVIEWED = "reviewed"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    FAILED = "failed"


class MatchRun(Work, Base):
    """One matching of everybody who waits."""

    __tablename__ = "match_run"
    __table_args__ = (
        UniqueConstraint("made_by_id", "form_key"),
        Index("ix_match_run_state_id", "state", "id"),
    )

    state: Mapped[RunState] = mapped_column(str_enum(RunState), default=RunState.QUEUED)
    weights_id: Mapped[int] = mapped_column(ForeignKey(MatchWeights.id))
    #: Breaks ties; the same seed gives the same pairs.
    seed: Mapped[int]
    #: The run whose pairs this one is compared with; null for the first.
    before_id: Mapped[int | None] = mapped_column(ForeignKey("match_run.id"))
    form_key: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    computed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    reviewed_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    published_at: Mapped[datetime | None]
    #: The sum of all pairs' points.
    total: Mapped[int] = mapped_column(default=0)
    #: Which columns were read, one name a line: the audit of what counts.
    fields_read: Mapped[str] = mapped_column(default="")


class MatchPair(Base):
    """A need and the mentor a run gives it, or nobody and what would help."""

    __tablename__ = "match_pair"
    __table_args__ = (
        UniqueConstraint("run_id", "need_id"),
        CheckConstraint("mentor_id IS NOT NULL OR fix <> ''", name="mentor_or_fix"),
        Index("ix_match_pair_run_id_id", "run_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey(MatchRun.id))
    need_id: Mapped[int] = mapped_column(ForeignKey(Need.id))
    #: Null for those left over.
    mentor_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    points: Mapped[int] = mapped_column(default=0)
    #: Three to five ``{"points": 40, "words": "…"}``, JSON.
    reasons: Mapped[str] = mapped_column(default="[]")
    alternative_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: Why the alternative lost, in a sentence.
    alternative_words: Mapped[str] = mapped_column(default="")
    #: Whom to ask when the mentor does not answer, the best first; JSON list of account ids.
    next_mentor_ids: Mapped[str] = mapped_column(default="[]")
    is_locked: Mapped[bool] = mapped_column(default=False)
    #: What would bring a mentor to somebody left over; empty for pairs.
    fix: Mapped[str] = mapped_column(default="")

    need: Mapped[Need] = relationship(lazy="raise")
    mentor: Mapped[User | None] = relationship(lazy="raise", foreign_keys=mentor_id)
    alternative: Mapped[User | None] = relationship(lazy="raise", foreign_keys=alternative_id)


class MatchLock(Base):
    """An operator fixed this pair: every run keeps it."""

    __tablename__ = "match_lock"

    need_id: Mapped[int] = mapped_column(ForeignKey(Need.id), primary_key=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]


class Conflict(Base):
    """Two people who must not be matched, and why; operators read it, nobody else."""

    __tablename__ = "match_conflict"
    __table_args__ = (
        partial_unique("uq_match_conflict", "mentor_id", "merchant_id", where="ended_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    merchant_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    reason: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
