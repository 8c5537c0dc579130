"""Run the portal's processes and keep them running; `bin/serve` ends in this program.

Redis, the web server, one worker and the sweeper are children of this process. One that dies is started again
after a pause that grows; SIGINT, SIGTERM or SIGHUP stops all of them, the web server first and Redis last.
"""

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

from bin.child import Child, report_end
from bin.redis_server import choose_address, find_redis_server, is_answering
from bin.start_checks import CannotStartError, check_address, ensure_secret_key, prepare_folder

STOP_WITHIN_S = 10
START_WITHIN_S = 90
FLASK = [sys.executable, "-m", "flask", "--app", "app"]
GUNICORN = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
# Preloaded: every lesson is read once and not by each process, and a process that died is back at once.
GUNICORN += ["--preload", "--graceful-timeout", "8", "--no-control-socket"]

DEMO_SIGN_INS = """\
  Demo sign-ins / 체험 계정   (password / 비밀번호: jangteo-demo-2026)
    010-0000-0001   merchant@demo.example   김순자  사장님 merchant
    010-0000-0002   trainee@demo.example    최은영  훈련생 trainee
    010-0000-0003   mentor@demo.example     박정호  멘토   mentor
    010-0000-0004   trainer@demo.example    이수민  강사   trainer
    010-0000-0005   approver@demo.example   한지우  강사   trainer who approves
    010-0000-0006   operator@demo.example   정하늘  운영자 operator
"""


class StopRequestedError(Exception):
    """A signal asked for the end while the portal was still starting."""


class Supervisor:
    """Starts the programs in order, tends them, and stops them in order."""

    def __init__(self, data: Path, address: str) -> None:
        self.data, self.address = data, address
        self.children: list[Child] = []
        self.signals = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note_signal)

    def note_signal(self, *_: object) -> None:
        """Remember that somebody asked for the end; a second time means at once."""
        self.signals += 1

    def run(self) -> None:
        """Start everything, and return once a signal has stopped it."""
        try:
            self.start()
            while True:
                self.pause()
        except StopRequestedError:
            print("Stopping. / 멈추는 중입니다.", flush=True)
        finally:
            self.stop()

    def start(self) -> None:
        """Start Redis, bring the database up to date, start the rest and say where it answers."""
        if not os.environ.get("REDIS_URL"):
            self.start_redis()
        self.finish("prepare", [*FLASK, "prepare"])
        self.add("sweeper", [*FLASK, "jobs", "sweep", "--every", "20"])
        self.add("worker", [*FLASK, "jobs", "work"])
        self.add("web", [*GUNICORN, "--bind", self.address, "app:app"])
        self.wait_for_web()

    def start_redis(self) -> None:
        """Start a Redis of our own that keeps its data in the data folder, and wait for its answer."""
        server, folder = find_redis_server(), self.data / "redis"
        if server is None:
            raise CannotStartError(
                "No Redis server was found. Run: sudo apt-get install -y redis-server (or set REDIS_URL)\n"
                "Redis 서버가 없습니다. 다음을 실행하세요: sudo apt-get install -y redis-server"
            )
        folder.mkdir(mode=0o700, exist_ok=True)
        listen, url = choose_address(folder)
        self.add("redis", [server, *listen, "--dir", str(folder), "--appendonly", "yes", "--save", ""])
        if not self.wait(lambda: is_answering(url)):
            raise CannotStartError(
                f"Redis does not answer; see {self.data}/log/redis.log\nRedis가 응답하지 않습니다."
            )
        os.environ["REDIS_URL"] = url

    def add(self, name: str, command: list[str]) -> Child:
        """Start one more program to tend."""
        child = Child(name, command, self.data / "log" / f"{name}.log")
        child.start()
        self.children.append(child)
        return child

    def finish(self, name: str, command: list[str]) -> None:
        """Run a program to its end; raises CannotStartError when it fails."""
        child = self.add(name, command)
        while child.is_running():
            self.pause(tend=False)
        self.children.remove(child)
        if child.process and child.process.returncode:
            report_end(child, "the portal does not start / 시작하지 않습니다")
            raise CannotStartError(
                "The step above failed; nothing was started.\n위 단계가 실패하여 시작하지 않았습니다."
            )

    def wait_for_web(self) -> None:
        """Print the address and the demo's sign-ins as soon as the portal answers."""
        url = "http://" + self.address.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")
        if self.wait(lambda: answers(f"{url}/healthz")):
            print(f"\n  장터배움 Jangteo Baeum: {url}/      (stop / 멈추기: Ctrl-C)\n", flush=True)
            print(DEMO_SIGN_INS if os.environ["PORTAL_DEMO"] == "1" else "", flush=True)
        else:
            print(
                f"The web server does not answer yet; see {self.data}/log/web.log",
                file=sys.stderr,
                flush=True,
            )

    def wait(self, is_ready: Callable[[], bool]) -> bool:
        """Tend the children until something is ready; False when that takes too long."""
        give_up_at = time.monotonic() + START_WITHIN_S
        while not is_ready():
            if time.monotonic() > give_up_at:
                return False
            self.pause()
        return True

    def pause(self, *, tend: bool = True) -> None:
        """Let a moment pass; raises StopRequestedError when somebody asked for the end."""
        time.sleep(0.1)
        if self.signals:
            raise StopRequestedError
        for child in self.children if tend else ():
            child.tend()

    def stop(self) -> None:
        """Stop web first, then sweeper and worker, Redis last; kill what has not ended in time."""
        give_up_at, asked = time.monotonic() + STOP_WITHIN_S, self.signals
        for child in reversed(self.children):
            if child.name == "redis":
                self.await_end([other for other in self.children if other is not child], give_up_at, asked)
                give_up_at = time.monotonic() + STOP_WITHIN_S
            child.send(signal.SIGTERM)
        self.await_end(self.children, give_up_at, asked)

    def await_end(self, children: list[Child], give_up_at: float, asked: int) -> None:
        """Wait until these have ended, then kill what is left of them and of what they started."""
        while any(child.is_running() for child in children):
            if time.monotonic() > give_up_at or self.signals > max(asked, 1):
                break
            time.sleep(0.05)
        for child in children:
            child.send(signal.SIGKILL, whole_group=True)


def answers(url: str) -> bool:
    """Say whether the portal answers at an address."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  # our own http address
            return bool(response.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


def is_private() -> bool:
    """Say whether only this machine reaches the portal: the demo's passwords are known to everybody."""
    host, public = os.environ.get("PORTAL_HOST") or "127.0.0.1", os.environ.get("PORTAL_PUBLIC_URL") or ""
    return host in {"127.0.0.1", "::1", "localhost"} and not public.startswith("https://")


def main() -> int:
    """Run the portal; 0 when it was stopped, 2 when something has to be changed first."""
    os.environ["PORTAL_DEMO"] = os.environ.get("PORTAL_DEMO") or ("1" if is_private() else "0")
    os.environ["PYTHONUNBUFFERED"] = "1"
    try:
        address = check_address(
            os.environ.get("PORTAL_HOST") or "127.0.0.1", os.environ.get("PORTAL_PORT") or "8000"
        )
        data = prepare_folder()
        ensure_secret_key(data)
        Supervisor(data, address).run()
    except CannotStartError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
