"""One program that the supervisor keeps running."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

LONGEST_PAUSE_S = 30
HEALTHY_AFTER_S = 60
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass
class Child:
    """One program to keep running, with what is known of its present run."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_again_at: float | None = None

    def start(self) -> None:
        """Start the program in a session of its own, so a Ctrl-C reaches only this supervisor."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self.started_at, self.start_again_at = time.monotonic(), None

    def is_running(self) -> bool:
        """Say whether the program runs now."""
        return self.process is not None and self.process.poll() is None

    def tend(self) -> None:
        """Start the program again when it has died and its pause is over."""
        now = time.monotonic()
        if self.is_running():
            if now - self.started_at > HEALTHY_AFTER_S:
                self.failures = 0
        elif self.start_again_at is None:
            pause_s = min(2**self.failures, LONGEST_PAUSE_S)
            self.failures, self.start_again_at = self.failures + 1, now + pause_s
            report_end(self, f"starts again in {pause_s} s / {pause_s}초 뒤 다시 시작합니다")
        elif now >= self.start_again_at:
            self.start()

    def send(self, signal_number: int, *, whole_group: bool = False) -> None:
        """Send a signal to the program, or to everything it started too."""
        if self.process is None or not self.is_running():
            return
        if whole_group:
            os.killpg(self.process.pid, signal_number)
        else:
            self.process.send_signal(signal_number)


def end_with_parent() -> None:
    """Ask Linux to end this child when the supervisor is killed without a chance to stop it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


def report_end(child: Child, consequence: str) -> None:
    """Say that a program ended, with the last twenty lines it wrote."""
    status = child.process.returncode if child.process else None
    lines = child.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:]
    print(f"\n{child.name} ended (status {status}); {consequence}. {child.log}:", file=sys.stderr)
    print("\n".join(f"  | {line}" for line in lines), file=sys.stderr, flush=True)
