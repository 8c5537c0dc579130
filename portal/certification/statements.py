"""Asking for a statement of what one did as a mentor, and finding it again."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import codes, impact
from portal.certification.impact import Numbers, Span
from portal.certification.operations import ISSUER_NAME, RENDER_WITHIN_S
from portal.certification.statement_models import Statement
from portal.core import db, queue, work
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.korean import hours_and_minutes, masked_name
from portal.messages.operations import notify

KIND = "활동 확인서"
NO_STATEMENT = "찾는 활동 확인서가 없어요."
LONGEST_DAYS = 5 * 366
SHOWN = 20


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the statements whose document a worker should draw now."""
    return work.list_due(session, Statement, now=now)


DRAW = queue.register(
    "certification.draw_statement",
    run="portal.certification.statement_jobs.draw",
    timeout_s=RENDER_WITHIN_S,
    due=list_due_ids,
)


def order(session: Session, mentor: User, span: Span, *, now: datetime) -> Statement:
    """Return the statement of ``span`` as it is counted now: the one there is, or a new one.

    However often and from however many places it is asked for, the same numbers are one document. Raises
    DomainError (``first_day``, ``last_day``) for days that are none or still to come, ConflictError when
    nothing happened in them.
    """
    _check_span(span, now=now)
    numbers = impact.count(session, mentor, span, now=now)
    if numbers.is_nothing:
        raise ConflictError("이 기간에는 아직 적을 활동이 없어요. 다른 기간을 골라 주세요.")
    wanted = {"mentor_id": mentor.id, "content_hash": _hash_of(mentor, span, numbers)}
    find = select(Statement).filter_by(**wanted)
    made = session.scalar(find)
    if made is not None:
        return made
    try:
        with session.begin_nested():
            made = Statement(
                **wanted,
                **asdict(span),
                **asdict(numbers),
                code=codes.make(),
                holder_name=mentor.name,
                issuer_name=ISSUER_NAME,
                issued_at=now,
                due_at=now,
            )
            session.add(made)
    except IntegrityError:
        return session.scalars(find).one()  # the same mentor asked for it in this moment
    queue.enqueue(session, DRAW, made.id)
    return made


def note_drawn(session: Session, statement: Statement, *, path: str, now: datetime) -> None:
    """Tell the mentor that the document is there, once. Call it where `work.finish` said yes."""
    notify(
        session,
        user_id=statement.mentor_id,
        cause=f"statement:{statement.id}",
        message="statement-ready",
        values={},
        path=path,
        now=now,
    )


def retry(session: Session, statement: Statement, *, now: datetime) -> None:
    """Let a worker try again now; one that is at it loses its lease. Raises ConflictError once drawn."""
    statement = db.lock(session, Statement, statement.id)
    if statement.due_at is None:
        raise ConflictError("이미 다 만든 활동 확인서예요.")
    statement.due_at, statement.lease = now, None
    queue.enqueue(session, DRAW, statement.id)


def list_own(session: Session, mentor: User) -> Sequence[Statement]:
    """Return the mentor's statements, newest first."""
    statement = select(Statement).where(Statement.mentor_id == mentor.id)
    return session.scalars(statement.order_by(Statement.id.desc()).limit(SHOWN)).all()


def get_own(session: Session, mentor: User, code: str) -> Statement:
    """Return one's own statement. Raises NotFoundError for anybody else's."""
    found = find(session, code)
    if found is None or found.mentor_id != mentor.id:
        raise NotFoundError(NO_STATEMENT)
    return found


def find(session: Session, code: str) -> Statement | None:
    """Return the statement with this code, whoever asks, or None: for the public verification."""
    if not codes.is_well_formed(code):
        return None
    found: Statement | None = session.scalar(select(Statement).where(Statement.code == code))
    return found


def get_unfinished(session: Session, statement_id: int) -> Statement:
    """Return a statement to draw again, for operators. Raises NotFoundError if there is none."""
    found = session.get(Statement, statement_id)
    if found is None:
        raise NotFoundError(NO_STATEMENT)
    return found


def list_failed(session: Session) -> Sequence[Statement]:
    """Return the statements that could not be drawn yet, the longest waiting first: for the page of jobs."""
    return session.scalars(
        select(Statement).where(work.has_failed(Statement)).order_by(Statement.id).limit(SHOWN)
    ).all()


def facts_of(numbers: Numbers | Statement) -> list[tuple[str, str]]:
    """Return the numbers in words, as the page, the paper and the verification say them.

    Groups and first orders stand there only for those who have any.
    """
    facts = [
        ("답한 질문", f"{numbers.questions}개"),
        ("답하기로 한 약속", f"{numbers.promises}번 가운데 {numbers.promises_kept}번 지킴"),
        ("가게와 만남", _met(numbers.visits, numbers.visit_minutes)),
        ("가게가 해낸 일", f"{numbers.items}가지"),
    ]
    if numbers.groups:
        facts.insert(3, ("여럿이 만남", _met(numbers.groups, numbers.group_minutes)))
    if numbers.first_orders:
        facts.append(("첫 주문을 받은 가게", f"{numbers.first_orders}곳"))
    return facts


def status_of(statement: Statement) -> str:
    """Return what strangers are told: active, or issuing while there is no document to compare with."""
    return "active" if statement.is_rendered else "issuing"


def facts_for_strangers(statement: Statement) -> dict[str, str | int | None]:
    """Return what anybody with the code may know; the name is masked."""
    return {
        "status": status_of(statement),
        "kind": KIND,
        "number": statement.number,
        "issuer": statement.issuer_name,
        "holder": masked_name(statement.holder_name),
        "first_day": statement.first_day.isoformat(),
        "last_day": statement.last_day.isoformat(),
        **{each.name: getattr(statement, each.name) for each in fields(Numbers)},
        "issued_at": statement.issued_at.isoformat(),
        "pdf_sha256": statement.pdf_sha256,
    }


def _met(times: int, minutes: int) -> str:
    return f"{times}번, {hours_and_minutes(timedelta(minutes=minutes))}"


def _check_span(span: Span, *, now: datetime) -> None:
    if span.first_day > span.last_day:
        raise DomainError("마지막 날을 첫날과 같거나 뒤인 날로 골라 주세요.", field="last_day")
    if span.last_day > now.astimezone(KST).date():
        raise DomainError("오늘까지만 적을 수 있어요. 마지막 날을 다시 골라 주세요.", field="last_day")
    if (span.last_day - span.first_day).days > LONGEST_DAYS:
        raise DomainError("5년까지 한 장에 적을 수 있어요. 첫날을 다시 골라 주세요.", field="first_day")


def _hash_of(mentor: User, span: Span, numbers: Numbers) -> str:
    said = {"name": mentor.name, "days": [str(span.first_day), str(span.last_day)], **asdict(numbers)}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
