"""A candidate's portfolio: the confirmed lines of the training log on paper, with what they add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.certification import candidates, qualifications, standings
from portal.certification.kinds.mentoring_log import NAMES, totals
from portal.certification.qualification_models import Candidate, Portfolio, TrainingLog
from portal.core import db, korean, queue, work
from portal.core.errors import ConflictError, NotFoundError
from portal.courses import paper
from portal.courses.paper import Paper
from portal.messages.operations import notify

TITLE = "포트폴리오"
SIZE_PT = 16
FAILED_SHOWN = 20
_TEMPLATE = Path(__file__).parent / "document" / "portfolio.jinja"


@dataclass(frozen=True)
class Entry:
    """One confirmed line on the paper."""

    head: str
    text: str
    confirmed: str


@dataclass(frozen=True)
class Unmade:
    """A portfolio that could not be made yet, and why."""

    id: int
    candidate_id: int
    attempts: int
    last_error: str | None


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the portfolios a worker should make now."""
    return work.list_due(session, Portfolio, now=now)


MAKE_WITHIN_S = 180
MAKE = queue.register(
    "certification.make_portfolio",
    run="portal.certification.portfolio_jobs.make",
    timeout_s=MAKE_WITHIN_S,
    due=list_due_ids,
)


def write(session: Session, candidate_id: int) -> Paper:
    """Write the paper as the log stands."""
    candidate = session.get_one(Candidate, candidate_id)
    lines = _confirmed(session, candidate)
    readers = standings.names_of(session, {line.confirmed_by_id for line in lines})
    qualification = qualifications.current().get(candidate.qualification_id)
    html = paper.open_template(_TEMPLATE).render(
        title=TITLE,
        size_pt=SIZE_PT,
        name=get_user(session, candidate.user_id).name,
        qualification=qualification.title,
        goal=qualification.goal_word,
        joined=korean.plain_day(candidate.joined_at),
        totals=[(name, count, lasting(minutes)) for name, count, minutes in totals(lines)],
        together=lasting(sum(line.minutes for line in lines)),
        entries=[_entry(line, readers.get(line.confirmed_by_id or 0, "")) for line in lines],
    )
    return paper.finish(TITLE, html)


def order(session: Session, candidate: Candidate, *, now: datetime) -> Portfolio:
    """Return the portfolio as the log stands: the one there is, or a new one that a worker will make.

    The caller has loaded the candidate by its policy. Raises ConflictError while nothing is confirmed.
    """
    if not _confirmed(session, candidate):
        raise ConflictError("아직 확인받은 일지가 없어요. 하나라도 확인받으면 만들 수 있어요.")
    wanted = {"candidate_id": candidate.id, "content_hash": write(session, candidate.id).content_hash}
    find = select(Portfolio.id).filter_by(**wanted)
    key = session.scalar(find)
    if key is None:
        try:
            with session.begin_nested():
                session.add(Portfolio(**wanted, ordered_at=now))
        except IntegrityError:
            pass  # asked for in another window in this moment; that row is the one
        key = session.scalar(find)
    ordered = db.lock(session, Portfolio, key)
    if ordered.due_at is None and ordered.document_key is None:
        ordered.due_at = now
        queue.enqueue(session, MAKE, ordered.id)
    return ordered


def get(session: Session, user: User, portfolio_id: int) -> Portfolio:
    """Return a portfolio of a candidate this person may see; raises NotFoundError."""
    found: Portfolio | None = session.scalar(
        select(Portfolio)
        .join(Candidate, Candidate.id == Portfolio.candidate_id)
        .where(Portfolio.id == portfolio_id, candidates.may_view(user))
    )
    if found is None:
        raise NotFoundError("찾는 포트폴리오가 없어요. 일지 화면에서 다시 만들어 주세요.")
    return found


def note_made(session: Session, made: Portfolio, *, path: str, now: datetime) -> None:
    """Tell the candidate that it is there, once. Call it where `work.finish` said yes."""
    notify(
        session,
        user_id=session.get_one(Candidate, made.candidate_id).user_id,
        cause=f"portfolio:{made.id}",
        message="portfolio-ready",
        values={},
        path=path,
        now=now,
    )


def list_failed(session: Session) -> Sequence[Unmade]:
    """Return the portfolios that could not be made yet, the longest waiting first: for the page of jobs."""
    rows = session.execute(
        select(Portfolio.id, Portfolio.candidate_id, Portfolio.attempts, Portfolio.last_error)
        .where(work.has_failed(Portfolio))
        .order_by(Portfolio.id)
        .limit(FAILED_SHOWN)
    )
    return [Unmade(*row) for row in rows]


def retry(session: Session, found: Portfolio, *, now: datetime) -> None:
    """Let a worker try again now; one that is at it loses its lease. Raises ConflictError once it is made."""
    found = db.lock(session, Portfolio, found.id)
    if found.due_at is None:
        raise ConflictError("이미 다 만든 포트폴리오예요.")
    found.due_at, found.lease = now, None
    queue.enqueue(session, MAKE, found.id)


def _confirmed(session: Session, candidate: Candidate) -> Sequence[TrainingLog]:
    return session.scalars(
        select(TrainingLog)
        .where(TrainingLog.candidate_id == candidate.id, TrainingLog.confirmed_at.is_not(None))
        .order_by(TrainingLog.day, TrainingLog.id)
    ).all()


def _entry(line: TrainingLog, reader: str) -> Entry:
    parts = [korean.plain_day(line.day), NAMES[line.kind], line.shop, lasting(line.minutes)]
    confirmed_on = korean.plain_day(line.confirmed_at) if line.confirmed_at else ""
    return Entry(
        " · ".join(part for part in parts if part), line.text, f"{confirmed_on}에 {reader}이 확인했어요."
    )


def lasting(minutes: int) -> str:
    """Return how long something lasted, in words."""
    return korean.hours_and_minutes(timedelta(minutes=minutes))
