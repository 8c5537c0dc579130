"""When two people meet: what a mentor's week looks like, what is offered and agreed, and what came of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import MentorProfile, User
from portal.core.db import Base, str_enum
from portal.mentoring.circle_models import CircleMeeting
from portal.mentoring.models import Engagement, partial_unique
from portal.mentoring.vocabulary import VisitKind, VisitStep


class Availability(Base):
    """Hours of every week in which a mentor meets people."""

    __tablename__ = "availability"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("starts_minute < ends_minute", name="order"),
        CheckConstraint("starts_minute >= 360 AND ends_minute <= 1320", name="waking_hours"),
    )

    mentor_id: Mapped[int] = mapped_column(ForeignKey(MentorProfile.user_id), primary_key=True)
    #: Monday is 0.
    weekday: Mapped[int] = mapped_column(primary_key=True)
    #: Minutes since midnight in Korea; full half hours.
    starts_minute: Mapped[int] = mapped_column(primary_key=True)
    ends_minute: Mapped[int]


class DayOff(Base):
    """Days on which a mentor meets nobody, the last one included."""

    __tablename__ = "day_off"
    __table_args__ = (
        UniqueConstraint("mentor_id", "starts_on"),
        CheckConstraint("starts_on <= ends_on", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey(MentorProfile.user_id))
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class OpenHoliday(Base):
    """A public holiday on which a mentor keeps the usual hours; on all others they meet nobody."""

    __tablename__ = "open_holiday"

    mentor_id: Mapped[int] = mapped_column(ForeignKey(MentorProfile.user_id), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)


class VisitState(StrEnum):
    """Where a visit stands. A changed mind cancels it and the next one is proposed anew."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    HELD = "held"
    CANCELLED = "cancelled"
    MISSED = "missed"


OPEN_VISIT_STATES = (VisitState.PROPOSED, VisitState.AGREED)


class MissedBy(StrEnum):
    """Who did not come."""

    MERCHANT = "merchant"
    MENTOR = "mentor"


class Visit(Base):
    """One meeting of an engagement: proposed, agreed, held and written down."""

    __tablename__ = "visit"
    __table_args__ = (
        UniqueConstraint("mentor_id", "form_key"),
        CheckConstraint("state NOT IN ('agreed', 'held') OR starts_at IS NOT NULL", name="has_time"),
        CheckConstraint("minutes BETWEEN 10 AND 480", name="minutes"),
        partial_unique("uq_visit_slot", "mentor_id", "starts_at", where="state = 'agreed'"),
        partial_unique("uq_visit_open", "engagement_id", where="state IN ('proposed', 'agreed')"),
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
    #: The operator who chose the time for the merchant on the telephone; null when she chose it herself.
    agreed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: When the two are to be reminded next; null when there is nothing left to remind of.
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    #: Who cancelled it or said that it did not come about.
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: Which of the four visits this is; null for one in between.
    step: Mapped[VisitStep | None] = mapped_column(str_enum(VisitStep))
    #: What is looked at together, of content/agendas.toml; empty for what fits the step.
    agenda: Mapped[str] = mapped_column(default="")
    #: How long it is planned, and after it was held how long it lasted.
    minutes: Mapped[int] = mapped_column(default=60)
    #: Where a video call is opened; empty for other kinds.
    link: Mapped[str] = mapped_column(default="")
    #: Why an agreed visit was changed a second time or late; empty otherwise.
    change_reason: Mapped[str] = mapped_column(default="")
    #: An agreed visit was let go of so late that the other one was already on the way.
    is_late_cancel: Mapped[bool] = mapped_column(default=False)
    #: Who did not come, as a person said it; null unless missed.
    missed_by: Mapped["MissedBy | None"] = mapped_column(str_enum(MissedBy))
    #: When she would rather meet, in the merchant's words.
    wish: Mapped[str] = mapped_column(default="")
    #: What both read. The other two notes are the mentor's own and the operators'.
    log: Mapped[str] = mapped_column(default="")
    mentor_note: Mapped[str] = mapped_column(default="")
    operator_note: Mapped[str] = mapped_column(default="")
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
    """A small thing one of the two does before they meet again; three at most for each visit."""

    __tablename__ = "action_item"
    __table_args__ = (
        UniqueConstraint("visit_id", "position"),
        CheckConstraint("position BETWEEN 1 AND 3", name="position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id))
    position: Mapped[int]
    text: Mapped[str]
    #: True for what the mentor does for the shop.
    is_mentors: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None]
    done_at: Mapped[datetime | None]

    visit: Mapped[Visit] = relationship(lazy="raise", overlaps="items")
    returns: Mapped[list["ItemReturn"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="ItemReturn.id"
    )


class ItemReturn(Base):
    """A done thing the mentor asks a little more of: it is to do again, and what was, stays."""

    __tablename__ = "item_return"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey(ActionItem.id), index=True)
    #: What is still missing, in a sentence the merchant reads.
    words: Mapped[str]
    returned_at: Mapped[datetime]
    #: When it had been ticked.
    done_at: Mapped[datetime]


class VisitSlot(Base):
    """Half an hour of a mentor that an agreed visit or a group's meeting takes: two never share one."""

    __tablename__ = "visit_slot"
    __table_args__ = (CheckConstraint("(visit_id IS NULL) <> (meeting_id IS NULL)", name="one_of_two"),)

    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    #: A full half hour.
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    visit_id: Mapped[int | None] = mapped_column(ForeignKey(Visit.id), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey(CircleMeeting.id), index=True)


class Appeal(Base):
    """Somebody disagrees with what was written about a missed visit; an operator decides."""

    __tablename__ = "visit_appeal"
    __table_args__ = (UniqueConstraint("visit_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey(Visit.id))
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    words: Mapped[str]
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: Whether what was written is taken back; null until decided.
    is_upheld: Mapped[bool | None]
    decision: Mapped[str] = mapped_column(default="")

    visit: Mapped[Visit] = relationship(lazy="raise")


class TextReply(Base):
    """A text message somebody sent back, kept so that the same one is answered once."""

    __tablename__ = "text_reply"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The gateway's own id of the message.
    message_id: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[datetime]
    #: The visit it chose a time of; null when it chose none.
    visit_id: Mapped[int | None] = mapped_column(ForeignKey(Visit.id))
    outcome: Mapped[str]


class CalendarFeed(Base):
    """The secret address under which somebody's calendar reads their appointments."""

    __tablename__ = "calendar_feed"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    #: SHA-256 of the address's token.
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
