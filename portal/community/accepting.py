"""Saying which answer solved a question, changing it, and taking it back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.community import closing, following, operations, promises, queries, writing
from portal.community.models import Post, PostKind, Question, QuestionState
from portal.core import db
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError
from portal.messages.operations import mark_path_read, notify, withdraw


def accept(
    session: Session,
    question: Question,
    by: User,
    *,
    answer_id: int,
    instead_of: int | None = None,
    path: str,
    now: datetime,
) -> Post:
    """Note that this answer solved the question, and tell who wrote it. The same one twice changes nothing.

    ``instead_of`` is the answer that stood as the solution when ``by`` chose; the credit passes from it.
    Raises ConflictError if another stands there by now or the question is closed, NotFoundError for what is
    no answer to this question, ForbiddenError for one's own. Holds the question.
    """
    question = db.lock(session, Question, question.id)
    chosen = session.scalar(
        select(Post).where(Post.id == answer_id, Post.thread_id == question.id, Post.kind == PostKind.ANSWER)
    )
    if chosen is None:
        raise NotFoundError("찾는 답이 없어요.")
    if chosen.author_id == by.id:
        raise ForbiddenError("내가 쓴 답은 질문한 분이나 다른 멘토님이 골라요.")
    if chosen.accepted_at is not None:
        return chosen
    closing.refuse_if_closed(question)
    former = queries.find_accepted(session, question)
    if (former.id if former else None) != instead_of:
        raise ConflictError("그사이에 다른 답으로 해결했어요. 질문을 다시 열어 확인해 주세요.")
    if former is not None:
        former.accepted_at = former.accepted_by_id = None
        withdraw(session, user_id=former.author_id, cause=f"accepted:{former.id}", now=now)
        session.flush()  # the index holds one at a time: the former goes before the chosen comes
    chosen.accepted_at, chosen.accepted_by_id = now, by.id
    question.state = QuestionState.ACCEPTED
    _tell(session, question, chosen, by, path=path, now=now)
    return chosen


def take_back(session: Session, question: Question, *, path: str, now: datetime) -> None:
    """Let a solved question wait again with a new promise, and tell its owner; an open one stays as it is.

    Holds the question.
    """
    question = db.lock(session, Question, question.id)
    if question.state != QuestionState.ACCEPTED:
        return
    operations.wait_again(session, question, now=now)
    promises.tell_owner(
        session,
        question,
        "question-not-solved",
        # Each time it is taken back is a cause of its own.
        cause=f"not-yet:{question.id}:{now:%Y%m%d%H%M%S}",
        path=path,
        now=now,
    )


def _tell(session: Session, question: Question, chosen: Post, by: User, *, path: str, now: datetime) -> None:
    """Tell the author of the answer, an asker for whom somebody else pressed, and whoever follows."""
    values = {"title": writing.short_title(question.title), "who": get_user(session, by.id).title}
    about = following.about(question)
    notify(
        session,
        user_id=chosen.author_id,
        cause=f"accepted:{chosen.id}",
        message="answer-accepted",
        values=values,
        about=about,
        path=path,
        now=now,
    )
    if by.id != question.author_id:
        notify(
            session,
            user_id=question.author_id,
            cause=f"solved:{question.id}",
            message="question-solved-for-you",
            values=values,
            about=about,
            path=path,
            now=now,
        )
    following.tell(
        session,
        question,
        cause=f"solved:{question.id}",
        message="question-solved",
        values=values,
        path=path,
        besides={by.id, chosen.author_id, question.author_id},
        now=now,
    )
    mark_path_read(session, user_id=by.id, path=path, now=now)
