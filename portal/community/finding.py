"""Finding threads: under which words one is found, and what a reader finds.

A thread is one document: its title, its text and the posts that everybody who reads it sees. It is written
into the index by the transaction that changes it, whichever operation that is: what is hidden must not be
found by its words a moment longer, and an operation that forgot to say so would betray it. So this is the one
place that listens to the session instead of being called.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, event, exists, func, inspect, select
from sqlalchemy.orm import Session, SessionTransaction

from portal.accounts.models import User
from portal.accounts.vocabulary import TOPIC_NAMES, Topic
from portal.community import policy
from portal.community.models import Board, Post, QuestionState, Thread
from portal.core import korean, search_index
from portal.core.excerpt import Pieces, excerpt, mark
from portal.core.search_index import Hit
from portal.core.search_words import (
    Asked,
    Sought,
    ladder,
    solved_ladders,
    tokens_of,
    wider_ladder,
)

PAGE_SIZE = 20
ENOUGH = 5
"""With fewer threads than these, words close to what was asked are looked for as well."""
EXCERPT_FROM_CHARS = 2000
"""As much of each post as a result is shown from."""
BATCH = 500

_thread = Thread.__table__
QUESTIONS = frozenset({Board.QUESTIONS})
EVERYWHERE = frozenset(Board)


@dataclass(frozen=True)
class FoundThread:
    """A thread among the results; ``hit`` says where the next page begins."""

    hit: Hit
    id: int
    board: Board
    topic: str
    title: Pieces
    excerpt: Pieces
    author: str
    created_at: datetime
    is_solved: bool


def find_threads(
    session: Session,
    reader: User | None,
    asked: Asked,
    *,
    boards: Collection[Board] = EVERYWHERE,
    after: Hit | None = None,
    limit: int = PAGE_SIZE,
) -> list[FoundThread]:
    """Return a page of threads and one more, the best first; those after ``after`` if given."""
    strict, wider = ladder(asked), wider_ladder(asked)
    hits = _find(session, reader, strict, boards=boards, after=after, limit=limit + 1)
    is_wider = after is not None and after.step >= len(strict)
    if is_wider or (after is None and len(hits) < ENOUGH):
        behind = Hit(after.step - len(strict), after.id) if after is not None and is_wider else None
        more = _find(session, reader, wider, boards=boards, after=behind, limit=limit + 1 - len(hits))
        hits += [Hit(len(strict) + hit.step, hit.id) for hit in more]
    return _show(session, reader, hits, asked)


def similar(
    session: Session, reader: User | None, asked: Asked, *, topic: Topic, limit: int = ENOUGH
) -> list[FoundThread]:
    """Return public solved questions that are like what somebody is about to ask, the most alike first.

    Those that have not all of the words only if they are about the same: 김치 alone is in settlements too.
    Who does not know what it is about (``Topic.OTHER``) is shown those as well.
    """
    hits: list[Hit] = []
    about = None if topic is Topic.OTHER else topic
    for steps, only in zip(solved_ladders(asked), (None, about), strict=True):
        if steps and len(hits) < limit:
            left = limit - len(hits)
            hits += _find(session, None, steps, boards=QUESTIONS, topic=only, after=None, limit=left)
    return _show(session, reader, hits, asked)


def rebuild(session: Session, *, after_id: int) -> int | None:
    """Index the next threads anew; return the last one's id, or None when there were none.

    What the index holds between them and stands for no thread is dropped.
    """
    ids = session.scalars(
        select(Thread.id).where(Thread.id > after_id).order_by(Thread.id).limit(BATCH)
    ).all()
    search_index.drop_between(session, after_id, ids[-1] if ids else None)
    index(session, ids)
    return ids[-1] if ids else None


def index(session: Session, thread_ids: Iterable[int]) -> None:
    """Let these threads be found by what is in them now."""
    ids = set(thread_ids)
    texts: dict[int, list[str]] = defaultdict(list)
    is_shown = (Post.hidden_at.is_(None), Post.held_at.is_(None))
    for thread_id, text in session.execute(
        select(Post.thread_id, Post.text_markdown)
        .where(Post.thread_id.in_(ids), *is_shown)
        .order_by(Post.thread_id, Post.id)
    ):
        texts[thread_id].append(text)
    threads = session.execute(
        select(Thread.id, Thread.title, Thread.text_markdown, _thread.c.state).where(
            Thread.id.in_(ids), Thread.moved_to_id.is_(None)
        )
    )
    search_index.put_all(
        session,
        {
            row.id: tokens_of(
                title=row.title,
                texts=[row.text_markdown, *texts[row.id]],
                is_solved=row.state == QuestionState.ACCEPTED,
            )
            for row in threads
        },
        instead_of=ids,
    )


@event.listens_for(Session, "after_flush")
def _note_changes(session: Session, _context: object) -> None:
    changed = session.info.setdefault("threads_to_index", set())
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Thread):
            changed.add(row.id)
        elif isinstance(row, Post):
            # A post that went to another thread leaves the words of the first.
            changed.update({row.thread_id, *(inspect(row).attrs.thread_id.history.deleted or ())})


@event.listens_for(Session, "before_commit")
def _index_changes(session: Session) -> None:
    session.flush()
    if changed := session.info.pop("threads_to_index", None):
        index(session, changed)


@event.listens_for(Session, "after_soft_rollback")
def _forget_changes(session: Session, transaction: SessionTransaction) -> None:
    if not transaction.nested:
        session.info.pop("threads_to_index", None)


def _find(
    session: Session,
    reader: User | None,
    steps: Sequence[Sought],
    *,
    boards: Collection[Board],
    topic: Topic | None = None,
    after: Hit | None,
    limit: int,
) -> list[Hit]:
    is_about = (_thread.c.topic == topic,) if topic else ()

    def readable(thread_id: ColumnElement[int]) -> ColumnElement[bool]:
        return exists().where(
            Thread.id == thread_id, Thread.board.in_(boards), policy.may_read(reader), *is_about
        )

    return search_index.find(session, steps, readable=readable, after=after, limit=limit)


def _show(session: Session, reader: User | None, hits: Sequence[Hit], asked: Asked) -> list[FoundThread]:
    """Return what the page shows of each hit, in their order."""
    ids = [hit.id for hit in hits]
    if not ids:
        return []
    rows = {
        row.id: row
        for row in session.execute(
            select(
                _thread.c.id,
                _thread.c.board,
                _thread.c.topic,
                _thread.c.title,
                func.substr(_thread.c.text_markdown, 1, EXCERPT_FROM_CHARS).label("beginning"),
                _thread.c.created_at,
                _thread.c.state,
                User.name,
            )
            .join(User, User.id == _thread.c.author_id)
            .where(_thread.c.id.in_(ids))
        )
    }
    posts = _list_beginnings(session, reader, ids)
    return [_found(hit, rows[hit.id], posts[hit.id], reader, asked) for hit in hits]


def _found(hit: Hit, row: Any, posts: list[str], reader: User | None, asked: Asked) -> FoundThread:
    return FoundThread(
        hit=hit,
        id=row.id,
        board=row.board,
        topic=TOPIC_NAMES[row.topic] if row.topic else "",
        title=mark(row.title, asked.marks),
        excerpt=excerpt([row.beginning, *posts], asked.marks),
        author=f"{korean.masked_name(row.name) if reader is None else row.name} 님",
        created_at=row.created_at,
        is_solved=row.state == QuestionState.ACCEPTED,
    )


def _list_beginnings(session: Session, reader: User | None, ids: Sequence[int]) -> dict[int, list[str]]:
    """Return how the posts under each thread begin, those that this reader sees."""
    beginnings: dict[int, list[str]] = defaultdict(list)
    for thread_id, beginning in session.execute(
        select(Post.thread_id, func.substr(Post.text_markdown, 1, EXCERPT_FROM_CHARS))
        .where(Post.thread_id.in_(ids), policy.may_read_post(reader))
        .order_by(Post.thread_id, Post.id)
    ):
        beginnings[thread_id].append(beginning)
    return beginnings
