"""Agreeing on the standard with a marker whose points lie apart from the others'.

One at a time is opened, by night, and an operator closes it. What was agreed is written down; from then on
their marks are counted anew (`supervision`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import RoleGrant, User
from portal.certification import supervision
from portal.certification.marking_models import Calibration, MarkingSheet
from portal.certification.redrawing import night_of
from portal.certification.supervision import Measured
from portal.core import db, queue
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from portal.messages.operations import notify, notify_all

NOTE_MIN_CHARS = 10
AT_ONCE = 200
PAGE_SIZE = 20
NOT_ONES_OWN = "내 채점 기준은 다른 운영자와 맞춰요. 다른 운영자에게 부탁해 주세요."


@dataclass(frozen=True)
class Shown:
    """A calibration with the people's names."""

    calibration: Calibration
    marker: str
    closed_by: str | None

    @property
    def measured(self) -> Measured:
        """What was measured when it was opened."""
        return measured_of(self.calibration)


@dataclass(frozen=True)
class Line:
    """A marker in the list of all."""

    name: str
    measured: Measured
    #: What waits, in words.
    state: str


def measured_of(calibration: Calibration) -> Measured:
    """Return what was measured when a calibration was opened."""
    return Measured(calibration.scripts, calibration.halves, calibration.most)


def list_due_ids(session: Session, now: datetime) -> Sequence[int]:
    """Return the markers with scripts agreed before this night that nobody has looked at.

    Nothing has to remember that a night is done: what was looked at says when.
    """
    due = select(MarkingSheet.marker_id).where(_is_to_look_at(now)).distinct()
    return session.scalars(due.order_by(MarkingSheet.marker_id).limit(AT_ONCE)).all()


LOOK = queue.register(
    "certification.look_at_marker",
    run="portal.certification.calibration_jobs.look",
    timeout_s=60,
    due=list_due_ids,
)


def look(session: Session, marker_id: int, *, now: datetime) -> Calibration | None:
    """Measure a marker with what was agreed since the last time, and open a calibration where they drift.

    Run twice, the second time does nothing; two at once wait for each other at the sheets. Nothing is opened
    beside an open one, or for somebody who marks no more. The caller tells people (`tell`).
    """
    sheets = session.scalars(
        select(MarkingSheet)
        .where(MarkingSheet.marker_id == marker_id, _is_to_look_at(now))
        .order_by(MarkingSheet.id)
        .with_for_update(of=MarkingSheet)
    ).all()
    for sheet in sheets:
        sheet.looked_at = now
    if not sheets or find_open(session, marker_id) or not _is_trainer(session, marker_id):
        return None
    measured = supervision.measure(session, now=now, marker_id=marker_id).get(marker_id)
    if measured is None or not measured.drifts:
        return None
    return open_one(session, marker_id, measured, now=now)


def open_one(session: Session, marker_id: int, measured: Measured, *, now: datetime) -> Calibration:
    """Open a calibration with what was measured; the database allows one open for each marker."""
    opened = Calibration(
        marker_id=marker_id,
        opened_at=now,
        scripts=measured.scripts,
        halves=measured.halves,
        most=measured.most,
    )
    session.add(opened)
    session.flush()  # its page is its id's
    return opened


def tell(session: Session, opened: Calibration, *, own_path: str, path: str, now: datetime) -> None:
    """Tell the marker and the operators that the standard is to be agreed on; each once."""
    name = session.scalars(select(User.name).where(User.id == opened.marker_id)).one()
    measured = measured_of(opened)
    operators = session.scalars(
        select(RoleGrant.user_id)
        .where(RoleGrant.role == Role.OPERATOR, RoleGrant.user_id != opened.marker_id)
        .order_by(RoleGrant.user_id)
    ).all()
    cause = f"calibration:{opened.id}"
    notify(
        session,
        user_id=opened.marker_id,
        cause=cause,
        message="calibration-with-you",
        values={"scripts": str(measured.scripts), "how": measured.words},
        path=own_path,
        now=now,
    )
    notify_all(
        session,
        operators,
        cause=cause,
        message="calibration-opened",
        values={"marker": f"{name} 님"},
        path=path,
        now=now,
    )


