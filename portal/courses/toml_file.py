"""TOML files whose mistakes are told with their line."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from portal.courses.problems import Problems
from portal.practice.outcome import BadPractice
from portal.practice.table import Table

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_PART = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")
_HEADER = re.compile(r"\s*\[{1,2}\s*([^\]]*?)\s*\]")

Value = TypeVar("Value")


@dataclass(frozen=True)
class TomlFile:
    """The values of a file, or of a part of one, and the lines they stand in."""

    path: Path
    values: dict[str, Any]
    lines: tuple[str, ...]
    first_line: int = 1

    def line_of(self, path: str) -> int:
        """Return the line of a key such as ``sum.lines[2].text``, or of the nearest thing above it."""
        at, name = -1, ""
        for part, nth in _PART.findall(path):
            name = f"{name}.{part}" if name else part
            headers = [place for place in self._headers.get(name, ()) if place > at]
            at = headers[min(int(nth or 1), len(headers)) - 1] if headers else self._key_after(at, part)
        return self.first_line + max(at, 0)

    @cached_property
    def _headers(self) -> Mapping[str, list[int]]:
        """Find where each table begins, by its name: a file is asked for its lines hundreds of times."""
        places: dict[str, list[int]] = {}
        for place, line in enumerate(self.lines):
            if header := _HEADER.match(line):
                places.setdefault(header[1], []).append(place)
        return places

    def _key_after(self, at: int, key: str) -> int:
        for place in range(at + 1, len(self.lines)):
            if self.lines[place].startswith("["):
                break
            if re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", self.lines[place]):
                return place
        return at


def parse_toml(path: Path, text: str, problems: Problems, *, first_line: int = 1) -> TomlFile | None:
    """Return what ``text`` says, or None after noting why it cannot be read."""
    lines = tuple(text.splitlines())
    try:
        return TomlFile(path, tomllib.loads(text), lines, first_line)
    except tomllib.TOMLDecodeError as error:
        at_line = _AT_LINE.search(str(error))
        line = int(at_line[1]) if at_line else max(len(lines), 1)
        problems.add(path, first_line + line - 1, f"this is not TOML: {_AT_LINE.sub('', str(error))}")
    return None


def read_toml(path: Path, problems: Problems) -> TomlFile | None:
    """Return what the file says, or None after noting why it cannot be read."""
    text = read_text(path, problems)
    return None if text is None else parse_toml(path, text, problems)


def read_text(path: Path, problems: Problems) -> str | None:
    """Return the text of a file, or None after noting that there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.add(path, 1, "there is no such file")
    except UnicodeDecodeError as error:
        problems.add(path, 1, f"this is not UTF-8: {error.reason}")
    return None


class Keys:
    """The keys of one table, each read for itself, so that every wrong one is told."""

    def __init__(self, file: TomlFile, problems: Problems, *, table: str | Table = "") -> None:
        self._file, self._problems = file, problems
        if not isinstance(table, Table):
            table = Table(file.values[table] if table else file.values, table)
        self._table = table

    @property
    def values(self) -> Mapping[str, Any]:
        """Everything the table says, for what only its reader knows."""
        return self._table.values

    def allow(self, *keys: str) -> None:
        """Note every key besides these."""
        for key in self._table.values:
            if key not in keys:
                self.wrong(key, f"'{self._table.at(key)}' is not known here; the keys are {', '.join(keys)}")

    def text(self, key: str) -> str:
        """Return a string; empty after noting that it is missing or blank."""
        return self._take(self._table.text, key) or ""

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; empty after noting that it is missing or wrong."""
        texts = self._take(self._table.texts, key)
        if texts == ():
            self.wrong(key, f"'{self._table.at(key)}' must hold at least one string")
        return texts or ()

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of strings that may be empty; empty after noting that it is missing or wrong."""
        if not self.has(key):
            self.wrong(key, f"'{self._table.at(key)}' is missing")
        return self._take(self._table.texts, key) or ()

    def line_of(self, key: str) -> int:
        """Return the line of a key."""
        return self._file.line_of(self._table.at(key))

    def whole(self, key: str, *, least: int, most: int) -> int:
        """Return a whole number; ``least`` after noting that it is missing or out of bounds."""
        number = self._take(self._table.whole, key)
        if number is not None and not least <= number <= most:
            self.wrong(key, f"'{self._table.at(key)}' must be from {least} to {most}, not {number}")
        return least if number is None else number

    def tables(self, key: str) -> tuple["Keys", ...]:
        """Return the tables of an array of tables; empty after noting that there is none."""
        tables = self._take(self._table.tables, key) or ()
        if not tables:
            self.wrong(key, f"'{self._table.at(key)}' must be an array of tables, [[{key}]]")
        return tuple(Keys(self._file, self._problems, table=each) for each in tables)

    def one_of(self, key: str, *known: str) -> str:
        """Return one of the known words; the first after noting that it is another."""
        word = self.text(key)
        if word and word not in known:
            self.wrong(key, f"'{self._table.at(key)}' must be one of {', '.join(known)}, not {word!r}")
        return word if word in known else known[0]

    def day(self, key: str) -> date:
        """Return a date; the first day there is after noting that it is missing or wrong."""
        day = self._table.values.get(key)
        if type(day) is date:
            return day
        self.wrong(key, f"'{self._table.at(key)}' must be a date such as 2026-11-21")
        return date.min

    def flag(self, key: str) -> bool:
        """Return true or false, which must be written."""
        if key not in self._table.values:
            self.wrong(key, f"'{self._table.at(key)}' must be true or false")
        return bool(self._take(self._table.flag, key))

    def has(self, key: str) -> bool:
        """Tell whether the key is written."""
        return key in self._table.values

    def wrong(self, key: str, sentence: str) -> None:
        """Note a problem at the line of ``key``."""
        self._problems.add(self._file.path, self._file.line_of(self._table.at(key)), sentence)

    def advise(self, key: str, sentence: str) -> None:
        """Note at the line of ``key`` something that could be better."""
        self._problems.advise(self._file.path, self._file.line_of(self._table.at(key)), sentence)

    def _take(self, read: Callable[[str], Value], key: str) -> Value | None:
        try:
            return read(key)
        except BadPractice as error:
            self.wrong(key, str(error))
            return None
