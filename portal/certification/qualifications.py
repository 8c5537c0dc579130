"""The qualifications we train for, read from content/qualifications/: what the law demands, and the rules.

Rules have versions. A version somebody is judged by is copied into the database when it is first used
(`QualificationVersion`) and read back from there with `Version.of`, whatever the file says later.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self, cast

from flask import Flask, current_app

from portal.certification.exam_models import ExamKind, ItemLevel
from portal.certification.kinds.known import KINDS
from portal.core.errors import NotFoundError
from portal.core.i18n import noted
from portal.core.settings import Settings
from portal.courses import publishing
from portal.courses.catalogue import Catalogue
from portal.courses.problems import Problem, Problems
from portal.courses.toml_file import Keys, read_toml

DEMO_REGISTRATION = "0000-000000"
_REGISTRATION = re.compile(r"\d{4}-\d{6}")
_MADE_UP_PHONE = re.compile(r"0\d{1,2}-0{3,4}-0{4}")
REGISTER_URL = "https://www.pqi.or.kr"
"""Where anybody can look a registration number up (민간자격정보서비스)."""


@dataclass(frozen=True)
class Requirement:
    """One thing to meet; ``params`` belong to the module of its kind."""

    key: str
    kind: str
    title: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Criterion:
    """What markers give points for in one part of a practical exam."""

    key: str
    title: str
    most: int
    #: What full points look like.
    words: str


@dataclass(frozen=True)
class Subject:
    """One subject (과목) of an exam: how many items of each level, and what each is worth."""

    key: str
    title: str
    items: Mapping[str, int]
    points: int
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """How an exam is put together and passed: whole points, 100 for each subject."""

    kind: str
    minutes: int
    grace_s: int
    attempts: int
    #: How much longer by policy for whoever ticks the box.
    more_time_percent: int
    pass_average: int
    pass_subject: int
    #: How far two markers may lie apart in all before a third one marks.
    most_difference: int
    subjects: tuple[Subject, ...]

    @classmethod
    def of(cls, rules: Mapping[str, Any]) -> Self:
        """Return what `asdict` made of a blueprint."""
        subjects = tuple(
            Subject(**{**each, "criteria": tuple(Criterion(**one) for one in each["criteria"])})
            for each in rules["subjects"]
        )
        return cls(**{**rules, "subjects": subjects})


@dataclass(frozen=True)
class Renewal:
    """How a certificate goes on: from how many days before its end, after which courses taken anew."""

    window_days: int
    courses: tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """One version of a qualification's rules."""

    number: int
    effective_from: str
    #: How long a certificate holds; 0 for ever.
    validity_years: int
    renewal: Renewal
    requirements: tuple[Requirement, ...]
    blueprints: tuple[Blueprint, ...]

    @classmethod
    def of(cls, rules: Mapping[str, Any]) -> Self:
        """Return the version that ``rules`` wrote down."""
        return cls(
            **{
                **rules,
                "renewal": Renewal(**{**rules["renewal"], "courses": tuple(rules["renewal"]["courses"])}),
                "requirements": tuple(Requirement(**each) for each in rules["requirements"]),
                "blueprints": tuple(Blueprint.of(each) for each in rules["blueprints"]),
            }
        )

    @property
    def rules(self) -> dict[str, Any]:
        """The version as it is written down."""
        return cast(dict[str, Any], json.loads(json.dumps(asdict(self))))

    @property
    def digest(self) -> str:
        """SHA-256 of the rules."""
        written = json.dumps(self.rules, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(written.encode()).hexdigest()

    def blueprint(self, kind: ExamKind) -> Blueprint:
        """Return how the exam of a kind is put together."""
        return next(each for each in self.blueprints if each.kind == kind)


@dataclass(frozen=True)
class Cost:
    """One thing people pay for, in won; 0 where it is free."""

    name: str
    won: int


@dataclass(frozen=True)
class Qualification:
    """A private qualification with one grade, and what the law wants every public page to say of it."""

    id: str
    #: ``디지털 유통설계사``, never shortened: 유통관리사 is a national one.
    name: str
    grade: str
    #: What its certificate numbers begin with.
    series: str
    purpose: str
    #: 등록번호; empty while it is not registered, and then there are no 자격증 and only mock exams.
    registration_number: str
    #: Whether only who has passed the written exam applies for the practical one. It orders who is let in,
    #: not what is judged, and so stands outside the versions.
    practical_needs_written: bool
    manager: str
    manager_phone: str
    costs: tuple[Cost, ...]
    refund: str
    versions: tuple[Version, ...]

    @property
    def title(self) -> str:
        """The name with its grade."""
        return f"{self.name} {self.grade}"

    @property
    def is_registered(self) -> bool:
        """Tell whether 자격증 may be issued."""
        return bool(self.registration_number)

    @property
    def total_won(self) -> int:
        """What everything costs together."""
        return sum(each.won for each in self.costs)

    @property
    def goal_word(self) -> str:
        """What its candidates are on their way to."""
        return noted("자격") if self.is_registered else noted("수료증")

    @property
    def exam_word(self) -> str:
        """What its exam is called."""
        return "검정" if self.is_registered else "모의 검정"

    @property
    def certificate_word(self) -> str:
        """What it ends with."""
        return "자격증" if self.is_registered else "수료증"

    def version_on(self, day: date) -> Version:
        """Return the rules in force on a day in Korea: the newest that has begun, or the first."""
        begun = [each for each in self.versions if date.fromisoformat(each.effective_from) <= day]
        return begun[-1] if begun else self.versions[0]


@dataclass(frozen=True)
class Qualifications:
    """Every qualification, in the order of their files' names."""

    all: tuple[Qualification, ...]
    advice: tuple[Problem, ...] = ()

    @property
    def summary(self) -> str:
        """Return what `flask lessons check` says."""
        return f"{len(self.all)} qualifications"

    def get(self, qualification_id: str) -> Qualification:
        """Return a qualification. Raises NotFoundError for none of this id."""
        for each in self.all:
            if each.id == qualification_id:
                return each
        raise NotFoundError("찾는 자격 과정이 없어요. 목록에서 다시 골라 주세요.")


def init_app(app: Flask) -> None:
    """Let ``app`` read the qualifications whenever it reads the lessons."""

    def read(app: Flask, folder: Path, taught: Catalogue) -> Qualifications:
        settings: Settings = app.extensions["portal_settings"]
        course_ids = frozenset(course.id for course in taught.courses)
        return load(folder, is_demo=settings.is_demo, course_ids=course_ids)

    publishing.add_reader(app, "portal_qualifications", read)


def current() -> Qualifications:
    """Return the current app's qualifications."""
    return cast(Qualifications, current_app.extensions["portal_qualifications"])


def load(folder: Path, *, is_demo: bool, course_ids: frozenset[str] | None = None) -> Qualifications:
    """Read content/qualifications/*.toml. Raises ContentError naming everything that is wrong.

    In the demo the first grade to be registered shows how one looks, under the made-up number 0000-000000.
    Without ``course_ids`` nobody looks whether there are the courses that are asked for.
    """
    problems = Problems(folder)
    found: list[Qualification] = []
    for path in sorted((folder / "qualifications").glob("*.toml")):
        read = read_qualification(path, problems, is_demo=is_demo, course_ids=course_ids)
        if read is None:
            continue
        if any(read.id == each.id or read.series == each.series for each in found):
            problems.add(
                path, 1, f"another file has the id '{read.id}' or the series '{read.series}' already"
            )
        found.append(read)
    problems.require_none()
    return Qualifications(tuple(found))


def read_qualification(
    path: Path, problems: Problems, *, is_demo: bool, course_ids: frozenset[str] | None = None
) -> Qualification | None:
    """Return what the file says, or None after noting why it cannot be read.

    Everything the law wants on a public page must be written, so that nothing is published without it.
    """
    file = read_toml(path, problems)
    if file is None:
        return None
    keys = Keys(file, problems)
    keys.allow(
        *("id", "name", "grade", "series", "purpose", "registration_number", "demo_registered"),
        "practical_needs_written",
        *("manager", "manager_phone", "costs", "refund", "versions"),
    )
    number = _read_number(keys)
    versions = tuple(_read_version(each, course_ids) for each in keys.tables("versions"))
    if [each.number for each in versions] != list(range(1, len(versions) + 1)):
        keys.wrong("versions", "versions are numbered 1, 2, 3 … in the order of the file")
    if sorted(each.effective_from for each in versions) != [each.effective_from for each in versions]:
        keys.wrong("versions", "a version begins no earlier than the one before it")
    return Qualification(
        id=keys.text("id"),
        name=keys.text("name"),
        grade=keys.text("grade"),
        series=keys.text("series"),
        purpose=keys.text("purpose"),
        registration_number=DEMO_REGISTRATION if is_demo and keys.flag("demo_registered") else number,
        practical_needs_written=keys.flag("practical_needs_written"),
        manager=keys.text("manager"),
        manager_phone=keys.text("manager_phone"),
        costs=tuple(_read_cost(each) for each in keys.tables("costs")),
        refund=keys.text("refund"),
        versions=versions,
    )


def _read_number(keys: Keys) -> str:
    """Return the registration number; with a real one the made-up telephone number must go."""
    number = keys.values.get("registration_number")
    if not isinstance(number, str):
        keys.wrong("registration_number", "'registration_number' must be a string, empty while there is none")
        return ""
    if number == DEMO_REGISTRATION:
        keys.wrong("registration_number", f"{DEMO_REGISTRATION} is the demo's; write the real one or none")
    elif number and not _REGISTRATION.fullmatch(number):
        keys.wrong("registration_number", f"a registration number looks like 2021-001234, not {number!r}")
    if number and _MADE_UP_PHONE.fullmatch(str(keys.values.get("manager_phone", ""))):
        keys.wrong("manager_phone", "a registered qualification needs the manager's real telephone number")
    return number


def _read_cost(keys: Keys) -> Cost:
    keys.allow("name", "won")
    return Cost(keys.text("name"), keys.whole("won", least=0, most=10_000_000))


def _read_version(keys: Keys, course_ids: frozenset[str] | None) -> Version:
    keys.allow(
        *("number", "effective_from", "validity_years", "renewal_window_days", "renewal_courses"),
        *("requirements", "exams"),
    )
    requirements = tuple(_read_requirement(each, course_ids) for each in keys.tables("requirements"))
    blueprints = tuple(_read_blueprint(each) for each in keys.tables("exams"))
    if len({each.key for each in requirements}) < len(requirements):
        keys.wrong("requirements", "every requirement of a version has a key of its own")
    for kind in ExamKind:
        if any(each.kind == f"{kind}_exam" for each in requirements) and not any(
            each.kind == kind for each in blueprints
        ):
            keys.wrong(
                "requirements", f"the {kind} exam is asked for, and no [[versions.exams]] describes it"
            )
    return Version(
        number=keys.whole("number", least=1, most=1000),
        effective_from=keys.day("effective_from").isoformat(),
        validity_years=keys.whole("validity_years", least=0, most=10),
        renewal=Renewal(
            keys.whole("renewal_window_days", least=1, most=365),
            keys.words("renewal_courses"),
        ),
        requirements=requirements,
        blueprints=blueprints,
    )


def _read_requirement(keys: Keys, course_ids: frozenset[str] | None) -> Requirement:
    kind = keys.one_of("kind", *KINDS)
    params = KINDS[kind].read(keys)
    if course_ids is not None:
        for course_id in params.get("courses", []):
            if course_id not in course_ids:
                keys.wrong("courses", f"there is no course '{course_id}'")
    return Requirement(keys.text("key"), kind, keys.text("title"), params)


def _read_blueprint(keys: Keys) -> Blueprint:
    keys.allow(
        *("kind", "minutes", "grace_s", "attempts", "more_time_percent", "pass_average", "pass_subject"),
        *("most_difference", "subjects"),
    )
    return Blueprint(
        kind=keys.one_of("kind", *ExamKind),
        minutes=keys.whole("minutes", least=5, most=600),
        grace_s=keys.whole("grace_s", least=0, most=3600),
        attempts=keys.whole("attempts", least=1, most=10),
        more_time_percent=keys.whole("more_time_percent", least=0, most=300),
        pass_average=keys.whole("pass_average", least=0, most=100),
        pass_subject=keys.whole("pass_subject", least=0, most=100),
        most_difference=keys.whole("most_difference", least=0, most=100),
        subjects=tuple(_read_subject(each) for each in keys.tables("subjects")),
    )


def _read_subject(keys: Keys) -> Subject:
    keys.allow("key", "title", "points", *ItemLevel, "criteria")
    items = {level.value: keys.whole(level, least=0, most=100) for level in ItemLevel if keys.has(level)}
    criteria = (
        tuple(_read_criterion(each) for each in keys.tables("criteria")) if keys.has("criteria") else ()
    )
    points = keys.whole("points", least=1, most=100)
    most = sum(each.most for each in criteria) if criteria else sum(items.values()) * points
    if most != 100:
        keys.wrong("key", f"a subject is worth 100 points in all, not {most}")
    return Subject(keys.text("key"), keys.text("title"), items, points, criteria)


def _read_criterion(keys: Keys) -> Criterion:
    keys.allow("key", "title", "most", "words")
    return Criterion(
        keys.text("key"), keys.text("title"), keys.whole("most", least=1, most=100), keys.text("words")
    )
