"""Asking, answering and asking on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.accounts.vocabulary import Topic
from portal.community import closing, following, owners, promises, queries, writing
from portal.community.models import Post, PostKind, Question, QuestionState
from portal.core import db, personal_numbers
from portal.core.errors import ConflictError
from portal.messages.operations import mark_path_read, withdraw

SENT_AGAIN_WITHIN = timedelta(hours=1)
"""The same words by the same person within this time are the same question, sent from the page before."""

PathOf = Callable[[int], str]
"""Gives the path of the page about a row, by the row's id; the view makes it."""


@dataclass(frozen=True)
class Draft:
    """A question as it was typed; the form's key stands for one press."""

    topic: Topic
    title: str
    #: What can be seen now; may be empty beside a picture of it.
    detail: str
    form_key: str
    picture_key: str | None = None
    #: What was tried already.
    tried: str = ""
    is_private: bool = False

    @property
    def texts(self) -> dict[str, str]:
        """Return the three texts by the name of their field."""
        return {"title": self.title, "tried": self.tried, "detail": self.detail}


def ask(
    session: Session, asker: User, draft: Draft, *, mask: bool, path_of: PathOf, now: datetime
) -> Question:
    """Give the question to one owner with a promised time, and tell the owner.

    The same form twice is the same question. Raises PersonalNumberError for a telephone or account number
    unless it is to be masked, ConflictError if there is nobody to answer. Holds the mentors who take
    questions, so that each asker at the same moment sees the load the one before has made.
    """
    texts = personal_numbers.check_texts(draft.texts, mask=mask)
    text = _put_together(texts["tried"], texts["detail"])
    html = writing.render(text, field="detail")
    owners.hold_mentors(session)
    made = queries.find_question_by_key(session, asker, draft.form_key)
    if made is not None and (made.title, made.text_markdown) == (texts["title"], text):
        return made
    key = draft.form_key if made is None else writing.fresh_key()
    question = _begin(draft, asker, form_key=key, now=now)
    question.title, question.text_markdown, question.text_html = texts["title"], text, html
    question.owner_id = promises.choose_owner_id(session, asker, draft.topic, now=now)
    session.add(question)
    session.flush()  # the notice names the question's id
    following.follow_by_writing(session, question, asker.id, now=now)
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
    or solved question makes a new one. Who writes follows the question from then on. Raises
    PersonalNumberError as `ask` does and ConflictError under a question that is closed or too long. Holds the
    question.
    """
    texts = personal_numbers.check_texts({"text": text}, mask=mask)
    html = writing.render(texts["text"], field="text")
    question = db.lock(session, Question, question.id)
    made = queries.find_answer_by_key(session, author, form_key)
    if made is not None and (made.thread_id, made.text_markdown) == (question.id, texts["text"]):
        return made
    kind = PostKind.FOLLOW_UP if question.author_id == author.id else PostKind.ANSWER
    _refuse_unwanted(session, question, kind)
    written = Post(
        thread_id=question.id,
        author_id=author.id,
        form_key=form_key if made is None else writing.fresh_key(),
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


def wait_again(session: Session, question: Question, *, now: datetime) -> None:
    """Let an answered or solved question wait once more, with a new promise; its page is open again.

    The one who holds the question calls it. What was accepted is so no more, and its author's notice goes.
    """
    accepted = queries.find_accepted(session, question)
    if accepted is not None:
        accepted.accepted_at = accepted.accepted_by_id = None
        withdraw(session, user_id=accepted.author_id, cause=f"accepted:{accepted.id}", now=now)
    question.state, question.closed_at = QuestionState.WAITING, None
    promises.renew(session, question, now=now)


def _begin(draft: Draft, asker: User, *, form_key: str, now: datetime) -> Question:
    """Return a question with a promise, as yet without its words and its owner."""
    return Question(
        author_id=asker.id,
        form_key=form_key,
        topic=draft.topic,
        is_private=draft.is_private,
        picture_key=draft.picture_key,
        promised_at=promises.promise(now),
        last_post_at=now,
        created_at=now,
    )


def find_sent(session: Session, asker: User, draft: Draft, *, mask: bool, now: datetime) -> Question | None:
    """Return the same question sent a short while ago from another showing of the form, if there is one.

    The Back button shows the form anew, with a key of its own, and the browser fills in what was typed.
    """
    texts = personal_numbers.check_texts(draft.texts, mask=mask)
    statement = select(Question).where(
        Question.author_id == asker.id,
        Question.title == texts["title"],
        Question.text_markdown == _put_together(texts["tried"], texts["detail"]),
        Question.is_private == draft.is_private,
        Question.created_at > now - SENT_AGAIN_WITHIN,
    )
    if draft.picture_key is not None:
        statement = statement.where(Question.picture_key == draft.picture_key)
    return session.scalar(statement.order_by(Question.id.desc()).limit(1))


def _put_together(tried: str, detail: str) -> str:
    """Return one text of the two that were asked for; a heading tells them apart only where it must."""
    if not tried:
        return detail
    seen = f"\n\n**지금 보이는 것**\n\n{detail}" if detail else ""
    return f"**해 본 것**\n\n{tried}{seen}"


def _refuse_unwanted(session: Session, question: Question, kind: PostKind) -> None:
    if kind != PostKind.FOLLOW_UP:
        closing.refuse_if_closed(question)
    if queries.count_answers(session, question) >= queries.ANSWERS_MAX:
        raise ConflictError("이야기가 길어졌어요. 이어서는 전화로 물어봐 주세요.")


def _add(session: Session, question: Question, written: Post) -> None:
    session.add(written)
    question.last_post_at, question.posts_count = written.created_at, question.posts_count + 1
    following.follow_by_writing(session, question, written.author_id, now=written.created_at)
    session.flush()  # the notice names the post's id


def _ask_on(session: Session, question: Question, written: Post, *, path: str, now: datetime) -> None:
    if question.state != QuestionState.WAITING:
        wait_again(session, question, now=now)
    promises.tell_owner(session, question, "follow-up", cause=f"follow-up:{written.id}", path=path, now=now)


def _keep_promise(session: Session, question: Question, written: Post, *, path: str, now: datetime) -> None:
    if question.state == QuestionState.WAITING:
        question.state = QuestionState.ANSWERED
    question.first_answer_at = question.first_answer_at or now
    author = get_user(session, written.author_id)
    following.tell(
        session,
        question,
        cause=f"answer:{written.id}",
        message="answer",
        values={"title": writing.short_title(question.title), "author": author.title},
        path=path,
        besides={author.id},
        now=now,
    )
