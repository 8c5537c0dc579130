"""Joining a qualification, leaving it, going over to newer rules: each judged by the rules they joined."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, contains_eager

from portal.accounts.models import User
from portal.certification import qualifications
from portal.certification.models import Proposal, ProposalState
from portal.certification.policy import ISSUERS, is_standing
from portal.certification.qualification_models import (
    Candidate,
    LedgerEntry,
    LedgerKind,
    QualificationVersion,
)
from portal.certification.qualifications import Qualification, Qualifications, Version
from portal.core import db
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from portal.messages.operations import notify

PAGE_SIZE = 20
NO_CANDIDATE = "찾는 화면이 없어요. ‘내 자격’에서 다시 골라 주세요."


@dataclass(frozen=True)
class OnTheWay:
    """Somebody on the way to a qualification, as staff find them in a list."""

    candidate_id: int
    name: str
    title: str
    joined_at: datetime
    #: Whether nothing is left to meet.
    is_ready: bool


def join(session: Session, user: User, qualification: Qualification, *, now: datetime) -> Candidate:
    """Begin the way to a qualification by the rules in force today; a second press gives the same way.

    The rules are frozen when somebody first goes by them.
    """
    standing = find_standing(session, user.id, qualification.id)
    if standing is not None:
        return standing
    version = freeze(session, qualification, qualification.version_on(now.astimezone(KST).date()), now=now)
    candidate = Candidate(
        user_id=user.id,
        qualification_id=qualification.id,
        version_id=version.id,
        joined_at=now,
        check_at=now,
    )
    try:
        with session.begin_nested():
            session.add(candidate)
    except IntegrityError:  # the same person in another window, in this moment
        return _require(find_standing(session, user.id, qualification.id))
    return candidate


def leave(session: Session, candidate: Candidate, user: User, *, now: datetime) -> None:
    """End the way; what was met stays written. A second press changes nothing.

    Raises ForbiddenError for anybody but the candidate, ConflictError once a certificate is on its way.
    """
    candidate = db.lock(session, Candidate, candidate.id)
    if candidate.user_id != user.id:
        raise ForbiddenError("그만두는 것은 본인만 할 수 있어요.")
    if candidate.left_at is not None:
        return
    if find_proposal(session, candidate) is not None:
        raise ConflictError("발급을 제안했거나 증서가 나온 뒤에는 그만둘 수 없어요.")
    candidate.left_at, candidate.check_at = now, None


def move(
    session: Session,
    candidate: Candidate,
    operator: User,
    *,
    number: int,
    reason: str,
    path: str,
    now: datetime,
) -> None:
    """Let somebody be judged by newer rules from now on, with a reason they are told; old lines stay.

    Raises ForbiddenError for one's own and for who is no operator,
    DomainError (``number``, ``reason``), ConflictError for who has left or whose certificate is on its way.
    """
    candidate = db.lock(session, Candidate, candidate.id)
    if candidate.user_id == operator.id or not operator.has_role(Role.OPERATOR):
        raise ForbiddenError("기준을 바꾸는 것은 다른 운영자가 해요.")
    _refuse_ended(session, candidate)
    present = session.get_one(QualificationVersion, candidate.version_id)
    qualification = qualifications.current().get(candidate.qualification_id)
    newer = _newer(qualification, present, number)
    if not reason.strip():
        raise DomainError("기준을 바꾸는 까닭을 적어 주세요.", field="reason")
    frozen = freeze(session, qualification, newer, now=now)
    candidate.version_id, candidate.check_at = frozen.id, now
    entry = LedgerEntry(
        candidate_id=candidate.id,
        requirement="",
        kind=LedgerKind.MOVED,
        words=f"기준 {present.number}판에서 {newer.number}판으로 옮겼어요.",
        version_id=frozen.id,
        by_id=operator.id,
        at=now,
        note=reason.strip(),
    )
    session.add(entry)
    session.flush()  # the notice names the line
    _tell_moved(session, candidate, entry, title=qualification.title, path=path)


def _tell_moved(session: Session, candidate: Candidate, entry: LedgerEntry, *, title: str, path: str) -> None:
    notify(
        session,
        user_id=candidate.user_id,
        cause=f"ledger:{entry.id}",
        message="candidate-moved",
        values={"qualification": title},
        path=path,
        now=entry.at,
    )


def freeze(
    session: Session, qualification: Qualification, version: Version, *, now: datetime
) -> QualificationVersion:
    """Return the rules as they stand in the database, copying them there when they are first used.

    Rules that are there already win over a file that was changed since.
    """
    find = select(QualificationVersion).where(
        QualificationVersion.qualification_id == qualification.id,
        QualificationVersion.number == version.number,
    )
    frozen = session.scalar(find)
    if frozen is not None:
        return frozen
    frozen = QualificationVersion(
        qualification_id=qualification.id,
        number=version.number,
        rules=version.rules,
        digest=version.digest,
        frozen_at=now,
    )
    try:
        with session.begin_nested():
            session.add(frozen)
    except IntegrityError:  # somebody else was the first in this moment
        return session.scalars(find).one()
    return frozen


def list_changed(session: Session, found: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each version whose file no longer says what people are judged by.

    ``found`` is all that was read, by the extension that holds it; see `publishing.add_comparer`.
    """
    read: Qualifications = found["portal_qualifications"]
    frozen = session.scalars(
        select(QualificationVersion).order_by(
            QualificationVersion.qualification_id, QualificationVersion.number
        )
    ).all()
    written = {
        (qualification.id, version.number): version.digest
        for qualification in read.all
        for version in qualification.versions
    }
    for each in frozen:
        name = f"version {each.number} of '{each.qualification_id}'"
        digest = written.get((each.qualification_id, each.number))
        if digest is None:
            yield f"{name} is gone from the files, but people are judged by it; put it back as it was"
        elif digest != each.digest:
            yield f"{name} was changed, but people are judged by it as it was; write a new version instead"


