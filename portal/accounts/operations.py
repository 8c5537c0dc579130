"""Signing up, in and out, passwords, one-time codes, and what a person sets for themself."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts import limits, queries
from portal.accounts.identifier import is_email
from portal.accounts.models import (
    Consent,
    ConsentKind,
    MentorProfile,
    MentorTopic,
    RoleGrant,
    SignIn,
    User,
)
from portal.accounts.vocabulary import Region, Topic
from portal.core import passwords
from portal.core.errors import DomainError
from portal.core.i18n import gettext as _
from portal.core.i18n import noted, translated
from portal.core.roles import Role

SIGN_IN_LASTS = timedelta(days=90)
STAFF_PASSWORD_MIN_CHARS = 15

_WRONG = noted("번호나 비밀번호가 맞지 않아요. 다시 확인하거나, 문자로 숫자를 받아 들어오세요.")


def hash_token(token: str) -> str:
    """Return what is stored of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_by_password(
    session: Session, *, identifier: str, password: str, address: str, now: datetime
) -> User | None:
    """Return the person if the password is right, else None; the caller notes the failure.

    Only reads, since hashing takes long and must hold no writer up. Raises TooManyError before looking at
    the password when the limits of `limits` are reached, UnavailableError when too many are hashing. Takes
    as long for an account that does not exist.
    """
    limits.check(session, identifier=identifier, address=address, now=now)
    user = queries.find_user(session, identifier)
    is_right = passwords.is_right(user.password_hash if user else None, password)
    return user if is_right else None


def renewed_hash(user: User, password: str) -> str | None:
    """Return a hash with today's parameters where the stored one is weaker, else the stored one."""
    stored: str | None = user.password_hash
    return passwords.hash_password(password) if stored and passwords.is_outdated(stored) else stored


def wrong_password() -> DomainError:
    """Return the refusal for a wrong identifier or password: the same for both."""
    return DomainError(translated(_WRONG), field="password")


def open_sign_in(session: Session, user: User, *, device: str, by_code: bool = False, now: datetime) -> str:
    """Record a new session for ``user`` and return the token its cookie carries.

    ``by_code`` says that a one-time code opened it.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            user_id=user.id,
            token_hash=hash_token(token),
            device=device,
            by_code=by_code,
            created_at=now,
            expires_at=now + SIGN_IN_LASTS,
        )
    )
    return token


def close_sign_in(session: Session, *, token: str, now: datetime) -> None:
    """End the session of ``token``; a copy of its cookie opens nothing from then on."""
    session.execute(
        update(SignIn)
        .where(SignIn.token_hash == hash_token(token), SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )


def close_device(session: Session, device: SignIn, *, now: datetime) -> None:
    """End one of the person's own sessions."""
    device.ended_at = device.ended_at or now


def sign_up(
    session: Session,
    *,
    identifier: str,
    name: str,
    password_hash: str | None,
    consents: Mapping[ConsentKind, str],
    display: tuple[str, str],
    language: str | None = None,
    now: datetime,
) -> User:
    """Create a merchant's account for a proved identifier, with what was agreed to.

    Returns the account that is there already when another device was first.
    """
    user = User(
        name=name,
        phone=None if is_email(identifier) else identifier,
        email=identifier if is_email(identifier) else None,
        password_hash=password_hash,
        text_size=display[0],
        contrast=display[1],
        language=language,
        created_at=now,
        grants=[RoleGrant(role=Role.MERCHANT, granted_at=now)],
    )
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:
        # The same number was proved on another device in this moment; that account is the one.
        known = queries.find_user(session, identifier)
        if known is None:
            raise
        return known
    for kind, version in consents.items():
        session.add(Consent(user_id=user.id, kind=kind, version=version, given_at=now))
    return user


def knows_password(user: User, password: str) -> bool:
    """Tell whether ``password`` is the person's; always so for those who have none yet."""
    return user.password_hash is None or passwords.is_right(user.password_hash, password)


def wrong_current_password() -> DomainError:
    """Return the refusal for a wrong password on the page that changes it."""
    return DomainError(_("지금 쓰는 비밀번호가 맞지 않아요."), field="current")


def make_password_hash(user: User, password: str) -> str:
    """Return the hash of a new password; raises DomainError for one that is too weak for this person."""
    passwords.check_strength(password, own_words=[user.name, user.phone or "", user.email or ""])
    if user.roles & {Role.TRAINER, Role.OPERATOR} and len(password) < STAFF_PASSWORD_MIN_CHARS:
        raise DomainError(
            _(
                "강사와 운영자는 비밀번호를 %(fewest)s자 이상으로 적어 주세요.",
                fewest=STAFF_PASSWORD_MIN_CHARS,
            ),
            field="password",
        )
    return passwords.hash_password(password)


def set_password(session: Session, user: User, *, password_hash: str, keep_token: str, now: datetime) -> None:
    """Set or change the password and end every other session of the person."""
    user.password_hash = password_hash
    session.execute(
        update(SignIn)
        .where(
            SignIn.user_id == user.id,
            SignIn.ended_at.is_(None),
            SignIn.token_hash != hash_token(keep_token),
        )
        .values(ended_at=now)
    )


def set_display(user: User, *, text_size: str, contrast: str) -> None:
    """Keep the text size and contrast with the account, for every device."""
    user.text_size, user.contrast = text_size, contrast


def set_language(user: User, language: str) -> None:
    """Keep the language of pages with the account, for every device."""
    user.language = language


def set_profile(user: User, *, name: str, shop_name: str, business_type: str, region: Region | None) -> None:
    """Change what the person tells about themself and the shop."""
    user.name, user.shop_name = name, shop_name
    user.business_type, user.region = business_type, region


def set_news_consent(session: Session, user: User, *, version: str | None, now: datetime) -> None:
    """Give consent to news in this version, or withdraw it with None. Standing consent stays as it is.

    Holds the account's row, so that a form sent twice at once gives one consent.
    """
    session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))
    standing = session.scalar(
        select(Consent).where(
            Consent.user_id == user.id, Consent.kind == ConsentKind.NEWS, Consent.withdrawn_at.is_(None)
        )
    )
    if version is None and standing is not None:
        standing.withdrawn_at = now
    if version is not None and standing is None:
        session.add(Consent(user_id=user.id, kind=ConsentKind.NEWS, version=version, given_at=now))


def grant_role(session: Session, user: User, role: Role, *, granted_by: User | None, now: datetime) -> None:
    """Give ``user`` a role; one already held stays as it was given."""
    if role not in user.roles:
        user.grants.append(
            RoleGrant(role=role, granted_at=now, granted_by_id=granted_by.id if granted_by else None)
        )


def withdraw_role(session: Session, user: User, role: Role, *, now: datetime) -> None:
    """Take a role back and end every open session of the person; a role not held changes nothing."""
    user.grants = [grant for grant in user.grants if grant.role != role]
    session.execute(
        update(SignIn).where(SignIn.user_id == user.id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def set_mentor_profile(
    session: Session, user: User, *, introduction: str | None, capacity: int | None, topics: list[Topic]
) -> MentorProfile:
    """Create or change what a mentor offers; None and an empty list leave it, or start with the usual."""
    profile = queries.find_mentor_profile(session, user)
    if profile is None:
        profile = MentorProfile(
            user_id=user.id, introduction="", capacity=3, topics=[MentorTopic(topic=topic) for topic in Topic]
        )
        session.add(profile)
    if introduction is not None:
        profile.introduction = introduction
    if capacity is not None:
        profile.capacity = capacity
    if topics:
        profile.topics = [MentorTopic(topic=topic) for topic in topics]
    return profile
