"""Group mentoring: one mentor and the shops of a market or an association."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.accounts.vocabulary import Region, Topic
from portal.core.db import Base, str_enum
from portal.mentoring.models import partial_unique
from portal.mentoring.vocabulary import VisitKind


class Circle(Base):
    """A group that one mentor teaches together."""

    __tablename__ = "circle"
    __table_args__ = (
        UniqueConstraint("made_by_id", "form_key"),
        CheckConstraint("places BETWEEN 2 AND 30", name="places"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    region: Mapped[Region] = mapped_column(str_enum(Region))
    topic: Mapped[Topic] = mapped_column(str_enum(Topic))
    #: What the group wants to be able to do in the end.
    goal: Mapped[str]
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    places: Mapped[int]
    #: What members type to join; read out at the market.
    code: Mapped[str] = mapped_column(unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime]
    #: Random, from the form: the same form sent twice makes one row.
    form_key: Mapped[str]
    ended_at: Mapped[datetime | None]

    mentor: Mapped[User] = relationship(lazy="raise", foreign_keys=mentor_id)


class CircleMember(Base):
    """A shop of a group."""

    __tablename__ = "circle_member"
    __table_args__ = (
        partial_unique("uq_circle_member", "circle_id", "user_id", where="left_at IS NULL"),
        # Places are numbered, so that the database refuses one member too many.
        partial_unique("uq_circle_place", "circle_id", "place_no", where="left_at IS NULL"),
        Index("ix_circle_member_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey(Circle.id))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    place_no: Mapped[int]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")


class MeetingState(StrEnum):
    """Where a group's meeting stands."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


class CircleMeeting(Base):
    """One meeting of a group."""

    __tablename__ = "circle_meeting"
    __table_args__ = (
        UniqueConstraint("circle_id", "form_key"),
        CheckConstraint("minutes BETWEEN 10 AND 480", name="minutes"),
        Index("ix_circle_meeting_circle_id_starts_at", "circle_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    circle_id: Mapped[int] = mapped_column(ForeignKey(Circle.id))
    kind: Mapped[VisitKind] = mapped_column(str_enum(VisitKind))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    place: Mapped[str]
    #: Where a video call is opened; empty for other kinds.
    link: Mapped[str] = mapped_column(default="")
    #: What will be done, in words everybody of the group reads.
    plan: Mapped[str]
    state: Mapped[MeetingState] = mapped_column(str_enum(MeetingState), default=MeetingState.PLANNED)
    #: What was done, for everybody of the group.
    log: Mapped[str] = mapped_column(default="")
    log_written_at: Mapped[datetime | None]
    #: When everybody is to be reminded next; null when there is nothing left to remind of.
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    form_key: Mapped[str]
    made_at: Mapped[datetime]

    circle: Mapped[Circle] = relationship(lazy="raise")


class CirclePresence(Base):
    """A member was at a meeting, as the mentor saw it."""

    __tablename__ = "circle_presence"

    meeting_id: Mapped[int] = mapped_column(ForeignKey(CircleMeeting.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
