"""Reading questions. Whoever reads without being signed in sees the askers' names masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Label, Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.accounts.vocabulary import TOPIC_NAMES, Topic
from portal.community import owners, policy, texts
from portal.community.activity import Place, by_activity
from portal.community.models import Post, PostKind, Question, QuestionState, Thread
from portal.community.texts import Beside
from portal.core import korean
from portal.core.errors import ForbiddenError, NotFoundError

PAGE_SIZE = 20
ANSWERS_MAX = 100
"""A talk longer than this belongs on the telephone; `operations` refuses more."""

Questions = Select[Question]

NO_QUESTION = "찾는 질문이 없어요. 주소가 바뀌었을 수 있어요."


@dataclass(frozen=True)
class QuestionLine:
    """A question in a list."""

    id: int
    topic: str
    title: str
    state: QuestionState
    asker: str
    owner: str
    created_at: datetime
    promised_at: datetime
    is_late: bool
    #: It waits, and an operator keeps it for want of mentors.
    waits_for_a_mentor: bool
    is_private: bool
    #: People who wonder the same.
    same_count: int
    last_post_at: datetime

    @property
    def place(self) -> Place:
        """Return where a page that ends with this question goes on."""
        return self.last_post_at, self.id

    @property
    def standing(self) -> str:
        """The state's value, or ``late`` once the promise is broken."""
        return "late" if self.is_late else self.state.value


@dataclass(frozen=True)
class QuestionPage(QuestionLine):
    """A question with what this reader may do."""

    board: str
    owner_title: str
    text_html: str
    beside: Beside
    is_owner: bool
    can_answer: bool
    is_asker: bool
    can_follow_up: bool
    #: The promise is broken and this reader may give the question to another mentor.
    can_hand_over: bool
    can_edit: bool
    can_see_history: bool
    #: It is solved, and this reader may say that it is not.
    can_take_back: bool
    can_copy: bool
    edited_at: datetime | None
    closed_at: datetime | None
    #: The answer that solved it, if one did.
    accepted_id: int | None
    #: It is solved in public, and this reader may put the answer into a lesson.
    can_lift: bool
    answers: Sequence["AnswerLine"]


@dataclass(frozen=True)
class AnswerLine:
    """Something written under a question."""

    id: int
    author: str
    is_follow_up: bool
    text_html: str
    beside: Beside
    created_at: datetime
    is_accepted: bool
    #: Who said that it solved the question; empty if it did not.
    accepted_by: str
    edited_at: datetime | None
    can_accept: bool
    can_edit: bool
    #: The newest answer of those that can be accepted: its button is the page's main one.
    is_newest: bool


def list_questions(
    session: Session,
    reader: User | None,
    *,
    topic: Topic | None = None,
    state: QuestionState | None = None,
    before: Place | None = None,
    limit: int = PAGE_SIZE,
    now: datetime,
) -> list[QuestionLine]:
    """Return a page of questions and one more, the newest activity first, those after ``before`` if given."""
    statement = select_lines().where(policy.may_read(reader))
    if topic is not None:
        statement = statement.where(Question.topic == topic)
    if state is not None:
        statement = statement.where(Question.state == state)
    return read_lines(session, by_activity(statement, before).limit(limit + 1), reader, now=now)


def list_my_questions(session: Session, user: User, *, now: datetime, limit: int = 5) -> list[QuestionLine]:
    """Return the person's questions: those with an answer to read first, then those waiting, then the rest.

    Newest first in each.
    """
    turn = case(
        (Question.state == QuestionState.ANSWERED, 0), (Question.state == QuestionState.WAITING, 1), else_=2
    )
    mine = select_lines().where(Question.author_id == user.id, policy.may_read(user))
    statement = mine.order_by(turn, Question.id.desc()).limit(limit)
    return read_lines(session, statement, user, now=now)


def list_owned_questions(
    session: Session, mentor: User, *, now: datetime, limit: int = 50
) -> list[QuestionLine]:
    """Return the questions that wait for this mentor, the earliest promise first."""
    statement = _waiting().where(Question.owner_id == mentor.id).limit(limit)
    return read_lines(session, statement, mentor, now=now)


