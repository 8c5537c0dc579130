"""Telling people things, once, and keeping what they chose about that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, queue
from portal.core.errors import ConflictError
from portal.messages import planning, policy, queries, texts
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
from portal.messages.vocabulary import Channel, Kind, Pace, usual_pace

TOLD_AT_ONCE = 20
"""So many notices are written with what caused them; more would hold its lock for seconds."""
TOLD_IN_ONE_GO = 100


@dataclass(frozen=True)
class Beside:
    """What a notice carries beside its sentence."""

    #: Below the sentence, each on a line of its own where it leaves the house.
    lines: tuple[str, ...] = ()
    #: From then on it helps nobody any more and is not sent.
    until: datetime | None = None
    #: An iCalendar file for those who get it by e-mail.
    calendar: str = ""


NOTHING = Beside()


def notify(
    session: Session,
    *,
    user_id: int,
    cause: str,
    message: str,
    values: Mapping[str, str],
    path: str,
    now: datetime,
    about: str = "",
    beside: Beside = NOTHING,
) -> None:
    """Tell a person something in the portal, and outside of it as they wish; the same cause only once.

    ``message`` names a text of content/messages.toml, ``values`` fill it in. Call it inside the transaction
    that holds the row which caused it: that row's lock is what keeps two writers from telling the same
    thing, and the unique constraint stands behind it.
    """
    if session.scalar(select(Notice.id).where(Notice.user_id == user_id, Notice.cause == cause)):
        return
    text = texts.current().get(message)
    notice = Notice(
        user_id=user_id,
        cause=cause,
        about=about,
        kind=text.kind,
        message=text.id,
        version=text.version,
        asks=text.asks,
        sentence="\n".join([text.fill(values), *beside.lines]),
        until=beside.until,
        calendar=beside.calendar,
        path=path,
        created_at=now,
        reminded=0,
    )
    planning.remind_later(notice)
    session.add(notice)
    session.flush()  # its deliveries name the row
    planning.tell(session, notice, now=now)


def notify_all(
    session: Session,
    user_ids: Sequence[int],
    *,
    cause: str,
    message: str,
    values: Mapping[str, str],
    path: str,
    now: datetime,
    about: str = "",
) -> None:
    """Tell many people the same thing, the first few now and the others by a worker; each only once.

    A question that a thousand people wonder about is answered in as short a transaction as any other. Call
    it once for each cause.
    """
    for user_id in user_ids[:TOLD_AT_ONCE]:
        notify(
            session,
            user_id=user_id,
            cause=cause,
            message=message,
            values=values,
            about=about,
            path=path,
            now=now,
        )
    if others := list(user_ids[TOLD_AT_ONCE:]):
        announcement = Announcement(
            cause=cause,
            message=message,
            values=dict(values),
            about=about,
            path=path,
            user_ids=others,
            due_at=now,
        )
        session.add(announcement)
        session.flush()  # the job needs the row's id
        queue.enqueue(session, planning.ANNOUNCE, announcement.id)


def announce_on(session: Session, announcement_id: int, *, now: datetime) -> bool:
    """Tell the next of those an announcement is for; False once everybody was told. Holds its row."""
    announcement = db.lock(session, Announcement, announcement_id)
    for user_id in announcement.user_ids[:TOLD_IN_ONE_GO]:
        notify(
            session,
            user_id=user_id,
            cause=announcement.cause,
            message=announcement.message,
            values=announcement.values,
            about=announcement.about,
            path=announcement.path,
            now=now,
        )
    announcement.user_ids = announcement.user_ids[TOLD_IN_ONE_GO:]
    announcement.due_at = now if announcement.user_ids else None
    return bool(announcement.user_ids)


def withdraw(session: Session, *, user_id: int, cause: str, now: datetime) -> None:
    """Let a notice of what is no longer so wait for nobody: it leaves no more and counts as read."""
    is_it = (Notice.user_id == user_id, Notice.cause == cause)
    session.execute(
        update(Notice)
        .where(*is_it)
        .values(due_at=None, lease=None, read_at=func.coalesce(Notice.read_at, now))
    )
    session.execute(
        update(Delivery)
        .where(
            Delivery.notice_id.in_(select(Notice.id).where(*is_it)),
            Delivery.state.in_([DeliveryState.WAITING, DeliveryState.FAILED, DeliveryState.HELD]),
        )
        .values(state=DeliveryState.DROPPED, due_at=None, lease=None)
        .execution_options(synchronize_session=False)
    )


def tell_again(session: Session, notice: Notice, *, now: datetime) -> None:
    """Tell an unread notice another time, and set when to look at it next; one that is read rests."""
    if notice.read_at is not None:
        notice.due_at = None
    else:
        notice.reminded += 1
        planning.tell(session, notice, now=now)
        planning.remind_later(notice)
    notice.lease = None


def retry_delivery(session: Session, delivery_id: int, *, now: datetime) -> None:
    """Try now instead of at the next try; a worker that is at it loses its lease.

    What may have left is sent once more with the same Message-ID: only a person decides that. Raises
    NotFoundError for no such delivery, ConflictError for one that has left or will not.
    """
    delivery = db.lock(session, Delivery, delivery_id)
    if delivery.state is DeliveryState.UNSURE:
        delivery.state = DeliveryState.WAITING
    elif delivery.due_at is None:
        raise ConflictError("이미 보낸 알림이에요.")
    delivery.due_at, delivery.lease = now, None
    queue.enqueue(session, planning.DELIVER, delivery_id)


def note_arrived(session: Session, delivery_id: int, *, now: datetime) -> None:
    """Note that a message nobody was sure of has arrived after all. Raises ConflictError for any other."""
    delivery = db.lock(session, Delivery, delivery_id)
    if delivery.state is not DeliveryState.UNSURE:
        raise ConflictError("그사이에 바뀐 알림이에요. 목록에서 다시 봐 주세요.")
    delivery.state, delivery.sent_at = DeliveryState.SENT, now


def mark_read(session: Session, notice: Notice, *, now: datetime) -> None:
    """Note that the person opened the notice; a second opening changes nothing."""
    session.execute(
        update(Notice).where(Notice.id == notice.id, Notice.read_at.is_(None)).values(read_at=now)
    )


def mark_path_read(session: Session, *, user_id: int, path: str, now: datetime) -> None:
    """Note that a person has dealt with what their notices of a page tell; call it where they acted on it.

    ``path`` is the page's, with or without the place on it (``#answer-12``); places on the page count too.
    """
    page = path.partition("#")[0]
    session.execute(
        update(Notice)
        .where(
            Notice.user_id == user_id,
            Notice.read_at.is_(None),
            or_(Notice.path == page, Notice.path.startswith(f"{page}#", autoescape=True)),
        )
        .values(read_at=now)
    )


def mark_cause_read(session: Session, *, user_id: int, cause: str, now: datetime) -> None:
    """Note that a person has done what the notice of one cause asks for."""
    session.execute(
        update(Notice)
        .where(Notice.user_id == user_id, Notice.cause == cause, Notice.read_at.is_(None))
        .values(read_at=now)
    )


def mark_all_read(session: Session, user: User, *, now: datetime) -> None:
    """Note that the person has seen all their notices."""
    session.execute(
        update(Notice).where(policy.may_view(user.id), Notice.read_at.is_(None)).values(read_at=now)
    )


def set_paces(session: Session, user: User, paces: Mapping[tuple[Kind, Channel], Pace]) -> None:
    """Keep how soon the person is told; what is the usual leaves no row. Holds the account's row."""
    _hold_account(session, user.id)
    for (kind, channel), pace in paces.items():
        _set_pace(session, user, kind, channel, pace)


