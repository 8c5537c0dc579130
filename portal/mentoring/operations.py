"""Asking, taking, agreeing on a visit, writing down what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.accounts.vocabulary import Region, Topic
from portal.core import db, korean
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.mentoring import asking, calendars, nearby, queries, reminders, slots, text_messages
from portal.mentoring.models import Engagement, EngagementState, Need, NeedState, NeedTime
from portal.mentoring.telling import about, mentor_of, tell
from portal.mentoring.visit_models import Visit, VisitState, VisitTime
from portal.mentoring.vocabulary import VisitKind
from portal.mentoring.wishes import Wishes
from portal.messages.operations import mark_path_read, notify


@dataclass(frozen=True)
class Plan:
    """How two people are to meet, and for how long."""

    kind: VisitKind
    place: str
    remark: str = ""
    minutes: int = 60
    #: Where a video call is opened; empty for other kinds.
    link: str = ""


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
    wishes: Wishes | None = None,
) -> Need:
    """Say what the merchant wants help with, and how.

    The same form sent twice gives the same need. Raises ConflictError while another need is open or a
    mentor is already there. Holds the merchant's account row.
    """
    session.execute(select(User.id).where(User.id == merchant.id).with_for_update(key_share=True))
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
    _add_wishes(session, need, wishes or Wishes())
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
    _refuse_need(session, need, mentor)
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
    plan: Plan,
    *,
    times: Mapping[int, datetime],
    form_key: str,
    path: str,
    now: datetime,
) -> Visit:
    """Offer one to three moments, by their position in the form, and tell the merchant.

    They are numbered anew, the earliest one first: so she reads them, and so she answers. The same form sent
    twice gives the same visit. Raises DomainError (field ``date_1`` to ``date_3``) for a moment that is past,
    too far away, there twice, or taken; ConflictError while another visit is open.
    """
    engagement = db.lock(session, Engagement, engagement.id)
    made = session.scalar(
        select(Visit).where(Visit.mentor_id == engagement.mentor_id, Visit.form_key == form_key)
    )
    if made is not None:
        return made
    _check_may_propose(session, engagement)
    slots.check_offered(session, engagement.mentor_id, times, minutes=plan.minutes, now=now)
    numbered = enumerate(sorted(times.values()), start=1)
    visit = Visit(
        engagement_id=engagement.id,
        mentor_id=engagement.mentor_id,
        form_key=form_key,
        created_at=now,
        times=[VisitTime(position=position, starts_at=moment) for position, moment in numbered],
        **vars(plan),
    )
    session.add(visit)
    session.flush()  # the notice names the visit's id
    message, beside = text_messages.offer(session, visit, engagement.merchant_id, now=now)
    values = {"mentor": mentor_of(session, visit)}
    tell(session, visit, engagement.merchant_id, message, values, path=path, now=now, beside=beside)
    mark_path_read(session, user_id=visit.mentor_id, path=path, now=now)
    return visit


def choose(
    session: Session, visit: Visit, *, time_id: int, path: str, now: datetime, by_id: int | None = None
) -> None:
    """Agree on one of the moments offered and tell both the same words; the same choice again does nothing.

    ``by_id`` is the operator who heard it on the telephone. Raises DomainError for a moment that was not
    offered, ConflictError when it is past, the mentor is taken by then, or the visit is no longer to be
    chosen. Holds the mentor's profile, then the visit.
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
    _take_slots(session, visit, starts_at)
    visit.state, visit.starts_at, visit.agreed_at = VisitState.AGREED, starts_at, now
    visit.agreed_by_id, visit.remind_at = by_id, reminders.next_moment(starts_at, now=now)
    _tell_agreed(session, visit, starts_at, path=path, now=now)


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


def _add_wishes(session: Session, need: Need, wishes: Wishes) -> None:
    need.channel, need.manner, need.market = wishes.channel, wishes.manner, wishes.market
    need.wants_english = wishes.wants_english
    need.preferred_mentor_id = nearby.find_mentor_id(session, wishes.preferred_mentor_id)
    need.times = [NeedTime(weekday=weekday, part=part) for weekday, part in sorted(wishes.times)]


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


def _refuse_need(session: Session, need: Need, mentor: User) -> None:
    if need.state == NeedState.MATCHED:
        raise ConflictError("다른 멘토님이 먼저 맡으셨어요. 다른 부탁을 골라 주세요.")
    if need.state == NeedState.WITHDRAWN:
        raise ConflictError("사장님이 부탁을 거두셨어요. 다른 부탁을 골라 주세요.")
    if not asking.is_allowed(session, mentor.id, need):
        raise ConflictError("다른 멘토님께 부탁드릴 가게예요. 다른 부탁을 골라 주세요.")


def _check_may_propose(session: Session, engagement: Engagement) -> None:
    if engagement.state == EngagementState.ENDED:
        raise ConflictError("이 멘토링은 끝났어요. 새 약속은 잡을 수 없어요.")
    if engagement.state == EngagementState.PAUSED:
        raise ConflictError("지금은 쉬는 중이에요. 다시 시작한 뒤에 시간을 보내 주세요.")
    if queries.find_open_visit(session, engagement.id) is not None:
        raise ConflictError("이미 정하고 있는 약속이 있어요. 그 약속을 먼저 봐 주세요.")


def _tell_agreed(session: Session, visit: Visit, starts_at: datetime, *, path: str, now: datetime) -> None:
    values = {"when": korean.dated_time(starts_at, now=now), "place": visit.place}
    engagement = session.get_one(Engagement, visit.engagement_id)
    for user_id in sorted((engagement.merchant_id, engagement.mentor_id)):
        beside = calendars.invite(session, visit, user_id, now=now)
        tell(session, visit, user_id, "visit-agreed", values, path=path, now=now, beside=beside)
    # She has just read and chosen what her notices of this page ask for; his are still news.
    mark_path_read(session, user_id=engagement.merchant_id, path=path, now=now)


def _take_slots(session: Session, visit: Visit, starts_at: datetime) -> None:
    is_on_the_way = visit.kind == VisitKind.VISIT
    slots.take(
        session,
        mentor_id=visit.mentor_id,
        visit_id=visit.id,
        needed=slots.half_hours(starts_at, visit.minutes),
        wanted=slots.way_of(starts_at, visit.minutes) if is_on_the_way else (),
    )


def _refuse(why_not: str) -> None:
    if why_not:
        raise ConflictError(why_not)


def _day_of(visit: Visit, now: datetime) -> str:
    return korean.dated_time(visit.starts_at, now=now) if visit.starts_at else "정한 날"
