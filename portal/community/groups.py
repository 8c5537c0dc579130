"""Associations (상인회): who belongs to one, and the number by which others join."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.accounts.vocabulary import REGION_NAMES, Region
from portal.community import policy
from portal.community.models import Association, AssociationMember
from portal.core import db
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.messages.operations import notify

CODE_DIGITS = 10
"""Digits are easy to type from a poster; ten of them are too many to try out."""

MEMBERS_MAX = 500
PathOf = Callable[[int], str]
"""Gives the path of the members' page, by the association's id; the view makes it."""

NO_GROUP = "찾는 상인회가 없어요. 주소가 바뀌었을 수 있어요."


@dataclass(frozen=True)
class AssociationLine:
    """An association in a list."""

    id: int
    name: str
    region: str
    members: int
    managers: str


@dataclass(frozen=True)
class MemberLine:
    """One member, as the manager sees them."""

    user_id: int
    name: str
    shop_name: str
    is_manager: bool
    joined_at: datetime


@dataclass(frozen=True)
class AssociationPage:
    """An association with what this reader may do."""

    id: int
    name: str
    is_member: bool
    can_manage: bool


def make(session: Session, *, name: str, region: Region | None, manager: User, now: datetime) -> Association:
    """Make an association with its first member, who manages it. Raises ConflictError for a taken name."""
    if session.scalar(select(exists().where(Association.name == name))):
        raise ConflictError("같은 이름의 상인회가 벌써 있어요. 시장 이름까지 적어 주세요.")
    made = Association(name=name, region=region, join_code=_fresh_code(session), created_at=now)
    session.add(made)
    session.flush()  # its member names its id
    session.add(AssociationMember(association_id=made.id, user_id=manager.id, is_manager=True, joined_at=now))
    return made


def join(session: Session, user: User, *, code: str, path_of: PathOf, now: datetime) -> Association:
    """Let somebody in who has the number, and tell the managers; who belongs already stays so.

    Raises DomainError for a number nobody has given out, ConflictError when no more fit. Holds the
    association, so that a number made anew at the same moment lets nobody in.
    """
    wrong = "이 번호의 상인회가 없어요. 숫자 열 개를 한 번 더 봐 주세요."
    digits = "".join(letter for letter in code if letter.isdigit())
    found = session.scalar(select(Association.id).where(Association.join_code == digits))
    association = db.lock(session, Association, found) if found else None
    if association is None or association.join_code != digits:
        raise DomainError(wrong, field="code")
    member = session.get(AssociationMember, (association.id, user.id))
    if member is not None and member.left_at is None:
        return association
    if _count_members(session, association.id) >= MEMBERS_MAX:
        raise ConflictError("이 상인회는 자리가 다 찼어요. 상인회 관리자에게 말씀해 주세요.")
    if member is None:
        member = AssociationMember(association_id=association.id, user_id=user.id, joined_at=now)
        session.add(member)
    member.joined_at, member.left_at, member.is_manager = now, None, False
    _tell_managers(session, association, user, path=path_of(association.id), now=now)
    return association


def leave(session: Session, association: Association, user: User, *, now: datetime) -> None:
    """Let somebody go who wants to; they may come back with the number.

    Raises ConflictError for the only manager: nobody could let others in any more.
    """
    association = db.lock(session, Association, association.id)
    member = _get_member(session, association, user.id)
    if member.is_manager and _count_managers(session, association.id) == 1:
        raise ConflictError("관리하는 분이 한 분뿐이에요. 다른 분께 관리를 먼저 맡겨 주세요.")
    member.left_at, member.is_manager = now, False


def let_out(session: Session, association: Association, user_id: int, *, now: datetime) -> None:
    """Take a member out, and make a new number: the old one would let them in again.

    A second press changes nothing. Raises ConflictError for a manager.
    """
    association = db.lock(session, Association, association.id)
    member = _get_member(session, association, user_id)
    if member.left_at is not None:
        return
    if member.is_manager:
        raise ConflictError("관리하는 분은 내보낼 수 없어요. 도움 전화로 말씀해 주세요.")
    member.left_at = now
    association.join_code = _fresh_code(session)


def entrust(session: Session, association: Association, user_id: int) -> None:
    """Let a member manage the association too. Raises NotFoundError for somebody who has left."""
    association = db.lock(session, Association, association.id)
    member = _get_member(session, association, user_id)
    if member.left_at is not None:
        raise NotFoundError("지금은 회원이 아니에요. 회원 목록을 다시 봐 주세요.")
    member.is_manager = True


def renew_code(session: Session, association: Association, *, old_code: str) -> Association:
    """Make a new number in place of ``old_code``; the same press twice makes one."""
    association = db.lock(session, Association, association.id)
    if association.join_code == old_code:
        association.join_code = _fresh_code(session)
    return association


def get_association(
    session: Session, user: User, association_id: int, *, write: bool = False, manage: bool = False
) -> Association:
    """Return an association. Raises NotFoundError for strangers, ForbiddenError for what others may do."""
    row = session.execute(
        select(
            Association,
            policy.may_write_in(user).label("can_write"),
            policy.may_manage(user).label("can_manage"),
        ).where(Association.id == association_id, policy.may_read_association(user))
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_GROUP)
    association, can_write, can_manage = row
    if write and not can_write:
        raise ForbiddenError("상인회 회원만 글을 쓸 수 있어요.")
    if manage and not can_manage:
        raise ForbiddenError("상인회를 관리하는 분만 볼 수 있어요.")
    found: Association = association
    return found


def get_association_page(session: Session, user: User, association_id: int) -> AssociationPage:
    """Return what the page of an association shows to this reader."""
    row = session.execute(
        select(
            Association.id,
            Association.name,
            policy.may_write_in(user).label("is_member"),
            policy.may_manage(user).label("can_manage"),
        ).where(Association.id == association_id, policy.may_read_association(user))
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_GROUP)
    return AssociationPage(row.id, row.name, bool(row.is_member), bool(row.can_manage))


def list_my_associations(session: Session, user: User | None) -> Sequence[Association]:
    """Return the associations somebody belongs to, by name."""
    if user is None:
        return []
    statement = select(Association).where(policy.may_write_in(user)).order_by(Association.name)
    return session.scalars(statement).all()


def list_members(session: Session, association: Association) -> list[MemberLine]:
    """Return the members of an association its manager has loaded, managers first."""
    rows = session.scalars(
        select(AssociationMember)
        .where(AssociationMember.association_id == association.id, AssociationMember.left_at.is_(None))
        .options(joinedload(AssociationMember.user))
        .order_by(AssociationMember.is_manager.desc(), AssociationMember.joined_at, AssociationMember.user_id)
        .limit(MEMBERS_MAX)
    )
    return [
        MemberLine(row.user_id, f"{row.user.name} 님", row.user.shop_name, row.is_manager, row.joined_at)
        for row in rows
    ]


def list_associations(session: Session, *, limit: int = 200) -> list[AssociationLine]:
    """Return every association with its managers' names; for operators."""
    count = (
        select(func.count())
        .where(AssociationMember.association_id == Association.id, AssociationMember.left_at.is_(None))
        .scalar_subquery()
    )
    rows = session.execute(select(Association, count).order_by(Association.name).limit(limit)).all()
    managers: dict[int, list[str]] = {}
    for association_id, name in session.execute(
        select(AssociationMember.association_id, User.name)
        .join(User, User.id == AssociationMember.user_id)
        .where(AssociationMember.is_manager, AssociationMember.left_at.is_(None))
        .order_by(AssociationMember.joined_at)
    ):
        managers.setdefault(association_id, []).append(f"{name} 님")
    return [
        AssociationLine(
            id=row.id,
            name=row.name,
            region=REGION_NAMES[row.region] if row.region else "",
            members=members,
            managers=", ".join(managers.get(row.id, [])),
        )
        for row, members in rows
    ]


