"""Jobs are pushed after the commit, never carry more than a name and an id, and are found again when lost."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock, db, queue
from portal.core.queue import JOBS, Job
from portal.messages.models import Delivery, Notice
from portal.messages.operations import notify
from tests.conftest import NOW
from tests.factories import keep_awake, make_user

NAME = "messages.deliver"
NOTED: list[int] = []


def tell(session: Session, *, now: datetime) -> None:
    """Tell somebody something, at whatever hour."""
    user = make_user(session)
    keep_awake(session, user)
    values = {"title": "사진", "author": "박정호 멘토님"}
    notify(session, user_id=user.id, cause="x", message="answer", values=values, path="/", now=now)


def note(row_id: int) -> None:
    NOTED.append(row_id)


def break_down(_row_id: int) -> None:
    raise ZeroDivisionError


@pytest.fixture
def ran() -> Any:
    """Give a list that a job of the test's own fills with the ids it ran for."""
    NOTED.clear()
    JOBS["test.note"] = Job(run=f"{__name__}.note", timeout_s=10, due=lambda _session, _now: [7, 8])
    yield NOTED
    del JOBS["test.note"]


@pytest.fixture
def without_redis(isolated: Flask) -> Any:
    """Take Redis away for a while."""
    kept = isolated.extensions["portal_redis"]
    gone = Redis.from_url("unix:///nowhere/redis.sock", socket_connect_timeout=0.2)
    isolated.extensions["portal_redis"] = gone
    yield
    isolated.extensions["portal_redis"] = kept
    gone.close()


def test_a_job_leaves_after_the_commit_and_not_before(
    session: Session, ran: list[int], run_jobs: Callable[[], None]
) -> None:
    with db.transaction() as writing:
        queue.enqueue(writing, "test.note", 5)
        assert queue.rq_queue().count == 0
    assert queue.rq_queue().count == 1

    run_jobs()

    assert ran == [5]


def test_a_rollback_drops_the_job(session: Session, ran: list[int]) -> None:
    with pytest.raises(RuntimeError):
        _enqueue_and_fail()

    with db.transaction():
        pass

    assert queue.rq_queue().count == 0


def _enqueue_and_fail() -> None:
    with db.transaction() as writing:
        queue.enqueue(writing, "test.note", 5)
        raise RuntimeError


def test_what_every_job_runs_is_there(session: Session) -> None:
    assert {"messages.deliver", "certification.render"} <= JOBS.keys()
    for registered in JOBS.values():
        assert callable(registered.load())


def test_a_name_nobody_registered_is_refused_at_once(session: Session) -> None:
    with pytest.raises(KeyError), db.transaction() as writing:
        queue.enqueue(writing, "no.such.job", 5)


def test_only_a_name_and_an_id_travel(session: Session, ran: list[int]) -> None:
    with db.transaction() as writing:
        queue.enqueue(writing, "test.note", 5)

    waiting = queue.rq_queue().get_jobs()[0]

    assert (waiting.func_name, list(waiting.args), waiting.kwargs) == (
        "portal.core.queue.run",
        ["test.note", 5],
        {},
    )
    assert "test.note" in json.dumps(waiting.args)


def test_the_sweep_pushes_what_every_job_says_is_due(
    session: Session, ran: list[int], run_jobs: Callable[[], None]
) -> None:
    assert queue.sweep(now=NOW) == 2

    run_jobs()

    assert ran == [7, 8]


def test_a_push_redis_did_not_take_is_made_up_for(
    session: Session, isolated: Flask, ran: list[int], caplog: pytest.LogCaptureFixture, without_redis: Any
) -> None:
    with caplog.at_level(logging.WARNING), db.transaction() as writing:
        tell(writing, now=NOW)

    delivery = session.scalars(select(Delivery)).one()
    assert delivery.due_at == NOW
    assert "the sweep will" in caplog.text
    assert not queue.is_up()
    with pytest.raises(RedisError):
        queue.sweep(now=NOW)


def test_redis_may_forget_everything(session: Session, run_jobs: Callable[[], None]) -> None:
    now = clock.now()
    with db.transaction() as writing:
        tell(writing, now=now)
    queue.redis().flushall()

    assert queue.sweep(now=clock.now()) == 1
    run_jobs()

    notice = session.scalars(select(Notice).execution_options(populate_existing=True)).one()
    assert notice.sent_at
    assert queue.sweep(now=now + timedelta(days=1)) == 0


def test_one_job_that_is_broken_does_not_stop_the_next(
    session: Session, ran: list[int], run_jobs: Callable[[], None]
) -> None:
    JOBS["test.broken"] = replace(JOBS["test.note"], run=f"{__name__}.break_down")
    try:
        with db.transaction() as writing:
            queue.enqueue(writing, "test.broken", 1)
            queue.enqueue(writing, "test.note", 2)
        with pytest.raises(ZeroDivisionError):
            run_jobs()
    finally:
        del JOBS["test.broken"]

    assert ran == [2]


def test_no_worker_is_seen_where_none_works(session: Session) -> None:
    assert queue.is_up()
    assert not queue.has_worker()
