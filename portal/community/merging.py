"""Merging two threads: everything stands under one of them, and the other's address leads there."""

from datetime import datetime
from html import escape

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import moving, queries, texts
from portal.community.models import (
    Follow,
    Post,
    PostKind,
    Question,
    QuestionState,
    Thread,
)
from portal.community.moderation_models import (
    ModerationAction,
)
from portal.core import db
from portal.core.errors import ConflictError, DomainError, NotFoundError


def merge(
    session: Session,
    thread: Thread,
    into_id: int,
    moderator: User,
    *,
    reason: str,
    path_of: moving.ThreadPath,
    now: datetime,
) -> Thread:
    """Put a thread and its posts under another one, with their dates; its address leads there from now on.

    Its first text becomes a post, its followers follow the other. Merging once more changes nothing. Raises
    NotFoundError for no such thread, ConflictError for two that other people may read, or a talk too long.
    Holds both threads, the older first.
    """
    moving.require_reason(reason)
    thread, into = _hold_both(session, thread, into_id)
    if thread.moved_to_id == into.id:
        return into
    _require_apart(session, thread, into)
    session.execute(
        update(Post)
        .where(Post.thread_id == thread.id)
        .values(thread_id=into.id, accepted_at=None, accepted_by_id=None)
    )
    session.add(_as_post(thread, into))
    thread.moved_to_id, thread.picture_key, thread.picture_opened_at = into.id, None, None
    if isinstance(thread, Question):
        # Its promise goes with its posts: nobody is reminded of an address that only leads on.
        thread.state, thread.remind_at = QuestionState.ANSWERED, None
    session.execute(update(Thread).where(Thread.moved_to_id == thread.id).values(moved_to_id=into.id))
    _follow_on(session, thread, into, now=now)
    session.flush()  # the counts below read the database
    moving.sort_posts(session, into)
    texts.recount(session, thread.id)
    texts.recount(session, into.id)
    moving.log_both(session, thread, into, moderator, ModerationAction.MERGED, reason=reason, now=now)
    texts.tell_author(session, thread, "thread-merged", reason=reason, path=path_of(into), now=now)
    return into


def _hold_both(session: Session, thread: Thread, into_id: int) -> tuple[Thread, Thread]:
    if thread.id == into_id:
        raise DomainError("이 글이 아닌 다른 글의 주소를 적어 주세요.", field="into")
    if session.get(Thread, into_id) is None:
        raise NotFoundError("합칠 글을 찾지 못했어요. 주소를 다시 봐 주세요.", field="into")
    held = {each: db.lock(session, Thread, each) for each in sorted((thread.id, into_id))}
    thread, into = held[thread.id], held[into_id]
    if thread.moved_to_id != into.id:
        for each in (thread, into):
            moving.hold(session, each)
    return thread, into


def _require_apart(session: Session, thread: Thread, into: Thread) -> None:
    for each in (thread, into):
        moving.require_settled(session, each)
    posts = session.scalar(select(func.count(Post.id)).where(Post.thread_id.in_((thread.id, into.id)))) or 0
    if posts >= queries.ANSWERS_MAX:
        raise ConflictError(
            f"합치면 글이 {queries.ANSWERS_MAX}개를 넘어서 다 보이지 않아요. 따로 두어 주세요."
        )


def _as_post(thread: Thread, into: Thread) -> Post:
    """Return the first text of a merged thread, its title above it, as a post with its own date."""
    return Post(
        thread_id=into.id,
        author_id=thread.author_id,
        form_key=f"merged-{thread.id}",
        kind=PostKind.COMMENT,
        text_markdown=f"{thread.title}\n\n{thread.text_markdown}",
        text_html=f"<p>{escape(thread.title)}</p>\n{thread.text_html}",
        picture_key=thread.picture_key,
        picture_opened_at=thread.picture_opened_at,
        created_at=thread.created_at,
        edited_at=thread.edited_at,
    )


def _follow_on(session: Session, thread: Thread, into: Thread, *, now: datetime) -> None:
    """Let the author and the followers of a merged thread follow the one it went into."""
    there = {row.user_id: row for row in session.scalars(select(Follow).where(Follow.thread_id == into.id))}
    wonders = {thread.author_id: True} | {
        row.user_id: row.is_same_question
        for row in session.scalars(
            select(Follow).where(Follow.thread_id == thread.id, Follow.ended_at.is_(None))
        )
    }
    for user_id, is_same in wonders.items():
        if user_id == into.author_id:
            continue
        if user_id in there:
            there[user_id].is_same_question = there[user_id].is_same_question or is_same
        else:
            session.add(Follow(thread_id=into.id, user_id=user_id, is_same_question=is_same, created_at=now))
    session.flush()  # the count below reads the database
    into.same_count = (
        session.scalar(
            select(func.count())
            .select_from(Follow)
            .where(Follow.thread_id == into.id, Follow.is_same_question, Follow.ended_at.is_(None))
        )
        or 0
    )
