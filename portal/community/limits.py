"""How much one person may write and send in an hour, counted from the rows themselves.

By person and never by address: thirty people of a class sit behind one. Nobody who learns here comes near
these numbers; a program does at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.accounts.models import User
from portal.community.models import Post, Thread
from portal.community.moderation_models import Report, Upload
from portal.core import korean
from portal.core.errors import TooManyError

WINDOW = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Limit:
    """How many rows of one person an hour may hold, and how the refusal begins."""

    most: int
    who: InstrumentedAttribute[int]
    at: InstrumentedAttribute[datetime]
    sentence: str


THREADS = Limit(10, Thread.author_id, Thread.created_at, "한 시간 동안 새 글을 많이 쓰셨어요.")
POSTS = Limit(60, Post.author_id, Post.created_at, "한 시간 동안 글을 많이 남기셨어요.")
REPORTS = Limit(20, Report.reporter_id, Report.created_at, "한 시간 동안 많이 알려 주셨어요.")
UPLOADS = Limit(40, Upload.user_id, Upload.at, "한 시간 동안 사진을 많이 올리셨어요.")


def check(session: Session, user_id: int, limit: Limit, *, now: datetime) -> None:
    """Raise TooManyError, saying when it goes on, if the last hour holds as many as it may.

    Holds the person's row, so that eight presses at once are counted one after the other, but lets other
    rows name the person meanwhile.
    """
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    oldest = session.scalar(
        select(limit.at)
        .where(limit.who == user_id, limit.at > now - WINDOW)
        .order_by(limit.at.desc())
        .offset(limit.most - 1)
        .limit(1)
    )
    if oldest is None:
        return
    # Up to the next full minute: told "3시 20분", at 3:20 it goes.
    free = (oldest + WINDOW + MINUTE).replace(second=0, microsecond=0)
    when = korean.day_and_time(free, now=now)
    raise TooManyError(f"{limit.sentence} {when}부터 다시 할 수 있어요. 적은 것은 그대로 있어요.")
