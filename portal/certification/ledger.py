"""The ledger: what each candidate has met, line by line. Lines are only ever added.

Nothing is met until somebody's work left a row that proves it; passing of time never meets anything. What
staff decide is a line too, with its reason and its author, who is never the candidate. `standings` reads.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.certification import appealing, candidates, qualifications, standings
from portal.certification.kinds.verdict import Progress, Verdict
from portal.certification.models import ProposalState
from portal.certification.policy import ISSUERS
from portal.certification.qualification_models import Appeal, Candidate, LedgerEntry, LedgerKind
from portal.certification.standings import SEPARATOR, Standing
from portal.core import db, queue
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.messages.operations import notify

CHECKED_EVERY = timedelta(hours=1)
CHECK_WITHIN_S = 60
SWEPT_AT_ONCE = 200
NO_REQUIREMENT = "찾는 항목이 없어요. 화면을 새로 열어 주세요."


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the candidates whose ledger should be looked through now, the longest waiting first."""
    return list(
        session.scalars(
            select(Candidate.id)
            .where(Candidate.check_at <= now)
            .order_by(Candidate.check_at, Candidate.id)
            .limit(SWEPT_AT_ONCE)
        )
    )


CHECK = queue.register(
    "certification.check_ledger",
    run="portal.certification.ledger_jobs.check",
    timeout_s=CHECK_WITHIN_S,
    due=list_due_ids,
)


def record(session: Session, candidate: Candidate, *, path: str, now: datetime) -> list[LedgerEntry]:
    """Write a line for each requirement that is newly met; return them.

    Run again, it writes nothing. With nothing left to meet the candidate is told once and looked at no more.
    Holds the candidate, so that two at once write one line.
    """
    candidate = db.lock(session, Candidate, candidate.id)
    if candidate.left_at is not None:
        return []
    entries, user = standings.list_entries(session, candidate), get_user(session, candidate.user_id)
    made = []
    for standing in standings.read(session, candidate, entries):
        if not standing.is_settled:
            verdict = standings.judge(session, candidate, user, standing.requirement)
            if verdict.state is Progress.MET and (entry := _met(candidate, standing, verdict, entries, now)):
                session.add(entry)
                made.append(entry)
    _set_check(session, candidate, path=path, now=now)
    return made


def decide(
    session: Session,
    candidate: Candidate,
    by: User,
    *,
    requirement: str,
    kind: LedgerKind,
    reason: str,
    path: str,
    now: datetime,
    tells: bool = True,
) -> LedgerEntry:
    """Waive a requirement, take back that it was met, or open it again, with a reason the candidate is told.

    ``tells`` is off where something else tells it. Raises ForbiddenError for oneself and for who is no
    staff, NotFoundError, DomainError (``reason``), ConflictError where the lines so far do not allow it.
    """
    candidate = db.lock(session, Candidate, candidate.id)
    if candidate.user_id == by.id or by.roles.isdisjoint(ISSUERS):
        raise ForbiddenError("내 것은 다른 분이 정해요.")
    standing = standings.get(session, candidate, requirement)
    _refuse_unless_allowed(session, candidate, standing, kind)
    if not reason.strip():
        raise DomainError("까닭을 적어 주세요.", field="reason")
    entry = LedgerEntry(
        candidate_id=candidate.id,
        requirement=requirement,
        kind=kind,
        evidence=standing.entry.evidence if kind is LedgerKind.REJECTED and standing.entry else "",
        words=standing.requirement.title,
        version_id=candidate.version_id,
        by_id=by.id,
        at=now,
        note=reason.strip(),
    )
    session.add(entry)
    if tells:
        _tell_decided(session, candidate, entry, path=path)
    _set_check(session, candidate, path=path, now=now)
    return entry


def _tell_decided(session: Session, candidate: Candidate, entry: LedgerEntry, *, path: str) -> None:
    session.flush()  # the notice names the line
    notify(
        session,
        user_id=candidate.user_id,
        cause=f"ledger:{entry.id}",
        message="requirement-decided",
        values={"requirement": entry.words},
        path=path,
        now=entry.at,
    )


def file_appeal(
    session: Session,
    candidate: Candidate,
    user: User,
    *,
    requirement: str,
    text: str,
    path: str,
    now: datetime,
) -> Appeal:
    """Ask to look again at a requirement, as `appealing.file`; ConflictError for one that is settled."""
    if standings.get(session, candidate, requirement).is_settled:
        raise ConflictError("이미 된 항목이에요. 화면을 새로 열어 주세요.")
    about = appealing.About(candidate_id=candidate.id, requirement=requirement)
    return appealing.file(session, user, about=about, text=text, path=path, now=now)


class Outcome(StrEnum):
    """What comes of an appeal about a requirement."""

    REOPEN = "reopen"
    WAIVE = "waive"
    NONE = "none"


