"""Making a thread of its own out of posts that are about something else."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.community import moderation, moving, owners, promises, queries, texts
from portal.community.models import (
    Post,
    Question,
    QuestionState,
    Thread,
)
from portal.community.moderation_models import (
    ModerationAction,
    ModerationLine,
    Report,
    ReviewItem,
    Revision,
)
from portal.core.errors import DomainError, NotFoundError

EXCERPT_CHARS = 60


def split(
    session: Session,
    thread: Thread,
    post_ids: Sequence[int],
    moderator: User,
    *,
    title: str,
    reason: str,
    path_of: moving.ThreadPath,
    now: datetime,
) -> Thread:
    """Make a thread of its own out of some posts: the earliest begins it, the others stand under it.

    It stands on the same board; among the questions it gets an owner and a promise. Raises DomainError for no
    post or no reason, NotFoundError for posts that stand elsewhere, ConflictError for a thread that stays or
    a first post that waits to be looked at. Holds the mentors if it is a question, then the thread.
    """
    moving.require_reason(reason)
    if not post_ids:
        raise DomainError("나눌 글을 하나 이상 골라 주세요.", field="posts")
    if isinstance(thread, Question):
        owners.hold_mentors(session)
    thread = moving.hold(session, thread)
    chosen = _hold_posts(session, thread, post_ids)
    moving.require_settled(session, chosen[0])
    made = _from_post(session, thread, chosen[0], title=title, now=now)
    session.add(made)
    session.flush()  # the posts need its id
    for post in chosen[1:]:
        post.thread_id, post.accepted_at, post.accepted_by_id = made.id, None, None
    _begin_with(session, made, chosen[0])
    session.flush()  # the counts below read the database
    if isinstance(thread, Question):
        moderation.settle(session, thread, path=path_of(thread), now=now)
    moving.sort_posts(session, made)
    texts.recount(session, thread.id)
    texts.recount(session, made.id)
    moving.log_both(session, thread, made, moderator, ModerationAction.SPLIT, reason=reason, now=now)
    _tell(session, made, reason=reason, path=path_of(made), now=now)
    return made


def _tell(session: Session, made: Thread, *, reason: str, path: str, now: datetime) -> None:
    texts.tell_author(session, made, "thread-split", reason=reason, path=path, now=now)
    if isinstance(made, Question):
        promises.begin(session, made, path=path, now=now)


def list_posts(session: Session, thread: Thread) -> dict[int, str]:
    """Return the posts of a thread by their ids, each with who wrote it and how it begins."""
    rows = session.execute(
        select(Post.id, User.name, Post.text_markdown)
        .join(User, User.id == Post.author_id)
        .where(Post.thread_id == thread.id)
        .order_by(Post.created_at, Post.id)
        .limit(queries.ANSWERS_MAX)
    )
    return {key: f"{name} 님: {' '.join(words.split())[:EXCERPT_CHARS]}" for key, name, words in rows}


def _hold_posts(session: Session, thread: Thread, post_ids: Sequence[int]) -> list[Post]:
    chosen = session.scalars(
        select(Post)
        .where(Post.id.in_(post_ids), Post.thread_id == thread.id)
        .order_by(Post.created_at, Post.id)
        .with_for_update()
    ).all()
    if len(chosen) != len(set(post_ids)):
        raise NotFoundError("고른 글이 이 이야기에 없어요. 화면을 새로 열어 다시 골라 주세요.", field="posts")
    return list(chosen)


def _from_post(session: Session, thread: Thread, first: Post, *, title: str, now: datetime) -> Thread:
    """Return a thread that says what a post said, with its date."""
    columns: dict[str, object] = {}
    if isinstance(thread, Question):
        author = get_user(session, first.author_id)
        columns = {
            "topic": thread.topic,
            "state": QuestionState.WAITING,
            "owner_id": promises.choose_owner_id(session, author, thread.topic, now=now),
            "promised_at": promises.promise(now),
        }
    return moving.CLASSES[thread.board](
        author_id=first.author_id,
        form_key=f"split-{first.id}-{secrets.token_urlsafe(8)}",
        title=title,
        text_markdown=first.text_markdown,
        text_html=first.text_html,
        picture_key=first.picture_key,
        picture_opened_at=first.picture_opened_at,
        created_at=first.created_at,
        edited_at=first.edited_at,
        last_post_at=first.created_at,
        **columns,
    )


def _begin_with(session: Session, made: Thread, first: Post) -> None:
    """Let what was said and decided about the post be about the thread it became."""
    for model in (Report, ReviewItem, ModerationLine, Revision):
        session.execute(
            update(model).where(model.post_id == first.id).values(thread_id=made.id, post_id=None)
        )
    session.delete(first)
