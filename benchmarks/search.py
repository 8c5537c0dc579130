"""The search over made questions: how much it finds, how right the first five are, and how long it takes.

    .venv/bin/python benchmarks/search.py sqlite|postgresql [questions, 100000]

The time is that of what the page of results asks for: the index, what the reader may see, and the threads it
shows, on its own server with the settings it comes with. It is given as processor time, the portal's and the
database's together, which other work on the machine changes little, and on the clock, which it does. All that
is found is counted up to 100,000 questions, page after page. A database that PORTAL_TEST_DATABASE_URL names
is filled once and searched again. Goals: recall 0.95, right among the first five 0.8, p95 below 50 ms of
processor at a million.
"""

import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from benchmarks.search_corpus import ABSENT, QUERIES, Made, Query, make_questions
from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import finding
from portal.community.models import Board, QuestionState
from portal.core import db, search_index
from portal.core.db import Base
from portal.core.search_words import Synonyms, ask, tokens_of
from portal.core.settings import Settings
from portal.courses import catalogue
from portal.factory import create_app
from tests.servers import private_postgres

BATCH = 5000
RUNS = 5
COUNT_ALL_UP_TO = 100_000
PAGE = 2000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> int:
    """Load, search, print; 1 if a goal is missed."""
    engine = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as folder, database_url(engine, folder) as url:
        app = create_app(
            Settings(
                secret_key="b" * 40,
                database_url=url,
                redis_url="unix:///nowhere",
                data_dir=Path(folder),
                storage_dir=Path(folder),
                public_url="http://localhost",
            )
        )
        with app.app_context():
            Base.metadata.create_all(app.extensions["portal_db"].engine)
            is_loaded = count_threads() == count
            about = (
                [made.about for made in make_questions(count)]
                if is_loaded
                else load(count, is_postgres=engine == "postgresql")
            )
            return measure(engine, about, catalogue.current().synonyms)


def count_threads() -> int:
    """Return how many questions the database has."""
    count: int = db.session().execute(text("SELECT count(*) FROM thread")).scalar_one()
    db.session().rollback()
    return count


