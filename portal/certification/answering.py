"""Saving answers one by one: each saving is a row, and the last one of an item counts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.certification import attempts
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAnswer,
    ExamAttempt,
    ExamItem,
    ItemKind,
    PaperItem,
)
from portal.core import db
from portal.core.errors import ConflictError, DomainError, NotFoundError

LONGEST = {ItemKind.ESSAY: 8_000}
LONGEST_TYPED = 200
HELD = "감독관이 시험을 잠깐 멈췄어요. 다시 시작하면 멈춘 만큼 시간이 늘어나요."


def save(
    session: Session,
    attempt: ExamAttempt,
    item_id: int,
    response: Mapping[str, Any],
    *,
    client_at: datetime | None,
    now: datetime,
) -> ExamAnswer | None:
    """Save an answer; the same answer once more adds nothing. Returns the row that counts, or None for none.

    After the end, inside the grace, it still counts and is marked late. Raises ConflictError after that, for
    an attempt that was handed in, and while a proctor holds it; NotFoundError for an item of another paper.
    """
    attempt = db.lock(session, ExamAttempt, attempt.id)
    exam = session.get_one(Exam, attempt.exam_id)
    if attempt.state is not AttemptState.OPEN or attempts.is_over(attempt, exam, now):
        raise ConflictError(attempts.OVER)
    if attempt.paused_at is not None:
        raise ConflictError(HELD)
    _refuse_foreign(session, attempt, item_id)
    last = _last(session, attempt, item_id)
    if (last.response if last else {}) == dict(response):
        return last
    answer = ExamAnswer(
        attempt_id=attempt.id,
        item_id=item_id,
        seq=last.seq + 1 if last else 1,
        response=dict(response),
        saved_at=now,
        client_at=client_at,
        is_late=now > attempt.deadline_at,
    )
    session.add(answer)
    session.flush()  # the next saving counts from it
    return answer


def _last(session: Session, attempt: ExamAttempt, item_id: int) -> ExamAnswer | None:
    return session.scalars(
        select(ExamAnswer)
        .where(ExamAnswer.attempt_id == attempt.id, ExamAnswer.item_id == item_id)
        .order_by(ExamAnswer.seq.desc())
        .limit(1)
    ).first()


def _refuse_foreign(session: Session, attempt: ExamAttempt, item_id: int) -> None:
    asked = select(PaperItem.place).where(
        PaperItem.paper_id == attempt.paper_id, PaperItem.item_id == item_id
    )
    if session.scalar(asked) is None:
        raise NotFoundError("이 시험지에 없는 문제예요.")


def read_response(item: ExamItem, values: Callable[[str], Sequence[str]]) -> dict[str, Any]:
    """Return a response from what a form sent; ``values`` gives every value under a name.

    What the item does not offer is left out. Nothing chosen or typed is ``{}``. Raises DomainError for a text
    that is too long.
    """
    content = item.content
    if item.kind in {ItemKind.CHOICE, ItemKind.TRUE_FALSE, ItemKind.MULTIPLE}:
        offered = [each["key"] for each in content["choices"]]
        chosen = [key for key in offered if key in values("answer")]
        if item.kind is not ItemKind.MULTIPLE:
            chosen = chosen[:1]
        return {"chosen": chosen} if chosen else {}
    if item.kind is ItemKind.MATCHING:
        offered = [each["key"] for each in content["options"]]
        rows = {row["key"]: _first(values(f"answer-{row['key']}")) for row in content["rows"]}
        matched = {row: option for row, option in rows.items() if option in offered}
        return {"matched": matched} if matched else {}
    text = _first(values("answer")).replace("\r\n", "\n").replace("\x00", "").strip()
    longest = LONGEST.get(item.kind, LONGEST_TYPED)
    if len(text) > longest:
        raise DomainError(f"답이 너무 길어요. {longest:,}자 안으로 줄여 주세요.", field="answer")
    return {"text": text} if text else {}


def _first(sent: Sequence[str]) -> str:
    return sent[0] if sent else ""
