"""Covering parts of a picture for good, and letting everybody see one that somebody has looked at."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import policy, texts, uploads
from portal.community.models import Post, Thread
from portal.community.texts import Text
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError

NO_PICTURE = "찾는 사진이 없어요."


def get_picture_key(
    session: Session, reader: User | None, *, thread_id: int | None = None, post_id: int | None = None
) -> str:
    """Return where the picture of a text lies. Raises NotFoundError for those who may not see it."""
    text = texts.get_text(session, reader, thread_id=thread_id, post_id=post_id)
    kind: type[Thread] | type[Post] = Post if isinstance(text, Post) else Thread
    key = session.scalar(
        select(kind.picture_key).where(kind.id == text.id, policy.may_see_picture(reader, kind))
    )
    if key is None:
        raise NotFoundError(NO_PICTURE)
    return key


def get_to_cover(
    session: Session, user: User, *, thread_id: int | None = None, post_id: int | None = None
) -> Text:
    """Return the text whose picture ``user`` may cover.

    Raises NotFoundError for no such picture, ForbiddenError for one that may only be seen.
    """
    text = texts.get_text(session, user, thread_id=thread_id, post_id=post_id)
    kind: type[Thread] | type[Post] = Post if isinstance(text, Post) else Thread
    can_see, can_cover = session.execute(
        select(policy.may_see_picture(user, kind), policy.may_cover(user, kind)).where(kind.id == text.id)
    ).one()
    if text.picture_key is None or not can_see:
        raise NotFoundError(NO_PICTURE)
    if not can_cover:
        raise ForbiddenError("사진을 올린 분과 멘토님, 운영진만 가릴 수 있어요.")
    return text


def replace_picture(
    session: Session, text: Text, *, former_key: str, covered_key: str, now: datetime
) -> None:
    """Let a text show its covered picture, and have the one before removed from storage.

    Raises ConflictError when the picture is no longer the one that was covered. Holds the text.
    """
    text = texts.lock_text(session, text)
    if text.picture_key != former_key:
        raise ConflictError("그사이에 사진이 바뀌었어요. 바뀐 사진을 보고 다시 가려 주세요.")
    if covered_key == former_key:
        return
    text.picture_key = covered_key
    session.flush()  # what is retired must be named no more
    uploads.retire(session, text.author_id, former_key, now=now)


def open_picture(session: Session, text: Text, user: User, *, is_open: bool, now: datetime) -> None:
    """Let everybody who reads the text see its picture, or only its author and staff again.

    Raises NotFoundError for a text without one, ForbiddenError for those who may not. Holds the text.
    """
    text = texts.lock_text(session, text)
    if text.picture_key is None:
        raise NotFoundError(NO_PICTURE)
    if not session.scalar(select(policy.may_open_picture(user))):
        raise ForbiddenError("운영진이 살펴본 사진만 다른 분도 볼 수 있어요.")
    text.picture_opened_at = (text.picture_opened_at or now) if is_open else None
