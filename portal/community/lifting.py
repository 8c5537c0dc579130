"""Putting the accepted answer of a question into a step of a lesson, and taking it out again."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.community import policy
from portal.community.models import Post, Question, Thread
from portal.core.errors import NotFoundError
from portal.courses import step_answers
from portal.courses.catalogue import Place
from portal.courses.models import StepAnswer
from portal.courses.step_answers import Lifted


@dataclass(frozen=True)
class Solved:
    """A solved question with the post that solved it."""

    question: Question
    post: Post


def get_solved(session: Session, trainer: User, question_id: int) -> Solved:
    """Return a public question that was solved, for whoever may lift it.

    Raises NotFoundError for any other.
    """
    row = session.execute(
        select(Question, Post)
        .join(Post, Post.thread_id == Question.id)
        .where(
            Question.id == question_id,
            Post.accepted_at.is_not(None),
            policy.may_read_post(None),
            policy.may_lift(trainer),
        )
        .options(joinedload(Question.author), joinedload(Post.author).selectinload(User.grants))
    ).one_or_none()
    if row is None:
        raise NotFoundError("해결된 질문만 수업에 넣을 수 있어요.")
    return Solved(*row)


def lift(
    session: Session,
    trainer: User,
    question_id: int,
    place: Place,
    *,
    facts: list[str],
    check_by: date | None,
    path: str,
    now: datetime,
) -> StepAnswer:
    """Copy the accepted answer into a step with both names; ``path`` is the question's page.

    Raises what `get_solved` and `step_answers.lift` raise.
    """
    solved = get_solved(session, trainer, question_id)
    copied = Lifted(
        post_id=solved.post.id,
        path=path,
        question=solved.question.title,
        answer_html=solved.post.text_html,
        asker_name=solved.question.author.name,
        answerer_name=solved.post.author.title,
    )
    return step_answers.lift(session, trainer, place, copied, facts=facts, check_by=check_by, now=now)


def withdraw(session: Session, text: Thread | Post, *, now: datetime) -> None:
    """Take out of the lessons what was lifted from a text that is hidden now: all of a thread, or a post."""
    of_text = Post.id == text.id if isinstance(text, Post) else Post.thread_id == text.id
    step_answers.remove_posts(session, session.scalars(select(Post.id).where(of_text)).all(), now=now)
