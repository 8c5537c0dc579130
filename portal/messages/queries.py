"""Reading notices, what their readers chose, and what has not left the house."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import Consent, ConsentKind, User
from portal.core import work
from portal.core.clock import day_began
from portal.core.errors import NotFoundError
from portal.messages import policy
from portal.messages.hours import USUAL_HOURS, Hours
from portal.messages.models import (
    Announcement,
    Delivery,
    DeliveryState,
    Notice,
    Preference,
    QuietHours,
    StoppedConversation,
)
from portal.messages.vocabulary import Channel, Kind, Pace
from portal.messages.wishes import Wishes

PAGE_SIZE = 20
WAITS_LONG = timedelta(minutes=10)
#: What has left the house, or may have.
_GONE = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNSURE)
#: Every page of a signed-in person asks this: to put it together anew took as long as to run it.
_UNREAD = (
    select(func.count())
    .select_from(Notice)
    .where(policy.may_view(bindparam("user_id", type_=Integer)), Notice.read_at.is_(None))
)


@dataclass(frozen=True)
class Unsent:
    """A notice or digest that has not left the house, for the operator."""

    id: int
    to_name: str
    channel: Channel
    #: None for a digest.
    sentence: str | None
    state: DeliveryState
    attempts: int
    last_error: str | None

    @property
    def is_unsure(self) -> bool:
        """Nobody here can tell whether it was taken."""
        return self.state is DeliveryState.UNSURE


@dataclass(frozen=True)
class Way:
    """Where a notice stands on one channel; told by a digest, it stands where the digest does."""

    channel: Channel
    state: DeliveryState
    sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True)
class Told:
    """A notice with its ways out of the house, for whoever answers for what it tells."""

    sentence: str
    created_at: datetime
    read_at: datetime | None
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Stoppable:
    """What whoever holds a message can stop: its conversation, and its kinds on its channel."""

    user: User
    channel: Channel
    #: Empty for a digest and for what belongs to no conversation.
    about: str
    #: Of a digest every kind that it gathers.
    kinds: tuple[Kind, ...]
    is_conversation_stopped: bool
    are_kinds_stopped: bool
    #: An address such as this stopped them, and can take that back; else they were chosen in the portal.
    can_resume_kinds: bool


def list_notices(
    session: Session, user: User, *, before_id: int | None = None, limit: int = PAGE_SIZE + 1
) -> Sequence[Notice]:
    """Return the person's notices, newest first, those older than ``before_id`` if given."""
    statement = select(Notice).where(policy.may_view(user.id))
    if before_id is not None:
        statement = statement.where(Notice.id < before_id)
    return session.scalars(statement.order_by(Notice.id.desc()).limit(limit)).all()


def by_day(notices: Iterable[Notice], *, now: datetime) -> list[tuple[str, list[Notice]]]:
    """Return notices as a page shows them: those of today in Korea, then those of the days before."""
    today: list[Notice] = []
    before: list[Notice] = []
    for notice in notices:
        (today if notice.created_at >= day_began(now) else before).append(notice)
    return [(title, group) for title, group in (("오늘", today), ("이전", before)) if group]


def get_notice(session: Session, user: User, notice_id: int) -> Notice:
    """Return the person's notice. Raises NotFoundError for anybody else's."""
    notice = session.scalar(select(Notice).where(Notice.id == notice_id, policy.may_view(user.id)))
    if notice is None:
        raise NotFoundError("찾는 알림이 없어요.")
    return notice


def count_unread(session: Session, user: User) -> int:
    """Return how many notices the person has not opened."""
    return session.scalar(_UNREAD, {"user_id": user.id}) or 0


def get_wishes(session: Session, user_id: int) -> Wishes:
    """Return how a person wants to be told; for rules that hold the id of an account."""
    phone, email, hours, consent_id = session.execute(
        select(User.phone, User.email, QuietHours, Consent.id)
        .outerjoin(QuietHours, QuietHours.user_id == User.id)
        .outerjoin(
            Consent,
            and_(
                Consent.user_id == User.id,
                Consent.kind == ConsentKind.NEWS,
                Consent.withdrawn_at.is_(None),
            ),
        )
        .where(User.id == user_id)
    ).one()
    chosen = session.scalars(select(Preference).where(Preference.user_id == user_id))
    return Wishes(
        phone=phone,
        email=email,
        hours=Hours(hours.quiet_from, hours.quiet_until, hours.market_days) if hours else USUAL_HOURS,
        chosen={(row.kind, row.channel): row.pace for row in chosen},
        has_news=consent_id is not None,
    )


def is_stopped(session: Session, user_id: int, about: str) -> bool:
    """Tell whether the person wants no messages about a conversation."""
    return bool(about) and session.get(StoppedConversation, (user_id, about)) is not None


def list_stopped(session: Session, user_id: int) -> set[str]:
    """Return the conversations the person wants no messages about."""
    return set(
        session.scalars(select(StoppedConversation.about).where(StoppedConversation.user_id == user_id))
    )


