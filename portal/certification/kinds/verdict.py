"""What a kind of requirement is asked, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.accounts.models import User


class Progress(StrEnum):
    """How far somebody is with one requirement, as its evidence says."""

    MET = "met"
    #: Somebody is looking at it.
    IN_REVIEW = "in_review"
    #: Handed in; nobody has taken it up yet.
    WAITING = "waiting"
    NOT_YET = "not_yet"


class ToDo(StrEnum):
    """Where somebody goes on."""

    COURSE = "course"
    LOG = "log"
    EXAM = "exam"


@dataclass(frozen=True)
class Next:
    """The next thing to do for a requirement; ids only of what it needs."""

    what: ToDo
    course_id: str = ""
    lesson_id: str = ""
    step_id: str = ""


@dataclass(frozen=True)
class Asked:
    """Whose requirement is judged, and by which rules."""

    user: User
    candidate_id: int
    qualification_id: str
    params: Mapping[str, Any]
    #: Whether a mock exam counts: only while the qualification is not registered.
    counts_mock: bool


@dataclass(frozen=True)
class Verdict:
    """Whether a requirement is met, in words, and what proves it."""

    state: Progress
    #: One or two sentences: what was done, or why it is not met yet.
    words: str
    #: Rows to find again, ``course_completion:12``; at least one when met.
    evidence: tuple[str, ...] = ()
    next: Next | None = None
    #: Who confirmed it; null for what the portal read off its own rows.
    by_id: int | None = None
