"""The demo world's questions and answers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.vocabulary import Topic
from portal.community import operations
from portal.community.models import Question
from portal.community.operations import Draft


def add_questions(
    session: Session,
    people: dict[str, User],
    rows: list[dict[str, Any]],
    *,
    photo: Callable[[str], str],
    now: datetime,
) -> None:
    """Ask, answer and accept as ``rows`` say, hours before ``now``."""
    for row in sorted(rows, key=lambda row: -int(row["ago"])):
        draft = Draft(
            topic=Topic(row["topic"]),
            title=row["title"],
            detail=row["detail"],
            form_key=f"demo-{row['by']}-{row['ago']}",
            picture_key=photo(row["photo"]) if "photo" in row else None,
        )
        at = now - timedelta(hours=row["ago"])
        question = operations.ask(session, people[row["by"]], draft, mask=False, path_of=_path, now=at)
        for answer in row.get("answer", []):
            _answer(session, people, question, answer, now=now)


def _answer(
    session: Session, people: dict[str, User], question: Question, row: dict[str, Any], *, now: datetime
) -> None:
    path = _path(question.id)
    answer = operations.answer(
        session,
        question,
        people[row["by"]],
        text=row["text"],
        form_key=f"demo-{question.id}-{row['ago']}",
        mask=False,
        path_of=lambda answer_id: f"{path}#answer-{answer_id}",
        now=now - timedelta(hours=row["ago"]),
    )
    if "accepted" in row:
        accepted = now - timedelta(hours=row["accepted"])
        operations.accept(session, question, answer_id=answer.id, path=path, now=accepted)


def _path(question_id: int) -> str:
    return f"/community/questions/{question_id}/"
