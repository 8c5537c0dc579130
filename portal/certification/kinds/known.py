"""Every kind of requirement: a closed list of checked conditions, each one small module.

A kind reads its own rules from the file, and answers whether they are met by looking into rows that other
people's work wrote; the ledger knows none of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from portal.certification.kinds import course, mentoring_log, practical_exam, practice, written_exam
from portal.certification.kinds.verdict import Asked, Verdict
from portal.courses.toml_file import Keys


@dataclass(frozen=True)
class Kind:
    """What a kind of requirement does."""

    #: Reads its rules; notes what is wrong in them.
    read: Callable[[Keys], dict[str, Any]]
    judge: Callable[[Session, Asked], Verdict]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "course": Kind(course.read, course.judge),
        "practice": Kind(practice.read, practice.judge),
        "mentoring_log": Kind(mentoring_log.read, mentoring_log.judge),
        "written_exam": Kind(written_exam.read, written_exam.judge),
        "practical_exam": Kind(practical_exam.read, practical_exam.judge),
    }
)
