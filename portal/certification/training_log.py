"""A candidate's own log of visits and cases: only what a mentor or trainer confirmed counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification.qualification_models import Candidate, LogKind, TrainingLog
from portal.core import db, personal_numbers
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from portal.messages.operations import notify

PAGE_SIZE = 20
SHOWN = 200
SHOPS_SHOWN = 10
READERS = (Role.MENTOR, Role.TRAINER)
"""Those who confirm a line; never its writer."""
NO_LOG = "찾는 일지가 없어요. 목록에서 다시 골라 주세요."


@dataclass(frozen=True)
class Written:
    """What a candidate writes."""

    kind: LogKind
    day: date
    minutes: int
    shop: str
    text: str


@dataclass(frozen=True)
class ToRead:
    """A line that waits for a mentor or trainer."""

    id: int
    who: str
    kind: LogKind
    day: date
    minutes: int
    shop: str
    text: str
    written_at: datetime
    #: Whether it was sent back before.
    is_mended: bool


def write(
    session: Session, candidate: Candidate, user: User, written: Written, *, form_key: str, now: datetime
) -> TrainingLog:
    """Add a line; a second press of the same form gives the same one.

    Raises ForbiddenError for somebody else's log, ConflictError for who has left, DomainError (``day``) for
    a day to come, PersonalNumberError for a telephone number of somebody.
    """
    candidate = db.lock(session, Candidate, candidate.id)
    if candidate.user_id != user.id:
        raise ForbiddenError("내 일지만 적을 수 있어요.")
    if candidate.left_at is not None:
        raise ConflictError("그만둔 과정이에요. 다시 시작하면 적을 수 있어요.")
    find = select(TrainingLog).where(TrainingLog.form_key == form_key)
    made = session.scalar(find)
    if made is not None:
        return made
    _check(written, now=now)
    line = TrainingLog(candidate_id=candidate.id, **vars(written), form_key=form_key, written_at=now)
    try:
        with session.begin_nested():
            session.add(line)
    except IntegrityError:
        return session.scalars(find).one()
    candidate.log_draft = ""
    return line


def keep_draft(session: Session, candidate: Candidate, user: User, *, draft: str) -> None:
    """Keep the next line as far as it is typed. Raises ForbiddenError for somebody else's log."""
    candidate = db.lock(session, Candidate, candidate.id)
    if candidate.user_id != user.id:
        raise ForbiddenError("내 일지만 적을 수 있어요.")
    candidate.log_draft = draft


def mend(session: Session, line: TrainingLog, user: User, written: Written, *, now: datetime) -> None:
    """Write a line anew that nobody has confirmed; it waits again, beside what was asked.

    Raises ForbiddenError for somebody else's, ConflictError once it is confirmed, and as `write`.
    """
    line = db.lock(session, TrainingLog, line.id)
    if session.get_one(Candidate, line.candidate_id).user_id != user.id:
        raise ForbiddenError("내 일지만 고칠 수 있어요.")
    if line.confirmed_at is not None:
        raise ConflictError("이미 확인받은 일지예요. 고칠 수 없어요.")
    _check(written, now=now)
    for name, value in vars(written).items():
        setattr(line, name, value)
    line.written_at = now


def confirm(
    session: Session, line: TrainingLog, by: User, *, remark: str = "", path: str, now: datetime
) -> None:
    """Say that a line is true and enough, and tell its writer once; a second press changes nothing.

    ``remark`` is a word to its writer, in place of what was asked before. The ledger is looked through at the
    next sweep. Raises ForbiddenError for the writer and for others than mentors and trainers, ConflictError
    for one that was sent back meanwhile.
    """
    line, candidate = _lock_to_read(session, line, by)
    if line.confirmed_at is not None:
        return
    if line.is_sent_back:
        raise ConflictError("다른 분이 고쳐 달라고 한 일지예요. 고친 뒤에 다시 와요.")
    line.confirmed_by_id, line.confirmed_at = by.id, now
    _remark(line, by, remark, now=now)
    if candidate.check_at is not None:
        candidate.check_at = now
    _tell(session, candidate, line, "training-log-confirmed", by, path=path, now=now)


def send_back(
    session: Session, line: TrainingLog, by: User, *, remark: str, path: str, now: datetime
) -> None:
    """Ask for a little more in a sentence its writer is told.

    Raises as `confirm`, DomainError (``remark``) without words, ConflictError once it is confirmed.
    """
    line, candidate = _lock_to_read(session, line, by)
    if line.confirmed_at is not None:
        raise ConflictError("이미 확인한 일지예요.")
    if not remark.strip():
        raise DomainError("무엇을 조금 더 적으면 되는지 알려 주세요.", field="remark")
    if line.is_sent_back:
        return
    _remark(line, by, remark, now=now)
    _tell(session, candidate, line, "training-log-sent-back", by, path=path, now=now)


