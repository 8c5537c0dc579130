"""Reading accounts, sessions and consents."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts import policy
from portal.accounts.identifier import normalise
from portal.accounts.models import Consent, MentorProfile, SignIn, User
from portal.core.errors import NotFoundError

CODE_STANDS_FOR_PASSWORD = timedelta(minutes=10)
"""How long after coming in by code a new password may be made without the one until now: who forgot it."""


def find_user(session: Session, identifier: str) -> User | None:
    """Return the account with this normalised telephone number or e-mail address, roles loaded."""
    column = User.email if "@" in identifier else User.phone
    return session.scalar(select(User).where(column == identifier).options(selectinload(User.grants)))


def find_by_contact(session: Session, typed: str) -> User | None:
    """Return the account with the telephone number or e-mail address that somebody typed.

    Raises DomainError (field ``identifier``) for what is neither.
    """
    return find_user(session, normalise(typed))


def get_user(session: Session, user_id: int) -> User:
    """Return an account with its roles. Raises NotFoundError if there is none.

    For operations and commands that hold an id from a row they were allowed to load.
    """
    user: User | None = session.scalar(
        select(User).where(User.id == user_id).options(selectinload(User.grants))
    )
    if user is None:
        raise NotFoundError("찾는 분이 없어요.")
    return user


#: Every request of a signed-in person asks this: to put it together anew took more than to run it.
_SIGNED_IN = (
    select(User)
    .join(SignIn, SignIn.user_id == User.id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.ended_at.is_(None),
        SignIn.expires_at > bindparam("now"),
    )
    .options(joinedload(User.grants))
)


def find_signed_in(session: Session, *, token_hash: str, now: datetime) -> User | None:
    """Return the person a session's token stands for, in one statement; None once it has ended."""
    return session.scalars(_SIGNED_IN, {"token_hash": token_hash, "now": now}).unique().one_or_none()


def has_just_used_code(session: Session, *, token_hash: str, now: datetime) -> bool:
    """Tell whether a one-time code opened a session so lately that it stands for the password until now."""
    found = select(SignIn.id).where(
        SignIn.token_hash == token_hash, SignIn.by_code, SignIn.created_at > now - CODE_STANDS_FOR_PASSWORD
    )
    return session.scalar(found) is not None


def list_devices(session: Session, user: User, *, now: datetime) -> Sequence[SignIn]:
    """Return the person's open sessions, newest first, at most 20."""
    statement = select(SignIn).where(policy.may_end(user), SignIn.ended_at.is_(None), SignIn.expires_at > now)
    return session.scalars(statement.order_by(SignIn.id.desc()).limit(20)).all()


def get_device(session: Session, user: User, sign_in_id: int) -> SignIn:
    """Return one of the person's sessions. Raises NotFoundError for anybody else's."""
    device = session.scalar(select(SignIn).where(SignIn.id == sign_in_id, policy.may_end(user)))
    if device is None:
        raise NotFoundError("찾는 기기가 없어요.")
    return device


def list_consents(session: Session, user: User) -> Sequence[Consent]:
    """Return what the person agrees to now."""
    statement = select(Consent).where(Consent.user_id == user.id, Consent.withdrawn_at.is_(None))
    return session.scalars(statement.order_by(Consent.kind)).all()


def find_mentor_profile(session: Session, user: User) -> MentorProfile | None:
    """Return what a mentor offers, with the topics, or None."""
    return session.scalar(
        select(MentorProfile)
        .where(MentorProfile.user_id == user.id)
        .options(selectinload(MentorProfile.topics))
    )
