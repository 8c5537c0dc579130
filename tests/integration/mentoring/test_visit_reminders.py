"""Both are reminded the evening before and two hours before: once and never too late."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, db, queue
from portal.core.clock import KST
from portal.mentoring import operations, reminders
from portal.mentoring.models import Engagement
from portal.mentoring.visit_models import Visit
from portal.messages import jobs
from portal.messages.models import Delivery, DeliveryState, Notice
from tests.conftest import apart
from tests.factories import make_engagement, make_mentor, make_user, make_visit
from tests.integration.mentoring.conftest import in_days

#: A Thursday in Korea, three in the afternoon.
STARTS = datetime(2026, 11, 26, 15, tzinfo=KST)
AGREED = STARTS - timedelta(days=3)
EVENING = datetime(2026, 11, 25, 18, tzinfo=KST)
TWO_HOURS = STARTS - timedelta(hours=2)
TOMORROW = "내일 박정호 멘토님과 만나요. 11월 26일(목) 오후 3시, 순자네 반찬(서울) 약속이에요."
SOON = "조금 뒤에 박정호 멘토님과 만나요. 11월 26일(목) 오후 3시, 순자네 반찬(서울) 약속이에요."


@pytest.fixture
def visit(session: Session, engagement: Engagement) -> Visit:
    made = make_visit(session, engagement, times=(STARTS,))
    operations.choose(session, made, time_id=made.times[0].id, path="/", now=AGREED)
    session.commit()
    return made


@pytest.fixture
def at(isolated: Flask, session: Session) -> Callable[[datetime], list[int]]:
    """Return a function that lets a worker look after whatever is due at a moment."""

    def at(moment: datetime) -> list[int]:
        with apart(isolated):
            due = reminders.list_due_ids(db.session(), moment)
            for visit_id in due:
                with db.transaction() as current:
                    reminders.look_after(current, visit_id, path="/mentoring/", now=moment)
        return due

    return at


@pytest.fixture
def reminded(told: Callable[[User], list[str]], merchant: User) -> Callable[[], list[str]]:
    def reminded() -> list[str]:
        return [sentence for sentence in told(merchant) if "만나요." in sentence]

    return reminded


def test_a_reminder_comes_the_evening_before_and_two_hours_before_to_both(
    visit: Visit, at: Any, reminded: Any, told: Any, mentor: User
) -> None:
    assert at(EVENING - timedelta(minutes=1)) == []
    at(EVENING)
    at(EVENING + timedelta(minutes=5))
    assert reminded() == [TOMORROW]
    at(TWO_HOURS)
    at(TWO_HOURS + timedelta(minutes=5))

    assert reminded() == [TOMORROW, SOON]
    assert [sentence for sentence in told(mentor) if "김순자 사장님과 만나요." in sentence][-1].startswith(
        "조금 뒤에"
    )
    assert at(STARTS + timedelta(days=1)) == []


def test_a_worker_that_was_down_sends_only_what_still_helps(visit: Visit, at: Any, reminded: Any) -> None:
    at(
        STARTS.replace(hour=9)
    )  # back on the day itself: "tomorrow" would be wrong, and two hours before comes
    assert reminded() == []
    at(STARTS - timedelta(minutes=30))

    assert reminded() == [SOON]


def test_nothing_is_sent_once_the_visit_has_begun(
    visit: Visit, at: Any, reminded: Any, session: Session
) -> None:
    at(STARTS)

    assert reminded() == []
    session.refresh(visit)
    assert visit.remind_at is None


def test_what_was_moved_is_not_reminded_of(
    session: Session, sign_in: Any, merchant: User, engagement: Engagement, at: Any
) -> None:
    made = make_visit(session, engagement, starts_at=in_days(5))
    made.remind_at = clock.now()
    session.commit()

    sign_in(merchant).send(f"/mentoring/visits/{made.id}/move")

    assert at(clock.now() + timedelta(days=4)) == []


def test_a_reminder_that_cannot_leave_in_time_does_not_leave_at_all(
    isolated: Flask, session: Session, visit: Visit, at: Any, merchant: User
) -> None:
    """Quiet hours and a worker that is down are the messages' business; too late is too late there, too."""
    at(TWO_HOURS)
    delivery = session.scalars(
        select(Delivery).join(Notice, Notice.id == Delivery.notice_id).where(Notice.sentence == SOON)
    ).one()
    delivery.due_at = STARTS
    session.commit()

    with apart(isolated):
        jobs.deliver_at(delivery.id, now=STARTS + timedelta(minutes=1))

    session.refresh(delivery)
    assert delivery.state == DeliveryState.DROPPED


def test_the_sweep_finds_it_from_the_row_when_the_queue_has_lost_it(
    isolated: Flask,
    session: Session,
    engagement: Engagement,
    run_jobs: Callable[[], None],
    told: Any,
    merchant: User,
) -> None:
    soon = clock.now() + timedelta(hours=1)
    made = make_visit(session, engagement, starts_at=soon)
    made.remind_at = soon - timedelta(hours=2)
    session.commit()

    for _ in range(2):
        with apart(isolated):
            queue.sweep(now=clock.now())
        run_jobs()

    assert [sentence[:5] for sentence in told(merchant)] == ["조금 뒤에"]


def test_eight_workers_remind_once(
    committed: Session, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    engagement = make_engagement(committed, make_user(committed), make_mentor(committed))
    made = make_visit(committed, engagement, starts_at=STARTS)
    made.remind_at = TWO_HOURS
    committed.commit()

    def remind() -> int:
        with db.transaction() as session:
            reminders.look_after(session, made.id, path="/", now=TWO_HOURS)
        return 1

    assert race([remind] * 8) == [1] * 8
    assert committed.scalar(select(func.count()).select_from(Notice)) == 2


def test_moments_are_kept_in_utc_and_said_in_korean_time(session: Session, visit: Visit) -> None:
    session.refresh(visit)

    assert visit.remind_at == EVENING
    assert visit.remind_at.astimezone(UTC).hour == 9
