"""The demo world's questions and answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.accounts.queries import get_user
from portal.accounts.vocabulary import Topic
from portal.community import (
    accepting,
    closing,
    drafts,
    editing,
    following,
    holding,
    lifting,
    operations,
    public_copies,
)
from portal.community.models import Question
from portal.community.operations import Draft
from portal.demo import photos
from portal.demo.learning import at
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
        tried=row.get("tried", ""),
        is_private=row.get("private", False),
    )
    at = now - timedelta(hours=row["ago"])
    yield at
    with _resting(session, but=people.get(row.get("owner", "")), at=at):
        question = operations.ask(session, people[row["by"]], draft, mask=False, path_of=_path, now=at)
    if question.held_at is not None and not row.get("is_held", False):
        yield (looked := at + LOOKED_AT_AFTER)
        holding.release(session, question, by_id=question.owner_id, reason="살펴봤어요.", now=looked)
    for change in row.get("edit", []):
        yield from _edit(session, question, people[row["by"]], change, now=now)
    for key in row.get("same", []):
        following.follow(session, question, people[key], is_same_question=True, now=at)
    for answer in row.get("answer", []):
        yield from _answer(session, question, people[answer["by"]], answer, now=now)
    for copy in row.get("copy", []):
        yield from _copy(session, question, people[copy["by"]], copy, now=now)
    if "lifted" in row:
        yield from _lift(session, question, people, row["lifted"], now=now)
    if row.get("closed", False):
        yield (closed := question.last_post_at + closing.QUIET + timedelta(days=1))
        closing.close_due(session, question.id, now=closed)


def tell_writing(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Leave a question half typed in somebody's form."""
    yield (at := now - timedelta(hours=row["ago"]))
    fields = {name: row[name] for name in ("topic", "title", "detail")}
    drafts.save(session, people[row["by"]], form=drafts.ASK, fields=fields, form_key="", seen=None, now=at)


def _edit(session: Session, question: Question, author: User, row: dict[str, Any], *, now: datetime) -> Story:
    yield (at := now - timedelta(hours=row["ago"]))
    words = {"title": row.get("title", question.title), "text": row["text"]}
    editing.edit_thread(session, question, author, **words, seen=None, mask=False, now=at)


def _copy(session: Session, question: Question, maker: User, row: dict[str, Any], *, now: datetime) -> Story:
    yield (at := now - timedelta(hours=row["ago"]))
    texts = {name: row[name] for name in ("title", "text", "answer")}
    path = f"{_path(question.id)}copy"
    public_copies.propose(session, question, maker, texts, path=path, now=at)


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
        asker = get_user(session, question.author_id)
        accepting.accept(session, question, asker, answer_id=answer.id, path=path, now=accepted)


def _lift(
    session: Session, question: Question, people: dict[str, User], row: dict[str, Any], *, now: datetime
) -> Story:
    yield (moment := now - timedelta(hours=row["ago"]))
    lifting.lift(
        session,
        people[row["by"]],
        question.id,
        at(row["at"]),
        facts=row["facts"],
        check_by=None,
        path=_path(question.id),
        now=moment,
    )


def _path(question_id: int) -> str:
    return f"/community/questions/{question_id}/"