def get_question(
    session: Session,
    user: User,
    question_id: int,
    *,
    edit: bool = False,
    reply: bool = False,
    answer: bool = False,
    hand_over: bool = False,
) -> Question:
    """Return a question that may be accepted by ``user`` (``edit``), written under, answered or handed over.

    Raises NotFoundError if there is none, ForbiddenError if it may only be read.
    """
    may_edit = policy.may_accept(user)
    may_reply = policy.may_answer(user) | policy.may_follow_up(user)
    may_hand_over = policy.may_hand_over(user)
    row = session.execute(
        select(
            Question,
            may_edit.label("can_edit"),
            may_reply.label("can_reply"),
            policy.may_answer(user).label("can_answer"),
            may_hand_over.label("can_hand_over"),
        ).where(Question.id == question_id, policy.may_read(user))
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_QUESTION)
    question, can_edit, can_reply, can_answer, can_hand_over = row
    if edit and not can_edit:
        raise ForbiddenError("질문한 분과 멘토님만 답을 고를 수 있어요.")
    if reply and not can_reply:
        raise ForbiddenError("질문한 분과 멘토만 글을 남길 수 있어요.")
    if answer and not can_answer:
        raise ForbiddenError("내가 한 질문은 다른 분이 맡아야 해요.")
    if hand_over and not can_hand_over:
        raise ForbiddenError("운영자만 다른 멘토님께 넘길 수 있어요.")
    found: Question = question
    return found


def get_question_page(
    session: Session, reader: User | None, question_id: int, *, now: datetime
) -> QuestionPage:
    """Return everything a question's page shows to this reader. Raises NotFoundError if there is none."""
    row = session.execute(
        select(Question, *_rights(reader))
        .where(Question.id == question_id, policy.may_read(reader))
        .options(joinedload(Question.author), joinedload(Question.owner).selectinload(User.grants))
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_QUESTION)
    question: Question = row[0]
    is_solved, is_open = question.state == QuestionState.ACCEPTED, question.closed_at is None
    line = _line(question, asker=_asker_name(question.author, reader), now=now)
    answers = _list_answers(session, question, reader, can_accept=bool(row.can_accept) and is_open)
    return QuestionPage(
        **vars(line),
        board=question.topic.value,
        owner_title=question.owner.title,
        text_html=question.text_html,
        beside=texts.beside(question, reader, rights=row),
        is_owner=reader is not None and reader.id == question.owner_id,
        can_answer=bool(row.can_answer) and is_open,
        is_asker=reader is not None and reader.id == question.author_id,
        can_follow_up=bool(row.can_follow_up),
        can_hand_over=bool(row.can_hand_over) and (line.is_late or line.waits_for_a_mentor),
        can_edit=bool(row.can_edit),
        can_see_history=bool(row.can_see_history),
        can_take_back=bool(row.can_accept) and is_solved,
        can_copy=bool(row.can_copy) and is_solved,
        can_lift=bool(row.can_lift) and is_solved,
        edited_at=question.edited_at,
        closed_at=question.closed_at,
        accepted_id=next((answer.id for answer in answers if answer.is_accepted), None),
        answers=answers,
    )


def _rights(reader: User | None) -> tuple[Label[bool], ...]:
    """Return the columns that say what this reader may do with a question."""
    return (
        *texts.rights_of(reader, Thread),
        policy.may_answer(reader).label("can_answer"),
        policy.may_follow_up(reader).label("can_follow_up"),
        policy.may_hand_over(reader).label("can_hand_over"),
        policy.may_accept(reader).label("can_accept"),
        policy.may_edit(reader).label("can_edit"),
        policy.may_see_history(reader).label("can_see_history"),
        policy.may_copy(reader).label("can_copy"),
        policy.may_lift(reader).label("can_lift"),
    )


