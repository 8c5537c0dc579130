"""Where a candidate stands: read off the ledger's lines, and explained where something is still open.

Where a requirement stands follows from its lines alone (`replay`): the last one that speaks of the rules in
force counts. What is not met yet is explained by its kind, anew at every look.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.certification import appealing, candidates, qualifications
from portal.certification.exam_models import Exam, ExamAttempt
from portal.certification.kinds.known import KINDS
from portal.certification.kinds.verdict import Asked, Next, Progress, Verdict
from portal.certification.qualification_models import Appeal, AppealState, Candidate, LedgerEntry, LedgerKind
from portal.certification.qualifications import Requirement, Version
from portal.core.errors import NotFoundError

SEPARATOR = " "
"""Between the rows that prove something, in a line of the ledger."""


class State(StrEnum):
    """Where a requirement stands, as people are told."""

    MET = "met"
    WAIVED = "waived"
    IN_REVIEW = "in_review"
    WAITING = "waiting"
    NOT_YET = "not_yet"


@dataclass(frozen=True)
class Standing:
    """A requirement and the line that counts; none while it is open."""

    requirement: Requirement
    entry: LedgerEntry | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to do for it."""
        return self.entry is not None and self.entry.kind in (LedgerKind.MET, LedgerKind.WAIVED)

    @property
    def is_waived(self) -> bool:
        """Tell whether somebody decided that it need not be done."""
        return self.entry is not None and self.entry.kind is LedgerKind.WAIVED

    @property
    def is_rejected(self) -> bool:
        """Tell whether somebody took back what had been met."""
        return self.entry is not None and self.entry.kind is LedgerKind.REJECTED


@dataclass(frozen=True)
class Line:
    """One requirement as its candidate and staff read it."""

    requirement: Requirement
    state: State
    #: What was done, or why it is not met yet.
    words: str
    evidence: tuple[str, ...]
    #: Who confirmed or decided it; empty for what the portal read off its own rows, and while it is open.
    by_name: str
    at: datetime | None
    #: Why somebody waived or took back; empty otherwise.
    note: str
    next: Next | None
    is_rejected: bool
    #: The appeal about it, open or the last answered; None where nobody asked.
    appeal: Appeal | None

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is left to do for it."""
        return self.state in (State.MET, State.WAIVED)

    @property
    def can_appeal(self) -> bool:
        """Tell whether its candidate may ask to look again."""
        return not self.is_settled and (self.appeal is None or self.appeal.state is not AppealState.OPEN)


def replay(
    entries: Iterable[LedgerEntry], versions: Mapping[int, Version], version_id: int
) -> list[Standing]:
    """Return where every requirement of the rules in force stands, from the lines alone.

    A line counts while the requirement says today what it said when the line was written. The last one
    counts; one that opened a requirement again leaves it open.
    """
    rules = versions[version_id]
    wanted = {each.key: each for each in rules.requirements}
    last: dict[str, LedgerEntry] = {}
    for entry in sorted(entries, key=lambda each: each.id):
        requirement = wanted.get(entry.requirement)
        if requirement is not None and _says(versions[entry.version_id], requirement):
            last[requirement.key] = entry
    return [
        Standing(requirement, entry if entry and entry.kind is not LedgerKind.REOPENED else None)
        for requirement in rules.requirements
        for entry in [last.get(requirement.key)]
    ]


def status(session: Session, candidate: Candidate) -> list[Line]:
    """Return every requirement with where it stands and why, for whoever may see the candidate."""
    entries = list_entries(session, candidate)
    appeals = appealing.list_about(session, appealing.About(candidate_id=candidate.id))
    standings = read(session, candidate, entries)
    user = get_user(session, candidate.user_id)
    judged = {
        each.requirement.key: judge(session, candidate, user, each.requirement)
        for each in standings
        if not each.is_settled
    }
    names = names_of(session, [each.entry.by_id for each in standings if each.entry is not None])
    return [
        _line(
            standing,
            judged.get(standing.requirement.key),
            next((each for each in appeals if each.requirement == standing.requirement.key), None),
            names,
        )
        for standing in standings
    ]


def status_of(session: Session, candidate_id: int) -> list[Line]:
    """Return `status` of the candidate a proposal is about, for whoever may see the proposal."""
    return status(session, session.get_one(Candidate, candidate_id))


def get(session: Session, candidate: Candidate, requirement: str) -> Standing:
    """Return where one requirement stands. Raises NotFoundError for a key the rules do not know."""
    for each in read(session, candidate, list_entries(session, candidate)):
        if each.requirement.key == requirement:
            return each
    raise NotFoundError("찾는 항목이 없어요. 화면을 새로 열어 주세요.")


def missing(session: Session, candidate: Candidate) -> list[Requirement]:
    """Return what is left to meet by the lines there are."""
    standings = read(session, candidate, list_entries(session, candidate))
    return [each.requirement for each in standings if not each.is_settled]


def list_entries(session: Session, candidate: Candidate) -> Sequence[LedgerEntry]:
    """Return every line of a candidate's ledger, the oldest first."""
    return session.scalars(
        select(LedgerEntry).where(LedgerEntry.candidate_id == candidate.id).order_by(LedgerEntry.id)
    ).all()


