"""Asking, taking, agreeing on a visit, writing down what came of it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import Region, Topic
from portal.core import db, korean
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.mentoring import appointment, asking, nearby, queries
from portal.mentoring.models import Engagement, EngagementState, Need, NeedState
from portal.mentoring.telling import about, mentor_of, tell
from portal.mentoring.visit_models import Visit, VisitState, VisitTime
from portal.mentoring.vocabulary import VisitKind
from portal.messages.operations import mark_path_read, notify

PROPOSAL_REACHES = timedelta(days=90)
"""A date further away is more likely a slip of the finger."""

_SLOT_TAKEN = "그 시간에는 멘토님이 다른 약속이 있어요. 다른 시간을 골라 주세요."


def ask(
    session: Session,
    merchant: User,
    *,
    topic: Topic,
    detail: str,
    wants: VisitKind,
    region: Region | None,
    form_key: str,
    now: datetime,
) -> Need:
    """Say what the merchant wants help with.

    The same form sent twice gives the same need. Raises ConflictError while another need is open or a
    mentor is already there. Holds the merchant's account row.
    """
    session.execute(select(User.id).where(User.id == merchant.id).with_for_update())
    made = session.scalar(select(Need).where(Need.merchant_id == merchant.id, Need.form_key == form_key))
    if made is not None:
        return made
    if queries.find_open_need(session, merchant) is not None:
        raise ConflictError("이미 부탁하셨어요. 맡을 멘토님을 찾고 있으니 조금만 기다려 주세요.")
    if _has_mentor(session, merchant):
        raise ConflictError("이미 함께하는 멘토님이 있어요. 멘토 화면에서 이야기를 이어 가세요.")
    need = Need(
        merchant_id=merchant.id,
        topic=topic,
        detail=detail,
        wants=wants,
        region=region,
        form_key=form_key,
        created_at=now,
    )
    session.add(need)
    return need


def withdraw(session: Session, need: Need, *, now: datetime) -> None:
    """Take a need back; a second time changes nothing. Raises ConflictError once a mentor has it."""
    need = db.lock(session, Need, need.id)
    if need.state == NeedState.MATCHED:
        raise ConflictError("그사이에 멘토님이 맡으셨어요. 멘토 화면에서 확인해 주세요.")
    need.state = NeedState.WITHDRAWN
    asking.withdraw_offer(session, need, now=now)


def accept_need(
    session: Session, need: Need, mentor: User, *, link: Callable[[int], str], now: datetime
) -> Engagement:
    """Take a need on the mentor's lowest free seat and tell the merchant.

    ``link`` gives the path of an engagement. A second press gives the same engagement. Raises ConflictError
    when the mentor has no room or rests, or when another mentor was first or is asked first. Holds the
    mentor's profile, then the need.
    """
    profile = _lock_profile(session, mentor.id)
    need = db.lock(session, Need, need.id)
    made = session.scalar(select(Engagement).where(Engagement.need_id == need.id))
    if made is not None and made.mentor_id == mentor.id:
        return made
    if need.state == NeedState.MATCHED:
        raise ConflictError("다른 멘토님이 먼저 맡으셨어요. 다른 부탁을 골라 주세요.")
    if need.state == NeedState.WITHDRAWN:
        raise ConflictError("사장님이 부탁을 거두셨어요. 다른 부탁을 골라 주세요.")
    asking.take_offer(session, need, mentor, now=now)
    engagement = Engagement(
        need_id=need.id,
        merchant_id=need.merchant_id,
        mentor_id=mentor.id,
        seat_no=nearby.get_free_seat(session, profile),
        started_at=now,
    )
    need.state = NeedState.MATCHED
    session.add(engagement)
    session.flush()  # the notice needs the engagement's id
    notify(
        session,
        user_id=need.merchant_id,
        cause=f"need:{need.id}:accepted",
        message="need-accepted",
        values={"mentor": f"{mentor.name} 멘토님"},
        about=about(engagement.id),
        path=link(engagement.id),
        now=now,
    )
    return engagement


def propose(
    session: Session,
    engagement: Engagement,
    *,
    kind: VisitKind,
    place: str,
    remark: str,
    times: Mapping[int, datetime],
    form_key: str,
    path: str,
    now: datetime,
) -> Visit:
    """Offer one to three moments, by their position in the form, and tell the merchant.

    The same form sent twice gives the same visit. Raises DomainError (field ``date_1`` to ``date_3``) for a
    moment that is past, too far away, there twice, or taken; ConflictError while another visit is open.
    """
    engagement = db.lock(session, Engagement, engagement.id)
    by_this_form = select(Visit).where(Visit.mentor_id == engagement.mentor_id, Visit.form_key == form_key)
    made = session.scalar(by_this_form)
    if made is not None:
        return made
    _check_may_propose(session, engagement)
    _check_times(session, engagement.mentor_id, times, now=now)
    visit = Visit(
        engagement_id=engagement.id,
        mentor_id=engagement.mentor_id,
        kind=kind,
        place=place,
        remark=remark,
        form_key=form_key,
        created_at=now,
        times=[VisitTime(position=position, starts_at=moment) for position, moment in times.items()],
    )
    session.add(visit)
    session.flush()  # the notice names the visit's id
    values = {"mentor": mentor_of(session, visit)}
    tell(session, visit, engagement.merchant_id, "visit-proposed", values, path=path, now=now)
    mark_path_read(session, user_id=visit.mentor_id, path=path, now=now)
    return visit


def choose(session: Session, visit: Visit, *, time_id: int, path: str, now: datetime) -> None:
    """Agree on one of the moments offered and tell both the same words; the same choice again does nothing.

    Raises DomainError for a moment that was not offered, ConflictError when it is past, the mentor is taken
    by then, or the visit is no longer to be chosen. Holds the mentor's profile, then the visit.
    """
    _lock_profile(session, visit.mentor_id)
    visit = db.lock(session, Visit, visit.id)
    statement = select(VisitTime.starts_at).where(VisitTime.id == time_id, VisitTime.visit_id == visit.id)
    starts_at = session.scalar(statement)
    if starts_at is None:
        raise DomainError("멘토님이 보낸 시간 가운데 하나를 골라 주세요.")
    if visit.state == VisitState.AGREED and visit.starts_at == starts_at:
        return
    if visit.state != VisitState.PROPOSED:
        raise ConflictError("그사이에 약속이 바뀌었어요. 멘토 화면에서 다시 확인해 주세요.")
    if starts_at <= now:
        raise ConflictError("이미 지난 시간이에요. 다른 시간을 골라 주세요.")
    if starts_at in _taken_slots(session, visit.mentor_id):
        raise ConflictError(_SLOT_TAKEN)
    visit.state, visit.starts_at, visit.agreed_at = VisitState.AGREED, starts_at, now
    _flush_slot(session)
    values = {"when": korean.dated_time(starts_at, now=now), "place": visit.place}
    engagement = session.get_one(Engagement, visit.engagement_id)
    for user_id in (engagement.merchant_id, engagement.mentor_id):
        tell(session, visit, user_id, "visit-agreed", values, path=path, now=now)
    # She has just read and chosen what her notices of this page ask for; his are still news.
    mark_path_read(session, user_id=engagement.merchant_id, path=path, now=now)


def ask_other_time(
    session: Session, visit: Visit, merchant: User, *, wish: str, path: str, now: datetime
) -> None:
    """Say that none of the moments suits; the mentor offers others. A second press does nothing."""
    visit = db.lock(session, Visit, visit.id)
    if visit.state == VisitState.CANCELLED:
        return
    if visit.state != VisitState.PROPOSED:
        raise ConflictError("이미 정한 약속이에요. 바꾸려면 '약속 바꾸기'를 눌러 주세요.")
    visit.state, visit.closed_by_id, visit.wish = VisitState.CANCELLED, merchant.id, wish
    values = {"merchant": f"{merchant.name} 사장님"}
    tell(session, visit, visit.mentor_id, "visit-other-time", values, path=path, now=now)
    mark_path_read(session, user_id=merchant.id, path=path, now=now)


def move(session: Session, visit: Visit, user: User, *, wish: str, path: str, now: datetime) -> None:
    """Let go of a visit that has not begun, so that new times are offered; no reason is asked.

    ``wish`` is when the merchant would rather meet. A second press does nothing. Raises ConflictError once
    it has begun.
    """
    visit = db.lock(session, Visit, visit.id)
    if visit.state == VisitState.CANCELLED:
        return
    _refuse(appointment.why_not_moved(visit, now=now))
    visit.state, visit.closed_by_id = VisitState.CANCELLED, user.id
    by_mentor = user.id == visit.mentor_id
    visit.wish = "" if by_mentor else wish
    what = f"{korean.dated_time(visit.starts_at, now=now)} 약속" if visit.starts_at else "만날 시간"
    side = "mentor" if by_mentor else "merchant"
    values = {side: f"{user.name} {'멘토님' if by_mentor else '사장님'}", "what": what}
    tell(
        session,
        visit,
        _other_side(session, visit, user),
        f"visit-moved-by-{side}",
        values,
        path=path,
        now=now,
    )
    mark_path_read(session, user_id=user.id, path=path, now=now)


def note_missed(session: Session, visit: Visit, user: User, *, path: str, now: datetime) -> None:
    """Note that the two did not meet; a second press does nothing. Raises ConflictError before its time."""
    visit = db.lock(session, Visit, visit.id)
    if visit.state == VisitState.MISSED:
        return
    _refuse(appointment.why_not_over(visit, now=now))
    visit.state, visit.closed_by_id = VisitState.MISSED, user.id
    title = "멘토님" if user.id == visit.mentor_id else "사장님"
    values = {"who": f"{user.name} {title}", "when": _day_of(visit, now)}
    tell(session, visit, _other_side(session, visit, user), "visit-missed", values, path=path, now=now)


def _has_mentor(session: Session, merchant: User) -> bool:
    statement = select(Engagement.id).where(
        Engagement.merchant_id == merchant.id, Engagement.state != EngagementState.ENDED
    )
    return session.scalar(statement) is not None


def _lock_profile(session: Session, mentor_id: int) -> MentorProfile:
    profile = session.get(MentorProfile, mentor_id, with_for_update=True, populate_existing=True)
    if profile is None:
        raise ForbiddenError("멘토로 등록된 분만 맡을 수 있어요. 운영자에게 전화해 주세요.")
    return profile


def _check_may_propose(session: Session, engagement: Engagement) -> None:
    if engagement.state == EngagementState.ENDED:
        raise ConflictError("이 멘토링은 끝났어요. 새 약속은 잡을 수 없어요.")
    if engagement.state == EngagementState.PAUSED:
        raise ConflictError("지금은 쉬는 중이에요. 다시 시작한 뒤에 시간을 보내 주세요.")
    if queries.find_open_visit(session, engagement.id) is not None:
        raise ConflictError("이미 정하고 있는 약속이 있어요. 그 약속을 먼저 봐 주세요.")


def _check_times(session: Session, mentor_id: int, times: Mapping[int, datetime], *, now: datetime) -> None:
    taken, seen = _taken_slots(session, mentor_id), set[datetime]()
    for position, moment in times.items():
        refusal = ""
        if moment <= now:
            refusal = "이미 지난 시간이에요. 앞으로 만날 시간을 골라 주세요."
        elif moment > now + PROPOSAL_REACHES:
            refusal = "너무 먼 날이에요. 석 달 안의 날짜를 골라 주세요."
        elif moment in seen:
            refusal = "같은 시간이 두 번 있어요. 하나를 바꿔 주세요."
        elif moment in taken:
            refusal = "그 시간에는 다른 약속이 있어요. 다른 시간을 골라 주세요."
        if refusal:
            raise DomainError(refusal, field=f"date_{position}")
        seen.add(moment)


def _taken_slots(session: Session, mentor_id: int) -> set[datetime]:
    statement = select(Visit.starts_at).where(
        Visit.mentor_id == mentor_id, Visit.state == VisitState.AGREED, Visit.starts_at.is_not(None)
    )
    return {moment for moment in session.scalars(statement) if moment is not None}


def _flush_slot(session: Session) -> None:
    """Let the constraint decide when two choose the same slot after all."""
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError(_SLOT_TAKEN) from error


def _refuse(why_not: str) -> None:
    if why_not:
        raise ConflictError(why_not)


def _other_side(session: Session, visit: Visit, user: User) -> int:
    engagement = session.get_one(Engagement, visit.engagement_id)
    return engagement.merchant_id if user.id == engagement.mentor_id else engagement.mentor_id


def _day_of(visit: Visit, now: datetime) -> str:
    return korean.dated_time(visit.starts_at, now=now) if visit.starts_at else "정한 날"
