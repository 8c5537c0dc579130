"""Numbers, fees and dates that age: each with the day it was true, its source and where to look today."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from portal.core.i18n import noted
from portal.courses.problems import Problems
from portal.courses.toml_file import Keys, read_toml

ENGLISH = ".en.toml"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KEYS = ("label", "value", "number", "as_of", "source", "source_url", "check_at", "review_by", "verified")


@dataclass(frozen=True)
class Fact:
    """One thing that was true on a day."""

    id: str
    label: str
    value: str
    number: Decimal | None
    as_of: date
    source: str
    source_url: str
    check_at: str
    review_by: date
    is_verified: bool
    #: Where it is written.
    path: str
    line: int

    def doubt(self, today: date) -> str:
        """Say in Korean why this must be looked up before relying on it; empty while it need not be."""
        if not self.is_verified:
            return noted("아직 확실한 곳에서 확인하지 못한 내용이에요.")
        if self.review_by < today:
            return noted("다시 확인할 날이 지났어요.")
        return ""


@dataclass(frozen=True)
class FactNote:
    """A fact as it stands under a step on one day."""

    fact: Fact
    doubt: str


def notes_on(facts: Iterable[Fact], today: date) -> tuple[FactNote, ...]:
    """Return the facts with what is in doubt about each today."""
    return tuple(FactNote(fact, fact.doubt(today)) for fact in facts)


def read_facts(folder: Path, problems: Problems) -> Mapping[str, Fact]:
    """Read every fact below ``folder``, by its id."""
    facts: dict[str, Fact] = {}
    for path in sorted(each for each in folder.glob("*.toml") if not each.name.endswith(ENGLISH)):
        if not _NAME.fullmatch(path.stem):
            problems.add(path, 1, "the file must be named with lower-case letters, digits and underscores")
        file = read_toml(path, problems)
        for name, values in file.values.items() if file else ():
            if file is None or not isinstance(values, dict) or not _NAME.fullmatch(name):
                problems.add(path, file.line_of(name) if file else 1, f"'{name}' must be a table, [{name}]")
                continue
            keys = Keys(file, problems, table=name)
            fact = _read_fact(f"{path.stem}.{name}", keys, f"content/facts/{path.name}", file.line_of(name))
            facts[fact.id] = fact
    return facts


def read_english_facts(folder: Path, facts: Mapping[str, Fact], problems: Problems) -> Mapping[str, Fact]:
    """Return the facts that have English words, by their id.

    One whose Korean value changed since stays Korean: a number may be late in no language.
    """
    english: dict[str, Fact] = {}
    for path in sorted(folder.glob(f"*{ENGLISH}")):
        file = read_toml(path, problems)
        for name in file.values if file else ():
            fact = facts.get(f"{path.name.removesuffix(ENGLISH)}.{name}")
            if file is None or fact is None:
                problems.add(path, file.line_of(name) if file else 1, f"there is no fact '{name}' in Korean")
                continue
            keys = Keys(file, problems, table=name)
            keys.allow("of", "label", "value", "check_at")
            label, value, check_at = (keys.text(key) for key in ("label", "value", "check_at"))
            english[fact.id] = replace(fact, label=label, value=value, check_at=check_at)
            if keys.text("of") != fact.value:
                problems.advise(path, keys.line_of("of"), f"the Korean value is {fact.value!r} now")
                english[fact.id] = fact
    return english


def find_fact(keys: Keys, key: str, facts: Mapping[str, Fact]) -> Fact:
    """Return the fact under ``key``, which must have a number; an empty one after noting what is wrong."""
    fact_id = keys.text(key)
    fact = facts.get(fact_id)
    if fact is not None and fact.number is not None:
        return fact
    if fact_id:
        missing = "has no number" if fact else "is not in content/facts"
        keys.wrong(key, f"the fact '{fact_id}' {missing}")
    return Fact("", "", "", Decimal(0), date.min, "", "", "", date.min, False, "", 0)


def _read_fact(fact_id: str, keys: Keys, path: str, line: int) -> Fact:
    keys.allow(*_KEYS)
    fact = Fact(
        id=fact_id,
        label=keys.text("label"),
        value=keys.text("value"),
        number=_read_number(keys) if keys.has("number") else None,
        as_of=keys.day("as_of"),
        source=keys.text("source"),
        source_url=keys.text("source_url") if keys.has("source_url") else "",
        check_at=keys.text("check_at"),
        review_by=keys.day("review_by"),
        is_verified=keys.flag("verified"),
        path=path,
        line=line,
    )
    if fact.source_url and not fact.source_url.startswith(("https://", "http://")):
        keys.wrong("source_url", "'source_url' must begin with https:// or http://")
    if fact.review_by < fact.as_of:
        keys.wrong("review_by", "'review_by' must not be before 'as_of'")
    return fact


def _read_number(keys: Keys) -> Decimal | None:
    written = keys.text("number")
    try:
        number = Decimal(written) if written else Decimal(0)
    except InvalidOperation:
        keys.wrong("number", f"'number' must be a decimal in quotes such as \"1.98\", not {written!r}")
        return None
    return number
