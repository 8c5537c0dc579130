"""The demo world's questions and answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import Topic
from portal.community import holding, operations
from portal.community.models import Question
from portal.community.operations import Draft
from portal.demo import photos
from portal.demo.stories import Story

LOOKED_AT_AFTER = timedelta(minutes=20)


def tell_question(
    session: Session,
    people: dict[str, User],
    row: dict[str, Any],
    *,
    now: datetime,
) -> Story:
    """Ask, look at what a newcomer asks, answer and accept as ``row`` says, hours before ``now``."""
    draft = Draft(
        topic=Topic(row["topic"]),
        title=row["title"],
        detail=row["detail"],
        form_key=f"demo-{row['by']}-{row['ago']}",
        picture_key=photos.put(row["photo"]) if "photo" in row else None,
    )
    at = now - timedelta(hours=row["ago"])
    yield at
    with _resting(session, but=people.get(row.get("owner", "")), at=at):
        question = operations.ask(session, people[row["by"]], draft, mask=False, path_of=_path, now=at)
    if question.held_at is not None and not row.get("is_held", False):
        yield (looked := at + LOOKED_AT_AFTER)
        holding.release(session, question, by_id=question.owner_id, reason="살펴봤어요.", now=looked)
    for answer in row.get("answer", []):
        yield from _answer(session, question, people[answer["by"]], answer, now=now)


@contextmanager
def _resting(session: Session, *, but: User | None, at: datetime) -> Iterator[None]:
    """Let every mentor ``but`` one rest for a moment, so that the question is theirs; nobody if None."""
    if but is None:
        yield
        return
    others = update(MentorProfile).where(MentorProfile.user_id != but.id)
    session.execute(others.values(paused_at=at))
    yield
    session.execute(others.values(paused_at=None))


def _answer(
    session: Session, question: Question, author: User, row: dict[str, Any], *, now: datetime
) -> Story:
    path, at = _path(question.id), now - timedelta(hours=row["ago"])
    yield at
    answer = operations.answer(
        session,
        question,
        author,
        text=row["text"],
        form_key=f"demo-{question.id}-{row['ago']}",
        mask=False,
        path_of=lambda answer_id: f"{path}#answer-{answer_id}",
        now=at,
    )
    if "accepted" in row:
        accepted = now - timedelta(hours=row["accepted"])
        yield accepted
        operations.accept(session, question, answer_id=answer.id, path=path, now=accepted)


def _path(question_id: int) -> str:
    return f"/community/questions/{question_id}/"
