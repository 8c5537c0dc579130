"""Real servers, one app for each engine, and nothing a test writes outlives it."""

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context, has_request_context, request
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from rq import SimpleWorker
from sqlalchemy import Connection, Dialect, event, inspect
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import keys
from portal.core import clock, db, queue
from portal.core.db import Base, Database
from portal.core.settings import Settings
from portal.factory import create_app
from tests import factories
from tests.servers import PATIENCE_S, private_postgres, private_redis

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""A Monday, ten in the morning in Korea."""

ENGINES = ("sqlite", "postgresql")

#: Tests that mostly wait for processes. They come first, or the pool would end with one worker alone at them.
#: The demo's pages come before the journeys: what axe saw on them it need not see again.
LONG = (
    "tests/integration/serve/",
    "tests/integration/certification/test_killed_worker.py",
    "tests/browser/test_pages.py",
    "tests/browser/",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests begin at another moment: some mistakes only show at the turn of a day or a year."""
    parser.addoption("--as-of", metavar="MOMENT", help="begin at this moment: 2026-12-31T23:56+09:00")


def pytest_configure(config: pytest.Config) -> None:
    """Move the portal's clock where asked to. Processes that tests start keep the machine's."""
    if as_of := config.getoption("--as-of"):
        try:
            real, ahead = clock.now, datetime.fromisoformat(as_of) - clock.now()
        except (ValueError, TypeError) as error:  # no moment, or one without its zone
            raise pytest.UsageError(f"--as-of {as_of}: write it as 2026-12-31T23:56+09:00.") from error
        clock.now = lambda: real() + ahead


@pytest.hookimpl(trylast=True)  # after pytest has put together what shares an engine
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long tests first and keep the order of all others; leave out what needs the machine's clock."""
    if config.getoption("--as-of"):
        items[:] = [item for item in items if "machines_clock" not in item.keywords]

    def rank(item: pytest.Item) -> int:
        return next((at for at, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))

    items.sort(key=rank)


gc.disable()  # What is imported and collected stays: there is nothing to find before the first test.


