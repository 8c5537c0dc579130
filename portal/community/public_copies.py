"""Showing everybody what a private question was about: without names and numbers, once its asker says yes."""

import re
import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.queries import get_user
from portal.community import following, moderation, policy, promises, queries, writing
from portal.community.models import Post, PostKind, Question, QuestionState
from portal.community.thread_models import PublicCopy
from portal.core import db, personal_numbers
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.messages.operations import mark_path_read, notify

BLANK = "○○"
#: Sums and counts of three digits or more, and whatever stands before 원.
_AMOUNT = re.compile(r"\d[\d,.]*\d{2}|\d+(?=\s*[백천만억]*\s*원)")
_NOT_SOLVED = "아직 해결되지 않은 질문이에요. 해결된 다음에 할 수 있어요."

_TAKEN_BACK = "질문한 분이 공개를 거두었어요."


def get_question(session: Session, user: User, question_id: int) -> tuple[Question, bool]:
    """Return a private question of which there may be a copy, and whether ``user`` may make one.

    Raises NotFoundError for anybody but its asker and those who make copies.
    """
    row = session.execute(
        select(Question, policy.may_copy(user).label("can_copy")).where(
            Question.id == question_id, Question.is_private, policy.may_read(user)
        )
    ).one_or_none()
    if row is None or not (row.can_copy or row[0].author_id == user.id):
        raise NotFoundError(queries.NO_QUESTION)
    return row[0], bool(row.can_copy)


def find_copy(session: Session, question: Question) -> PublicCopy | None:
    """Return the copy of a private question, if somebody made one."""
    return session.get(PublicCopy, question.id)


def is_public(session: Session, copy: PublicCopy) -> bool:
    """Tell whether everybody may read a copy: agreed to, and neither taken back nor hidden."""
    return copy.public_id is not None and session.get_one(Question, copy.public_id).hidden_at is None


def suggest(session: Session, question: Question) -> dict[str, str]:
    """Return the words of a solved question with names and numbers blanked, for a person to go on with."""
    accepted = queries.find_accepted(session, question)
    texts = {
        "title": question.title,
        "text": question.text_markdown,
        "answer": accepted.text_markdown if accepted else "",
    }
    names = _names(get_user(session, question.author_id))
    return {field: _blank(text, names) for field, text in texts.items()}


def propose(
    session: Session, question: Question, maker: User, texts: Mapping[str, str], *, path: str, now: datetime
) -> None:
    """Keep what may become public and ask the asker; a later proposal takes the place of one that waits.

    Raises DomainError for a text that names the asker or the shop, PersonalNumberError for a number, and
    ConflictError if the asker has decided or the question is not solved. Holds the question.
    """
    question = db.lock(session, Question, question.id)
    _refuse_names(session, question, texts)
    texts = personal_numbers.check_texts(texts, mask=False)
    if question.state != QuestionState.ACCEPTED:
        raise ConflictError(_NOT_SOLVED)
    copy = find_copy(session, question)
    if copy is not None and (copy.agreed_at or copy.declined_at):
        raise ConflictError("질문한 분이 이미 정하셨어요.")
    if copy is None:
        copy = PublicCopy(thread_id=question.id)
        session.add(copy)
    copy.title, copy.text_markdown, copy.answer_markdown = texts["title"], texts["text"], texts["answer"]
    copy.made_by_id, copy.made_at = maker.id, now
    notify(
        session,
        user_id=question.author_id,
        cause=f"copy:{question.id}:{now:%Y%m%d%H%M%S}",
        message="copy-asked",
        values={"title": writing.short_title(question.title)},
        about=following.about(question),
        path=path,
        now=now,
    )


