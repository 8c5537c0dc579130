"""Rows of the way to a qualification, with believable defaults. The session is flushed, not committed."""

from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import ledger
from portal.certification.qualification_models import (
    Appeal,
    Candidate,
    LedgerEntry,
    LedgerKind,
    LogKind,
    Portfolio,
    TrainingLog,
)
from portal.core import clock
from portal.core.clock import KST
from portal.core.roles import Role
from tests.factories import make_user

_numbers = count(1)


def make_log(
    session: Session, candidate: Candidate, *, confirmed_by: User | None = None, **columns: Any
) -> TrainingLog:
    """Return a line of the training log: a visit of an hour yesterday, confirmed if somebody is given."""
    now = clock.now()
    line = TrainingLog(
        **{
            "candidate_id": candidate.id,
            "kind": LogKind.VISIT,
            "day": (now - timedelta(days=1)).astimezone(KST).date(),
            "minutes": 60,
            "shop": f"{next(_numbers)}번 가게",
            "text": "사장님이 사진을 다시 찍으셨어요.",
            "form_key": f"training-log-of-a-test-{next(_numbers)}",
            "written_at": now,
            "confirmed_by_id": confirmed_by.id if confirmed_by else None,
            "confirmed_at": now if confirmed_by else None,
            "remarked_at": now if columns.get("remark") else None,
            **columns,
        }
    )
    session.add(line)
    session.flush()
    return line


def make_portfolio(session: Session, candidate: Candidate) -> Portfolio:
    """Return a portfolio that a worker has still to make."""
    made = Portfolio(candidate_id=candidate.id, content_hash="x", ordered_at=clock.now(), due_at=clock.now())
    session.add(made)
    session.flush()
    return made


def make_appeal(session: Session, candidate: Candidate, *, text: str = "다시 봐 주세요.") -> Appeal:
    """Return that a candidate asks to look again at the course, unanswered."""
    return ledger.file_appeal(
        session,
        candidate,
        user_of(session, candidate),
        requirement="course",
        text=text,
        path="/desk/certification-appeals/",
        now=clock.now(),
    )


def waive(session: Session, candidate: Candidate, *requirements: str, by: User | None = None) -> None:
    """Let a candidate do without some requirements, or without all."""
    by = by or make_user(session, Role.OPERATOR)
    keys = requirements or ("course", "practice", "log", "written", "practical")
    for key in keys:
        ledger.decide(
            session,
            candidate,
            by,
            requirement=key,
            kind=LedgerKind.WAIVED,
            reason="시범 과정에서 이미 했어요.",
            path="/",
            now=clock.now(),
        )
    session.flush()


def user_of(session: Session, candidate: Candidate) -> User:
    """Return whose way it is."""
    return session.get_one(User, candidate.user_id)


def entries_of(session: Session, candidate: Candidate) -> list[LedgerEntry]:
    """Return every line of a candidate's ledger, the oldest first."""
    return session.query(LedgerEntry).filter_by(candidate_id=candidate.id).order_by(LedgerEntry.id).all()