def get_stoppable(session: Session, delivery_id: int) -> Stoppable:
    """Return what can be stopped by the address in a message. Raises NotFoundError for no such delivery.

    For whoever holds the message: its address is signed, and names the delivery.
    """
    row = session.execute(
        select(Delivery, Notice, User)
        .join(User, User.id == Delivery.user_id)
        .outerjoin(Notice, Notice.id == Delivery.notice_id)
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("이 알림은 이제 없어요. 알림 화면에서 받는 방법을 바꿔 주세요.")
    delivery, notice, user = row
    wishes, channel = get_wishes(session, user.id), delivery.channel
    stopped = _kinds_stopped_by_link(session, user.id, channel)
    gathered = {kind for kind in Kind if wishes.pace(kind, channel) in {Pace.DAILY, Pace.WEEKLY}}
    kinds = (notice.kind,) if notice else tuple(kind for kind in Kind if kind in gathered | stopped)
    about = notice.about if notice else ""
    return Stoppable(
        user=user,
        channel=channel,
        about=about,
        kinds=kinds,
        is_conversation_stopped=is_stopped(session, user.id, about),
        are_kinds_stopped=all(wishes.pace(kind, channel) is Pace.NEVER for kind in kinds),
        can_resume_kinds=bool(kinds) and set(kinds) <= stopped,
    )


def _kinds_stopped_by_link(session: Session, user_id: int, channel: Channel) -> set[Kind]:
    statement = select(Preference.kind).where(
        Preference.user_id == user_id, Preference.channel == channel, Preference.before.is_not(None)
    )
    return set(session.scalars(statement))


def is_still_to_leave(session: Session, notice: Notice, channel: Channel) -> bool:
    """Tell whether an earlier telling of the notice on this channel has not left the house yet."""
    if notice.reminded == 0:
        return False
    waiting = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.FAILED)
    digest = aliased(Delivery)
    statement = (
        select(Delivery.id)
        .outerjoin(digest, digest.id == Delivery.digest_id)
        .where(
            Delivery.notice_id == notice.id,
            Delivery.channel == channel,
            or_(
                Delivery.state.in_(waiting),
                and_(Delivery.state == DeliveryState.HELD, digest.state.in_(waiting)),
            ),
        )
    )
    return session.scalar(statement.limit(1)) is not None


def list_unread_asking(session: Session, user_id: int) -> Sequence[Notice]:
    """Return the person's unread notices that ask for something, the earliest first."""
    statement = select(Notice).where(
        Notice.user_id == user_id, Notice.read_at.is_(None), Notice.asks.is_(True)
    )
    return session.scalars(statement.order_by(Notice.id)).all()


def list_unread_held(session: Session, digest_id: int) -> Sequence[Notice]:
    """Return the notices that a digest tells and that are still unread, the earliest first."""
    held = select(Delivery.notice_id).where(Delivery.digest_id == digest_id)
    statement = select(Notice).where(Notice.id.in_(held), Notice.read_at.is_(None))
    return session.scalars(statement.order_by(Notice.id)).all()


def count_texts_of_the_day(session: Session, user_id: int, *, now: datetime) -> int:
    """Return how many text messages a person was sent today in Korea."""
    statement = select(func.count()).where(
        Delivery.user_id == user_id,
        Delivery.tried_at >= day_began(now),
        Delivery.channel == Channel.SMS,
        Delivery.state.in_(_GONE),
    )
    return session.scalar(statement) or 0


def list_told(session: Session, user_id: int, causes: Sequence[str]) -> list[Told]:
    """Return what a person was told by some causes and what became of it, the newest first."""
    notices = session.scalars(
        select(Notice)
        .where(Notice.user_id == user_id, Notice.cause.in_(causes))
        .order_by(Notice.id.desc())
        .limit(PAGE_SIZE)
    ).all()
    digest = aliased(Delivery)
    rows = session.execute(
        select(
            Delivery.notice_id,
            Delivery.channel,
            func.coalesce(digest.state, Delivery.state),
            func.coalesce(digest.sent_at, Delivery.sent_at),
            func.coalesce(digest.last_error, Delivery.last_error),
        )
        .outerjoin(digest, digest.id == Delivery.digest_id)
        .where(Delivery.notice_id.in_([notice.id for notice in notices]))
        .order_by(Delivery.id)
    ).all()
    return [
        Told(
            sentence=notice.title,
            created_at=notice.created_at,
            read_at=notice.read_at,
            ways=tuple(
                Way(channel, DeliveryState(state), sent_at, error)
                for notice_id, channel, state, sent_at, error in rows
                if notice_id == notice.id
            ),
        )
        for notice in notices
    ]


def list_unsent(session: Session, *, now: datetime, limit: int = PAGE_SIZE) -> list[Unsent]:
    """Return what failed to leave, has waited past its time or may have left, the longest waiting first.

    For the operator's page of jobs.
    """
    columns = (Delivery.state, Delivery.attempts, Delivery.last_error)
    rows = session.execute(
        select(Delivery.id, User.name, Delivery.channel, Notice.sentence, *columns)
        .join(User, User.id == Delivery.user_id)
        .outerjoin(Notice, Notice.id == Delivery.notice_id)
        .where(is_stuck(now))
        .order_by(Delivery.id)
        .limit(limit)
    )
    return [Unsent(*row) for row in rows]


def is_stuck(now: datetime) -> ColumnElement[bool]:
    """Return the condition that a delivery failed, has waited past its time or may have left."""
    has_failed = Delivery.state.in_((DeliveryState.FAILED, DeliveryState.UNSURE))
    return or_(has_failed, Delivery.due_at < now - WAITS_LONG)


def list_due_deliveries(session: Session, now: datetime) -> list[int]:
    """Return the deliveries whose time has come."""
    return work.list_due(session, Delivery, now=now)


def list_due_reminders(session: Session, now: datetime) -> list[int]:
    """Return the notices that may have to be told again."""
    return work.list_due(session, Notice, now=now)


def list_due_announcements(session: Session, now: datetime) -> list[int]:
    """Return the announcements that somebody has not heard yet."""
    return work.list_due(session, Announcement, now=now)
