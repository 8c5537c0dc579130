"""Reading files of rules: whatever is wrong is noted with its file and line."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from portal.courses.problems import Problems
from portal.courses.toml_file import read_toml
from portal.practice.outcome import BadPractice

_KEY_IN_QUOTES = re.compile(r"'([a-z][\w.\[\]-]*)'")

Rules = TypeVar("Rules")


def read_rules(path: Path, read: Callable[[Mapping[str, object]], Rules], problems: Problems) -> Rules | None:
    """Return what ``read`` makes of the file, or None after noting why it cannot be read."""
    file = read_toml(path, problems)
    try:
        return read(file.values) if file else None
    except BadPractice as error:
        key = _KEY_IN_QUOTES.search(str(error))
        problems.add(path, file.line_of(key[1]) if file and key else 1, str(error))
    return None
