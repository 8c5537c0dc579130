"""What a check says to the learner, and the two ways in which text can be wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import starmap

#: What a form sent: strings by field name.
Answer = Mapping[str, str]


class BadPractice(ValueError):  # noqa: N818 - the lesson checker prints it as "bad practice: …"
    """Say to an author, in English, what is wrong with a table."""


class AnswerError(ValueError):
    """Say to a learner, in a few short Korean sentences, what to put right."""


class UnreadableError(AnswerError):
    """Say to a learner how to write it: there is nothing to judge yet, so it is no try."""


@dataclass(frozen=True)
class Remark:
    """What is said about one field, each thing on a line of its own.

    ``is_readable`` is false where what was typed could not be read.
    """

    field: str
    sentence: str
    good: bool
    is_readable: bool = True


@dataclass(frozen=True)
class Line:
    """One line of a worked solution: what it is about, and what stands there."""

    text: str
    shown: str


@dataclass(frozen=True)
class Outcome:
    """What came of one try."""

    passed: bool
    remarks: tuple[Remark, ...]

    @property
    def unreadable(self) -> tuple[Remark, ...]:
        """Return what is said about the fields that could not be read."""
        return tuple(remark for remark in self.remarks if not remark.is_readable)


def judge(checks: Mapping[str, Callable[[], str]]) -> Outcome:
    """Run one check for each field; it returns its praise or raises AnswerError with its advice.

    A check that returns nothing has nothing to say yet: its field gets no remark.
    """
    remarks = tuple(remark for remark in starmap(_remark, checks.items()) if remark.sentence)
    return Outcome(all(remark.good for remark in remarks), remarks)


def _remark(field: str, check: Callable[[], str]) -> Remark:
    try:
        return Remark(field, check(), good=True)
    except AnswerError as advice:
        is_readable = not isinstance(advice, UnreadableError)
        return Remark(field, str(advice), good=False, is_readable=is_readable)
