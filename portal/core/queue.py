"""The one module that speaks to RQ and Redis.

A job is a registered name and the id of a row: nothing else travels through Redis, and no pickles. It is
pushed after the commit that made the row due; when that push is lost, or Redis loses its data, `sweep`
finds the row again (see `portal.core.work`).

What a job runs is named and not imported: only a worker loads it, so that no process of the web holds what
draws documents.
"""

import importlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from sqlalchemy.orm import Session

from portal.core import db
from portal.core.settings import Settings

log = logging.getLogger(__name__)

QUEUE = "portal"
LONG_QUEUE = 200
WORKER_TTL_S = 60
"""How long Redis believes in a worker that stopped speaking.

RQ's own 420 s would leave its job lying that long.
"""


@dataclass(frozen=True)
class Job:
    """A registered job: what runs, how long it may take, and which rows still need it."""

    #: The dotted name of a function of one row id.
    run: str
    timeout_s: int
    due: Callable[[Session, datetime], Sequence[int]]
    #: How many due rows one run takes care of, beginning with the one it is given.
    takes: int = 1

    def load(self) -> Callable[[int], None]:
        """Import and return what runs."""
        module, _, function = self.run.rpartition(".")
        return cast("Callable[[int], None]", getattr(importlib.import_module(module), function))


JOBS: dict[str, Job] = {}


def register(
    name: str,
    *,
    run: str,
    timeout_s: int,
    due: Callable[[Session, datetime], Sequence[int]],
    takes: int = 1,
) -> str:
    """Register the job ``name`` and return the name.

    ``run`` is the dotted name of a function of one row id; ``due`` lists the rows that need it now. A job
    that goes on with others that are due once its own is done says how many it ``takes``.
    """
    JOBS[name] = Job(run=run, timeout_s=timeout_s, due=due, takes=takes)
    return name


def init_app(app: Flask, settings: Settings) -> None:
    """Give ``app`` its Redis client. Nothing connects until it is used."""
    app.extensions["portal_redis"] = Redis.from_url(
        settings.redis_url, socket_connect_timeout=2, health_check_interval=30
    )


def redis() -> Redis:
    """Return the current app's Redis client."""
    return cast(Redis, current_app.extensions["portal_redis"])


def rq_queue() -> Queue:
    """Return the queue all jobs wait in."""
    return Queue(QUEUE, connection=redis(), serializer="json")


def enqueue(session: Session, name: str, row_id: int) -> None:
    """Push the job once the transaction around has committed.

    Raises KeyError at once for a name nobody registered. When Redis does not answer the row stays due and
    `sweep` pushes it.
    """
    registered = JOBS[name]

    def push() -> None:
        try:
            _push(name, registered, row_id)
        except RedisError as error:
            log.warning("Redis did not take %s %s (%s); the sweep will.", name, row_id, error)

    db.after_commit(session, push)


def sweep(*, now: datetime) -> int:
    """Push every row that is due and return how many there were; nothing while the queue is long.

    What waits in a long queue is due as well: pushing it again would only make the queue longer.
    """
    pushed = 0
    if rq_queue().count >= LONG_QUEUE:
        return pushed
    for name, registered in JOBS.items():
        for row_id in registered.due(db.session(), now)[:: registered.takes]:
            _push(name, registered, row_id)
            pushed += 1
    return pushed


def has_worker() -> bool:
    """Tell whether a worker has reported within its time. Raises RedisError when Redis does not answer."""
    return Worker.count(connection=redis()) > 0


def is_up() -> bool:
    """Tell whether Redis answers."""
    try:
        return bool(redis().ping())
    except RedisError:
        return False


def work() -> None:
    """Run jobs until told to stop, as the current app.

    What the jobs need is loaded first, since every job runs in a child that would load it anew.
    """
    for registered in JOBS.values():
        registered.load()
    AppWorker(
        [rq_queue()], connection=redis(), serializer="json", worker_ttl=WORKER_TTL_S, maintenance_interval=30
    ).work(logging_level="WARNING")


def run(name: str, row_id: int) -> None:
    """Do the job ``name`` for one row. This is the only function named in Redis."""
    JOBS[name].load()(row_id)


def _push(name: str, registered: Job, row_id: int) -> None:
    rq_queue().enqueue_call(
        "portal.core.queue.run",
        args=(name, row_id),
        timeout=registered.timeout_s,
        result_ttl=0,
        failure_ttl=24 * 3600,
        description=f"{name} {row_id}",
    )


class AppWorker(Worker):
    """A worker whose jobs run inside an app context of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.app = cast(Any, current_app)._get_current_object()

    def perform_job(self, job: Any, queue: Any, execution: Any) -> bool:
        """Run ``job`` in a fresh app context, so that its session is its own."""
        with self.app.app_context():
            return bool(super().perform_job(job, queue, execution))
