"""Groups of a market that one mentor teaches together: opened, joined by a number, left, ended.

A place in a group is none of the mentor's seats for single shops. Every step holds the group.
"""

import secrets
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, RoleGrant, User
from portal.accounts.vocabulary import Region, Topic
from portal.core import db
from portal.core.errors import ConflictError, DomainError, NotFoundError
from portal.core.roles import Role
from portal.mentoring import slots
from portal.mentoring.circle_models import Circle, CircleMeeting, CircleMember, MeetingState
from portal.messages.operations import mark_path_read, notify, notify_all

CODE_DIGITS = 8
"""Digits are easy to type from a poster, and so many are too many to try out."""
PathOf = Callable[[int], str]
"""Gives the path of a group's page, by its id; the view makes it."""
NO_CIRCLE = "찾는 모임이 없어요. 주소가 바뀌었을 수 있어요."
WRONG_CODE = "이 번호의 모임이 없어요. 숫자 여덟 개를 한 번 더 봐 주세요."


@dataclass(frozen=True)
class Described:
    """What a group is about, for whom and for how many."""

    name: str
    region: Region
    topic: Topic
    #: What the group wants to be able to do in the end.
    goal: str
    places: int


def open_circle(
    session: Session, maker: User, described: Described, *, mentor_id: int, form_key: str, now: datetime
) -> Circle:
    """Open a group with a number of its own; the same form sent twice gives the same group.

    Raises DomainError (field ``mentor``) for somebody who is no mentor or said goodbye. Holds the mentor's
    profile, so that nobody leaves at that moment.
    """
    profile = session.get(MentorProfile, mentor_id, with_for_update=True, populate_existing=True)
    is_mentor = exists().where(RoleGrant.user_id == mentor_id, RoleGrant.role == Role.MENTOR)
    if profile is None or profile.left_at is not None or not session.scalar(select(is_mentor)):
        raise DomainError("지금 멘토로 활동하는 분을 골라 주세요.", field="mentor")
    made = session.scalar(select(Circle).where(Circle.made_by_id == maker.id, Circle.form_key == form_key))
    if made is not None:
        return made
    circle = Circle(
        **vars(described),
        mentor_id=mentor_id,
        code=_fresh_code(session),
        made_by_id=maker.id,
        form_key=form_key,
        made_at=now,
    )
    session.add(circle)
    session.flush()  # the caller shows its id
    return circle


def join(session: Session, user: User, *, code: str, path_of: PathOf, now: datetime) -> Circle:
    """Let a shop owner in who has the number, on the lowest free place, and tell the mentor.

    Who belongs already stays so. Raises DomainError (field ``code``) for a number nobody has given out, for
    a group that has ended and for its own mentor, ConflictError when no place is free.
    """
    digits = "".join(str(unicodedata.decimal(letter)) for letter in code if letter.isdecimal())
    found = session.scalar(select(Circle.id).where(Circle.code == digits))
    if found is None:
        raise DomainError(WRONG_CODE, field="code")
    circle = db.lock(session, Circle, found)
    if _find_membership(session, circle.id, user.id) is not None:
        return circle
    if circle.ended_at is not None:
        raise DomainError("이미 마친 모임이에요. 다른 모임을 찾아 주세요.", field="code")
    if user.id == circle.mentor_id:
        raise DomainError("사장님이 이끄는 모임이에요. 회원으로 들어오지 않아도 돼요.", field="code")
    place_no = _find_free_place(session, circle)
    if place_no is None:
        raise ConflictError(
            f"이 모임은 {circle.places}자리가 모두 찼어요. 멘토님이나 도움 전화로 말씀해 주세요."
        )
    session.add(CircleMember(circle_id=circle.id, user_id=user.id, place_no=place_no, joined_at=now))
    session.flush()  # the page that follows counts the places
    notify(
        session,
        user_id=circle.mentor_id,
        cause=f"circle:{circle.id}:joined:{user.id}:{now:%Y%m%d}",
        message="circle-joined",
        values={"who": f"{user.name} 사장님", "circle": circle.name},
        about=about(circle.id),
        path=path_of(circle.id),
        now=now,
    )
    return circle


