"""What a merchant needs, who takes it, when they meet and what follows."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.core.db import Base, str_enum


def _partial_unique(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class VisitKind(StrEnum):
    """How two people meet."""

    VISIT = "visit"
    PHONE = "phone"


class NeedState(StrEnum):
    """Where a need stands."""

    OPEN = "open"
    MATCHED = "matched"
    WITHDRAWN = "withdrawn"


class Need(Base):
    """What a merchant wants help with."""

    __tablename__ = "need"
    __table_args__ = (
        UniqueConstraint("merchant_id", "form_key"),
        _partial_unique("uq_need_open", "merchant_id", where="state = 'open'"),
        Index("ix_need_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    topic: Mapped[Topic] = mapped_column(str_enum(Topic))
    detail: Mapped[str]
    wants: Mapped[VisitKind] = mapped_column(str_enum(VisitKind))
    #: Where the shop was when she asked.
    region: Mapped[Region | None] = mapped_column(str_enum(Region))
    state: Mapped[NeedState] = mapped_column(str_enum(NeedState), default=NeedState.OPEN)
    created_at: Mapped[datetime]
    #: Random, from the form: the same form sent twice makes one row.
    form_key: Mapped[str]

    merchant: Mapped[User] = relationship(lazy="raise")


class EngagementState(StrEnum):
    """Whether a mentor still looks after a shop."""

    ACTIVE = "active"
    ENDED = "ended"


class Engagement(Base):
    """A mentor looks after a merchant's shop, on one of the mentor's seats."""

    __tablename__ = "engagement"
    __table_args__ = (
        # As many seats as a profile may offer (mentor_profile.capacity).
        CheckConstraint("seat_no BETWEEN 1 AND 20", name="seat_no"),
        CheckConstraint("merchant_id <> mentor_id", name="two_people"),
        _partial_unique("uq_engagement_seat", "mentor_id", "seat_no", where="state = 'active'"),
        _partial_unique("uq_engagement_merchant", "merchant_id", where="state = 'active'"),
        Index("ix_engagement_merchant_id_id", "merchant_id", "id"),
        Index("ix_engagement_mentor_id_id", "mentor_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey(Need.id), unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    seat_no: Mapped[int]
    state: Mapped[EngagementState] = mapped_column(str_enum(EngagementState), default=EngagementState.ACTIVE)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: For operators only; the other side is not shown why.
    ended_reason: Mapped[str] = mapped_column(default="")

    need: Mapped[Need] = relationship(lazy="raise")
    merchant: Mapped[User] = relationship(lazy="raise", foreign_keys=merchant_id)
    mentor: Mapped[User] = relationship(lazy="raise", foreign_keys=mentor_id)


class VisitState(StrEnum):
    """Where a visit stands. A changed mind cancels it and the next one is proposed anew."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    HELD = "held"
    CANCELLED = "cancelled"
    MISSED = "missed"


OPEN_VISIT_STATES = (VisitState.PROPOSED, VisitState.AGREED)


class Visit(Base):
    """One meeting of an engagement: proposed, agreed, held and written down."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("mentor_id", "form_key"),
        CheckConstraint("state NOT IN ('agreed', 'held') OR starts_at IS NOT NULL", name="has_time"),
        _partial_unique("uq_visit_slot", "mentor_id", "starts_at", where="state = 'agreed'"),
        _partial_unique("uq_visit_open", "engagement_id", where="state IN ('proposed', 'agreed')"),
        Index("ix_visit_engagement_id_id", "engagement_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey(Engagement.id))
    #: The engagement's mentor again, so that the database itself refuses two shops in one slot.
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    kind: Mapped[VisitKind] = mapped_column(str_enum(VisitKind))
    place: Mapped[str]
    #: What the mentor wrote beside the times.
    remark: Mapped[str] = mapped_column(default="")
    state: Mapped[VisitState] = mapped_column(str_enum(VisitState), default=VisitState.PROPOSED)
    created_at: Mapped[datetime]
    #: Null until the merchant has chosen.
    starts_at: Mapped[datetime | None]
    agreed_at: Mapped[datetime | None]
    #: Who cancelled it or said that it did not come about.
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: When she would rather meet, in the merchant's words.
    wish: Mapped[str] = mapped_column(default="")
    log: Mapped[str] = mapped_column(default="")
    log_written_at: Mapped[datetime | None]
    #: The log form as typed so far, in JSON; empty once the log is written.
    draft: Mapped[str] = mapped_column(default="")
    form_key: Mapped[str]

    engagement: Mapped[Engagement] = relationship(lazy="raise")
    times: Mapped[list["VisitTime"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="VisitTime.starts_at"
    )
    items: Mapped[list["ActionItem"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ActionItem.position"
    )


class VisitTime(Base):
    """A moment the mentor offers; three at most."""

    __tablename__ = "visit_time"
    __table_args__ = (
        UniqueConstraint("visit_id", "position"),
        UniqueConstraint("visit_id", "starts_at"),
        CheckConstraint("position BETWEEN 1 AND 3", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id))
    position: Mapped[int]
    starts_at: Mapped[datetime]


class ActionItem(Base):
    """A small thing the merchant does before they meet again; three at most for each visit."""

    __tablename__ = "action_item"
    __table_args__ = (
        UniqueConstraint("visit_id", "position"),
        CheckConstraint("position BETWEEN 1 AND 3", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id))
    position: Mapped[int]
    text: Mapped[str]
    done_at: Mapped[datetime | None]

    visit: Mapped[Visit] = relationship(lazy="raise", overlaps="items")
