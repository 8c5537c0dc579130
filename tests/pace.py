"""What a test may cost."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def costs_less_than(seconds: float) -> Iterator[None]:
    """Fail if the block takes more processor time of this thread, a machine busy with others left aside.

    The garbage of all tests before is not collected at its expense: that takes a second by now.
    """
    gc.disable()
    began = time.thread_time()
    try:
        yield
    finally:
        taken = time.thread_time() - began
        gc.enable()
    assert taken < seconds