def read(session: Session, candidate: Candidate, entries: Sequence[LedgerEntry]) -> list[Standing]:
    """Replay the ledger; what rests on a mock exam is open again once the qualification is registered."""
    versions = candidates.all_rules(session, candidate.qualification_id)
    standings = replay(entries, versions, candidate.version_id)
    if not qualifications.current().get(candidate.qualification_id).is_registered:
        return standings
    return [
        Standing(each.requirement) if each.entry and _is_mock(session, each.entry) else each
        for each in standings
    ]


def _is_mock(session: Session, entry: LedgerEntry) -> bool:
    if entry.kind is not LedgerKind.MET or not entry.evidence.startswith("exam_attempt:"):
        return False
    attempt_id = int(entry.evidence.split(SEPARATOR)[0].partition(":")[2])
    is_mock = select(Exam.is_mock).join(ExamAttempt, ExamAttempt.exam_id == Exam.id)
    return bool(session.scalar(is_mock.where(ExamAttempt.id == attempt_id)))


def _says(version: Version, requirement: Requirement) -> bool:
    """Tell whether a version asked for the same under this key."""
    return any(
        each.key == requirement.key and each.kind == requirement.kind and each.params == requirement.params
        for each in version.requirements
    )


def judge(session: Session, candidate: Candidate, user: User, requirement: Requirement) -> Verdict:
    """Ask a requirement's kind how far the candidate, whose account ``user`` is, has come."""
    qualification = qualifications.current().get(candidate.qualification_id)
    asked = Asked(
        user=user,
        candidate_id=candidate.id,
        qualification_id=candidate.qualification_id,
        params=requirement.params,
        counts_mock=not qualification.is_registered,
    )
    return KINDS[requirement.kind].judge(session, asked)


def _line(
    standing: Standing, verdict: Verdict | None, appeal: Appeal | None, names: Mapping[int, str]
) -> Line:
    entry = standing.entry
    by_name = names.get(entry.by_id or 0, "") if entry else ""
    note = entry.note if entry else ""
    if verdict is None and entry is not None:
        return Line(
            requirement=standing.requirement,
            state=State.MET if entry.kind is LedgerKind.MET else State.WAIVED,
            words=entry.words if entry.kind is LedgerKind.MET else "이 항목은 하지 않아도 돼요.",
            evidence=tuple(entry.evidence.split(SEPARATOR)) if entry.evidence else (),
            by_name=by_name,
            at=entry.at,
            note=note,
            next=None,
            is_rejected=False,
            appeal=appeal,
        )
    assert verdict is not None  # noqa: S101 - open standings are judged
    return Line(
        requirement=standing.requirement,
        state=_open_state(verdict, appeal, is_rejected=standing.is_rejected),
        words=_open_words(verdict, is_rejected=standing.is_rejected),
        evidence=verdict.evidence,
        by_name=by_name,
        at=entry.at if entry else None,
        note=note,
        next=verdict.next,
        is_rejected=standing.is_rejected,
        appeal=appeal,
    )


def _open_state(verdict: Verdict, appeal: Appeal | None, *, is_rejected: bool) -> State:
    """Return where something open stands; what is met but not written yet is being looked at."""
    if appeal is not None and appeal.state is AppealState.OPEN:
        return State.IN_REVIEW
    if verdict.state is Progress.MET:
        return State.NOT_YET if is_rejected else State.IN_REVIEW
    return State(verdict.state)


def _open_words(verdict: Verdict, *, is_rejected: bool) -> str:
    if verdict.state is not Progress.MET:
        return verdict.words
    return "다시 해야 하는 까닭을 읽어 주세요." if is_rejected else f"{verdict.words} 곧 여기에 적혀요."


def names_of(session: Session, user_ids: Iterable[int | None]) -> dict[int, str]:
    """Return how people are called, by their ids."""
    found = (get_user(session, user_id) for user_id in set(user_ids) if user_id is not None)
    return {user.id: user.title for user in found}
