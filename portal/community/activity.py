"""Lists by their newest activity, a page at a time, each going on after the last thread of the one before."""

from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_

from portal.community.models import Thread

Place = tuple[datetime, int]
"""Where a page of a list ended: the last activity of its last thread, and that thread's id."""

Kind = TypeVar("Kind", bound=Thread)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_LARGEST_ID = 2**31 - 1


def by_activity(statement: Select[Kind], before: Place | None) -> Select[Kind]:
    """Return the statement with the newest activity first, going on after ``before`` if given."""
    if before is not None:
        at, thread_id = before
        is_same: ColumnElement[bool] = and_(Thread.last_post_at == at, Thread.id < thread_id)
        statement = statement.where(or_(Thread.last_post_at < at, is_same))
    return statement.order_by(Thread.last_post_at.desc(), Thread.id.desc())


def write_place(place: Place) -> str:
    """Return a place as it stands in an address, exact to the microsecond: ``1795312800000000-12``."""
    at, thread_id = place
    return f"{(at - _EPOCH) // timedelta(microseconds=1)}-{thread_id}"


def read_place(text: str) -> Place:
    """Return the place in an address; ValueError for anything else, which ``args.get`` turns into None."""
    moment, _, thread_id = text.partition("-")
    if not (moment.isdecimal() and thread_id.isdecimal()):
        raise ValueError(text)
    passed = int(moment)
    if passed >= (_LATEST - _EPOCH) // timedelta(microseconds=1) or int(thread_id) > _LARGEST_ID:
        raise ValueError(text)
    return _EPOCH + timedelta(microseconds=passed), int(thread_id)
