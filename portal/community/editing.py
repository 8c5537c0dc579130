"""Changing what was written: the words before stay as a revision, and the second of two editors is told."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import TypeVar

import sqlalchemy
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import policy, queries, writing
from portal.community.models import Post, Thread
from portal.community.moderation_models import Revision
from portal.core import db, personal_numbers
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError

EDITS_MAX = 20
"""An author's changes of one text; what is still missing then belongs into a new one."""

HISTORY_MAX = 60
"""Changes shown on one page of history, the newest ones."""

Written = TypeVar("Written", Thread, Post)

_Key = tuple[int | None, int | None]

Change = tuple[str, str]
"""``same``, ``gone`` or ``new``, and the words."""


@dataclass(frozen=True)
class HistoryLine:
    """One change: what it was a change of, who made it, and what went and came."""

    what: str
    editor: str
    at: datetime
    title: Sequence[Change]
    text: Sequence[Change]


def get_thread_to_edit(session: Session, user: User, thread_id: int, *, lock: bool = False) -> Thread:
    """Return a thread whose words ``user`` may change, held if ``lock``.

    Raises NotFoundError for what may not be read, ForbiddenError for what may only be read.
    """
    if lock:
        db.lock(session, Thread, thread_id)
    row = session.execute(
        select(Thread, policy.may_edit(user).label("can_edit")).where(
            Thread.id == thread_id, policy.may_read(user)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(queries.NO_QUESTION)
    return _editable(row)


def get_post_to_edit(session: Session, user: User, post_id: int, *, lock: bool = False) -> Post:
    """Return a post whose words ``user`` may change; its thread is held if ``lock``. Raises as above."""
    thread_id = session.scalar(select(Post.thread_id).where(Post.id == post_id))
    if lock and thread_id is not None:
        db.lock(session, Thread, thread_id)
    row = session.execute(
        select(Post, policy.may_edit_post(user).label("can_edit"))
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.id == post_id, policy.may_read(user), policy.may_read_post(user))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFoundError("찾는 글이 없어요. 주소가 바뀌었을 수 있어요.")
    return _editable(row)


def get_thread_of(session: Session, post: Post) -> Thread:
    """Return the thread of a post somebody may change, for callers that loaded the post by its policy."""
    return session.get_one(Thread, post.thread_id)


def edit_thread(
    session: Session,
    thread: Thread,
    editor: User,
    *,
    title: str,
    text: str,
    seen: datetime | None,
    mask: bool,
    now: datetime,
) -> None:
    """Change a thread's title and text; the same words change nothing. The caller holds the thread.

    ``seen`` is the last change of the words that the editor began with. Raises ConflictError if there was
    another since or there were too many, PersonalNumberError as `ask` does.
    """
    texts = personal_numbers.check_texts({"title": title, "text": text}, mask=mask)
    if (texts["title"], texts["text"]) == (thread.title, thread.text_markdown):
        return
    _keep_former(session, thread, editor, seen=seen, now=now)
    thread.title = texts["title"]
    _write(thread, texts["text"], now=now)


def edit_post(
    session: Session, post: Post, editor: User, *, text: str, seen: datetime | None, mask: bool, now: datetime
) -> None:
    """Change a post's text as `edit_thread` does. The caller holds its thread."""
    texts = personal_numbers.check_texts({"text": text}, mask=mask)
    if texts["text"] == post.text_markdown:
        return
    _keep_former(session, post, editor, seen=seen, now=now)
    _write(post, texts["text"], now=now)


def list_history(session: Session, user: User, thread_id: int) -> tuple[Thread, list[HistoryLine]]:
    """Return a thread and how its words and those under it changed, the newest change first; for staff."""
    row = session.execute(
        select(Thread, policy.may_see_history(user).label("can_see")).where(
            Thread.id == thread_id, policy.may_read(user)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(queries.NO_QUESTION)
    thread: Thread = row[0]
    if not row.can_see:
        raise ForbiddenError("고치기 전의 글은 멘토님과 운영자만 볼 수 있어요.")
    posts = session.scalars(
        select(Post).where(Post.thread_id == thread_id, policy.may_read_post(user)).order_by(Post.id)
    ).all()
    return thread, _lines(session, thread, posts)


def _lines(session: Session, thread: Thread, posts: Sequence[Post]) -> list[HistoryLine]:
    revisions = session.execute(
        select(Revision, User.name)
        .join(User, User.id == Revision.editor_id)
        .where(or_(Revision.thread_id == thread.id, Revision.post_id.in_([post.id for post in posts])))
        .order_by(Revision.id.desc())
        .limit(HISTORY_MAX)
    )
    #: By the thread's id and the post's: what it is called, and its words after the change that comes next.
    names: dict[_Key, str] = {(thread.id, None): "처음 글"}
    words: dict[_Key, tuple[str, str]] = {(thread.id, None): (thread.title, thread.text_markdown)}
    for number, post in enumerate(posts, start=1):
        names[None, post.id], words[None, post.id] = f"{number}번째 글", ("", post.text_markdown)
    lines = []
    for revision, name in revisions:
        key = (revision.thread_id, revision.post_id)
        after, words[key] = words[key], (revision.title, revision.text_markdown)
        title, text = (_changes(*pair) for pair in zip(words[key], after, strict=True))
        lines.append(HistoryLine(names[key], f"{name} 님", revision.at, title, text))
    return lines


def _editable(row: sqlalchemy.Row[Written, bool]) -> Written:
    if not row[1]:
        raise ForbiddenError("이 글은 지금 고칠 수 없어요. 쓴 분만, 해결되기 전까지 고칠 수 있어요.")
    return row[0]


def _keep_former(
    session: Session, row: Thread | Post, editor: User, *, seen: datetime | None, now: datetime
) -> None:
    if row.edited_at != seen:
        raise ConflictError(
            "그사이에 이 글이 바뀌었어요. 아래에서 지금 글을 보고, 고친 글을 다시 보내 주세요."
        )
    about = {"thread_id": row.id} if isinstance(row, Thread) else {"post_id": row.id}
    if row.author_id == editor.id:
        made = session.scalar(select(func.count()).select_from(Revision).filter_by(**about)) or 0
        if made >= EDITS_MAX:
            raise ConflictError("이 글은 여러 번 고치셨어요. 더 알릴 것은 글을 새로 남겨 주세요.")
    title = row.title if isinstance(row, Thread) else ""
    session.add(Revision(editor_id=editor.id, title=title, text_markdown=row.text_markdown, at=now, **about))


def _write(row: Thread | Post, text: str, *, now: datetime) -> None:
    row.text_html = writing.render(text, field="text")
    row.text_markdown, row.edited_at = text, now


def _changes(before: str, after: str) -> list[Change]:
    """Return what stayed, went and came, word by word."""
    former, latter = re.findall(r"\s+|\S+", before), re.findall(r"\s+|\S+", after)
    changes: list[Change] = []
    for _, start, end, begin, stop in SequenceMatcher(None, former, latter).get_opcodes():
        gone, new = "".join(former[start:end]), "".join(latter[begin:stop])
        changes += [("same", new)] if gone == new else [("gone", gone), ("new", new)]
    return [(kind, words) for kind, words in changes if words]
