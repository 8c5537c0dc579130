"""Meetings of a group: planned on the mentor's half hours, told, reminded of as visits are, written down."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.core import db, korean, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError
from portal.mentoring import reminders, slots
from portal.mentoring.circle_models import Circle, CircleMeeting, CircleMember, CirclePresence, MeetingState
from portal.mentoring.circles import about, list_member_ids
from portal.mentoring.vocabulary import VisitKind
from portal.messages.operations import Beside, mark_path_read, notify, notify_all

CHANGED = "그사이에 모임 날이 바뀌었어요. 모임 화면에서 다시 확인해 주세요."


@dataclass(frozen=True)
class Planned:
    """When and where a group meets, and what it will do."""

    kind: VisitKind
    starts_at: datetime
    minutes: int
    place: str
    plan: str
    #: Where a video call is opened; empty for other kinds.
    link: str = ""


def plan(
    session: Session, circle: Circle, planned: Planned, *, form_key: str, path: str, now: datetime
) -> CircleMeeting:
    """Plan a meeting on the mentor's half hours and tell the members; the same form again gives the same one.

    Raises DomainError (field ``day``) for a moment that is past, too far away or taken, ConflictError once
    the group has ended. Holds the mentor's profile, then the group.
    """
    db.lock(session, MentorProfile, circle.mentor_id)
    circle = db.lock(session, Circle, circle.id)
    made = session.scalar(
        select(CircleMeeting).where(CircleMeeting.circle_id == circle.id, CircleMeeting.form_key == form_key)
    )
    if made is not None:
        return made
    if circle.ended_at is not None:
        raise ConflictError("마친 모임이에요. 새 모임을 열어 주세요.")
    starts_at, minutes = planned.starts_at, planned.minutes
    slots.check_planned(session, circle.mentor_id, starts_at, minutes=minutes, field="day", now=now)
    meeting = CircleMeeting(
        circle_id=circle.id,
        **vars(planned),
        remind_at=reminders.next_moment(starts_at, now=now),
        form_key=form_key,
        made_at=now,
    )
    session.add(meeting)
    session.flush()  # the half hours and the notice name its id
    slots.take(
        session,
        mentor_id=circle.mentor_id,
        meeting_id=meeting.id,
        needed=slots.half_hours(starts_at, minutes),
        wanted=slots.way_of(starts_at, minutes) if planned.kind == VisitKind.VISIT else (),
    )
    _tell_members(session, circle, meeting, "circle-planned", path=path, now=now)
    return meeting


def cancel(session: Session, meeting: CircleMeeting, *, path: str, now: datetime) -> None:
    """Let go of a meeting that has not begun and tell the members; a second press does nothing.

    Raises ConflictError once it has begun.
    """
    meeting = db.lock(session, CircleMeeting, meeting.id)
    if meeting.state == MeetingState.CANCELLED:
        return
    if meeting.state == MeetingState.HELD or meeting.starts_at <= now:
        raise ConflictError("이미 시작한 모임이에요. 만난 이야기를 적어 주세요.")
    meeting.state, meeting.remind_at = MeetingState.CANCELLED, None
    slots.release_meeting(session, meeting.id)
    circle = session.get_one(Circle, meeting.circle_id)
    _tell_members(session, circle, meeting, "circle-cancelled", path=path, now=now)


def why_not_written(meeting: CircleMeeting, *, now: datetime) -> str:
    """Return why nothing can be written about a meeting yet or any more, in a sentence; empty if it can."""
    if meeting.state == MeetingState.HELD:
        return "만난 이야기를 이미 적었어요. 모임 화면에서 볼 수 있어요."
    if meeting.state == MeetingState.CANCELLED:
        return CHANGED
    if meeting.starts_at > now:
        return "아직 만나기 전이에요. 만난 뒤에 적어 주세요."
    return ""


def write_log(
    session: Session,
    meeting: CircleMeeting,
    *,
    log: str,
    present_ids: Collection[int],
    path: str,
    now: datetime,
) -> None:
    """Write down for the whole group what was done and who was there, and tell the members once.

    Of ``present_ids`` those count who belonged when it began. The same log again does nothing. Raises
    ConflictError before it began or when it has a log.
    """
    meeting = db.lock(session, CircleMeeting, meeting.id)
    if meeting.state == MeetingState.HELD and meeting.log == log:
        return
    if why_not := why_not_written(meeting, now=now):
        raise ConflictError(why_not)
    meeting.state, meeting.log, meeting.log_written_at = MeetingState.HELD, log, now
    meeting.remind_at = None
    for user in list_who_may_have_come(session, meeting):
        if user.id in present_ids:
            session.add(CirclePresence(meeting_id=meeting.id, user_id=user.id))
    circle = session.get_one(Circle, meeting.circle_id)
    _tell_members(session, circle, meeting, "circle-held", path=path, now=now)
    mark_path_read(session, user_id=circle.mentor_id, path=path, now=now)


def list_who_may_have_come(session: Session, meeting: CircleMeeting) -> list[User]:
    """Return by their places who belonged to the group at some moment of this meeting.

    For the mentor, who loaded the meeting by its policy.
    """
    statement = (
        select(User)
        .join(CircleMember, CircleMember.user_id == User.id)
        .where(
            CircleMember.circle_id == meeting.circle_id,
            CircleMember.joined_at <= meeting.starts_at + timedelta(minutes=meeting.minutes),
            or_(CircleMember.left_at.is_(None), CircleMember.left_at > meeting.starts_at),
        )
        .order_by(CircleMember.place_no, CircleMember.id)
    )
    return list(dict.fromkeys(session.scalars(statement)))  # somebody may have left and come back


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the meetings somebody is to be reminded of now, the soonest first."""
    return list(
        session.scalars(
            select(CircleMeeting.id)
            .where(CircleMeeting.state == MeetingState.PLANNED, CircleMeeting.remind_at <= now)
            .order_by(CircleMeeting.remind_at, CircleMeeting.id)
            .limit(reminders.DUE_MAX)
        )
    )


