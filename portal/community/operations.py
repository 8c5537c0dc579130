"""Asking, answering, asking on and accepting."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.accounts.vocabulary import Topic
from portal.community import owners, promises, queries
from portal.community.models import Post, PostKind, Question, QuestionState
from portal.core import db, personal_numbers
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.markdown import render_post
from portal.messages.operations import mark_path_read, notify

PathOf = Callable[[int], str]
"""Gives the path of the page about a row, by the row's id; the view makes it."""


@dataclass(frozen=True)
class Draft:
    """A question as it was typed; the form's key stands for one press."""

    topic: Topic
    title: str
    detail: str
    form_key: str
    picture_key: str | None = None


def ask(
    session: Session, asker: User, draft: Draft, *, mask: bool, path_of: PathOf, now: datetime
) -> Question:
    """Give the question to one owner with a promised time, and tell the owner.

    The same form twice is the same question. Raises PersonalNumberError for a telephone or account number
    unless it is to be masked, ConflictError if there is nobody to answer. Holds the mentors who take
    questions, so that each asker at the same moment sees the load the one before has made.
    """
    texts = personal_numbers.check_texts({"title": draft.title, "detail": draft.detail}, mask=mask)
    html = _render(texts["detail"], field="detail")
    owners.hold_mentors(session)
    made = queries.find_question_by_key(session, asker, draft.form_key)
    if made is not None and (made.title, made.text_markdown) == (texts["title"], texts["detail"]):
        return made
    question = Question(
        author_id=asker.id,
        form_key=draft.form_key if made is None else _fresh_key(),
        topic=draft.topic,
        title=texts["title"],
        text_markdown=texts["detail"],
        text_html=html,
        picture_key=draft.picture_key,
        owner_id=promises.choose_owner_id(session, asker, draft.topic, now=now),
        promised_at=promises.promise(now),
        last_post_at=now,
        created_at=now,
    )
    session.add(question)
    session.flush()  # the notice names the question's id
    promises.begin(session, question, path=path_of(question.id), now=now)
    return question


def answer(
    session: Session,
    question: Question,
    author: User,
    *,
    text: str,
    form_key: str,
    mask: bool,
    path_of: PathOf,
    now: datetime,
) -> Post:
    """Write under the question: an answer, or for the asker a follow-up, and tell the other one.

    The same form twice is the same answer. An answer keeps the promise. A follow-up to an answered question
    makes a new one; under a solved question there is none. Raises PersonalNumberError as `ask` does and
    ConflictError for a follow-up to a solved question. Holds the question.
    """
    texts = personal_numbers.check_texts({"text": text}, mask=mask)
    html = _render(texts["text"], field="text")
    question = db.lock(session, Question, question.id)
    made = queries.find_answer_by_key(session, author, form_key)
    if made is not None and (made.thread_id, made.text_markdown) == (question.id, texts["text"]):
        return made
    kind = PostKind.FOLLOW_UP if question.author_id == author.id else PostKind.ANSWER
    _refuse_unwanted(session, question, kind)
    written = Post(
        thread_id=question.id,
        author_id=author.id,
        form_key=form_key if made is None else _fresh_key(),
        kind=kind,
        text_markdown=texts["text"],
        text_html=html,
        created_at=now,
    )
    _add(session, question, written)
    tell = _ask_on if kind == PostKind.FOLLOW_UP else _keep_promise
    tell(session, question, written, path=path_of(written.id), now=now)
    mark_path_read(session, user_id=author.id, path=path_of(written.id), now=now)
    return written


def accept(session: Session, question: Question, *, answer_id: int, path: str, now: datetime) -> Post:
    """Note that this answer solved the question, and tell who wrote it. The same one twice changes nothing.

    Raises NotFoundError for what is no answer to this question, ConflictError if another one was accepted.
    Holds the question.
    """
    question = db.lock(session, Question, question.id)
    chosen = session.scalar(
        select(Post).where(Post.id == answer_id, Post.thread_id == question.id, Post.kind == PostKind.ANSWER)
    )
    if chosen is None:
        raise NotFoundError("찾는 답이 없어요.")
    if chosen.accepted_at is not None:
        return chosen
    if question.state == QuestionState.ACCEPTED:
        raise ConflictError("이미 다른 답으로 해결한 질문이에요.")
    chosen.accepted_at, chosen.accepted_by_id = now, question.author_id
    question.state = QuestionState.ACCEPTED
    notify(
        session,
        user_id=chosen.author_id,
        cause=f"accepted:{chosen.id}",
        message="answer-accepted",
        values={"title": promises.short_title(question)},
        about=promises.about(question),
        path=path,
        now=now,
    )
    mark_path_read(session, user_id=question.author_id, path=path, now=now)
    return chosen


def _render(text: str, *, field: str) -> str:
    try:
        return render_post(text)
    except DomainError as error:
        raise DomainError(error.message, field=field) from error


def _fresh_key() -> str:
    """Return a key for what was written anew in a form whose own key is used up: nothing is lost."""
    return secrets.token_urlsafe(16)


def _refuse_unwanted(session: Session, question: Question, kind: PostKind) -> None:
    if kind == PostKind.FOLLOW_UP and question.state == QuestionState.ACCEPTED:
        raise ConflictError("해결된 질문이에요. 궁금한 것이 더 있으면 새로 질문해 주세요.")
    if queries.count_answers(session, question) >= queries.ANSWERS_MAX:
        raise ConflictError("이야기가 길어졌어요. 이어서는 전화로 물어봐 주세요.")


def _add(session: Session, question: Question, written: Post) -> None:
    session.add(written)
    question.last_post_at, question.posts_count = written.created_at, question.posts_count + 1
    session.flush()  # the notice names the post's id


def _ask_on(session: Session, question: Question, written: Post, *, path: str, now: datetime) -> None:
    if question.state == QuestionState.ANSWERED:
        question.state = QuestionState.WAITING
        promises.renew(session, question, now=now)
    promises.tell_owner(session, question, "follow-up", cause=f"follow-up:{written.id}", path=path, now=now)


def _keep_promise(session: Session, question: Question, written: Post, *, path: str, now: datetime) -> None:
    if question.state == QuestionState.WAITING:
        question.state = QuestionState.ANSWERED
    question.first_answer_at = question.first_answer_at or now
    author = get_user(session, written.author_id)
    notify(
        session,
        user_id=question.author_id,
        cause=f"answer:{written.id}",
        message="answer",
        values={"title": promises.short_title(question), "author": author.title},
        about=promises.about(question),
        path=path,
        now=now,
    )