def spaced(code: str) -> str:
    """Return a number as it is printed and read aloud: ``482 109 3755``."""
    return f"{code[:3]} {code[3:6]} {code[6:]}"


def _fresh_code(session: Session) -> str:
    while True:
        code = str(secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1))
        if not session.scalar(select(exists().where(Association.join_code == code))):
            return code


def _get_member(session: Session, association: Association, user_id: int) -> AssociationMember:
    member = session.get(AssociationMember, (association.id, user_id))
    if member is None:
        raise NotFoundError("찾는 회원이 없어요. 회원 목록을 다시 봐 주세요.")
    return member


def _count_members(session: Session, association_id: int) -> int:
    standing = (AssociationMember.association_id == association_id, AssociationMember.left_at.is_(None))
    return session.scalar(select(func.count()).select_from(AssociationMember).where(*standing)) or 0


def _count_managers(session: Session, association_id: int) -> int:
    standing = (AssociationMember.association_id == association_id, AssociationMember.left_at.is_(None))
    managers = select(func.count()).select_from(AssociationMember)
    return session.scalar(managers.where(*standing, AssociationMember.is_manager)) or 0


def _tell_managers(
    session: Session, association: Association, user: User, *, path: str, now: datetime
) -> None:
    managers = session.scalars(
        select(AssociationMember.user_id).where(
            AssociationMember.association_id == association.id,
            AssociationMember.is_manager,
            AssociationMember.left_at.is_(None),
        )
    ).all()
    for manager_id in managers:
        notify(
            session,
            user_id=manager_id,
            cause=f"joined:{association.id}:{user.id}:{now:%Y%m%d}",
            message="association-joined",
            values={"who": f"{user.name} 님", "association": association.name},
            path=path,
            now=now,
        )
