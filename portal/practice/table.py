"""Typed reading of authored tables: a wrong key or value becomes a sentence that names it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

from portal.practice.outcome import BadPractice

_IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Table:
    """One authored table and the path that leads to it."""

    values: Mapping[str, object]
    path: str = ""

    def at(self, key: str) -> str:
        """Return the path of a key as an author would write it."""
        return f"{self.path}.{key}" if self.path else key

    def allow(self, *keys: str) -> None:
        """Raise BadPractice if there is a key besides these."""
        for key in self.values:
            if key not in keys:
                raise BadPractice(f"'{self.at(key)}' is not known here; the keys are {', '.join(keys)}")

    def text(self, key: str) -> str:
        """Return a string that is not blank."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise BadPractice(f"'{self.at(key)}' must be a string that is not blank")
        return value.strip()

    def identifier(self, key: str) -> str:
        """Return an id: lower-case letters, digits and hyphens."""
        value = self.text(key)
        if not _IDENTIFIER.fullmatch(value):
            raise BadPractice(
                f"'{self.at(key)}' must be lower-case letters, digits and hyphens, not {value!r}"
            )
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; empty if the key is missing."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(each, str) and each.strip() for each in values):
            raise BadPractice(f"'{self.at(key)}' must be a list of strings, none of them blank")
        return tuple(each.strip() for each in values)

    def choices(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return a list whose every item is a string or a list of strings that may stand for each other."""
        values = self.values.get(key, [])
        if not isinstance(values, list):
            raise BadPractice(f"'{self.at(key)}' must be a list of strings or of lists of strings")
        choices = tuple(
            Table({key: each if isinstance(each, list) else [each]}, self.path).texts(key) for each in values
        )
        if not all(choices):
            raise BadPractice(f"'{self.at(key)}' must not hold an empty list")
        return choices

    def whole(self, key: str) -> int:
        """Return a whole number of at least 0."""
        value = self.values.get(key)
        if not is_whole(value):
            raise BadPractice(f"'{self.at(key)}' must be a whole number of at least 0")
        return value

    def wholes(self, key: str, *meanings: str) -> tuple[int, ...]:
        """Return as many whole numbers as there are meanings."""
        values = self.values.get(key)
        if not isinstance(values, list) or len(values) != len(meanings) or not all(map(is_whole, values)):
            raise BadPractice(
                f"'{self.at(key)}' must be [{', '.join(meanings)}] in whole numbers of at least 0"
            )
        return tuple(values)

    def flag(self, key: str) -> bool:
        """Return true or false; false if the key is missing."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise BadPractice(f"'{self.at(key)}' must be true or false")
        return value

    def table(self, key: str) -> "Table":
        """Return the table under a key; empty if the key is missing."""
        value = self.values.get(key, {})
        if not isinstance(value, Mapping):
            raise BadPractice(f"'{self.at(key)}' must be a table")
        return Table(value, self.at(key))

    def tables(self, key: str) -> tuple["Table", ...]:
        """Return the tables of an array of tables; empty if the key is missing."""
        values = self.values.get(key, [])
        if not isinstance(values, list) or not all(isinstance(each, Mapping) for each in values):
            raise BadPractice(f"'{self.at(key)}' must be an array of tables, [[…{key}]]")
        return tuple(Table(each, f"{self.at(key)}[{place}]") for place, each in enumerate(values, start=1))


def is_whole(value: object) -> TypeGuard[int]:
    """Tell whether this is an integer of at least 0; true and false are not."""
    return type(value) is int and value >= 0


def require_name(name: str, path: str) -> None:
    """Raise BadPractice unless a sum could use this name."""
    if not _NAME.fullmatch(name):
        raise BadPractice(f"'{path}' must be named with lower-case letters, digits and underscores")


def require_unique(ids: tuple[str, ...], path: str) -> None:
    """Raise BadPractice naming the first id that comes twice."""
    for place, each in enumerate(ids):
        if each in ids[:place]:
            raise BadPractice(f"'{each}' comes twice in '{path}'")
