"""What a start costs: `benchmarks/start.py`, beside another: `benchmarks/start.py <checkout>`.

Processor seconds of a process that imports `app.py`, as each web server, worker and command does. With
another checkout the two take turns, because a machine's speed changes by the minute: look at the ratio.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TURNS = 5


def measure(checkout: Path, folder: str) -> float:
    """Return the processor seconds one start takes."""
    environment = {
        "DATABASE_URL": f"sqlite:///{folder}/portal.db",
        "PORTAL_DATA_DIR": folder,
        "PORTAL_SECRET_KEY": "only-for-measuring-a-start-of-the-portal",
    }
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import app"], cwd=checkout, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the median of some turns for each checkout, and the ratio of two."""
    checkouts = [Path(__file__).resolve().parent.parent, *map(Path, sys.argv[1:2])]
    with tempfile.TemporaryDirectory() as folder:
        for checkout in checkouts:
            measure(checkout, folder)  # compiles what Python has not compiled yet
        turns = [[measure(checkout, folder) for checkout in checkouts] for _turn in range(TURNS)]
    medians = [statistics.median(each) for each in zip(*turns, strict=True)]
    for checkout, median, seconds in zip(checkouts, medians, zip(*turns, strict=True), strict=True):
        print(f"{median:.2f} s ({min(seconds):.2f} to {max(seconds):.2f})  {checkout}")
    if len(medians) > 1:
        print(f"ratio of the medians: {medians[0] / medians[1]:.2f}")


if __name__ == "__main__":
    main()