def leave(session: Session, circle_id: int, user: User, *, path: str, now: datetime) -> None:
    """Give a place back; a second press does nothing. Raises NotFoundError for who never belonged."""
    was_in = exists().where(CircleMember.circle_id == circle_id, CircleMember.user_id == user.id)
    if not session.scalar(select(was_in)):
        raise NotFoundError(NO_CIRCLE)
    db.lock(session, Circle, circle_id)
    membership = _find_membership(session, circle_id, user.id)
    if membership is not None:
        membership.left_at = now
        mark_path_read(session, user_id=user.id, path=path, now=now)


def put_out(session: Session, circle: Circle, user_id: int, *, now: datetime) -> None:
    """Take somebody out who does not belong, and give the group another number, since they know this one.

    A second press does nothing. Holds the group.
    """
    circle = db.lock(session, Circle, circle.id)
    membership = _find_membership(session, circle.id, user_id)
    if membership is not None:
        membership.left_at, circle.code = now, _fresh_code(session)


def end(session: Session, circle: Circle, *, path: str, now: datetime) -> None:
    """End a group, let go of its meetings to come, and tell its members; a second press does nothing.

    A meeting that has begun can still be written down.
    """
    circle = db.lock(session, Circle, circle.id)
    if circle.ended_at is not None:
        return
    circle.ended_at = now
    coming = select(CircleMeeting).where(
        CircleMeeting.circle_id == circle.id,
        CircleMeeting.state == MeetingState.PLANNED,
        CircleMeeting.starts_at > now,
    )
    for meeting in session.scalars(coming).all():
        meeting.state, meeting.remind_at = MeetingState.CANCELLED, None
        slots.release_meeting(session, meeting.id)
    notify_all(
        session,
        list_member_ids(session, circle.id),
        cause=f"circle:{circle.id}:ended",
        message="circle-ended",
        values={"circle": circle.name},
        about=about(circle.id),
        path=path,
        now=now,
    )


def list_member_ids(session: Session, circle_id: int) -> Sequence[int]:
    """Return who belongs to a group now, for callers that loaded it by its policy."""
    statement = select(CircleMember.user_id).where(
        CircleMember.circle_id == circle_id, CircleMember.left_at.is_(None)
    )
    return session.scalars(statement.order_by(CircleMember.user_id)).all()


def count_led(session: Session, mentor: User) -> int:
    """Return how many groups a mentor teaches that have not ended."""
    statement = select(func.count()).select_from(Circle)
    return session.scalar(statement.where(Circle.mentor_id == mentor.id, Circle.ended_at.is_(None))) or 0


def about(circle_id: int) -> str:
    """Return the name of the conversation, by which its messages are stopped."""
    return f"circle:{circle_id}"


def spaced(code: str) -> str:
    """Return a number as it is printed and read aloud: ``4821 0937``."""
    return f"{code[:4]} {code[4:]}"


def _find_membership(session: Session, circle_id: int, user_id: int) -> CircleMember | None:
    return session.scalar(
        select(CircleMember).where(
            CircleMember.circle_id == circle_id,
            CircleMember.user_id == user_id,
            CircleMember.left_at.is_(None),
        )
    )


def _find_free_place(session: Session, circle: Circle) -> int | None:
    statement = select(CircleMember.place_no).where(
        CircleMember.circle_id == circle.id, CircleMember.left_at.is_(None)
    )
    taken = set(session.scalars(statement))
    return next((place_no for place_no in range(1, circle.places + 1) if place_no not in taken), None)


def _fresh_code(session: Session) -> str:
    while True:
        code = str(secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1))
        if not session.scalar(select(exists().where(Circle.code == code))):
            return code
