"""What `bin/serve` runs, as a whole: it starts, survives what is killed, and stops on one signal."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]


class Served:
    """The running portal."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.folder = folder
        self.output = folder / "output"
        env = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "REDIS_"))}
        env |= {"PORTAL_DATA_DIR": str(folder), "PORTAL_PORT": str(self.port), "PORTAL_DEMO": "1"}
        env.pop("DATABASE_URL", None)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bin.supervise"], cwd=ROOT, env=env, stdout=output, stderr=output
            )

    def ready(self) -> dict[str, bool]:
        """Return which parts are ready; empty while nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                parts: dict[str, bool] = json.load(answer)["parts"]
        except urllib.error.HTTPError as error:
            with error:
                parts = json.load(error)["parts"]
        except OSError:
            return {}
        return parts

    def wait_until_ready(self) -> None:
        """Wait until every part is ready."""
        give_up_at = time.monotonic() + PATIENCE_S
        while not (parts := self.ready()) or not all(parts.values()):
            assert time.monotonic() < give_up_at, (parts, self.output.read_text(encoding="utf-8"))
            assert self.process.poll() is None, self.output.read_text(encoding="utf-8")
            time.sleep(0.3)

    def wait_until_printed(self, sentence: str) -> None:
        """Wait until ``sentence`` is printed, which it is a moment after the portal answers."""
        give_up_at = time.monotonic() + PATIENCE_S
        while sentence not in (printed := self.output.read_text(encoding="utf-8")):
            assert time.monotonic() < give_up_at, (sentence, printed)
            time.sleep(0.1)

    def children(self, word: str) -> list[int]:
        """Return the process ids of this portal's children whose command holds ``word``."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError):
                continue
            if parent == self.process.pid and word in command:
                found.append(int(folder.name))
        return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    if not Path("/proc/self/stat").exists():
        pytest.skip("Finds the processes to kill in /proc, which this system does not have.")
    running = Served(tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait()


def test_it_starts_survives_what_is_killed_and_stops_on_one_signal(served: Served) -> None:
    served.wait_until_ready()
    served.wait_until_printed(f"http://127.0.0.1:{served.port}/")
    served.wait_until_printed("010-0000-0006")

    (worker,) = served.children("jobs work")
    os.kill(worker, signal.SIGKILL)
    (redis,) = served.children("redis") or served.children("valkey")
    os.kill(redis, signal.SIGKILL)
    time.sleep(1)
    served.wait_until_ready()
    assert served.children("jobs work") != [worker]

    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=PATIENCE_S) == 0
    assert served.ready() == {}
