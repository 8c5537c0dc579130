"""Reading practice.toml: one practice for each practice step, tried out before anybody meets it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from portal.core.personal_numbers import find_numbers
from portal.courses.facts import Fact
from portal.courses.proofreading import advise_long
from portal.courses.shelf import Shelf
from portal.courses.toml_file import TomlFile, read_toml
from portal.practice import kinds
from portal.practice.kinds import Practice, Sources
from portal.practice.outcome import BadPractice

_FACT = "fact:"
_TRIED_SEEDS = ("check/1", "check/2", "check/3")
_KEY_IN_QUOTES = re.compile(r"'([a-z][\w.\[\]-]*)'")


@dataclass(frozen=True)
class Exercise:
    """A practice, the facts its rates come from, and the hash of how it is written."""

    practice: Practice
    fact_ids: tuple[str, ...]
    source_hash: str


def read_practices(path: Path, step_ids: Set[str], shelf: Shelf) -> dict[str, Exercise]:
    """Read every table of the file, by the id of its step; a lesson without practice has no file."""
    problems = shelf.problems
    file = read_toml(path, problems) if path.is_file() else None
    if file is None:
        return {}
    exercises = {}
    for name, table in file.values.items():
        if not isinstance(table, dict):
            problems.add(path, file.line_of(name), f"'{name}' must be a table, [{name}]")
            continue
        if name not in step_ids:
            problems.add(
                path, file.line_of(name), f"no step of lesson.md carries this id: ## heading {{#{name}}}"
            )
        exercise = _read(file, name, table, shelf)
        if exercise:
            exercises[name] = exercise
    return exercises


def _read(file: TomlFile, name: str, table: Mapping[str, Any], shelf: Shelf) -> Exercise | None:
    problems = shelf.problems
    try:
        practice = kinds.read(table, _sources(shelf))
    except BadPractice as error:
        key = _KEY_IN_QUOTES.search(str(error))
        line = file.line_of(f"{name}.{key[1]}") if key else file.line_of(name)
        problems.add(file.path, line, f"bad practice '{name}': {error}")
        return None
    for seed in _TRIED_SEEDS:
        outcome = practice.check(practice.reference_answer(seed), seed)
        if not outcome.passed:
            said = " ".join(remark.sentence for remark in outcome.remarks if not remark.good)
            problems.add(
                file.path, file.line_of(name), f"the reference answer of '{name}' does not pass: {said}"
            )
            break
    for text in _texts(table):
        advise_long(text, file.path, _line_with(file, text), problems)
    fact_ids = tuple(dict.fromkeys(_fact_ids(table)))
    written = json.dumps(table, ensure_ascii=False, sort_keys=True, default=str)
    values = [str(shelf.facts[fact_id].number) for fact_id in fact_ids]
    digest = hashlib.sha256("\n".join([written, *values]).encode()).hexdigest()
    return Exercise(practice, fact_ids, digest)


def _sources(shelf: Shelf) -> Sources:
    return Sources(
        rates=lambda fact_id: _rate(shelf.facts, fact_id),
        store=shelf.rules,
        copy=shelf.copy_rules,
        reply=shelf.reply_rules,
        find_numbers=find_numbers,
    )


def _rate(facts: Mapping[str, Fact], fact_id: str) -> Decimal:
    number = facts[fact_id].number
    if number is None:
        raise LookupError(fact_id)
    return number


def _fact_ids(table: Mapping[str, Any]) -> Iterator[str]:
    rates = table.get("rates", {})
    for written in rates.values():
        if isinstance(written, str) and written.startswith(_FACT):
            yield written.removeprefix(_FACT)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _line_with(file: TomlFile, text: str) -> int:
    return next((file.first_line + at for at, line in enumerate(file.lines) if text in line), file.first_line)
