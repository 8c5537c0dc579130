"""Telling those who issue certificates what holders ask for: one word a day for each, however much comes."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from flask import current_app
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portal.accounts.models import RoleGrant
from portal.certification.corrections import KIND_NAMES
from portal.certification.life_models import CertificateRequest, RequestState
from portal.certification.models import Certificate
from portal.certification.policy import ISSUERS
from portal.core import clock, db, queue
from portal.core.clock import KST
from portal.messages.operations import notify, notify_all

GATHERED = timedelta(minutes=30)
"""How long the first request of a day waits for others; what comes after it is told of the next day."""
AT_ONCE = 500
MESSAGE = "certificate-requests-wait"


def _untold(now: datetime) -> Select[int]:
    """Return the statement of the requests nobody was told of."""
    return (
        select(CertificateRequest.id)
        .where(CertificateRequest.state == RequestState.WAITING, CertificateRequest.told_at.is_(None))
        .where(CertificateRequest.asked_at <= now - GATHERED)
        .order_by(CertificateRequest.id)
    )


def list_due_ids(session: Session, now: datetime) -> Sequence[int]:
    """Return the oldest request nobody was told of, unless something was told today: its job tells of all."""
    due = session.scalars(_untold(now).limit(1)).all()
    return [] if due and _was_told_today(session, now) else due


def tell(request_id: int) -> None:
    """Tell every trainer and operator how much others than themself ask for.

    Run twice, the second time does nothing: what was told of is marked in the same transaction.
    """
    path = current_app.url_map.bind("").build("life.requests")
    with db.transaction() as session:
        _tell(session, request_id, path=path, now=clock.now())


def _tell(session: Session, request_id: int, *, path: str, now: datetime) -> None:
    rows = session.execute(
        select(CertificateRequest, Certificate.holder_id)
        .join(Certificate, Certificate.id == CertificateRequest.certificate_id)
        .where(CertificateRequest.id.in_(_untold(now).limit(AT_ONCE)))
        .order_by(CertificateRequest.id)
        .with_for_update(of=CertificateRequest)
    ).all()
    waiting = [(request, holder_id) for request, holder_id in rows]
    if request_id not in {request.id for request, _ in waiting} or _was_told_today(session, now):
        return
    staff = session.scalars(select(RoleGrant.user_id).where(RoleGrant.role.in_(ISSUERS)).distinct()).all()
    holders = {holder_id for _, holder_id in waiting}
    cause = f"certificate-requests:{request_id}"
    notify_all(
        session,
        sorted(set(staff) - holders),
        cause=cause,
        message=MESSAGE,
        values={"what": _words([request for request, _ in waiting])},
        path=path,
        now=now,
    )
    for user_id in sorted(holders.intersection(staff)):
        theirs = [request for request, holder_id in waiting if holder_id != user_id]
        if theirs:
            values = {"what": _words(theirs)}
            notify(session, user_id=user_id, cause=cause, message=MESSAGE, values=values, path=path, now=now)
    for request, _ in waiting:
        request.told_at = now


def _was_told_today(session: Session, now: datetime) -> bool:
    today = datetime.combine(now.astimezone(KST).date(), time(), KST)
    return bool(session.scalar(select(exists().where(CertificateRequest.told_at >= today))))


def _words(requests: Sequence[CertificateRequest]) -> str:
    counts = Counter(request.kind for request in requests)
    return ", ".join(f"{name} {counts[kind]}건" for kind, name in KIND_NAMES.items() if counts[kind])


TELL = queue.register(
    "certification.tell_of_requests",
    run="portal.certification.request_news.tell",
    timeout_s=60,
    due=list_due_ids,
)
