"""What a merchant needs, who is asked to take it, who takes it, and what was agreed."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import Region, Topic
from portal.core.db import Base, str_enum
from portal.core.work import Work
from portal.mentoring.vocabulary import Channel, DayPart, Field, Manner, VisitKind


def partial_unique(name: str, *columns: str, where: str) -> Index:
    """Return a unique index over the rows that ``where`` holds for, on both engines."""
    return Index(name, *columns, unique=True, sqlite_where=text(where), postgresql_where=text(where))


class MatchProfile(Base):
    """What the matching knows of a mentor beside the profile everybody sees."""

    __tablename__ = "match_profile"

    mentor_id: Mapped[int] = mapped_column(ForeignKey(MentorProfile.user_id), primary_key=True)
    #: The street or market in which the mentor has a shop; empty for those without one.
    market: Mapped[str] = mapped_column(default="")
    #: Null until the mentor has said whether they sell paid services; nobody is matched before.
    sells_services: Mapped[bool | None]
    #: Which services; every shop sees it before it agrees.
    services: Mapped[str] = mapped_column(default="")
    speaks_english: Mapped[bool] = mapped_column(default=False)
    manner: Mapped[Manner | None] = mapped_column(str_enum(Manner))
    #: What hard questions of other mentors are handed to this one; null for most.
    field: Mapped[Field | None] = mapped_column(str_enum(Field))

    regions: Mapped[list["MentorRegion"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    channels: Mapped[list["MentorChannel"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class MentorRegion(Base):
    """A province a mentor goes to for visits."""

    __tablename__ = "mentor_region"

    mentor_id: Mapped[int] = mapped_column(ForeignKey(MatchProfile.mentor_id), primary_key=True)
    region: Mapped[Region] = mapped_column(str_enum(Region), primary_key=True)


class MentorChannel(Base):
    """A channel a mentor has sold on."""

    __tablename__ = "mentor_channel"

    mentor_id: Mapped[int] = mapped_column(ForeignKey(MatchProfile.mentor_id), primary_key=True)
    channel: Mapped[Channel] = mapped_column(str_enum(Channel), primary_key=True)


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
        partial_unique("uq_need_open", "merchant_id", where="state = 'open'"),
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
    channel: Mapped[Channel | None] = mapped_column(str_enum(Channel))
    #: The street or market the shop is in, in the owner's words; empty when not said.
    market: Mapped[str] = mapped_column(default="")
    manner: Mapped[Manner | None] = mapped_column(str_enum(Manner))
    wants_english: Mapped[bool] = mapped_column(default=False)
    #: Whom the merchant would like; it weighs, it promises nothing.
    preferred_mentor_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: The need before, when its mentor was not the right one and somebody else is asked for.
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"))

    merchant: Mapped[User] = relationship(lazy="raise", foreign_keys=merchant_id)
    times: Mapped[list["NeedTime"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class NeedTime(Base):
    """A part of the week in which the merchant has time; none at all means whenever."""

    __tablename__ = "need_time"
    __table_args__ = (CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),)

    need_id: Mapped[int] = mapped_column(ForeignKey(Need.id), primary_key=True)
    #: Monday is 0.
    weekday: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[DayPart] = mapped_column(str_enum(DayPart), primary_key=True)


class OfferState(StrEnum):
    """What became of a mentor's being asked."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Offer(Work, Base):
    """A mentor is asked to take one need until a moment; the next one is asked after that."""

    __tablename__ = "offer"
    __table_args__ = (
        partial_unique("uq_offer_open", "need_id", where="state = 'open'"),
        Index("ix_offer_mentor_id_state_id", "mentor_id", "state", "id"),
        Index("ix_offer_need_id_id", "need_id", "id"),
    )

    need_id: Mapped[int] = mapped_column(ForeignKey(Need.id))
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    #: The run that named this mentor; null when an operator asked by hand.
    run_id: Mapped[int | None] = mapped_column(ForeignKey("match_run.id"))
    #: Why this mentor, in sentences both of them read; JSON list.
    reasons: Mapped[str] = mapped_column(default="[]")
    #: Whom to ask next, the best first; JSON list of mentors' account ids.
    next_mentor_ids: Mapped[str] = mapped_column(default="[]")
    state: Mapped[OfferState] = mapped_column(str_enum(OfferState), default=OfferState.OPEN)
    offered_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    #: For operators only.
    declined_reason: Mapped[str] = mapped_column(default="")

    need: Mapped[Need] = relationship(lazy="raise")
    mentor: Mapped[User] = relationship(lazy="raise")


