"""A real worker, killed in the middle of drawing, and a Redis that dies with everything it knew."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, make_url, select, text, update
from sqlalchemy.orm import Session

from portal.certification import jobs, keys, operations, queries
from portal.certification.models import Certificate
from portal.certification.pdf import Press
from portal.core import clock, db, queue, settings
from portal.core.db import Base
from portal.core.roles import Role
from portal.core.settings import ROOT
from portal.messages.models import Notice
from tests.conftest import ENGINES, make_app, make_settings
from tests.factories import make_proposal, make_user
from tests.servers import PATIENCE_S, private_redis

PUBLIC_URL = "https://jangteo.example"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database of this test's own, with our tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/killed.db"
        return
    shared = make_url(request.getfixturevalue("postgres_url"))
    maker = create_engine(shared, isolation_level="AUTOCOMMIT")
    with maker.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS killed_worker"))
        connection.execute(text("CREATE DATABASE killed_worker"))
    yield shared.set(database="killed_worker").render_as_string(hide_password=False)
    with maker.connect() as connection:
        connection.execute(text("DROP DATABASE killed_worker WITH (FORCE)"))
    maker.dispose()


@contextmanager
def house(database_url: str, folder: Path) -> Iterator[tuple[Flask, dict[str, str]]]:
    """Give an app on a Redis of its own, and the environment a process of the same house needs."""
    with private_redis() as redis_url:
        made = make_settings(
            folder, database_url=database_url, redis_url=redis_url, public_url=PUBLIC_URL, mail_url=""
        )
        keys.make(made.signing_key_dir)
        app = make_app(made)
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "PORTAL_DATA_DIR": str(folder),
            "PORTAL_SECRET_KEY": made.secret_key,
            "PORTAL_PUBLIC_URL": PUBLIC_URL,
            "PORTAL_DEMO": "0",
        }
        yield app, environment
        app.extensions["portal_db"].engine.dispose()
        app.extensions["portal_redis"].close()


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a real worker; nothing of it is left afterwards."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "jobs", "work"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a worker and the child that does its job, at once."""
    for pid in (process.pid, *children_of(process.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    process.wait()


def children_of(pid: int) -> list[int]:
    place = Path(f"/proc/{pid}/task/{pid}/children")
    if place.exists():
        return [int(child) for child in place.read_text().split()]
    listed = subprocess.run(["/bin/ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = [line.split() for line in listed.stdout.splitlines()]
    return [int(child) for child, parent in pairs if int(parent) == pid]


def wait_for(condition: Callable[[], Any], log: Path, *, every_s: float = 0.05) -> Any:
    give_up_at = time.monotonic() + PATIENCE_S
    while not (met := condition()):
        assert time.monotonic() < give_up_at, log.read_text(errors="replace")[-3000:]
        time.sleep(every_s)
    return met


def issue(session: Session) -> int:
    """Approve one certificate, for real, and return its id."""
    with db.transaction() as session:
        approver = make_user(session, Role.OPERATOR)
        proposal = make_proposal(session)
        return operations.approve(session, proposal, approver, now=clock.now()).id


def look(session: Session, *columns: Any, certificate_id: int) -> Any:
    """Read columns of the row as they are now, keeping no transaction open."""
    row = session.execute(select(*columns).where(Certificate.id == certificate_id)).one()
    session.rollback()
    return row


def wait_until_claimed(session: Session, certificate_id: int, log: Path) -> None:
    wait_for(
        lambda: look(session, Certificate.attempts, certificate_id=certificate_id)[0] > 0, log, every_s=0.004
    )


def kill_in_the_middle(app: Flask, environment: dict[str, str], log: Path) -> int:
    """Return a certificate whose worker was killed after claiming it and before finishing.

    A worker too quick for us finishes; then another certificate is tried.
    """
    with app.app_context():
        session = db.session()
        for _ in range(5):
            certificate_id = issue(session)
            with worker(environment, log) as process:
                wait_until_claimed(session, certificate_id, log)
                kill(process)
            if look(session, Certificate.pdf_sha256, certificate_id=certificate_id)[0] is None:
                return certificate_id
    pytest.fail("The worker finished each time before it could be killed.")


def make_apart(session: Session, certificate_id: int) -> bytes:
    """Make the document once more, outside the worker."""
    current = settings.current()
    with Press() as press:
        facts = queries.get_facts(session, certificate_id)
        return jobs.make(facts, press, keys.current(current), current).pdf


@pytest.mark.machines_clock
def test_killed_worker_and_lost_redis_still_give_one_certificate_and_one_notice(
    database_url: str, tmp_path: Any
) -> None:
    log = tmp_path / "worker.log"
    with house(database_url, tmp_path) as (app, environment):
        Base.metadata.create_all(app.extensions["portal_db"].engine)
        certificate_id = kill_in_the_middle(app, environment, log)
        with app.app_context():
            assert _count_notices(certificate_id) == 0

    # That Redis is gone with all its data. The lease is still the dead worker's; let its time run out.
    with house(database_url, tmp_path) as (app, environment), app.app_context():
        session = db.session()
        with db.transaction() as writing:
            writing.execute(
                update(Certificate).where(Certificate.id == certificate_id).values(due_at=clock.now())
            )
        with worker(environment, log):
            queue.sweep(now=clock.now())
            wait_for(lambda: look(session, Certificate.pdf_sha256, certificate_id=certificate_id)[0], log)
            stored = look(
                session, Certificate.pdf_sha256, Certificate.attempts, certificate_id=certificate_id
            )
            with db.transaction() as writing:
                for _ in range(2):
                    queue.enqueue(writing, operations.RENDER, certificate_id)
            wait_for(lambda: queue.rq_queue().is_empty(), log)
        assert app.extensions["portal_storage"].get(stored.pdf_sha256) == make_apart(session, certificate_id)
        assert stored == look(
            session, Certificate.pdf_sha256, Certificate.attempts, certificate_id=certificate_id
        )
        assert stored.attempts == 2
        assert _count_notices(certificate_id) == 1
        assert len({row.serial for row in session.scalars(select(Certificate))}) == session.scalar(
            select(func.count()).select_from(Certificate)
        )


def _count_notices(certificate_id: int) -> int:
    session = db.session()
    counted = session.scalar(
        select(func.count()).select_from(Notice).where(Notice.cause == f"certificate:{certificate_id}")
    )
    session.rollback()
    return counted or 0
