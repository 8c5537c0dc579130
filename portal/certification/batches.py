"""Many certificates in one go: one person proposes, another approves once, a worker issues each by itself.

Every line is a proposal of its own and is approved in a transaction of its own, by `operations.approve`, so a
batch can do nothing that a single approval could not, and what went wrong with one person stops nobody else.
Run again it touches only what is still open: an approved line is done for good (Q07).
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import User
from portal.certification import awards, candidates, operations, policy, queries
from portal.certification.life_models import Batch, BatchLine
from portal.certification.models import Certificate, Proposal, ProposalState
from portal.certification.qualification_models import Candidate, LedgerEntry
from portal.core import db, korean, queue, work
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError
from portal.courses.models import CourseCompletion

ISSUE_WITHIN_S = 300
MOST = 300
"""People in one batch; more are another batch."""
SHOWN = 20
_KEY = re.compile(r"(completion|candidate):(\d{1,9})\Z", re.ASCII)


@dataclass(frozen=True)
class Ready:
    """Somebody who may be proposed, with what proves it."""

    key: str
    learner_name: str
    title: str
    #: The evidence in a sentence, read off the portal's own rows.
    evidence: str
    #: Why the last one was declined or revoked; empty when there was none.
    returned_because: str


@dataclass(frozen=True)
class BatchRow:
    """One batch in the list."""

    id: int
    title: str
    proposed_by_name: str
    proposed_at: datetime
    people: int
    done: int
    failed: int
    #: Whether everybody was sent back.
    is_declined: bool
    is_decided: bool
    #: Whether the one who looks is the second person it waits for.
    waits_for_me: bool


@dataclass(frozen=True)
class Line:
    """One person of a batch, and how far it has come."""

    proposal_id: int
    learner_name: str
    title: str
    evidence: str
    state: ProposalState
    #: Why it was not approved or not drawn, in a sentence.
    error: str
    #: Why it was sent back; empty unless it was.
    declined_because: str
    #: An earlier proposal for the same completion or candidate was sent back, or what it led to revoked.
    came_back: bool
    number: str | None
    code: str | None
    is_drawn: bool
    is_batch_decided: bool

    @property
    def stage(self) -> str:
        """How far it has come: waiting, declined, failed, next, approved, drawn."""
        if self.state in (ProposalState.DECLINED, ProposalState.REVOKED):
            return self.state.value
        if self.is_drawn:
            return "drawn"
        if self.error:
            return "failed"
        return "approved" if self.code else "next" if self.is_batch_decided else "waiting"


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the batches a worker should go on with now."""
    return work.list_due(session, Batch, now=now)


ISSUE = queue.register(
    "certification.issue_batch",
    run="portal.certification.batch_jobs.issue",
    timeout_s=ISSUE_WITHIN_S,
    due=list_due_ids,
)


def list_ready(session: Session, trainer: User) -> Sequence[Ready]:
    """Return whom this trainer may propose now, the longest waiting first, with the evidence filled in."""
    completed = [
        Ready(
            key=f"completion:{each.completion_id}",
            learner_name=each.learner_name,
            title=awards.course_title(each.course_id),
            evidence=_completed_words(each.completed_at),
            returned_because=each.returned_because,
        )
        for each in queries.list_completions_to_propose(session, trainer, limit=MOST)
    ]
    on_the_way = candidates.list_ready(session, trainer)
    words = _ledger_words(session, [each.candidate_id for each in on_the_way])
    return [
        *completed,
        *(
            Ready(
                key=f"candidate:{each.candidate_id}",
                learner_name=each.name,
                title=each.title,
                evidence=words[each.candidate_id],
                returned_because="",
            )
            for each in on_the_way
        ),
    ]


def propose(
    session: Session,
    keys: Sequence[str],
    trainer: User,
    *,
    title: str,
    form_key: str,
    now: datetime,
    path_of: Callable[[int], str] = "/certification/candidates/{}/".format,
) -> Batch:
    """Propose everybody named by ``keys`` as one batch; the same form sent twice is one batch.

    Whom somebody else has proposed meanwhile is left out, and a candidate with something left to meet.
    ``path_of`` gives a candidate's page. Raises ConflictError when nobody is left, and ForbiddenError for
    oneself.
    """
    made = session.scalar(select(Batch).where(Batch.form_key == form_key))
    if made is not None:
        return made
    proposals = _propose_each(session, keys, trainer, path_of=path_of, now=now)
    if not proposals:
        raise ConflictError(
            "고른 분들은 이미 다른 분이 제안했어요. 목록을 새로 열어 봐 주세요.", field="people"
        )
    made = Batch(title=title, proposed_by_id=trainer.id, proposed_at=now, form_key=form_key)
    session.add(made)
    session.flush()  # the lines name the batch
    session.add_all(BatchLine(batch_id=made.id, proposal_id=each.id) for each in proposals)
    return made


