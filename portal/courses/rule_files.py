"""Reading files of rules: whatever is wrong is noted with its file and line."""

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from portal.courses.problems import Problems
from portal.courses.toml_file import read_toml
from portal.practice.outcome import BadPractice

RULES = ("listing_rules", "copy_rules", "reply_rules")
"""Sets of rules below content/ that practice checks with: a folder, or a file of that name."""

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


def hash_rules(content_dir: Path) -> dict[str, str]:
    """Return the hash of each set of rules, by its name."""
    return {name: _hash_of(content_dir, name) for name in RULES}


def _hash_of(content_dir: Path, name: str) -> str:
    digest = hashlib.sha256()
    for path in sorted([*content_dir.glob(f"{name}.toml"), *content_dir.glob(f"{name}/**/*.toml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