def newer_versions(qualification: Qualification, present: QualificationVersion) -> list[Version]:
    """Return the versions somebody may go over to."""
    return [each for each in qualification.versions if each.number > present.number]


def _newer(qualification: Qualification, present: QualificationVersion, number: int) -> Version:
    for each in newer_versions(qualification, present):
        if each.number == number:
            return each
    raise DomainError("지금보다 새로운 기준을 골라 주세요.", field="number")


def all_rules(session: Session, qualification_id: str) -> Mapping[int, Version]:
    """Return every frozen version of a qualification by the id of its row."""
    rows = session.scalars(
        select(QualificationVersion).where(QualificationVersion.qualification_id == qualification_id)
    )
    return {row.id: Version.of(row.rules) for row in rows}


def get(session: Session, user: User, candidate_id: int) -> Candidate:
    """Return a candidate with their account, to themself, trainers and operators.

    Raises NotFoundError for anybody else.
    """
    found: Candidate | None = session.scalar(
        select(Candidate)
        .join(Candidate.user)
        .where(Candidate.id == candidate_id, may_view(user))
        .options(contains_eager(Candidate.user))
    )
    return _require(found)


def get_own(session: Session, user: User, candidate_id: int) -> Candidate:
    """Return one's own way to a qualification. Raises NotFoundError for anybody else's."""
    found = get(session, user, candidate_id)
    return _require(found if found.user_id == user.id else None)


def get_to_judge(session: Session, user: User, candidate_id: int) -> Candidate:
    """Return a candidate to decide about. Raises NotFoundError as `get`, ForbiddenError for oneself."""
    found = get(session, user, candidate_id)
    if found.user_id == user.id:
        raise ForbiddenError("내 것은 다른 분이 정해요.")
    return found


def find_standing(session: Session, user_id: int, qualification_id: str) -> Candidate | None:
    """Return the way somebody is on to a qualification, or None."""
    found: Candidate | None = session.scalar(
        select(Candidate).where(
            Candidate.user_id == user_id,
            Candidate.qualification_id == qualification_id,
            Candidate.left_at.is_(None),
        )
    )
    return found


def list_own(session: Session, user: User) -> Sequence[Candidate]:
    """Return every way the person is on, the newest first."""
    return session.scalars(
        select(Candidate)
        .where(Candidate.user_id == user.id, Candidate.left_at.is_(None))
        .order_by(Candidate.id.desc())
        .limit(PAGE_SIZE)
    ).all()


def list_all(session: Session, user: User, *, after_id: int = 0) -> Sequence[OnTheWay]:
    """Return who is on the way to a qualification, for staff, the longest there first, without oneself."""
    return _list(session, user, Candidate.id > after_id)


def list_ready(session: Session, user: User, *, after_id: int = 0) -> Sequence[OnTheWay]:
    """Return those of `list_all` who have nothing left to meet and whom nobody has proposed."""
    return _list(session, user, Candidate.id > after_id, is_ready())


def is_ready() -> ColumnElement[bool]:
    """Return the condition that a candidate has nothing left to meet and nobody has proposed them."""
    proposed = select(Proposal.id).where(Proposal.candidate_id == Candidate.id, is_standing())
    return and_(Candidate.check_at.is_(None), ~proposed.exists())


def is_listed(user: User) -> ColumnElement[bool]:
    """Return the condition that ``user`` finds a candidate in the lists: never themself, nor who has left."""
    return and_(Candidate.left_at.is_(None), Candidate.user_id != user.id, may_view(user))


def _list(session: Session, user: User, *conditions: ColumnElement[bool]) -> Sequence[OnTheWay]:
    titles = {each.id: each.title for each in qualifications.current().all}
    rows = session.execute(
        select(Candidate.id, User.name, Candidate.qualification_id, Candidate.joined_at, Candidate.check_at)
        .join(Candidate.user)
        .where(is_listed(user), *conditions)
        .order_by(Candidate.id)
        .limit(PAGE_SIZE)
    )
    return [
        OnTheWay(candidate_id, name, titles.get(title, title), joined_at, check_at is None)
        for candidate_id, name, title, joined_at, check_at in rows
    ]


def find_proposal(session: Session, candidate: Candidate) -> Proposal | None:
    """Return the proposal for a first certificate that stands, or None."""
    found: Proposal | None = session.scalar(
        select(Proposal).where(Proposal.candidate_id == candidate.id, ~Proposal.is_replacement, is_standing())
    )
    return found


def may_view(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may see a candidate: themself, trainers, operators."""
    is_staff = true() if not user.roles.isdisjoint(ISSUERS) else Candidate.id.is_(None)
    return or_(Candidate.user_id == user.id, is_staff)


def _refuse_ended(session: Session, candidate: Candidate) -> None:
    proposal = find_proposal(session, candidate)
    if candidate.left_at is not None:
        raise ConflictError("그만둔 분이에요. 다시 시작하시면 새 기준으로 시작해요.")
    if proposal is not None:
        is_issued = proposal.state is ProposalState.APPROVED
        raise ConflictError(
            "이미 증서가 나갔어요." if is_issued else "발급을 제안해 두었어요. 제안부터 돌려보내 주세요."
        )


def _require(found: Candidate | None) -> Candidate:
    if found is None:
        raise NotFoundError(NO_CANDIDATE)
    return found
