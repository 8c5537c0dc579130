"""What a check says to the learner, and the two ways in which text can be wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: What a form sent: strings by field name.
Answer = Mapping[str, str]


class BadPractice(ValueError):  # noqa: N818 - the lesson checker prints it as "bad practice: …"
    """Say to an author, in English, what is wrong with a table."""


class AnswerError(ValueError):
    """Say to a learner, in one Korean sentence, what to put right."""


@dataclass(frozen=True)
class Remark:
    """One sentence about one field."""

    field: str
    sentence: str
    good: bool


@dataclass(frozen=True)
class Outcome:
    """What came of one try."""

    passed: bool
    remarks: tuple[Remark, ...]


def judge(checks: Mapping[str, Callable[[], str]]) -> Outcome:
    """Run one check for each field; it returns its praise or raises AnswerError with its advice."""
    remarks = tuple(_remark(field, check) for field, check in checks.items())
    return Outcome(all(remark.good for remark in remarks), remarks)


def _remark(field: str, check: Callable[[], str]) -> Remark:
    try:
        return Remark(field, check(), good=True)
    except AnswerError as advice:
        return Remark(field, str(advice), good=False)