def answer_appeal(
    session: Session,
    appeal: Appeal,
    by: User,
    *,
    outcome: Outcome,
    words: str,
    path: str,
    now: datetime,
) -> None:
    """Answer an appeal about a requirement, write what follows into the ledger, and tell its person once.

    Raises what `appealing.answer` and `decide` raise.
    """
    upheld = outcome is not Outcome.NONE
    if not appealing.answer(session, appeal, by, is_upheld=upheld, words=words, path=path, now=now):
        return
    if upheld and appeal.candidate_id is not None:
        candidate = session.get_one(Candidate, appeal.candidate_id)
        decide(
            session,
            candidate,
            by,
            requirement=appeal.requirement,
            kind=LedgerKind.WAIVED if outcome is Outcome.WAIVE else LedgerKind.REOPENED,
            reason=words,
            path=path,
            now=now,
            tells=False,
        )
        record(session, candidate, path=path, now=now)


def list_choices(standing: Standing) -> list[LedgerKind]:
    """Return what staff may decide about a requirement as it stands."""
    if standing.entry is None:
        return [LedgerKind.WAIVED]
    return {
        LedgerKind.MET: [LedgerKind.REJECTED],
        LedgerKind.WAIVED: [LedgerKind.REOPENED],
        LedgerKind.REJECTED: [LedgerKind.REOPENED, LedgerKind.WAIVED],
    }[standing.entry.kind]


def _refuse_unless_allowed(
    session: Session, candidate: Candidate, standing: Standing, kind: LedgerKind
) -> None:
    """Raise ConflictError for what the lines so far, or a proposal that stands, do not allow.

    Opening again what is open already is allowed: an appeal may be right though nothing was taken back.
    """
    if candidate.left_at is not None:
        raise ConflictError("그만둔 분이에요. 남은 항목을 바꿀 수 없어요.")
    allowed = list_choices(standing)
    if kind not in allowed and not (kind is LedgerKind.REOPENED and standing.entry is None):
        raise ConflictError("그사이 기록이 바뀌었어요. 화면을 새로 열어 주세요.")
    proposal = candidates.find_proposal(session, candidate)
    if proposal is not None and standing.is_settled:
        is_issued = proposal.state is ProposalState.APPROVED
        raise ConflictError(
            "이미 증서가 나갔어요. 잘못 나갔다면 증서를 취소해 주세요."
            if is_issued
            else "발급을 제안해 두었어요. 제안부터 돌려보내 주세요."
        )


def _met(
    candidate: Candidate,
    standing: Standing,
    verdict: Verdict,
    entries: Sequence[LedgerEntry],
    now: datetime,
) -> LedgerEntry | None:
    """Return the line that says a requirement is met; None for the very evidence that somebody rejected.

    Evidence that counts again, because the requirement was opened again or its rules changed and changed
    back, is written with the line that made it count.
    """
    evidence = SEPARATOR.join(verdict.evidence)
    if standing.entry is not None and standing.is_rejected and _stem(standing.entry.evidence) == evidence:
        return None
    of_it = [each for each in entries if each.requirement in (standing.requirement.key, "")]
    if any(each.kind is LedgerKind.MET and _stem(each.evidence) == evidence for each in of_it):
        evidence = f"{evidence}{SEPARATOR}ledger_entry:{of_it[-1].id}"
    return LedgerEntry(
        candidate_id=candidate.id,
        requirement=standing.requirement.key,
        kind=LedgerKind.MET,
        evidence=evidence,
        words=verdict.words,
        version_id=candidate.version_id,
        by_id=verdict.by_id,
        at=now,
    )


def _stem(evidence: str) -> str:
    """Return evidence without the line that made it count again."""
    return evidence.partition(f"{SEPARATOR}ledger_entry:")[0]


def _set_check(session: Session, candidate: Candidate, *, path: str, now: datetime) -> None:
    """Say when to look again: never while nothing is left, else within the hour, everybody at their own.

    Who has nothing left any more is told.
    """
    session.flush()  # the lines just written count
    entries = standings.list_entries(session, candidate)
    if any(not each.is_settled for each in standings.read(session, candidate, entries)):
        period = int(CHECKED_EVERY.total_seconds())
        offset = (candidate.id * 613 - int(now.timestamp())) % period
        candidate.check_at = now + timedelta(seconds=offset or period)
        return
    if candidate.check_at is None:
        return
    candidate.check_at = None
    notify(
        session,
        user_id=candidate.user_id,
        cause=f"candidate:{candidate.id}:ready:{entries[-1].id}",
        message="candidate-ready",
        values={"qualification": qualifications.current().get(candidate.qualification_id).title},
        path=path,
        now=now,
    )
