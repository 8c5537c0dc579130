"""Moving a thread to another board, and what moving, merging and splitting share: nothing is lost.

Threads of one association stay in it, private questions stay private, and stories, whose facts two people
have seen, stay as they are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from portal.accounts.models import RoleGrant, User
from portal.accounts.queries import get_user
from portal.accounts.vocabulary import Topic
from portal.community import promises, texts
from portal.community.models import (
    Board,
    Post,
    PostKind,
    Promotion,
    Question,
    QuestionState,
    Talk,
    Thread,
)
from portal.community.moderation_models import (
    ModerationAction,
    ModerationLine,
    ReviewItem,
    ReviewState,
)
from portal.core import db
from portal.core.errors import ConflictError, DomainError
from portal.core.roles import STAFF

BOARD_NAMES = {Board.QUESTIONS: "질문", Board.TALK: "자유 이야기", Board.PROMOTION: "가게·상품 알리기"}
"""The boards threads move between."""

CLASSES: dict[Board, type[Thread]] = {
    Board.QUESTIONS: Question,
    Board.TALK: Talk,
    Board.PROMOTION: Promotion,
}
NO_REASON = "까닭을 한 줄 적어 주세요. 글을 쓴 분께 그대로 보여요."
STAYS = "이 글은 옮기거나 합치거나 나눌 수 없어요."


ThreadPath = Callable[[Thread], str]
"""Gives the path of a thread's page; the view makes it."""


@dataclass(frozen=True)
class Move:
    """Where a thread goes and why; the topic is for the questions."""

    board: Board
    topic: Topic | None
    reason: str


def move(
    session: Session, thread: Thread, moderator: User, wish: Move, *, path_of: ThreadPath, now: datetime
) -> Thread:
    """Put a thread on another board, and tell its author.

    To the questions it gets an owner and a promise; from them it loses both, and its answers are comments.
    Moving it where it is changes nothing. Raises ConflictError for a thread that stays, DomainError for no
    reason or no topic. Holds the mentors if it becomes a question, then the thread.
    """
    if wish.board not in BOARD_NAMES:
        raise DomainError("보이는 칸 가운데에서 골라 주세요.", field="board")
    if wish.board == Board.QUESTIONS and wish.topic is None:
        raise DomainError("질문으로 옮기려면 무엇에 관한 질문인지 골라 주세요.", field="topic")
    require_reason(wish.reason)
    owner_id = None
    if wish.board == Board.QUESTIONS and wish.topic is not None:
        author = get_user(session, thread.author_id)
        owner_id = promises.choose_owner_id(session, author, wish.topic, now=now)
    thread = hold(session, thread)
    if thread.board == wish.board:
        return thread
    former = thread.board
    moved = _turn_into(session, thread, wish, owner_id=owner_id, now=now)
    sort_posts(session, moved)
    texts.recount(session, moved.id)
    detail = f"{BOARD_NAMES[former]} → {BOARD_NAMES[wish.board]}"
    log(session, moved, moderator, ModerationAction.MOVED, detail=detail, reason=wish.reason, now=now)
    path, board = path_of(moved), BOARD_NAMES[wish.board]
    texts.tell_author(session, moved, "thread-moved", reason=wish.reason, board=board, path=path, now=now)
    if isinstance(moved, Question):
        promises.begin(session, moved, path=path, now=now)
    return moved


def _turn_into(
    session: Session, thread: Thread, wish: Move, *, owner_id: int | None, now: datetime
) -> Thread:
    """Return the thread as one of its new board.

    That is another class, so the row is updated below the mapper and read anew.
    """
    values: dict[str, object] = {
        "board": wish.board,
        "topic": None,
        "state": None,
        "owner_id": None,
        "promised_at": None,
        "remind_at": None,
        "first_answer_at": None,
        "closed_at": None,
    }
    if wish.board == Board.QUESTIONS:
        first: dict[str, object] = {"topic": wish.topic, "state": QuestionState.WAITING, "owner_id": owner_id}
        values |= first | {"promised_at": promises.promise(now)}
    table, thread_id = cast(Table, Thread.__table__), thread.id
    session.flush()
    session.expunge(thread)
    session.execute(update(table).where(table.c.id == thread_id).values(values))
    moved = session.get_one(Thread, thread_id)
    flag_modified(moved, "title")  # the search looks at what the session changed
    return moved


def hold(session: Session, thread: Thread) -> Thread:
    """Return a thread that may be moved, held. Raises ConflictError for one that stays."""
    thread = db.lock(session, Thread, thread.id)
    if thread.board not in BOARD_NAMES or thread.is_private:
        raise ConflictError(STAYS)
    if thread.moved_to_id is not None:
        raise ConflictError("이미 다른 글과 합친 글이에요. 옮겨 간 글을 열어 주세요.")
    return thread


def require_reason(reason: str) -> None:
    """Raise DomainError for no reason: whoever wrote it is told one."""
    if not reason:
        raise DomainError(NO_REASON, field="reason")


def require_settled(session: Session, text: Thread | Post) -> None:
    """Raise ConflictError for a text that is hidden, held or waits for a moderator."""
    column = ReviewItem.thread_id if isinstance(text, Thread) else ReviewItem.post_id
    waits = session.scalar(
        select(ReviewItem.id).where(column == text.id, ReviewItem.state == ReviewState.PENDING)
    )
    if waits is not None or text.hidden_at is not None or text.held_at is not None:
        raise ConflictError("가려졌거나 살펴보기를 기다리는 글이에요. 먼저 ‘살펴볼 글’에서 정해 주세요.")


def sort_posts(session: Session, thread: Thread) -> None:
    """Let each post speak as its board has it: staff answer, the asker asks on, everybody else comments."""
    posts = update(Post).where(Post.thread_id == thread.id)
    speaks_for_nobody = {"accepted_at": None, "accepted_by_id": None}
    if thread.board != Board.QUESTIONS:
        session.execute(posts.values(kind=PostKind.COMMENT, **speaks_for_nobody))
        return
    is_authors = Post.author_id == thread.author_id
    staff = select(RoleGrant.user_id).where(RoleGrant.role.in_(STAFF))
    session.execute(
        posts.where(is_authors, Post.kind != PostKind.FOLLOW_UP).values(
            kind=PostKind.FOLLOW_UP, **speaks_for_nobody
        )
    )
    session.execute(posts.where(~is_authors, Post.kind == PostKind.FOLLOW_UP).values(kind=PostKind.COMMENT))
    session.execute(
        posts.where(~is_authors, Post.kind == PostKind.COMMENT, Post.author_id.in_(staff)).values(
            kind=PostKind.ANSWER
        ),
        execution_options={"synchronize_session": "fetch"},
    )


def log(
    session: Session,
    thread: Thread,
    moderator: User,
    action: ModerationAction,
    *,
    detail: str,
    reason: str,
    now: datetime,
) -> None:
    """Write a line of the moderators' log."""
    session.add(
        ModerationLine(
            thread_id=thread.id,
            moderator_id=moderator.id,
            action=action,
            detail=detail,
            reason=reason,
            at=now,
        )
    )


def log_both(
    session: Session,
    here: Thread,
    there: Thread,
    moderator: User,
    action: ModerationAction,
    *,
    reason: str,
    now: datetime,
) -> None:
    """Write a line about each of two threads that texts went between; each names the other."""
    log(session, here, moderator, action, detail=f"→ {there.id}", reason=reason, now=now)
    log(session, there, moderator, action, detail=f"← {here.id}", reason=reason, now=now)
