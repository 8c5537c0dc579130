"""The demo world's candidates: their logs, what was waived, and what somebody asks to look at again."""

import heapq
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.certification import candidates, ledger, qualifications, training_log
from portal.certification.qualification_models import Candidate, LedgerKind, LogKind
from portal.certification.training_log import Written
from portal.core.clock import KST
from portal.demo.stories import Story

People = Mapping[str, User]
Act = tuple[datetime, int, Callable[[datetime], None]]
"""When something happens, what comes first of two at once, and what it is."""
CONFIRMED_AFTER, REMARKED_AFTER = timedelta(hours=20), timedelta(hours=3)


def tell_candidate(session: Session, people: People, row: dict[str, Any], *, now: datetime) -> Story:
    """Begin the way to a qualification and go some of it, as ``row`` says."""
    user = people[row["by"]]
    yield (joined_at := now - timedelta(days=row["ago"]))
    qualification = qualifications.current().get(row["qualification"])
    candidate = candidates.join(session, user, qualification, now=joined_at)
    ledger.record(session, candidate, path=path_of(candidate), now=joined_at)
    acts: list[Act] = []
    for log in row.get("log", []):
        acts += _log(session, people, candidate, log, number=len(acts), now=now)
    for waived in row.get("waived", []):
        acts.append(
            (now - timedelta(days=waived["ago"]), len(acts), _waive(session, people, candidate, waived))
        )
    for appeal in row.get("appeal", []):
        acts.append(
            (now - timedelta(days=appeal["ago"]), len(acts), _appeal(session, user, candidate, appeal))
        )
    heapq.heapify(acts)
    while acts:
        moment, _, act = heapq.heappop(acts)
        yield moment
        act(moment)
    yield now - timedelta(minutes=1)
    ledger.record(session, candidate, path=path_of(candidate), now=now - timedelta(minutes=1))


def path_of(candidate: Candidate) -> str:
    """Return the address of a candidate's page."""
    return f"/certification/candidates/{candidate.id}/"


def _log(
    session: Session, people: People, candidate: Candidate, row: dict[str, Any], *, number: int, now: datetime
) -> list[Act]:
    """Return that a line is written in the evening of its day, and what somebody says to it."""
    wrote_at, lines = now - timedelta(days=row["day"]) + timedelta(hours=1), []

    def write(moment: datetime) -> None:
        written = Written(
            kind=LogKind(row["kind"]),
            day=(now - timedelta(days=row["day"])).astimezone(KST).date(),
            minutes=row["minutes"],
            shop=row.get("shop", ""),
            text=row["text"],
        )
        key = f"demo-training-log-{candidate.id}-{number}"
        user = session.get_one(User, candidate.user_id)
        lines.append(training_log.write(session, candidate, user, written, form_key=key, now=moment))

    def confirm(moment: datetime) -> None:
        reader = get_user(session, people[row["confirmed_by"]].id)
        training_log.confirm(session, lines[0], reader, path=f"{path_of(candidate)}log", now=moment)

    def send_back(moment: datetime) -> None:
        reader = get_user(session, people[row["remarked_by"]].id)
        path = f"/certification/logs/{lines[0].id}"
        training_log.send_back(session, lines[0], reader, remark=row["remark"], path=path, now=moment)

    acts: list[Act] = [(wrote_at, number, write)]
    if "confirmed_by" in row:
        acts.append((wrote_at + CONFIRMED_AFTER, number + 1, confirm))
    if "remarked_by" in row:
        acts.append((wrote_at + REMARKED_AFTER, number + 1, send_back))
    return acts


def _waive(
    session: Session, people: People, candidate: Candidate, row: dict[str, Any]
) -> Callable[[datetime], None]:
    def waive(moment: datetime) -> None:
        ledger.decide(
            session,
            candidate,
            get_user(session, people[row["by"]].id),
            requirement=row["requirement"],
            kind=LedgerKind.WAIVED,
            reason=row["reason"],
            path=path_of(candidate),
            now=moment,
        )

    return waive


def _appeal(
    session: Session, user: User, candidate: Candidate, row: dict[str, Any]
) -> Callable[[datetime], None]:
    def ask(moment: datetime) -> None:
        ledger.file_appeal(
            session,
            candidate,
            user,
            requirement=row["requirement"],
            text=row["text"],
            path="/desk/certification-appeals/",
            now=moment,
        )

    return ask
