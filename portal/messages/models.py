"""The notice, where it is told, and what its reader chose about that."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import User
from portal.core.db import Base, str_enum
from portal.core.sms import SmsForm
from portal.core.work import Work
from portal.messages.vocabulary import QUIET_FROM, QUIET_UNTIL, Channel, Kind, MarketDays, Pace

REMINDERS_MAX = 2


class Notice(Work, Base):
    """One thing one person is told once.

    It is due for a worker at the moment when it is told again, if it asks for something and is still unread.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("user_id", "cause"),
        CheckConstraint(f"reminded BETWEEN 0 AND {REMINDERS_MAX}", name="reminded"),
        Index("ix_notice_user_id_id", "user_id", "id"),
        Index(
            "ix_notice_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: What happened, e.g. ``answer:12``: the same cause tells the same person only once.
    cause: Mapped[str]
    #: What it belongs to, e.g. ``thread:12``, so that one conversation can be stopped; or empty.
    about: Mapped[str] = mapped_column(default="")
    kind: Mapped[Kind] = mapped_column(str_enum(Kind))
    #: Which text of content/messages.toml in which version the sentence was made from.
    message: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")
    #: The reader has something to do.
    asks: Mapped[bool] = mapped_column(default=False)
    #: One sentence, e.g. ``박정호 멘토님이 답했어요.``, and below it perhaps lines to choose from.
    sentence: Mapped[str]
    #: The path of the page it is about.
    path: Mapped[str]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    #: When it first left the house, by itself or in a digest.
    sent_at: Mapped[datetime | None]
    #: From then on it helps nobody any more and leaves no more; null for what never grows old.
    until: Mapped[datetime | None]
    #: An appointment for the calendar of who reads mails (RFC 5545); empty for all else.
    calendar: Mapped[str] = mapped_column(default="", server_default="")
    #: How often it was told again.
    reminded: Mapped[int] = mapped_column(default=0)

    user: Mapped[User] = relationship(lazy="raise")

    @property
    def title(self) -> str:
        """The sentence without the lines below it."""
        return self.sentence.partition("\n")[0]


class Announcement(Work, Base):
    """That many people are to be told the same: a worker writes their notices, some at a time."""

    __tablename__ = "announcement"

    #: As of the notices; one announcement for each.
    cause: Mapped[str] = mapped_column(unique=True)
    message: Mapped[str]
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    about: Mapped[str]
    path: Mapped[str]
    #: Who has not been told yet.
    user_ids: Mapped[list[int]] = mapped_column(JSON)


class DeliveryState(StrEnum):
    """Where a delivery stands; ``unsure`` waits for an operator, everything after it is over."""

    WAITING = "waiting"
    SENDING = "sending"
    #: It was surely not taken and is tried again.
    FAILED = "failed"
    #: A worker ended between sending and noting it, and nobody here can tell whether it was taken.
    UNSURE = "unsure"
    #: It is told by a digest.
    HELD = "held"
    SENT = "sent"
    #: Its reader did not want it by then, or there was nothing left to say.
    DROPPED = "dropped"


class Delivery(Work, Base):
    """That a notice or a digest leaves the house on one channel: written before it does, never sent twice."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("(notice_id IS NULL) = (digest_day IS NOT NULL)", name="subject"),
        CheckConstraint("state <> 'held' OR digest_id IS NOT NULL", name="held"),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent"),
        UniqueConstraint("notice_id", "channel", "number"),
        Index(
            "uq_delivery_digest",
            "user_id",
            "channel",
            "digest_day",
            unique=True,
            sqlite_where=text("notice_id IS NULL"),
            postgresql_where=text("notice_id IS NULL"),
        ),
        Index("ix_delivery_user_id_tried_at", "user_id", "tried_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    channel: Mapped[Channel] = mapped_column(str_enum(Channel))
    notice_id: Mapped[int | None] = mapped_column(ForeignKey(Notice.id))
    #: 0 is the first telling, 1 and 2 the reminders.
    number: Mapped[int] = mapped_column(default=0)
    #: The day in Korea on which a digest leaves.
    digest_day: Mapped[date | None]
    #: The digest that tells what is held.
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    state: Mapped[DeliveryState] = mapped_column(str_enum(DeliveryState), default=DeliveryState.WAITING)
    #: Constant over every try, so that a repeat can be recognised by whoever receives it.
    message_id: Mapped[str] = mapped_column(unique=True)
    #: Of a text message, short or long.
    form: Mapped[SmsForm | None] = mapped_column(str_enum(SmsForm))
    #: What was said to it: the mail server's answer, or the file's name.
    result: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    #: When it was last given out of the house; of text messages so many a day.
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class Preference(Base):
    """How soon a person is told of one kind on one channel; a row only where it is not the usual."""

    __tablename__ = "notice_preference"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    kind: Mapped[Kind] = mapped_column(str_enum(Kind), primary_key=True)
    channel: Mapped[Channel] = mapped_column(str_enum(Channel), primary_key=True)
    pace: Mapped[Pace] = mapped_column(str_enum(Pace))
    #: What it was before a link in a message stopped it, to be taken back; null when chosen on the page.
    before: Mapped[Pace | None] = mapped_column(str_enum(Pace, name="before"))


class QuietHours(Base):
    """When a person is not to be disturbed; a row only where it is not the usual. Hours in Korean time."""

    __tablename__ = "notice_hours"
    __table_args__ = (
        # Wide enough that an hour is open on every day but a market day.
        CheckConstraint("quiet_from BETWEEN 18 AND 24", name="quiet_from"),
        CheckConstraint("quiet_until BETWEEN 0 AND 12", name="quiet_until"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    quiet_from: Mapped[int] = mapped_column(default=QUIET_FROM)
    quiet_until: Mapped[int] = mapped_column(default=QUIET_UNTIL)
    market_days: Mapped[MarketDays] = mapped_column(str_enum(MarketDays), default=MarketDays.NONE)


class StoppedConversation(Base):
    """That a person wants no messages about one conversation; the notices stay in the portal."""

    __tablename__ = "stopped_conversation"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    stopped_at: Mapped[datetime]