REMIND = queue.register(
    "mentoring.remind_circle", run="portal.mentoring.circle_jobs.remind", timeout_s=30, due=list_due_ids
)


def look_after(session: Session, meeting_id: int, *, path: str, now: datetime) -> None:
    """Remind everybody of a meeting as far as it still helps, and note when to look again.

    Run twice, the second time does nothing. Holds the meeting.
    """
    meeting = db.lock(session, CircleMeeting, meeting_id)
    if meeting.state != MeetingState.PLANNED or meeting.remind_at is None or meeting.remind_at > now:
        return
    day = meeting.starts_at.astimezone(KST).date()
    if now >= meeting.starts_at - reminders.SHORTLY:
        _remind(session, meeting, "circle-soon", until=meeting.starts_at, path=path, now=now)
    elif now.astimezone(KST).date() < day:
        midnight = datetime.combine(day, time(), KST)
        _remind(session, meeting, "circle-tomorrow", until=midnight, path=path, now=now)
    meeting.remind_at = reminders.next_moment(meeting.starts_at, now=now)


def _remind(
    session: Session, meeting: CircleMeeting, message: str, *, until: datetime, path: str, now: datetime
) -> None:
    """Tell the mentor and the members, unless it is too late; what cannot leave by then leaves no more."""
    if now >= until:
        return
    circle = session.get_one(Circle, meeting.circle_id)
    for user_id in sorted((circle.mentor_id, *list_member_ids(session, circle.id))):
        notify(
            session,
            user_id=user_id,
            cause=_cause(meeting, message),
            message=message,
            values=_values(circle, meeting, now),
            about=about(circle.id),
            path=path,
            now=now,
            beside=Beside(until=until),
        )


def _tell_members(
    session: Session, circle: Circle, meeting: CircleMeeting, message: str, *, path: str, now: datetime
) -> None:
    notify_all(
        session,
        list_member_ids(session, circle.id),
        cause=_cause(meeting, message),
        message=message,
        values=_values(circle, meeting, now),
        about=about(circle.id),
        path=path,
        now=now,
    )


def _cause(meeting: CircleMeeting, message: str) -> str:
    return f"meeting:{meeting.id}:{message.removeprefix('circle-')}"


def _values(circle: Circle, meeting: CircleMeeting, now: datetime) -> dict[str, str]:
    when = korean.dated_time(meeting.starts_at, now=now)
    return {"circle": circle.name, "when": when, "place": meeting.place}