def agree(
    session: Session, question: Question, asker: User, *, seen: str, path: str, now: datetime
) -> Question:
    """Make the copy public and return the public question; a second yes changes nothing.

    ``seen`` is when the copy was made that the asker read: another one since is a ConflictError. Holds the
    question.
    """
    question, copy = _hold(session, question, asker)
    if copy.public_id is not None:
        return session.get_one(Question, copy.public_id)
    accepted = queries.find_accepted(session, question)
    if accepted is None:
        raise ConflictError(_NOT_SOLVED)
    if copy.declined_at is not None or copy.made_at.isoformat() != seen:
        raise ConflictError("그사이에 글이 바뀌었어요. 다시 읽어 보고 정해 주세요.")
    public = _publish(session, question, copy, accepted, now=now)
    copy.agreed_at, copy.public_id = now, public.id
    mark_path_read(session, user_id=asker.id, path=path, now=now)
    return public


def decline(session: Session, question: Question, asker: User, *, path: str, now: datetime) -> None:
    """Note that the asker wants no copy; it stays private for good. Raises ConflictError after a yes."""
    _, copy = _hold(session, question, asker)
    if copy.agreed_at is not None:
        raise ConflictError("이미 공개된 글이에요. 내리려면 ‘공개 그만하기’를 눌러 주세요.")
    copy.declined_at = copy.declined_at or now
    mark_path_read(session, user_id=asker.id, path=path, now=now)


def take_back(
    session: Session, question: Question, asker: User, *, paths: moderation.Paths, now: datetime
) -> None:
    """Hide the public question again since its asker wants it no more, and tell whoever made it.

    A second time changes nothing. Raises ConflictError while nothing is public. Holds the question.
    """
    _, copy = _hold(session, question, asker)
    if copy.public_id is None:
        raise ConflictError("아직 공개되지 않은 글이에요.")
    public = session.get_one(Question, copy.public_id)
    moderation.hide(session, public, asker, reason=_TAKEN_BACK, paths=paths, now=now)


def _hold(session: Session, question: Question, asker: User) -> tuple[Question, PublicCopy]:
    question = db.lock(session, Question, question.id)
    if question.author_id != asker.id:
        raise ForbiddenError("질문한 분만 정할 수 있어요.")
    return question, db.lock(session, PublicCopy, question.id)


def _publish(
    session: Session, question: Question, copy: PublicCopy, accepted: Post, *, now: datetime
) -> Question:
    # Its author is the one who made the copy, and its owner must be another.
    owner_id = question.owner_id if question.owner_id != copy.made_by_id else accepted.author_id
    if owner_id == copy.made_by_id:
        raise ConflictError("글을 만든 분이 이 질문을 맡게 되어 공개할 수 없어요. 아래 번호로 전화해 주세요.")
    public = Question(
        author_id=copy.made_by_id,
        form_key=secrets.token_urlsafe(16),
        topic=question.topic,
        title=copy.title,
        text_markdown=copy.text_markdown,
        text_html=writing.render(copy.text_markdown, field="text"),
        state=QuestionState.ACCEPTED,
        owner_id=owner_id,
        promised_at=promises.promise(now),
        first_answer_at=now,
        last_post_at=now,
        posts_count=1,
        created_at=now,
    )
    session.add(public)
    session.flush()  # its answer names its id
    session.add(
        Post(
            thread_id=public.id,
            author_id=accepted.author_id,
            form_key=secrets.token_urlsafe(16),
            kind=PostKind.ANSWER,
            text_markdown=copy.answer_markdown,
            text_html=writing.render(copy.answer_markdown, field="answer"),
            created_at=now,
            accepted_at=now,
            accepted_by_id=copy.made_by_id,
        )
    )
    return public


def _refuse_names(session: Session, question: Question, texts: Mapping[str, str]) -> None:
    names = _names(get_user(session, question.author_id))
    for field, text in texts.items():
        if any(name in text for name in names):
            raise DomainError("질문한 분의 이름이나 가게 이름이 남아 있어요. 지워 주세요.", field=field)


def _names(asker: User) -> list[str]:
    """Return what would name the asker: the whole name, the name without its family's, and the shop's."""
    return [name for name in (asker.name, asker.shop_name, asker.name[1:]) if len(name) > 1]


def _blank(text: str, names: list[str]) -> str:
    for name in names:
        text = text.replace(name, BLANK)
    return _AMOUNT.sub(BLANK, personal_numbers.mask_numbers(text))