def pytest_collection_finish() -> None:
    """Spare the garbage collector what was imported and let it look more rarely."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with private_redis() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with private_postgres() as url:
        yield url


def make_settings(folder: Path, *, database_url: str, redis_url: str, **changes: Any) -> Settings:
    settings = Settings(
        secret_key="t" * 40,
        database_url=database_url,
        redis_url=redis_url,
        data_dir=folder,
        storage_dir=folder / "storage",
        public_url="http://localhost",
    )
    return replace(settings, **changes)


class CompiledTemplates(BytecodeCache):
    """Compiles each template once for all apps of a process."""

    def __init__(self) -> None:
        self.code: dict[str, Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.code.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.code


COMPILED = CompiledTemplates()


def make_app(settings: Settings) -> Flask:
    app = create_app(settings)
    app.testing = True
    app.jinja_env.bytecode_cache = COMPILED
    return app


@pytest.fixture(scope="session", params=ENGINES)
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[Flask]:
    """Give an app on each engine in turn, with an empty database."""
    folder = tmp_path_factory.mktemp(request.param)
    url = f"sqlite:///{folder}/test.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    settings = make_settings(folder, database_url=url, redis_url=redis_url)
    keys.make(settings.signing_key_dir)
    app = make_app(settings)
    Base.metadata.create_all(app.extensions["portal_db"].engine)
    yield app
    app.extensions["portal_db"].engine.dispose()
    app.extensions["portal_redis"].close()


@pytest.fixture
def race(app: Flask) -> Iterator[Callable[[list[Callable[[], Any]]], list[Any]]]:
    """Return a function that runs calls at once, each in its own thread and app context, committing for real.

    It returns what each call returned, or the exception it raised. What was committed is deleted afterwards.
    """

    def race(calls: list[Callable[[], Any]]) -> list[Any]:
        start = threading.Barrier(len(calls))

        def run(call: Callable[[], Any]) -> Any:
            with app.app_context():
                start.wait(timeout=PATIENCE_S)
                try:
                    return call()
                except Exception as error:  # noqa: BLE001 - the test looks at it
                    return error

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))

    yield race
    _empty(app)


@pytest.fixture
def committed(app: Flask, race: Any) -> Iterator[Session]:
    """Return a session whose commits are real, for arranging a race; `race` cleans up after it."""
    with app.app_context():
        yield db.session()
        db.session().rollback()


@cache
def _deletions(dialect: Dialect) -> list[str]:
    """Return what empties every table, all in one where the driver takes more than one statement at once."""
    each = [str(table.delete().compile(dialect=dialect)) for table in reversed(Base.metadata.sorted_tables)]
    return ["; ".join(each)] if dialect.name == "postgresql" else each


def _empty(app: Flask) -> None:
    writing = app.extensions["portal_db"].engine.execution_options(portal_writes=True)
    with writing.begin() as connection:
        for statement in _deletions(writing.dialect):
            connection.exec_driver_sql(statement)
    app.extensions["portal_redis"].flushall()


@contextmanager
def undone(app: Flask, connection: Connection) -> Iterator[None]:
    """Write through ``connection`` only, undo what the block commits and empty the queue."""
    database: Database = app.extensions["portal_db"]
    original = dict(database.make_session.kw)
    outer = connection.begin_nested() if connection.in_transaction() else connection.begin()
    database.make_session.configure(bind=connection, join_transaction_mode="create_savepoint")
    try:
        yield
    finally:
        database.make_session.kw.clear()
        database.make_session.kw.update(original)
        outer.rollback()
        app.extensions["portal_redis"].flushall()


@contextmanager
def connected(app: Flask) -> Iterator[Connection]:
    """Give a connection that writes from its first statement on."""
    with app.extensions["portal_db"].engine.connect() as connection:
        yield connection.execution_options(portal_writes=True)


@pytest.fixture
def isolated(app: Flask) -> Iterator[Flask]:
    """Undo everything a test commits and empty its queue."""
    with connected(app) as connection, undone(app, connection):
        yield app


@pytest.fixture
def session(isolated: Flask) -> Iterator[Session]:
    """Return a session for arranging and looking, in an app context of its own."""
    with isolated.app_context():
        yield db.session()


@pytest.fixture
def client(isolated: Flask) -> FlaskClient:
    """Return a browser that nobody is signed in with."""
    return Browser(isolated)


@pytest.fixture(autouse=True)
def reading_writes_nothing() -> Iterator[None]:
    """Fail any GET that writes, however deep below the view."""

    def refuse(session: Session, *_rest: Any) -> None:
        if has_request_context() and request.method in {"GET", "HEAD"} and (session.new or session.dirty):
            raise AssertionError(f"GET {request.path} writes {[*session.new, *session.dirty]}")

    event.listen(Session, "before_flush", refuse)
    yield
    event.remove(Session, "before_flush", refuse)


@contextmanager
def apart(app: Flask) -> Iterator[None]:
    """Run the block in an app context of its own, as another process would.

    What the test arranged is committed before; what the test holds is read anew after.
    """
    outer = db.session() if has_app_context() else None
    if outer is not None:
        outer.commit()
    with app.app_context():
        yield
    if outer is not None:
        for row in outer:
            outer.expire(row, inspect(row).mapper.column_attrs.keys())


class Browser(FlaskClient):
    """A test client that sends the session's CSRF token with each form, as a page's form would."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app, app.response_class, use_cookies=True)

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Make the request in a context of its own, as a server would."""
        with apart(self.application):
            return super().open(*args, **kwargs)

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        """Post a form the way its page would."""
        with self.session_transaction() as kept:
            token = kept.setdefault("csrf_token", "a token of this browser")
        return self.post(path, data={"csrf_token": token, **(data or {})}, **kwargs)


@pytest.fixture
def sign_in(isolated: Flask, session: Session) -> Callable[[User], Browser]:
    """Return a function that gives a browser somebody is signed in with."""

    def sign_in(user: User) -> Browser:
        token = factories.make_sign_in(session, user)
        browser = Browser(isolated)
        with browser.session_transaction() as kept:
            kept["sign_in"] = token
            kept["_user_id"] = str(user.id)
            kept.permanent = True
        return browser

    return sign_in


@pytest.fixture
def run_jobs(isolated: Flask) -> Callable[[], None]:
    """Return a function that runs what is queued, on the real Redis; a job's exception fails the test."""

    def run_jobs() -> None:
        with apart(isolated):
            errors: list[Any] = []
            worker = BurstWorker(
                [queue.rq_queue()],
                connection=queue.redis(),
                serializer="json",
                exception_handlers=[lambda _job, _kind, error, _trace: errors.append(error)],
            )
            worker.app = isolated
            worker.work(burst=True, logging_level="CRITICAL")
            if errors:
                raise errors[0]

    return run_jobs


class BurstWorker(SimpleWorker):
    """Runs jobs in the test's own process, so that they see what the test wrote."""

    app: Flask

    def perform_job(self, job: Any, queue: Any, execution: Any) -> bool:
        with self.app.app_context():
            return bool(super().perform_job(job, queue, execution))


@pytest.fixture
def count_queries(app: Flask) -> Iterator[Callable[[], int]]:
    """Return a function that says how many statements ran since it was last asked."""
    statements: list[str] = []
    engine = app.extensions["portal_db"].engine

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    def count() -> int:
        counted = len(statements)
        statements.clear()
        return counted

    event.listen(engine, "before_cursor_execute", note)
    yield count
    event.remove(engine, "before_cursor_execute", note)
