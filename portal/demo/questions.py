"""The demo world's questions and answers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.accounts.queries import get_user
from portal.accounts.vocabulary import Topic
from portal.community import (
    absences,
    accepting,
    closing,
    drafts,
    editing,
    following,
    holding,
    lifting,
    operations,
    promises,
    public_copies,
)
from portal.community.models import Question, QuestionState
from portal.community.operations import Draft
from portal.core import working_time
from portal.core.clock import KST
from portal.demo import photos
from portal.demo.learning import at
from portal.demo.stories import Story

SWEPT_AFTER = timedelta(minutes=1)
"""How long after a promise the worker has seen to it."""
LOOKED_AT_AFTER = timedelta(minutes=20)


def tell_question(
    session: Session,
    people: dict[str, User],
    row: dict[str, Any],
    *,
    now: datetime,
) -> Story:
    """Ask, look at what a newcomer asks, answer and accept as ``row`` says, hours before ``now``.

    What nobody answers in time goes on.
    """
    draft, at = _draft(row), _moment(row, now)
    yield at
    with _resting(session, but=people.get(row.get("owner", "")), at=at):
        question = operations.ask(session, people[row["by"]], draft, mask=False, path_of=_path, now=at)
    yield from _look_at(session, question, row, now=at + LOOKED_AT_AFTER)
    for change in row.get("edit", []):
        yield from _edit(session, question, people[row["by"]], change, now=now)
    for key in row.get("same", []):
        following.follow(session, question, people[key], is_same_question=True, now=at)
    for answer in row.get("answer", []):
        yield from _go_on(session, question, until=_moment(answer, now))
        yield from _answer(session, question, people[answer["by"]], answer, now=now)
    yield from _go_on(session, question, until=now)
    for copy in row.get("copy", []):
        yield from _copy(session, question, people[copy["by"]], copy, now=now)
    if "lifted" in row:
        yield from _lift(session, question, people, row["lifted"], now=now)
    if row.get("closed", False):
        yield (closed := question.last_post_at + closing.QUIET + timedelta(days=1))
        closing.close_due(session, question.id, now=closed)


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(
        topic=Topic(row["topic"]),
        title=row["title"],
        detail=row["detail"],
        form_key=f"demo-{row['by']}-{row['title']}",
        picture_key=photos.put(row["photo"]) if "photo" in row else None,
        tried=row.get("tried", ""),
        is_private=row.get("private", False),
    )


def tell_away(session: Session, people: dict[str, User], row: dict[str, Any], *, now: datetime) -> Story:
    """Note that a mentor will be away, so many days from ``now``."""
    today = now.astimezone(KST).date()
    yield now
    absences.go_away(
        session,
        people[row["by"]],
        first_day=today + timedelta(days=row["first"]),
        last_day=today + timedelta(days=row["last"]),
        now=now,
    )


def _moment(row: dict[str, Any], now: datetime) -> datetime:
    """Return the moment ``ago`` hours before ``now``, or ``ago_working`` hours of offices before it.

    Whether a promise is broken does not depend on the day of the week on which the demo is loaded.
    """
    if "ago" in row:
        return now - timedelta(hours=row["ago"])
    moment = now
    while working_time.working_time_between(moment, now) < timedelta(hours=row["ago_working"]):
        moment -= timedelta(hours=1)
    return moment


def _go_on(session: Session, question: Question, *, until: datetime) -> Story:
    """Let a question go on each time its promise is broken before ``until``, as the worker would."""
    paths = promises.Paths(question=_path(question.id), rest="/community/rest")
    while question.state == QuestionState.WAITING and question.promised_at + SWEPT_AFTER < until:
        yield (swept := question.promised_at + SWEPT_AFTER)
        promises.look_after(session, question.id, paths=paths, now=swept)
        if question.promised_at + SWEPT_AFTER <= swept:
            return


def _look_at(session: Session, question: Question, row: dict[str, Any], *, now: datetime) -> Story:
    if question.held_at is not None and not row.get("is_held", False):
        yield now
        holding.release(session, question, by_id=question.owner_id, reason="살펴봤어요.", now=now)


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
    others = session.scalars(
        select(MentorProfile).where(
            MentorProfile.user_id != (but.id if but else 0), MentorProfile.paused_at.is_(None)
        )
    ).all()
    for profile in others if but else ():
        profile.paused_at = at
    yield
    for profile in others if but else ():
        profile.paused_at = None


def _answer(
    session: Session, question: Question, author: User, row: dict[str, Any], *, now: datetime
) -> Story:
    path, at = _path(question.id), _moment(row, now)
    yield at
    answer = operations.answer(
        session,
        question,
        author,
        text=row["text"],
        form_key=f"demo-answer-{question.id}-{at:%m%d%H%M}",
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
