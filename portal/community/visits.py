"""Noting that somebody opened a thread: the one thing a page that is only read writes down."""

from portal.accounts.login import me_or_nobody
from portal.community import unread
from portal.core import clock, db


def note_visit(thread_id: int) -> None:
    """Keep up to when the signed-in reader has read a thread, if it holds something new to them."""
    reader, now = me_or_nobody(), clock.now()
    if reader is None or not unread.find_new_ids(db.session(), reader, [thread_id], now=now):
        return
    with db.transaction() as session:
        unread.note_visit(session, reader, thread_id, now=now)