def find_question_by_key(session: Session, asker: User, form_key: str) -> Question | None:
    """Return the question this very form has made."""
    return session.scalar(
        select(Question).where(Question.author_id == asker.id, Question.form_key == form_key)
    )


def find_answer_by_key(session: Session, author: User, form_key: str) -> Post | None:
    """Return the answer this very form has made."""
    return session.scalar(select(Post).where(Post.author_id == author.id, Post.form_key == form_key))


def find_accepted(session: Session, question: Question) -> Post | None:
    """Return the answer that solved the question, if one did."""
    return session.scalar(select(Post).where(Post.thread_id == question.id, Post.accepted_at.is_not(None)))


def count_answers(session: Session, question: Question) -> int:
    """Return how much is written under a question."""
    return session.scalar(select(func.count()).select_from(Post).where(Post.thread_id == question.id)) or 0


def select_lines() -> Questions:
    """Return the statement that reads questions for lists."""
    return select(Question).options(
        joinedload(Question.author), joinedload(Question.owner).selectinload(User.grants)
    )


def _waiting() -> Questions:
    return select_lines().where(owners.waits()).order_by(Question.promised_at, Question.id)


def read_lines(
    session: Session, statement: Questions, reader: User | None, *, now: datetime
) -> list[QuestionLine]:
    """Return the questions of a statement made with `select_lines`, as this reader may see them."""
    return [
        _line(question, asker=_asker_name(question.author, reader), now=now)
        for question in session.scalars(statement)
    ]


def _line(question: Question, *, asker: str, now: datetime) -> QuestionLine:
    is_waiting = question.state == QuestionState.WAITING
    return QuestionLine(
        id=question.id,
        topic=TOPIC_NAMES[question.topic],
        title=question.title,
        state=question.state,
        asker=asker,
        owner=question.owner.title,
        created_at=question.created_at,
        promised_at=question.promised_at,
        is_late=is_waiting and question.promised_at < now,
        waits_for_a_mentor=is_waiting and question.owner.roles.isdisjoint(owners.ANSWERING),
        is_private=question.is_private,
        same_count=question.same_count,
        last_post_at=question.last_post_at,
    )


def _asker_name(asker: User, reader: User | None) -> str:
    return f"{korean.masked_name(asker.name) if reader is None else asker.name} 님"


def _list_answers(
    session: Session, question: Question, reader: User | None, *, can_accept: bool
) -> list[AnswerLine]:
    rows = session.execute(
        select(Post, policy.may_edit_post(reader).label("can_edit"), *texts.rights_of(reader, Post))
        .join(Thread, Thread.id == Post.thread_id)
        .where(Post.thread_id == question.id, policy.may_read_post(reader))
        .options(joinedload(Post.author).selectinload(User.grants))
        .options(joinedload(Post.accepted_by).selectinload(User.grants))
        .order_by(Post.created_at, Post.id)  # merged ones stand where their time is
        .limit(ANSWERS_MAX)
    ).all()
    newest = max((post.id for post, *_ in rows if post.kind == PostKind.ANSWER), default=0)
    reader_id = reader.id if reader else None
    return [
        AnswerLine(
            id=post.id,
            author=_name(post.author, post.kind == PostKind.ANSWER, reader),
            is_follow_up=post.kind == PostKind.FOLLOW_UP,
            text_html=post.text_html,
            beside=texts.beside(post, reader, rights=row),
            created_at=post.created_at,
            is_accepted=post.accepted_at is not None,
            accepted_by=_name(post.accepted_by, post.accepted_by_id != question.author_id, reader)
            if post.accepted_by
            else "",
            edited_at=post.edited_at,
            can_accept=can_accept
            and post.kind == PostKind.ANSWER
            and post.accepted_at is None
            and post.hidden_at is None
            and post.author_id != reader_id,
            can_edit=bool(row.can_edit),
            is_newest=post.id == newest,
        )
        for row in rows
        for post in [row[0]]
    ]


def _name(user: User, is_staff: bool, reader: User | None) -> str:
    return user.title if is_staff else _asker_name(user, reader)
