"""Text half typed into the forms of the forum: kept on the server, so that another device goes on with it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.community import queries
from portal.community.thread_models import WritingDraft
from portal.core.errors import ConflictError

ASK = "ask"
_NEWER = "다른 기기에서 더 적으셨어요. 여기 적은 것으로 바꾸려면 한 번 더 눌러 주세요."


def reply_form(question_id: int) -> str:
    """Return the name of the form under a question."""
    return f"reply:{question_id}"


def find(session: Session, user: User, form: str) -> WritingDraft | None:
    """Return what the person typed into a form and has not sent."""
    return session.scalar(
        select(WritingDraft).where(WritingDraft.user_id == user.id, WritingDraft.form == form)
    )


def save(
    session: Session,
    user: User,
    *,
    form: str,
    fields: Mapping[str, str],
    form_key: str,
    seen: datetime | None,
    now: datetime,
) -> datetime | None:
    """Keep what is typed so far and return when it was kept; None if nothing is kept.

    What has been sent with ``form_key`` already came too late and is dropped. ``seen`` is when the draft was
    kept that the page began with. Raises ConflictError if the draft is another by now.
    """
    if queries.find_question_by_key(session, user, form_key) or queries.find_answer_by_key(
        session, user, form_key
    ):
        return None
    draft = session.get(WritingDraft, (user.id, form), with_for_update=True)
    if draft is None:
        return _begin(session, user, form, fields, now=now) if any(fields.values()) else None
    if draft.fields == dict(fields):
        return draft.saved_at
    if draft.saved_at != seen:
        raise ConflictError(_NEWER)
    draft.fields, draft.saved_at = dict(fields), now
    return now


def discard(session: Session, user: User, form: str) -> None:
    """Forget what was typed into a form: it was sent, or its writer begins anew."""
    session.execute(delete(WritingDraft).where(WritingDraft.user_id == user.id, WritingDraft.form == form))


def _begin(session: Session, user: User, form: str, fields: Mapping[str, str], *, now: datetime) -> datetime:
    try:
        with session.begin_nested():
            session.add(WritingDraft(user_id=user.id, form=form, fields=dict(fields), saved_at=now))
    except IntegrityError as error:  # another device began in this moment
        raise ConflictError(_NEWER) from error
    return now
