"""A real worker, killed by the mail server between taking a mail and saying so."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from portal.core import clock, db, queue
from portal.core.db import Base
from portal.messages.models import Delivery, DeliveryState
from tests.factories import keep_awake, make_user
from tests.integration.certification.test_killed_worker import (  # the same house, the same worker
    children_of,
    database_url,
    house,
    wait_for,
    worker,
)
from tests.integration.messages.conftest import running_mail_server, tell
from tests.servers import PATIENCE_S

__all__ = ["database_url"]  # a fixture


@pytest.fixture(autouse=True)
def empty_outbox() -> None:
    """Leave the shared portal alone: this one has a house of its own."""


def _state() -> Any:
    session = db.session()
    row = session.execute(select(Delivery.state, Delivery.attempts)).one()
    session.rollback()
    return row


def test_a_worker_killed_between_the_mail_and_the_note_sends_no_second_mail(
    database_url: str,
    tmp_path: Path,
) -> None:
    log = tmp_path / "worker.log"
    with running_mail_server() as server, house(database_url, tmp_path) as (app, environment):
        environment["PORTAL_MAIL_URL"] = server.url
        Base.metadata.create_all(app.extensions["portal_db"].engine)
        with app.app_context():
            with db.transaction() as session:
                user = make_user(session, email="sunja@example.com")
                user.phone = None
                keep_awake(session, user)
            with worker(environment, log) as process:
                server.before_answer = lambda: _kill_with_children(process.pid)
                tell(user, now=clock.now())
                wait_for(lambda: server.taken, log)
                process.wait(timeout=PATIENCE_S)
            assert _state().state is DeliveryState.SENDING
            server.before_answer = _nothing
            with db.transaction() as session:  # the dead worker's lease runs out
                session.execute(update(Delivery).values(due_at=clock.now()))

            with worker(environment, log):
                queue.sweep(now=clock.now())
                wait_for(lambda: _state().state is DeliveryState.UNSURE, log)
                queue.sweep(now=clock.now())

            assert _state() == (DeliveryState.UNSURE, 2)
            assert len(server.taken) == 1


def _nothing() -> None:
    """Let the server answer."""


def _kill_with_children(pid: int) -> None:
    for each in (pid, *children_of(pid)):
        os.kill(each, signal.SIGKILL)