@contextmanager
def database_url(engine: str, folder: str) -> Iterator[str]:
    """Give a database of its own."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/search.db"
    else:
        with private_postgres() as url:
            yield url


def load(count: int, *, is_postgres: bool) -> list[frozenset[str]]:
    """Write the questions with their index; return what each is about, in the order of their ids."""
    began, about = time.monotonic(), []
    chance = random.Random(1)  # noqa: S311 - no secrets
    questions = enumerate(make_questions(count), start=1)
    with db.transaction() as session:
        if is_postgres:
            session.execute(text("SET statement_timeout = 0"))
            session.execute(
                text("SET session_replication_role = replica")
            )  # the rows refer to people who exist
            session.execute(text("DROP INDEX ix_search_document_tokens"))
        people = [
            User(name=name, phone=f"0100000000{at}", created_at=BEGAN) for at, name in enumerate("김박")
        ]
        session.add_all(people)
        session.flush()
        while batch := list(islice(questions, BATCH)):
            add(session, batch, [person.id for person in people], chance)
            about += [made.about for _, made in batch]
            print(f"\r{len(about)} questions, {time.monotonic() - began:.0f} s", end="", flush=True)
        if is_postgres:
            session.execute(
                text(
                    "CREATE INDEX ix_search_document_tokens ON search_document USING gin (tokens)"
                    " WITH (fastupdate = off)"
                )
            )
    with db.database().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
        if is_postgres:
            size = "SELECT pg_table_size('search_document'), pg_indexes_size('search_document')"
            rows, indexes = connection.execute(text(size)).one()
            print(f"\rindex: {rows / 1e6:.0f} MB of tokens, {indexes / 1e6:.0f} MB of indexes")
    print(f"\rloaded {count} in {time.monotonic() - began:.0f} s            ")
    return about


def add(session: Session, batch: list[tuple[int, Made]], people: list[int], chance: random.Random) -> None:
    """Write some questions and under which words they are found."""
    solved = {number for number, _ in batch if chance.random() < 0.4}
    asker_id, owner_id = people
    rows = [
        {
            "id": number,
            "board": Board.QUESTIONS,
            "author_id": asker_id,
            "owner_id": owner_id,
            "form_key": f"benchmark-{number}",
            "title": made.title,
            "text_markdown": made.text,
            "text_html": made.text,
            "topic": Topic.OTHER,
            "state": QuestionState.ACCEPTED if number in solved else QuestionState.ANSWERED,
            "created_at": (at := BEGAN + timedelta(seconds=20 * number)),
            "promised_at": at + timedelta(days=1),
            "last_post_at": at,
            "is_private": number % 50 == 0,
            "posts_count": 0,
            "same_count": 0,
        }
        for number, made in batch
    ]
    documents = [
        {
            "id": number,
            "tokens": search_index.written(
                session,
                number,
                tokens_of(title=made.title, texts=[made.text], is_solved=number in solved),
            ),
        }
        for number, made in batch
    ]
    write(session, "thread", rows)
    write(session, "search_document", documents)


def write(session: Session, name: str, rows: list[dict[str, Any]]) -> None:
    """Write rows the quick way of the engine."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(insert(Base.metadata.tables[name]), rows)
        return
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {name} ({', '.join(rows[0])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([value.value if isinstance(value, Enum) else value for value in row.values()])


def measure(engine: str, about: list[frozenset[str]], synonyms: Synonyms) -> int:
    """Search for everything and print a line for each query and one for all."""
    times, clock, right, recalls = [], [], [], []
    is_counted = len(about) <= COUNT_ALL_UP_TO
    for query in (*QUERIES, *(Query(typed, frozenset()) for typed in ABSENT)):
        took, clocked, found = search(query, synonyms)
        times += took
        clock += clocked
        wanted = {at for at, names in enumerate(about, start=1) if query.about <= names and at % 50}
        if not query.about:
            if found:
                raise SystemExit(f"{query.typed} is found in {found}")
            continue
        right.append(sum(each in wanted for each in found[:5]) / max(1, len(found[:5])))
        recall = len(wanted & list_all(query, synonyms)) / len(wanted) if is_counted else 0
        recalls.append(recall)
        line = f"{query.typed}: first five {right[-1]:.1f}, {statistics.median(took):.1f} ms"
        print(line + (f", recall {recall:.3f}" if is_counted else ""), flush=True)
    p95 = statistics.quantiles(times, n=20)[-1]
    recall_text = f"{statistics.mean(recalls):.3f}" if is_counted else "not counted"
    print(
        f"{engine}, {len(about)} questions, {len(QUERIES)} queries and {len(ABSENT)} for nothing: "
        f"recall {recall_text}, first five {statistics.mean(right):.3f}, "
        f"ms of processor median {statistics.median(times):.1f}, p95 {p95:.1f}, max {max(times):.1f}, "
        f"on the clock median {statistics.median(clock):.1f}, "
        f"p95 {statistics.quantiles(clock, n=20)[-1]:.1f}, load {os.getloadavg()[0]:.0f}"
    )
    is_found = not is_counted or statistics.mean(recalls) >= 0.95
    return 0 if is_found and statistics.mean(right) >= 0.8 and p95 < 50 else 1


def search(query: Query, synonyms: Synonyms) -> tuple[list[float], list[float], list[int]]:
    """Search some times after a first one; return ms of processor, ms on the clock, and the ids found."""
    took, clocked, found = [], [], []
    process_id = find_server_process()
    for run in range(RUNS + 1):
        began, worked = time.perf_counter(), processor_ms(process_id)
        found = finding.find_threads(db.session(), None, ask(query.typed, synonyms))
        if run:
            took.append(processor_ms(process_id) - worked)
            clocked.append((time.perf_counter() - began) * 1000)
        db.session().rollback()
    return took, clocked, [each.id for each in found]


def find_server_process() -> int | None:
    """Return the process of the database that serves our connection, if it is another one."""
    if db.session().get_bind().dialect.name == "sqlite":
        return None
    process_id: int = db.session().execute(text("SELECT pg_backend_pid()")).scalar_one()
    return process_id


def processor_ms(process_id: int | None) -> float:
    """Return how long we and that process have worked."""
    theirs = Path(f"/proc/{process_id}/schedstat").read_text().split()[0] if process_id else 0
    return time.process_time() * 1000 + int(theirs) / 1e6


def list_all(query: Query, synonyms: Synonyms) -> set[int]:
    """Return everything that is found, page after page; a page that shows a thread again fails."""
    found: set[int] = set()
    after, asked = None, ask(query.typed, synonyms)
    while page := finding.find_threads(db.session(), None, asked, after=after, limit=PAGE)[:PAGE]:
        ids = {each.id for each in page}
        if len(ids) < len(page) or ids & found:
            raise SystemExit(f"{query.typed} shows a question twice")
        found |= ids
        after = page[-1].hit
    db.session().rollback()
    return found


if __name__ == "__main__":
    sys.exit(main())
