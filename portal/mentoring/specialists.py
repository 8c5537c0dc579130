"""Who knows a field so well that hard questions of other mentors are handed to them, as operators say."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, RoleGrant, User
from portal.core import db
from portal.core.roles import Role
from portal.mentoring.models import MatchProfile
from portal.mentoring.queries import PAGE_SIZE, found
from portal.mentoring.vocabulary import FIELD_NAMES, Field


@dataclass(frozen=True)
class MentorLine:
    """A mentor, and the field they answer hard questions of; empty for most."""

    id: int
    name: str
    field: Field | None

    @property
    def field_name(self) -> str:
        """The field in words."""
        return FIELD_NAMES[self.field] if self.field else ""


def may_appoint(user: User) -> bool:
    """Tell whether ``user`` says who is a specialist and lets questions go to another one: operators."""
    return user.has_role(Role.OPERATOR)


def find_field(session: Session, user: User) -> Field | None:
    """Return the field somebody answers hard questions of; None for those who answer none."""
    return session.scalar(
        select(MatchProfile.field)
        .join(MentorProfile, MentorProfile.user_id == MatchProfile.mentor_id)
        .where(MatchProfile.mentor_id == user.id, _is_here())
    )


def list_ids(session: Session, field: Field, *, but: Collection[int]) -> list[int]:
    """Return who may be asked about a field now, those in ``but`` left out."""
    statement = (
        select(MatchProfile.mentor_id)
        .join(MentorProfile, MentorProfile.user_id == MatchProfile.mentor_id)
        .where(MatchProfile.field == field, _is_here(), MatchProfile.mentor_id.not_in(but))
        .order_by(MatchProfile.mentor_id)
    )
    return list(session.scalars(statement))


def list_operator_ids(session: Session) -> list[int]:
    """Return the operators, who look after questions nobody answers."""
    statement = select(RoleGrant.user_id).where(RoleGrant.role == Role.OPERATOR)
    return list(session.scalars(statement.order_by(RoleGrant.user_id)))


def list_mentors(session: Session, *, after_id: int = 0) -> list[MentorLine]:
    """Return mentors with their fields for operators, one more than a page."""
    statement = (
        select(User.id, User.name, MatchProfile.field)
        .join(MentorProfile, MentorProfile.user_id == User.id)
        .outerjoin(MatchProfile, MatchProfile.mentor_id == User.id)
        .where(MentorProfile.left_at.is_(None), User.id > after_id)
        .order_by(User.id)
        .limit(PAGE_SIZE + 1)
    )
    return [MentorLine(*row) for row in session.execute(statement)]


def get_mentor(session: Session, mentor_id: int) -> MentorLine:
    """Return one mentor with the field, for operators. Raises NotFoundError for those who are none."""
    row = session.execute(
        select(User.id, User.name, MatchProfile.field)
        .join(MentorProfile, MentorProfile.user_id == User.id)
        .outerjoin(MatchProfile, MatchProfile.mentor_id == User.id)
        .where(User.id == mentor_id, MentorProfile.left_at.is_(None))
    ).one_or_none()
    return MentorLine(*found(row, "찾는 멘토님이 없어요. 목록에서 다시 골라 주세요."))


def appoint(session: Session, mentor_id: int, field: Field | None) -> None:
    """Say which field's hard questions a mentor answers, or none any more. Holds the mentor's profile.

    What they have taken already stays theirs.
    """
    db.lock(session, MentorProfile, mentor_id)
    profile = session.get(MatchProfile, mentor_id)
    if profile is None:
        profile = MatchProfile(mentor_id=mentor_id, regions=[], channels=[])
        session.add(profile)
    profile.field = field


def _is_here() -> ColumnElement[bool]:
    """Return the condition that a mentor is neither gone nor resting."""
    return and_(MentorProfile.left_at.is_(None), MentorProfile.paused_at.is_(None))