def set_hours(session: Session, user: User, hours: Hours) -> None:
    """Keep when the person is not to be disturbed; the usual leaves no row. Holds the account's row."""
    _hold_account(session, user.id)
    if hours == USUAL_HOURS:
        session.execute(delete(QuietHours).where(QuietHours.user_id == user.id))
        return
    session.merge(
        QuietHours(
            user_id=user.id,
            quiet_from=hours.quiet_from,
            quiet_until=hours.quiet_until,
            market_days=hours.market_days,
        )
    )


def stop_conversation(session: Session, user_id: int, about: str, *, now: datetime) -> None:
    """Send no more messages about one conversation; stopping twice keeps the first time."""
    _hold_account(session, user_id)
    if not queries.is_stopped(session, user_id, about):
        session.add(StoppedConversation(user_id=user_id, about=about, stopped_at=now))


def resume_conversation(session: Session, user_id: int, about: str) -> None:
    """Send messages about the conversation again."""
    session.execute(
        delete(StoppedConversation).where(
            StoppedConversation.user_id == user_id, StoppedConversation.about == about
        )
    )


def stop_kind(session: Session, user: User, kind: Kind, channel: Channel) -> None:
    """Send nothing more of a kind on a channel, and remember what it was before."""
    _hold_account(session, user.id)
    key = (user.id, kind, channel)
    row = session.get(Preference, key, populate_existing=True)
    before = row.pace if row else usual_pace(kind, channel, has_phone=bool(user.phone))
    if before is not Pace.NEVER:
        session.merge(Preference(user_id=user.id, kind=kind, channel=channel, pace=Pace.NEVER, before=before))


def resume_kind(session: Session, user: User, kind: Kind, channel: Channel) -> None:
    """Take a stop back: what it was before holds again."""
    _hold_account(session, user.id)
    row = session.get(Preference, (user.id, kind, channel), populate_existing=True)
    if row is not None and row.before is not None:
        _set_pace(session, user, kind, channel, row.before)


def _set_pace(session: Session, user: User, kind: Kind, channel: Channel, pace: Pace) -> None:
    if pace is usual_pace(kind, channel, has_phone=bool(user.phone)):
        session.execute(
            delete(Preference).where(
                Preference.user_id == user.id, Preference.kind == kind, Preference.channel == channel
            )
        )
        return
    session.merge(Preference(user_id=user.id, kind=kind, channel=channel, pace=pace, before=None))


def _hold_account(session: Session, user_id: int) -> None:
    # A form sent twice at once would add the same row twice.
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