def list_lines(session: Session, candidate: Candidate) -> Sequence[TrainingLog]:
    """Return a candidate's log, the newest day first; the caller has authorised its reader."""
    return session.scalars(
        select(TrainingLog)
        .where(TrainingLog.candidate_id == candidate.id)
        .order_by(TrainingLog.day.desc(), TrainingLog.id.desc())
        .limit(SHOWN)
    ).all()


def list_shops(session: Session, candidate: Candidate) -> Sequence[str]:
    """Return what the log calls its shops, by the alphabet; the caller has authorised its reader."""
    named = select(TrainingLog.shop).where(TrainingLog.candidate_id == candidate.id, TrainingLog.shop != "")
    return session.scalars(named.distinct().order_by(TrainingLog.shop).limit(SHOPS_SHOWN)).all()


def list_to_read(session: Session, user: User, *, after_id: int = 0) -> list[ToRead]:
    """Return what waits to be confirmed by this mentor or trainer, the oldest first."""
    rows = session.execute(
        select_to_read(user).where(TrainingLog.id > after_id).order_by(TrainingLog.id).limit(PAGE_SIZE)
    )
    return [_line(line, name) for line, name in rows]


def get_to_read(session: Session, user: User, log_id: int) -> tuple[TrainingLog, ToRead]:
    """Return a line to confirm, whatever became of it. Raises NotFoundError for whom it is none to see."""
    row = session.execute(
        select(TrainingLog, User.name)
        .join(Candidate, Candidate.id == TrainingLog.candidate_id)
        .join(User, User.id == Candidate.user_id)
        .where(TrainingLog.id == log_id, _may_read(user))
    ).one_or_none()
    if row is None:
        raise NotFoundError(NO_LOG)
    return row[0], _line(row[0], row[1])


def get_own(session: Session, user: User, log_id: int) -> TrainingLog:
    """Return a line of one's own. Raises NotFoundError for anybody else's."""
    found: TrainingLog | None = session.scalar(
        select(TrainingLog)
        .join(Candidate, Candidate.id == TrainingLog.candidate_id)
        .where(TrainingLog.id == log_id, Candidate.user_id == user.id)
    )
    if found is None:
        raise NotFoundError(NO_LOG)
    return found


def _check(written: Written, *, now: datetime) -> None:
    if written.day > now.astimezone(KST).date():
        raise DomainError("오늘까지만 적을 수 있어요. 날을 다시 골라 주세요.", field="day")
    personal_numbers.check_texts({"shop": written.shop, "text": written.text}, mask=False)


def _remark(line: TrainingLog, by: User, words: str, *, now: datetime) -> None:
    line.remark = words.strip()
    line.remarked_by_id, line.remarked_at = (by.id, now) if line.remark else (None, None)


def _lock_to_read(session: Session, line: TrainingLog, by: User) -> tuple[TrainingLog, Candidate]:
    candidate = db.lock(session, Candidate, line.candidate_id)
    if candidate.user_id == by.id or by.roles.isdisjoint(READERS):
        raise ForbiddenError("내 일지는 다른 멘토님이나 강사님이 확인해요.")
    return db.lock(session, TrainingLog, line.id), candidate


def _tell(
    session: Session,
    candidate: Candidate,
    line: TrainingLog,
    message: str,
    by: User,
    *,
    path: str,
    now: datetime,
) -> None:
    notify(
        session,
        user_id=candidate.user_id,
        cause=f"{message}:{line.id}:{line.written_at.isoformat()}",
        message=message,
        values={"reviewer": by.title},
        path=path,
        now=now,
    )


def select_to_read(user: User) -> Select[TrainingLog, str]:
    """Return the statement of what waits to be confirmed by this mentor or trainer, with who wrote it."""
    return (
        select(TrainingLog, User.name)
        .join(Candidate, Candidate.id == TrainingLog.candidate_id)
        .join(User, User.id == Candidate.user_id)
        .where(
            TrainingLog.confirmed_at.is_(None),
            or_(TrainingLog.remarked_at.is_(None), TrainingLog.remarked_at < TrainingLog.written_at),
            Candidate.left_at.is_(None),
            Candidate.user_id != user.id,
            _may_read(user),
        )
    )


def _may_read(user: User) -> ColumnElement[bool]:
    """Return the condition under which ``user`` may read a line to confirm it: a mentor or trainer."""
    return false() if user.roles.isdisjoint(READERS) else Candidate.user_id != user.id


def _line(line: TrainingLog, name: str) -> ToRead:
    return ToRead(
        line.id,
        name,
        line.kind,
        line.day,
        line.minutes,
        line.shop,
        line.text,
        line.written_at,
        line.is_mended,
    )
