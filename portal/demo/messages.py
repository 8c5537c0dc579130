"""What the demo world's people chose about their notices, and what of those has long left the house."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Consent, ConsentKind, User
from portal.messages import operations
from portal.messages.hours import USUAL_HOURS, Hours
from portal.messages.models import REMINDERS_MAX, Delivery, DeliveryState, Notice
from portal.messages.vocabulary import Channel, Kind, MarketDays, Pace

READ_AFTER = timedelta(days=2)
STILL_TO_DO = "visit-held-with-items"
NEWS_VERSION = "2026-11-21"


def tell_wishes(session: Session, people: Mapping[str, User], file: Mapping[str, Any]) -> None:
    """Keep what each person of the file chose, from the day they joined."""
    for row in file["wishes"]:
        user = people[row["by"]]
        paces = {
            (Kind(kind), channel): Pace(pace)
            for channel in Channel
            for kind, pace in row.get(channel.value, {}).items()
        }
        operations.set_paces(session, user, paces)
        hours = Hours(
            quiet_from=row.get("quiet_from", USUAL_HOURS.quiet_from),
            quiet_until=row.get("quiet_until", USUAL_HOURS.quiet_until),
            market_days=MarketDays(row.get("market", MarketDays.NONE)),
        )
        operations.set_hours(session, user, hours)
        if row.get("news"):
            session.add(
                Consent(
                    user_id=user.id, kind=ConsentKind.NEWS, version=NEWS_VERSION, given_at=user.created_at
                )
            )
    session.flush()  # what is told from now on goes by it


def note_what_has_left(session: Session, *, now: datetime) -> None:
    """Note that old notices are read, and that what was due by now has left; nothing is sent for real."""
    is_old = Notice.created_at < now - READ_AFTER
    # What they met for and have not done yet still asks for it; both reminders have been.
    session.execute(
        update(Notice).where(is_old, Notice.message != STILL_TO_DO).values(read_at=now, due_at=None)
    )
    session.execute(
        update(Notice).where(is_old, Notice.read_at.is_(None)).values(reminded=REMINDERS_MAX, due_at=None)
    )
    session.execute(
        update(Delivery)
        .where(Delivery.due_at <= now)
        .values(
            state=DeliveryState.SENT,
            tried_at=Delivery.due_at,
            sent_at=Delivery.due_at,
            due_at=None,
            attempts=1,
        )
    )
    digests = select(Delivery.id).where(Delivery.digest_day.is_not(None), Delivery.sent_at.is_not(None))
    told = (
        select(func.min(func.coalesce(Delivery.sent_at, Notice.created_at)))
        .where(
            Delivery.notice_id == Notice.id,
            or_(Delivery.sent_at.is_not(None), Delivery.digest_id.in_(digests)),
        )
        .scalar_subquery()
    )
    session.execute(update(Notice).values(sent_at=told))
