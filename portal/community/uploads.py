"""Pictures on their way into a text: counted for each person, and gone once nothing names them.

The row comes before the file, so no file is ever there that no row knows of.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.community import limits
from portal.community.models import Post, Thread
from portal.community.moderation_models import Upload
from portal.core import queue, work
from portal.courses import queries as courses

UNUSED_AFTER = timedelta(days=3)
"""By then every form that could still send the picture has lost its right to."""
REMOVE_WITHIN_S = 30


def list_due(session: Session, now: datetime) -> Sequence[int]:
    """Return the pictures whose file is to be looked for."""
    return work.list_due(session, Upload, now=now)


REMOVE = queue.register(
    "community.remove_picture",
    run="portal.community.upload_jobs.remove_unused",
    timeout_s=REMOVE_WITHIN_S,
    due=list_due,
)


def note(session: Session, user_id: int, key: str, *, now: datetime) -> None:
    """Note that somebody sends the picture that will lie under ``key``.

    Raises TooManyError for more pictures than an hour may hold.
    """
    limits.check(session, user_id, limits.UPLOADS, now=now)
    session.add(Upload(user_id=user_id, picture_key=key, at=now, due_at=now + UNUSED_AFTER))


def retire(session: Session, user_id: int, key: str, *, now: datetime) -> None:
    """Have the file under ``key`` removed now, unless something still names it."""
    row = session.scalar(select(Upload).where(Upload.picture_key == key).order_by(Upload.id).limit(1))
    if row is None:  # it came before pictures were noted
        row = Upload(user_id=user_id, picture_key=key, at=now)
        session.add(row)
    row.due_at, row.lease = now, None
    session.flush()  # the job needs the row's id
    queue.enqueue(session, REMOVE, row.id)


def is_named(session: Session, key: str) -> bool:
    """Tell whether a text or a practice still names the picture."""
    in_texts = or_(exists().where(Thread.picture_key == key), exists().where(Post.picture_key == key))
    return bool(session.scalar(select(in_texts))) or courses.names_photo(session, key)
