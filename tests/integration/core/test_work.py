"""A row that is due is work: claimed for a while, finished by its holder, retried after a failure."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.core import db, work
from portal.messages.models import Notice
from portal.messages.vocabulary import Kind
from tests.conftest import NOW
from tests.factories import make_user

LATER = NOW + timedelta(seconds=61)


@pytest.fixture
def row_id(session: Session) -> Any:
    return _make(session, due_at=NOW)


def _make(session: Session, **columns: Any) -> Any:
    notice = Notice(
        user_id=make_user(session).id,
        cause="test",
        kind=Kind.ANSWERS,
        sentence="x",
        path="/",
        created_at=NOW,
        **columns,
    )
    session.add(notice)
    session.flush()
    return notice.id


def _claim(session: Session, row_id: int, *, now: datetime = NOW) -> str:
    lease = work.claim(session, Notice, row_id, now=now, lease_s=60)
    assert lease
    return lease


def _read(session: Session, row_id: int) -> Any:
    return session.get_one(Notice, row_id, populate_existing=True)


def test_a_claim_is_for_one(session: Session, row_id: int) -> None:
    assert _claim(session, row_id)

    assert work.claim(session, Notice, row_id, now=NOW, lease_s=60) is None
    assert _read(session, row_id).attempts == 1


def test_a_lease_that_ran_out_passes_to_the_next(session: Session, row_id: int) -> None:
    first = _claim(session, row_id)

    second = _claim(session, row_id, now=LATER)

    assert second != first
    assert not work.finish(session, Notice, row_id, lease=first, sent_at=LATER)
    assert not work.fail(session, Notice, row_id, lease=first, error="x", now=LATER)
    assert _read(session, row_id).sent_at is None
    assert work.finish(session, Notice, row_id, lease=second, sent_at=LATER)


def test_an_overdue_lease_nobody_took_still_finishes(session: Session, row_id: int) -> None:
    lease = _claim(session, row_id)

    assert work.finish(session, Notice, row_id, lease=lease, sent_at=LATER)


def test_finished_work_is_never_due_again(session: Session, row_id: int) -> None:
    lease = _claim(session, row_id)

    assert work.finish(session, Notice, row_id, lease=lease, sent_at=NOW)

    row = _read(session, row_id)
    assert (row.due_at, row.lease, row.last_error, row.sent_at) == (None, None, None, NOW)
    assert work.claim(session, Notice, row_id, now=LATER, lease_s=60) is None
    assert not work.finish(session, Notice, row_id, lease=lease, sent_at=LATER)


def test_a_failure_keeps_its_cause_and_waits_longer_each_time(session: Session, row_id: int) -> None:
    now, pauses = NOW, []

    for _ in range(7):
        lease = _claim(session, row_id, now=now)
        assert work.fail(session, Notice, row_id, lease=lease, error="e" * 900, now=now)
        row = _read(session, row_id)
        pauses.append((row.due_at - now).total_seconds())
        now = row.due_at

    assert pauses == [10, 60, 300, 900, 3600, 3600, 3600]
    assert row.last_error == "e" * 500
    assert row.lease is None


def test_what_is_due_comes_longest_waiting_first(session: Session) -> None:
    later = _make(session, due_at=NOW)
    earlier = _make(session, due_at=NOW - timedelta(hours=1))
    _make(session, due_at=LATER)
    _make(session, due_at=None)

    assert work.list_due(session, Notice, now=NOW) == [earlier, later]
    assert work.list_due(session, Notice, now=NOW, limit=1) == [earlier]


def test_there_is_nothing_to_claim_where_there_is_no_row(session: Session) -> None:
    assert work.claim(session, Notice, 4711, now=NOW, lease_s=60) is None


def test_eight_workers_claim_a_row_once(race: Any, committed: Session) -> None:
    row_id = _make(committed, due_at=NOW)
    committed.commit()

    def claim() -> Any:
        with db.transaction() as session:
            return work.claim(session, Notice, row_id, now=NOW, lease_s=60)

    answers = race([claim] * 8)

    assert len([lease for lease in answers if isinstance(lease, str)]) == 1, answers
    assert answers.count(None) == 7, answers