def close(session: Session, calibration_id: int, by: User, *, note: str, now: datetime) -> None:
    """Write down what was agreed; from now on the marker's marks are counted anew.

    Raises NotFoundError, ForbiddenError for one's own, ConflictError once it is closed, and DomainError
    (``note``) where too little is written.
    """
    found = db.lock(session, Calibration, calibration_id)
    if found.marker_id == by.id:
        raise ForbiddenError(NOT_ONES_OWN)
    if found.closed_at is not None:
        raise ConflictError("이미 적고 마친 것이에요. 적힌 것은 바뀌지 않았어요.")
    if len(note.strip()) < NOTE_MIN_CHARS:
        raise DomainError(f"함께 정한 것을 {NOTE_MIN_CHARS}자 이상 적어 주세요.", field="note")
    found.closed_at, found.closed_by_id, found.note = now, by.id, note.strip()


def find_open(session: Session, marker_id: int) -> Calibration | None:
    """Return the calibration that is open with a marker."""
    open_one = select(Calibration).where(Calibration.marker_id == marker_id, Calibration.closed_at.is_(None))
    return session.scalars(open_one).one_or_none()


def select_waiting(operator: User) -> Select[Calibration]:
    """Return the statement of the open calibrations this operator may close, the oldest first."""
    return (
        select(Calibration)
        .where(Calibration.closed_at.is_(None), Calibration.marker_id != operator.id)
        .order_by(Calibration.opened_at, Calibration.id)
    )


def get(session: Session, calibration_id: int) -> Shown:
    """Return a calibration with its people. Raises NotFoundError."""
    row = session.execute(_select_shown().where(Calibration.id == calibration_id)).one_or_none()
    if row is None:
        raise NotFoundError("찾는 것이 없어요. ‘채점 기준’에서 다시 골라 주세요.")
    return Shown(*row)


def list_open(session: Session) -> Sequence[Shown]:
    """Return every open calibration, the oldest first."""
    rows = _select_shown().where(Calibration.closed_at.is_(None))
    return [Shown(*row) for row in session.execute(rows.order_by(Calibration.opened_at, Calibration.id))]


def list_closed(session: Session, *, before_id: int = 0) -> Sequence[Shown]:
    """Return the calibrations that were closed, the newest first, a page from below an id."""
    rows = _select_shown().where(Calibration.closed_at.is_not(None)).order_by(Calibration.id.desc())
    if before_id:
        rows = rows.where(Calibration.id < before_id)
    return [Shown(*row) for row in session.execute(rows.limit(PAGE_SIZE))]


def list_markers(session: Session, *, now: datetime) -> Sequence[Line]:
    """Return everybody who has marked something that counts: those to talk with first, then by name.

    While one is open its marker stands there with what was measured then: the number people talk about does
    not change under their eyes, and what is marked meanwhile counts for nothing afterwards.
    """
    measured = dict(supervision.measure(session, now=now))
    opened = {shown.calibration.marker_id: shown.measured for shown in list_open(session)}
    names = session.execute(select(User.id, User.name).where(User.id.in_({*measured, *opened})))
    lines = [
        Line(name, each, "맞춰 보는 중" if user_id in opened else _state(each))
        for user_id, name in names
        for each in [opened.get(user_id) or measured[user_id]]
    ]
    return sorted(lines, key=lambda line: (not line.measured.drifts, line.name))


def _state(measured: Measured) -> str:
    if measured.drifts:
        return "오늘 밤 맞춰 보기가 열려요"
    if measured.scripts < supervision.LEAST_SCRIPTS:
        return f"답안 {supervision.LEAST_SCRIPTS}개부터 견줘요"
    return "고르게 채점해요"


def _select_shown() -> Select[Calibration, str, str | None]:
    marker, closer = aliased(User), aliased(User)
    return (
        select(Calibration, marker.name, closer.name)
        .join(marker, marker.id == Calibration.marker_id)
        .outerjoin(closer, closer.id == Calibration.closed_by_id)
    )


def _is_to_look_at(now: datetime) -> ColumnElement[bool]:
    return and_(
        MarkingSheet.finished_at.is_not(None),
        MarkingSheet.looked_at.is_(None),
        supervision.is_agreed(before=night_of(now)),
    )


def _is_trainer(session: Session, user_id: int) -> bool:
    granted = select(RoleGrant.user_id).where(RoleGrant.user_id == user_id, RoleGrant.role == Role.TRAINER)
    return session.scalar(granted) is not None
