"""What an operator decides before a run: who is kept together, and who must not meet."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.accounts.models import MentorProfile, User
from portal.core import db
from portal.core.errors import ConflictError, DomainError
from portal.core.roles import Role
from portal.mentoring.match_models import Conflict, MatchLock
from portal.mentoring.models import Need, NeedState


def fix(session: Session, need_id: int, mentor_id: int, operator: User, *, now: datetime) -> MatchLock:
    """Keep a need and a mentor together in every run; another mentor takes the place of the one before.

    Raises ConflictError once the need waits no more. Holds the need.
    """
    need = db.lock(session, Need, need_id)
    if need.state != NeedState.OPEN:
        raise ConflictError("이제 기다리지 않는 부탁이에요. 고정할 수 없어요.")
    _check_is_mentor(session, mentor_id)
    kept = session.get(MatchLock, need_id)
    if kept is None:
        kept = MatchLock(need_id=need_id, mentor_id=mentor_id, made_by_id=operator.id, made_at=now)
        session.add(kept)
    elif kept.mentor_id != mentor_id:
        kept.mentor_id, kept.made_by_id, kept.made_at = mentor_id, operator.id, now
    return kept


def release(session: Session, need_id: int) -> None:
    """Let the next run choose freely again; a second press does nothing. Holds the need."""
    db.lock(session, Need, need_id)
    kept = session.get(MatchLock, need_id)
    if kept is not None:
        session.delete(kept)


def keep_apart(
    session: Session, mentor_id: int, merchant_id: int, operator: User, *, reason: str, now: datetime
) -> Conflict:
    """Never match these two from now on; a second press gives the same row. Holds the mentor's profile."""
    if mentor_id == merchant_id:
        raise DomainError("같은 분이에요. 다른 사장님의 번호를 적어 주세요.", field="merchant")
    db.lock(session, MentorProfile, mentor_id)
    standing = select(Conflict).where(
        Conflict.mentor_id == mentor_id, Conflict.merchant_id == merchant_id, Conflict.ended_at.is_(None)
    )
    made = session.scalar(standing)
    if made is None:
        made = Conflict(
            mentor_id=mentor_id,
            merchant_id=merchant_id,
            reason=reason,
            made_by_id=operator.id,
            made_at=now,
        )
        session.add(made)
    return made


def get_mentor(session: Session, typed: str) -> User:
    """Return the mentor with this number or address. Raises DomainError (field ``mentor``) without one."""
    person = _find_person(session, typed, field="mentor")
    if person is None or not person.has_role(Role.MENTOR):
        raise DomainError("멘토로 등록된 분이 아니에요. 번호를 다시 확인해 주세요.", field="mentor")
    return person


def get_merchant(session: Session, typed: str) -> User:
    """Return whoever has this number or address. Raises DomainError (field ``merchant``) if nobody has."""
    person = _find_person(session, typed, field="merchant")
    if person is None:
        raise DomainError("가입한 분이 아니에요. 번호를 다시 확인해 주세요.", field="merchant")
    return person


def end_conflict(session: Session, conflict_id: int, *, now: datetime) -> None:
    """Let the two be matched again; a second press does nothing."""
    conflict = db.lock(session, Conflict, conflict_id)
    conflict.ended_at = conflict.ended_at or now


def _find_person(session: Session, typed: str, *, field: str) -> User | None:
    try:
        return accounts.find_by_contact(session, typed)
    except DomainError as error:
        raise DomainError(error.message, field=field) from error


def _check_is_mentor(session: Session, mentor_id: int) -> None:
    if session.get(MentorProfile, mentor_id) is None:
        raise DomainError("멘토로 등록된 분이 아니에요. 다른 멘토님을 골라 주세요.")
