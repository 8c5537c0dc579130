"""A question too hard for a mentor goes to a specialist of its field, who never learns whose shop it is."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, personal_numbers
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.mentoring import specialists
from portal.mentoring.models import Engagement, EngagementState, Referral
from portal.mentoring.telling import about
from portal.mentoring.vocabulary import FIELD_NAMES, Field
from portal.messages.operations import mark_cause_read, notify

ASKED, WITHOUT, ANSWERED = "referral-asked", "referral-without-specialist", "referral-answered"
OPEN_MAX = 3
"""So many questions of one shop may wait at once."""


@dataclass(frozen=True)
class Asked:
    """What a mentor writes on the form."""

    field: Field
    question: str
    form_key: str


def ask(
    session: Session, engagement: Engagement, asked: Asked, *, path: str, desk: str, now: datetime
) -> Referral:
    """Hand a question to the specialists of a field and tell them; the same form twice makes one.

    ``path`` is where specialists find what waits, ``desk`` where operators do when the field has nobody.
    Raises DomainError for a text that names the shop or its owner, PersonalNumberError for a number,
    ConflictError once the two have parted or OPEN_MAX wait. Holds the engagement.
    """
    engagement = db.lock(session, Engagement, engagement.id)
    made = session.scalar(
        select(Referral).where(Referral.engagement_id == engagement.id, Referral.form_key == asked.form_key)
    )
    if made is not None:
        return made
    _check_may_ask(session, engagement)
    refuse_names(session.get_one(User, engagement.merchant_id), asked.question)
    personal_numbers.check_texts({"question": asked.question}, mask=False)
    made = Referral(engagement_id=engagement.id, **vars(asked), made_at=now)
    session.add(made)
    session.flush()  # the notices name its id
    _announce(session, made, but=set(), path=path, desk=desk, now=now)
    return made


def take(session: Session, referral: Referral, specialist: User, *, now: datetime) -> None:
    """Take a question; nobody else is asked for it any more. A second press does nothing.

    Raises ConflictError when another specialist took it first. Holds the question.
    """
    referral = db.lock(session, Referral, referral.id)
    if referral.specialist_id == specialist.id:
        return
    if referral.specialist_id is not None:
        raise ConflictError("다른 전문가가 먼저 맡으셨어요. 다른 질문을 골라 주세요.")
    referral.specialist_id, referral.taken_at = specialist.id, now
    for user_id in specialists.list_ids(session, referral.field, but=()):
        mark_cause_read(session, user_id=user_id, cause=_cause(referral, ASKED), now=now)


def give_back(session: Session, referral: Referral, by: User, *, path: str, desk: str, now: datetime) -> None:
    """Let another specialist take a question: its taker says so, or an operator. A second press does nothing.

    The others are told anew; ``path`` and ``desk`` as of `ask`. Raises ForbiddenError for anybody else,
    ConflictError once it is answered. Holds the question.
    """
    referral = db.lock(session, Referral, referral.id)
    if referral.specialist_id is None:
        return
    if referral.answered_at is not None:
        raise ConflictError("이미 답한 질문이에요.")
    if referral.specialist_id != by.id and not specialists.may_appoint(by):
        raise ForbiddenError("맡은 전문가만 돌려놓을 수 있어요.")
    giver_id, referral.specialist_id, referral.taken_at = referral.specialist_id, None, None
    _announce(session, referral, but={giver_id}, path=path, desk=desk, now=now, again=f":{now:%Y%m%d%H%M%S}")


def answer(
    session: Session, referral: Referral, specialist: User, *, text: str, path: str, now: datetime
) -> None:
    """Answer a question and tell the mentor and the merchant; the same answer again changes nothing.

    ``path`` is the page the two share. Raises ForbiddenError for those who have not taken it, ConflictError
    when it has another answer. Holds the question.
    """
    referral = db.lock(session, Referral, referral.id)
    if referral.specialist_id != specialist.id:
        raise ForbiddenError("먼저 이 질문을 맡아 주세요.")
    if referral.answered_at is not None:
        if referral.answer == text:
            return
        raise ConflictError("이미 답한 질문이에요. 두 분이 벌써 읽으셨을 수 있어요.")
    referral.answer, referral.answered_at = text, now
    engagement = session.get_one(Engagement, referral.engagement_id)
    for user_id in sorted((engagement.mentor_id, engagement.merchant_id)):
        _tell(session, referral, user_id, ANSWERED, path=path, now=now)
    for user_id in specialists.list_operator_ids(session):
        mark_cause_read(session, user_id=user_id, cause=_cause(referral, WITHOUT), now=now)


def refuse_names(merchant: User, question: str) -> None:
    """Raise DomainError, with the word, for a question that names the shop or its owner."""
    squeezed, given = _squeeze(question), merchant.name[1:]
    named = [name for name in (merchant.shop_name, merchant.name) if _squeeze(name) in squeezed]
    # Many given names are syllables of plain words ("신고하나요"): only what begins a word counts.
    if re.search(rf"(?<![가-힣]){re.escape(given)}", question):
        named.append(given)
    for name in named:
        if len(name) > 1:
            raise DomainError(
                f"누구의 가게인지 알 수 있는 말이 있어요. 이 말을 바꿔 주세요: {name}", field="question"
            )


def _check_may_ask(session: Session, engagement: Engagement) -> None:
    if engagement.state == EngagementState.ENDED:
        raise ConflictError("이미 끝난 멘토링이에요. 멘토 화면에서 다시 확인해 주세요.")
    waiting = select(func.count(Referral.id)).where(
        Referral.engagement_id == engagement.id, Referral.answered_at.is_(None)
    )
    if (session.scalar(waiting) or 0) >= OPEN_MAX:
        raise ConflictError("답을 기다리는 질문이 이미 세 개예요. 답이 온 다음에 더 물어봐 주세요.")


def _announce(
    session: Session,
    referral: Referral,
    *,
    but: set[int],
    path: str,
    desk: str,
    now: datetime,
    again: str = "",
) -> None:
    """Tell the specialists who may answer, or operators where nobody can; ``again`` tells times apart."""
    engagement = session.get_one(Engagement, referral.engagement_id)
    but = but | {engagement.merchant_id, engagement.mentor_id}
    told = specialists.list_ids(session, referral.field, but=but)
    message, where = (ASKED, path) if told else (WITHOUT, desk)
    for user_id in told or specialists.list_operator_ids(session):
        _tell(session, referral, user_id, message, path=where, now=now, again=again)


def _tell(
    session: Session,
    referral: Referral,
    user_id: int,
    message: str,
    *,
    path: str,
    now: datetime,
    again: str = "",
) -> None:
    """Tell somebody once. A notice for a specialist names neither the shop nor its engagement."""
    is_for_the_two = message == ANSWERED
    notify(
        session,
        user_id=user_id,
        cause=_cause(referral, message) + again,
        message=message,
        values={"field": FIELD_NAMES[referral.field]},
        about=about(referral.engagement_id) if is_for_the_two else "",
        path=path,
        now=now,
    )


def _cause(referral: Referral, message: str) -> str:
    return f"referral:{referral.id}:{message.removeprefix('referral-')}"


def _squeeze(text: str) -> str:
    """Return ``text`` as one compares names: composed, in small letters, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
