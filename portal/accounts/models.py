"""Accounts, their roles, their ways in and what they agreed to."""

from datetime import datetime
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.vocabulary import Region, Topic
from portal.core.db import Base, str_enum
from portal.core.i18n import noted
from portal.core.korean import with_hyphens
from portal.core.roles import Role

#: The first that fits; a trainee has a shop only in exercises and is 님, like everybody else.
_TITLES = (
    (Role.OPERATOR, "님"),
    (Role.TRAINER, "강사님"),
    (Role.MENTOR, "멘토님"),
    (Role.TRAINEE, "님"),
    (Role.MERCHANT, "사장님"),
)


class User(UserMixin, Base):  # type: ignore[misc] # flask-login ships no types
    """One person's account, found by telephone number or e-mail address."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="reachable"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    #: Digits only, 01012345678.
    phone: Mapped[str | None] = mapped_column(unique=True)
    #: Lower case, NFKC.
    email: Mapped[str | None] = mapped_column(unique=True)
    #: argon2id; null for those who come in by code only.
    password_hash: Mapped[str | None]
    shop_name: Mapped[str] = mapped_column(default="")
    #: What the shop sells, in the owner's words.
    business_type: Mapped[str] = mapped_column(default="")
    region: Mapped[Region | None] = mapped_column(str_enum(Region))
    text_size: Mapped[str] = mapped_column(default="2")
    contrast: Mapped[str] = mapped_column(default="normal")
    #: The language of pages; null until somebody chooses one.
    language: Mapped[str | None]
    created_at: Mapped[datetime]

    grants: Mapped[list["RoleGrant"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", foreign_keys="RoleGrant.user_id"
    )

    @property
    def roles(self) -> frozenset[Role]:
        """What this person may be; needs ``grants`` loaded."""
        return frozenset(grant.role for grant in self.grants)

    def has_role(self, role: Role) -> bool:
        """Tell whether this person holds ``role``; needs ``grants`` loaded."""
        return role in self.roles

    @property
    def phone_shown(self) -> str:
        """The telephone number with hyphens, empty for those who have none."""
        return with_hyphens(self.phone) if self.phone else ""

    @property
    def title(self) -> str:
        """How the portal speaks of this person: 김순자 사장님, 박정호 멘토님; needs ``grants`` loaded."""
        for role, word in _TITLES:
            if role in self.roles:
                return f"{self.name} {word}"
        return f"{self.name} 님"


class RoleGrant(Base):
    """A role held by an account, and who gave it."""

    __tablename__ = "role_grant"

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    role: Mapped[Role] = mapped_column(str_enum(Role), primary_key=True)
    granted_at: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))


class MentorProfile(Base):
    """What a mentor offers: topics, region and how many shops at once."""

    __tablename__ = "mentor_profile"
    __table_args__ = (CheckConstraint("capacity BETWEEN 0 AND 20", name="capacity"),)

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    introduction: Mapped[str]
    capacity: Mapped[int]
    #: No new questions or shops from then on; null while taking them.
    paused_at: Mapped[datetime | None]
    #: When they last came back from a pause: promises missed before count no more.
    resumed_at: Mapped[datetime | None]
    #: When they said goodbye; what they wrote and held stays.
    left_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")
    topics: Mapped[list["MentorTopic"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="MentorTopic.topic"
    )


class MentorTopic(Base):
    """A topic a mentor answers."""

    __tablename__ = "mentor_topic"

    mentor_id: Mapped[int] = mapped_column(ForeignKey(MentorProfile.user_id), primary_key=True)
    topic: Mapped[Topic] = mapped_column(str_enum(Topic), primary_key=True)


class SignIn(Base):
    """One device that is, or was, signed in. The cookie holds the token; ending the row ends the session."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    #: SHA-256 of the cookie's token, so that a copy of the database opens no session.
    token_hash: Mapped[str] = mapped_column(unique=True)
    #: What the browser calls itself, shortened.
    device: Mapped[str]
    created_at: Mapped[datetime]
    #: Whether a one-time code opened it, not a password.
    by_code: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    @property
    def name(self) -> str:
        """The device in Korean words its owner recognises; pages say it in their language."""
        kinds = (
            ("Android", noted("안드로이드 휴대전화")),
            ("iPhone", noted("아이폰")),
            ("iPad", noted("아이패드")),
            ("Windows", noted("윈도 컴퓨터")),
        )
        for mark, words in (*kinds, ("Macintosh", noted("맥 컴퓨터")), ("Linux", noted("리눅스 컴퓨터"))):
            if mark in self.device:
                return words
        return noted("다른 기기")


class OneTimeCode(Base):
    """A six-digit code sent by text message or e-mail, for one browser and one use."""

    __tablename__ = "one_time_code"
    __table_args__ = (
        Index("ix_one_time_code_identifier_created_at", "identifier", "created_at"),
        Index("ix_one_time_code_address_created_at", "address", "created_at"),
        Index("ix_one_time_code_browser_id", "browser", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    identifier: Mapped[str]
    #: HMAC of the code with the portal's key; null when the code could open nothing and was never sent.
    code_hmac: Mapped[str | None]
    #: SHA-256 of the nonce in the asking browser's session: the code opens nothing anywhere else.
    browser: Mapped[str]
    #: Keyed hash of where it was asked from, for the limits.
    address: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    #: What a sign-up waits with until its telephone or e-mail is proved.
    name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    #: Kinds agreed to with the version of their text: ``terms=2026-11-21 privacy=2026-11-21``.
    consents: Mapped[str] = mapped_column(default="")


class SignInFailure(Base):
    """A wrong password, kept for the sign-in limits and deleted after a day."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_identifier_at", "identifier", "at"),
        Index("ix_sign_in_failure_address_at", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Keyed hashes: the limits need to compare, nobody needs to read.
    identifier: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


class ConsentKind(StrEnum):
    """What a person is asked to agree to; ``news`` is optional."""

    TERMS = "terms"
    PRIVACY = "privacy"
    NEWS = "news"


class Consent(Base):
    """That a person agreed to one version of one text. Rows are added and withdrawn, never changed."""

    __tablename__ = "consent"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "version", "given_at"),
        Index(
            "uq_consent_standing",
            "user_id",
            "kind",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    kind: Mapped[ConsentKind] = mapped_column(str_enum(ConsentKind))
    version: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