def approve(session: Session, batch: Batch, approver: User, *, now: datetime) -> None:
    """Approve a batch as the second person; a worker issues it. A second press changes nothing.

    Raises ForbiddenError for the one who proposed it, ConflictError once everybody was sent back.
    """
    batch = db.lock(session, Batch, batch.id)
    if batch.proposed_by_id == approver.id:
        raise ForbiddenError("내가 제안한 묶음은 다른 분이 승인해요.")
    if batch.decided_by_id is not None and is_declined(session, batch):
        raise ConflictError("이미 돌려보낸 묶음이에요. 새로 묶어 제안하면 승인할 수 있어요.")
    if batch.decided_by_id is not None:
        return
    batch.decided_by_id, batch.decided_at, batch.due_at = approver.id, now, now
    queue.enqueue(session, ISSUE, batch.id)


def is_declined(session: Session, batch: Batch) -> bool:
    """Tell whether everybody of a batch was sent back."""
    others = select(BatchLine.proposal_id).join(Proposal, Proposal.id == BatchLine.proposal_id)
    others = others.where(BatchLine.batch_id == batch.id, Proposal.state != ProposalState.DECLINED)
    return session.scalar(others.limit(1)) is None


def retry(session: Session, batch: Batch, by: User, *, now: datetime) -> int:
    """Try again what failed and nothing else; return how many. Raises ConflictError when nothing did."""
    batch = db.lock(session, Batch, batch.id)
    if batch.decided_by_id is None:
        raise ConflictError("아직 승인하지 않은 묶음이에요.")
    reopened = session.execute(
        update(BatchLine)
        .where(BatchLine.batch_id == batch.id, BatchLine.done_at.is_(None), BatchLine.error != "")
        .values(error="")
        .returning(BatchLine.proposal_id)
    ).all()
    undrawn = session.scalars(
        select(Certificate)
        .join(BatchLine, BatchLine.proposal_id == Certificate.proposal_id)
        .where(BatchLine.batch_id == batch.id, Certificate.due_at.is_not(None), _has_failed())
    ).all()
    for certificate in undrawn:
        operations.retry_render(session, certificate, by, now=now)
    if reopened:
        batch.due_at, batch.lease = now, None
        queue.enqueue(session, ISSUE, batch.id)
    if not (reopened or undrawn):
        raise ConflictError("다시 할 것이 없어요. 실패한 분이 없어요.")
    return len(reopened) + len(undrawn)


def list_open(session: Session, batch_id: int) -> Sequence[int]:
    """Return the proposals of a batch that a worker has still to approve, in their order."""
    return session.scalars(
        select(BatchLine.proposal_id)
        .where(BatchLine.batch_id == batch_id, BatchLine.done_at.is_(None), BatchLine.error == "")
        .order_by(BatchLine.proposal_id)
    ).all()


def issue_line(session: Session, batch_id: int, proposal_id: int, *, now: datetime) -> Certificate:
    """Approve one line in the name of whoever approved the batch, and note that it is done."""
    batch = session.get_one(Batch, batch_id)
    approver = session.get_one(User, batch.decided_by_id)
    proposal = session.get_one(Proposal, proposal_id)
    certificate = operations.approve(session, proposal, approver, is_drawn_later=True, now=now)
    session.get_one(BatchLine, (batch_id, proposal_id)).done_at = now
    return certificate


def note_failed(session: Session, batch_id: int, proposal_id: int, words: str) -> None:
    """Note in words why a line was not approved."""
    session.get_one(BatchLine, (batch_id, proposal_id)).error = words[:300]


def get_batch(session: Session, user: User, batch_id: int, *, decide: bool = False) -> Batch:
    """Return a batch an issuer may see, and may decide on if asked.

    Raises NotFoundError if there is none and ForbiddenError for the one who proposed it.
    """
    found = session.scalar(select(Batch).where(Batch.id == batch_id, policy.may_see_batch(user)))
    if found is None:
        raise NotFoundError("찾는 묶음이 없어요. 목록에서 다시 골라 주세요.")
    if decide and found.proposed_by_id == user.id:
        raise ForbiddenError("내가 제안한 묶음은 다른 분이 승인해요.")
    batch: Batch = found
    return batch


def list_batches(session: Session, user: User) -> Sequence[BatchRow]:
    """Return the newest batches, with how far they have come."""
    rows = session.execute(
        select(
            Batch,
            User.name,
            func.count(BatchLine.proposal_id),
            func.count(BatchLine.done_at),
            func.count().filter(BatchLine.error != ""),
            func.count().filter(Proposal.state == ProposalState.DECLINED),
        )
        .join(User, User.id == Batch.proposed_by_id)
        .join(BatchLine, BatchLine.batch_id == Batch.id)
        .join(Proposal, Proposal.id == BatchLine.proposal_id)
        .where(policy.may_see_batch(user))
        .group_by(Batch.id, User.name)
        .order_by(Batch.id.desc())
        .limit(SHOWN)
    )
    return [
        BatchRow(
            id=batch.id,
            title=batch.title,
            proposed_by_name=name,
            proposed_at=batch.proposed_at,
            people=people,
            done=done,
            failed=failed,
            is_declined=declined == people,
            is_decided=batch.decided_by_id is not None,
            waits_for_me=batch.decided_by_id is None and batch.proposed_by_id != user.id,
        )
        for batch, name, people, done, failed, declined in rows
    ]