class EngagementState(StrEnum):
    """Whether a mentor looks after a shop: to try it out, for good, not now, no more."""

    TRIAL = "trial"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


#: In these a mentor's seat is taken and new times may be offered; a pause keeps the seat only.
LIVE_STATES = (EngagementState.TRIAL, EngagementState.ACTIVE)


class GoalJudge(StrEnum):
    """Who says that a goal is reached: the mentor, or the ticked items."""

    MENTOR = "mentor"
    ITEMS = "items"


class Engagement(Base):
    """A mentor looks after a merchant's shop, on one of the mentor's seats."""

    __tablename__ = "engagement"
    __table_args__ = (
        # As many seats as a profile may offer (mentor_profile.capacity).
        CheckConstraint("seat_no BETWEEN 1 AND 20", name="seat_no"),
        CheckConstraint("merchant_id <> mentor_id", name="two_people"),
        partial_unique("uq_engagement_seat", "mentor_id", "seat_no", where="state <> 'ended'"),
        partial_unique("uq_engagement_merchant", "merchant_id", where="state <> 'ended'"),
        Index("ix_engagement_merchant_id_id", "merchant_id", "id"),
        Index("ix_engagement_mentor_id_id", "mentor_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey(Need.id), unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    mentor_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    seat_no: Mapped[int]
    state: Mapped[EngagementState] = mapped_column(str_enum(EngagementState), default=EngagementState.TRIAL)
    started_at: Mapped[datetime]
    #: When each of the two said, after the first visit, that they go on together.
    merchant_goes_on_at: Mapped[datetime | None]
    mentor_goes_on_at: Mapped[datetime | None]
    #: The agreement: what for, how often, how they reach each other. Confirmed by each of the two.
    goal: Mapped[str] = mapped_column(default="")
    visits_planned: Mapped[int] = mapped_column(default=4)
    contact: Mapped[str] = mapped_column(default="")
    #: Which text about keeping things to oneself both agreed to; empty until written.
    agreement_version: Mapped[str] = mapped_column(default="")
    merchant_agreed_at: Mapped[datetime | None]
    mentor_agreed_at: Mapped[datetime | None]
    goal_judge: Mapped[GoalJudge] = mapped_column(str_enum(GoalJudge), default=GoalJudge.MENTOR)
    goal_reached_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    paused_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: What it was before the pause, and will be again.
    paused_from: Mapped[EngagementState | None] = mapped_column(str_enum(EngagementState, name="paused_from"))
    #: The day on which the two look again whether to go on.
    look_again_on: Mapped[date | None]
    #: The last day of the month in which the mentor still looks in, after the last of the four visits.
    follow_up_until: Mapped[date | None]
    #: When the worker next looks at it: the end of a pause, or a week of the month after the visits.
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    #: For operators only; the other side is not shown why.
    ended_reason: Mapped[str] = mapped_column(default="")

    need: Mapped[Need] = relationship(lazy="raise", foreign_keys=need_id)
    merchant: Mapped[User] = relationship(lazy="raise", foreign_keys=merchant_id)
    mentor: Mapped[User] = relationship(lazy="raise", foreign_keys=mentor_id)


class Referral(Base):
    """A question too hard for a mentor, handed to a specialist of a field."""

    __tablename__ = "referral"
    __table_args__ = (
        UniqueConstraint("engagement_id", "form_key"),
        Index("ix_referral_field_id", "field", "id"),
        Index("ix_referral_engagement_id_id", "engagement_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey(Engagement.id))
    field: Mapped[Field] = mapped_column(str_enum(Field))
    #: Without names and numbers: the specialist sees no more than this.
    question: Mapped[str]
    form_key: Mapped[str]
    made_at: Mapped[datetime]
    #: Who took it; null while anybody of the field may.
    specialist_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    taken_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    engagement: Mapped[Engagement] = relationship(lazy="raise")