def waits_for(user: User) -> ColumnElement[bool]:
    """Return the condition that a batch waits for this person as the second one."""
    return and_(policy.may_see_batch(user), Batch.decided_by_id.is_(None), Batch.proposed_by_id != user.id)


def list_lines(session: Session, user: User, batch: Batch) -> Sequence[Line]:
    """Return everybody of a batch but the one who looks, with what came of each, in their order."""
    rows = session.execute(
        select(
            BatchLine,
            Proposal,
            User.name,
            Candidate.qualification_id,
            CourseCompletion.completed_at,
            Certificate,
            _came_back(),
        )
        .join(Proposal, Proposal.id == BatchLine.proposal_id)
        .join(User, User.id == Proposal.learner_id)
        .outerjoin(CourseCompletion, CourseCompletion.id == Proposal.completion_id)
        .outerjoin(Candidate, Candidate.id == Proposal.candidate_id)
        .outerjoin(Certificate, Certificate.proposal_id == Proposal.id)
        .where(BatchLine.batch_id == batch.id, policy.may_see_proposal(user))
        .order_by(BatchLine.proposal_id)
        .limit(MOST)
    ).all()
    words = _ledger_words(session, [row[1].candidate_id for row in rows if row[1].candidate_id])
    return [
        Line(
            proposal_id=proposal.id,
            learner_name=name,
            title=awards.title_of(proposal.course_id, qualification_id),
            evidence=_completed_words(completed_at) if completed_at else words[proposal.candidate_id or 0],
            state=proposal.state,
            error=line.error or ((issued.last_error or "") if issued and not issued.is_rendered else ""),
            declined_because=proposal.decline_reason,
            came_back=came_back,
            number=issued.number if issued else None,
            code=issued.code if issued else None,
            is_drawn=bool(issued and issued.is_rendered),
            is_batch_decided=batch.decided_by_id is not None,
        )
        for line, proposal, name, qualification_id, completed_at, issued, came_back in rows
    ]


def _came_back() -> ColumnElement[bool]:
    """Return whether an earlier proposal for the same came back; `queries.list_returns` says how."""
    earlier = aliased(Proposal)
    is_same = or_(
        earlier.completion_id == Proposal.completion_id, earlier.candidate_id == Proposal.candidate_id
    )
    is_back = earlier.state.in_([ProposalState.DECLINED, ProposalState.REVOKED])
    return select(earlier.id).where(is_same, is_back, earlier.id < Proposal.id).exists()


def _completed_words(completed_at: datetime) -> str:
    return f"{korean.plain_day(completed_at)}에 마쳤어요."


def _ledger_words(session: Session, candidate_ids: Sequence[int]) -> dict[int, str]:
    """Return what the ledger of each candidate says was done, the last line of each requirement."""
    entries = session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.candidate_id.in_(candidate_ids), LedgerEntry.requirement != "")
        .order_by(LedgerEntry.id)
    )
    said: dict[int, dict[str, str]] = {each: {} for each in candidate_ids}
    for entry in entries:
        said[entry.candidate_id][entry.requirement] = entry.words or entry.note
    return {each: " ".join(words.values()) or "요건을 모두 채웠어요." for each, words in said.items()}


def _has_failed() -> ColumnElement[bool]:
    return and_(Certificate.last_error.is_not(None), Certificate.pdf_sha256.is_(None))


def _propose_each(
    session: Session, keys: Sequence[str], trainer: User, *, path_of: Callable[[int], str], now: datetime
) -> Sequence[Proposal]:
    """Propose each and return what is new and ours.

    Completions and candidates are locked first, in their order: the chain, which every proposal locks, comes
    last for everybody, so that two batches never wait for each other.
    """
    named = {(found[1], int(found[2])) for key in keys if (found := _KEY.match(key))}
    completion_ids = sorted(each for kind, each in named if kind == "completion")[:MOST]
    candidate_ids = sorted(each for kind, each in named if kind == "candidate")[:MOST]
    for completion_id in completion_ids:
        db.lock(session, CourseCompletion, completion_id)
    for candidate_id in candidate_ids:
        db.lock(session, Candidate, candidate_id)
    proposed = [
        operations.propose(session, queries.get_completion(session, trainer, each), trainer, now=now)
        for each in completion_ids
    ]
    for each in candidate_ids:
        candidate = candidates.get_to_judge(session, trainer, each)
        with suppress(ConflictError):
            proposed.append(
                operations.propose_candidate(session, candidate, trainer, path=path_of(each), now=now)
            )
    mine = [each for each in proposed if each.proposed_by_id == trainer.id]
    taken = set(
        session.scalars(
            select(BatchLine.proposal_id).where(BatchLine.proposal_id.in_([each.id for each in mine]))
        )
    )
    return [each for each in mine if each.id not in taken and each.state is ProposalState.WAITING]
