"""The life of an engagement: tried out, gone on with, paused, ended, and another mentor asked for.

Every step holds the engagement. What is let go of frees the mentor's half hours at once.
"""

from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import db, korean, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError
from portal.mentoring import calendars, queries, slots
from portal.mentoring.models import LIVE_STATES, Engagement, EngagementState, Need, NeedTime
from portal.mentoring.telling import about, tell
from portal.mentoring.visit_models import OPEN_VISIT_STATES, Visit, VisitState
from portal.messages.operations import mark_path_read, notify

LONGEST_PAUSE = timedelta(days=92)
"""Three months: a market's slow season; for longer the seat is better given to another shop."""

FOLLOW_UP = timedelta(days=30)
WEEK = timedelta(days=7)
REMINDED_AT = time(10)
DUE_MAX = 200


def go_on(session: Session, engagement: Engagement, user: User, *, path: str, now: datetime) -> None:
    """Say after the first visit that one goes on; when both have, it is no trial any more.

    A second press does nothing. Raises ConflictError before the two have met, or while it rests or is over.
    """
    engagement = db.lock(session, Engagement, engagement.id)
    is_mentor = user.id == engagement.mentor_id
    if engagement.state == EngagementState.ACTIVE:
        return
    if engagement.state != EngagementState.TRIAL:
        raise ConflictError("지금은 쉬고 있거나 끝난 멘토링이에요. 멘토 화면에서 확인해 주세요.")
    if not has_met(session, engagement.id):
        raise ConflictError("처음 만난 뒤에 정하면 돼요. 멘토님이 만난 이야기를 적으면 여기에 보여요.")
    if is_mentor:
        engagement.mentor_goes_on_at = engagement.mentor_goes_on_at or now
    else:
        engagement.merchant_goes_on_at = engagement.merchant_goes_on_at or now
    if engagement.mentor_goes_on_at and engagement.merchant_goes_on_at:
        engagement.state = EngagementState.ACTIVE
        _tell_both(session, engagement, "engagement-goes-on", path=path, now=now)
    mark_path_read(session, user_id=user.id, path=path, now=now)


def has_met(session: Session, engagement_id: int) -> bool:
    """Tell whether a visit was held, for callers that hold the engagement or loaded it by its policy."""
    held = exists().where(Visit.engagement_id == engagement_id, Visit.state == VisitState.HELD)
    return bool(session.scalar(select(held)))


def pause(
    session: Session,
    engagement: Engagement,
    user: User,
    *,
    look_again_on: date,
    path: str,
    now: datetime,
) -> None:
    """Rest until a day on which both look again; a visit to come is let go. A second press does nothing.

    Raises DomainError (field ``look_again_on``) for a day that is past or too far, ConflictError once ended.
    """
    today = now.astimezone(KST).date()
    if not today < look_again_on <= today + LONGEST_PAUSE:
        raise DomainError("내일부터 석 달 안의 날을 골라 주세요.", field="look_again_on")
    engagement = db.lock(session, Engagement, engagement.id)
    if engagement.state == EngagementState.PAUSED:
        return
    _require_live(engagement)
    engagement.paused_from, engagement.state = engagement.state, EngagementState.PAUSED
    engagement.paused_at, engagement.paused_by_id = now, user.id
    engagement.look_again_on, engagement.due_at = look_again_on, _morning(look_again_on)
    let_visit_go(session, engagement, user, path=path, now=now)
    _tell_other(session, engagement, user, "engagement-paused", path=path, now=now)


def resume(session: Session, engagement: Engagement, user: User, *, path: str, now: datetime) -> None:
    """Go on after a pause, as it was before; a second press does nothing. Raises ConflictError once ended."""
    engagement = db.lock(session, Engagement, engagement.id)
    if engagement.state in LIVE_STATES:
        return
    if engagement.state != EngagementState.PAUSED:
        raise ConflictError("끝난 멘토링이에요. 새로 부탁하시면 돼요.")
    engagement.state = engagement.paused_from or EngagementState.ACTIVE
    engagement.paused_from = engagement.look_again_on = None
    until = engagement.follow_up_until
    is_followed = until is not None and until >= now.astimezone(KST).date()
    engagement.due_at = _next_week(engagement, now) if is_followed else None
    _tell_other(session, engagement, user, "engagement-resumed", path=path, now=now)
    mark_path_read(session, user_id=user.id, path=path, now=now)


def end(
    session: Session, engagement: Engagement, user: User, *, reason: str, path: str, now: datetime
) -> None:
    """End the engagement and free the seat, with a reason for operators only; a second press does nothing.

    An operator ends it for both when neither can. A visit still to come is let go; one that has begun can
    still be written down.
    """
    engagement = db.lock(session, Engagement, engagement.id)
    if engagement.state == EngagementState.ENDED:
        return
    _close(session, engagement, user, reason=reason, path=path, now=now)
    if user.id in {engagement.merchant_id, engagement.mentor_id}:
        _tell_other(session, engagement, user, "engagement-ended", path=path, now=now)
    else:
        _tell_both(session, engagement, "engagement-ended-by-office", path=path, now=now)


def ask_for_another(
    session: Session,
    engagement: Engagement,
    user: User,
    *,
    reason: str,
    form_key: str,
    path: str,
    home: str,
    now: datetime,
) -> Need:
    """End the engagement and open its need anew for another mentor; what was written stays.

    ``path`` is the engagement's page, ``home`` where the merchant sees the new need. A second press gives the
    same need. Raises ConflictError when it ended before. Holds the merchant's account, then the engagement.
    """
    session.execute(select(User.id).where(User.id == engagement.merchant_id).with_for_update(key_share=True))
    engagement = db.lock(session, Engagement, engagement.id)
    made = session.scalar(select(Need).where(Need.follows_id == engagement.need_id))
    if made is not None:
        return made
    if engagement.state == EngagementState.ENDED:
        raise ConflictError("이미 끝난 멘토링이에요. 멘토 화면에서 새로 부탁하시면 돼요.")
    _close(session, engagement, user, reason=reason, path=path, now=now)
    need = _ask_anew(session, engagement, form_key=form_key, now=now)
    if user.id == engagement.mentor_id:
        _tell_other(session, engagement, user, "engagement-handed-on", path=home, now=now)
    else:
        _tell_other(session, engagement, user, "engagement-ended", path=path, now=now)
    return need


def let_visit_go(session: Session, engagement: Engagement, user: User, *, path: str, now: datetime) -> None:
    """Cancel a visit that has not begun, free its half hours and take it out of the two's calendars.

    For callers that hold the engagement.
    """
    found = queries.find_open_visit(session, engagement.id)
    if found is None:
        return
    visit = db.lock(session, Visit, found.id)  # it may be chosen or moved in this moment
    if visit.state not in OPEN_VISIT_STATES or (visit.starts_at is not None and visit.starts_at <= now):
        return
    visit.state, visit.closed_by_id, visit.remind_at = VisitState.CANCELLED, user.id, None
    slots.release(session, visit.id)
    if visit.starts_at is None:
        return
    what = {"what": f"{korean.dated_time(visit.starts_at, now=now)} 약속"}
    for user_id in sorted((engagement.merchant_id, engagement.mentor_id)):
        beside = calendars.invite(session, visit, user_id, now=now, is_off=True)
        if beside.calendar:  # a calendar that took the invitation has to hear of it
            tell(session, visit, user_id, "visit-let-go", what, path=path, now=now, beside=beside)


def begin_follow_up(session: Session, engagement: Engagement, *, now: datetime) -> None:
    """Begin the month after the last of the four visits, for callers that hold the engagement; once only."""
    if engagement.follow_up_until is None and engagement.state != EngagementState.ENDED:
        engagement.follow_up_until = now.astimezone(KST).date() + FOLLOW_UP
        if engagement.state in LIVE_STATES:  # a pause sets the next day itself, when it ends
            engagement.due_at = _next_week(engagement, now)


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the engagements whose pause or week is over, the longest waiting first."""
    statement = select(Engagement.id).where(Engagement.due_at <= now)
    return list(session.scalars(statement.order_by(Engagement.due_at, Engagement.id).limit(DUE_MAX)))


LOOK_AFTER = queue.register(
    "mentoring.engagement", run="portal.mentoring.engagement_jobs.look_after", timeout_s=30, due=list_due_ids
)


def look_after(session: Session, engagement_id: int, *, path: str, now: datetime) -> None:
    """Say that the day to look again has come, or that a week of the month after is over.

    Run twice, the second time does nothing.
    """
    engagement = db.lock(session, Engagement, engagement_id)
    if engagement.due_at is None or engagement.due_at > now:
        return
    until = engagement.follow_up_until
    if engagement.state == EngagementState.PAUSED:
        _tell_both(session, engagement, "engagement-look-again", path=path, now=now)
        engagement.due_at = None
    elif until is None or engagement.state == EngagementState.ENDED:
        engagement.due_at = None
    elif now.astimezone(KST).date() > until:
        _tell_mentor(session, engagement, "follow-up-over", path=path, now=now)
        engagement.due_at = None
    else:
        _tell_mentor(session, engagement, "follow-up-week", path=path, now=now)
        engagement.due_at = _next_week(engagement, now)


def _close(
    session: Session, engagement: Engagement, user: User, *, reason: str, path: str, now: datetime
) -> None:
    engagement.state, engagement.ended_at = EngagementState.ENDED, now
    engagement.ended_by_id, engagement.ended_reason = user.id, reason
    engagement.due_at = engagement.paused_from = engagement.look_again_on = None
    let_visit_go(session, engagement, user, path=path, now=now)


def _ask_anew(session: Session, engagement: Engagement, *, form_key: str, now: datetime) -> Need:
    """Open the same need again; whom the merchant liked before says nothing about whom they like now."""
    former = session.get_one(Need, engagement.need_id)
    times = session.scalars(select(NeedTime).where(NeedTime.need_id == former.id)).all()
    need = Need(
        merchant_id=former.merchant_id,
        topic=former.topic,
        detail=former.detail,
        wants=former.wants,
        region=former.region,
        channel=former.channel,
        market=former.market,
        manner=former.manner,
        wants_english=former.wants_english,
        follows_id=former.id,
        form_key=form_key,
        created_at=now,
        times=[NeedTime(weekday=each.weekday, part=each.part) for each in times],
    )
    session.add(need)
    session.flush()  # the caller shows its id
    return need


def _require_live(engagement: Engagement) -> None:
    if engagement.state not in LIVE_STATES:
        raise ConflictError("이미 끝난 멘토링이에요. 멘토 화면에서 확인해 주세요.")


def _morning(day: date) -> datetime:
    return datetime.combine(day, REMINDED_AT, KST)


def _next_week(engagement: Engagement, now: datetime) -> datetime | None:
    """Return the next weekly look of the month after, the day behind its last one at the latest."""
    if engagement.follow_up_until is None:
        return None
    day = now.astimezone(KST).date() + WEEK
    return _morning(min(day, engagement.follow_up_until + timedelta(days=1)))


def _people(session: Session, engagement: Engagement) -> tuple[str, str]:
    merchant, mentor = (
        session.get_one(User, each) for each in (engagement.merchant_id, engagement.mentor_id)
    )
    return f"{merchant.name} 사장님", f"{mentor.name} 멘토님"


def _tell_both(session: Session, engagement: Engagement, message: str, *, path: str, now: datetime) -> None:
    merchant, mentor = _people(session, engagement)
    # In the order of their accounts, as everywhere: their digests are held one after the other.
    for user_id, other in sorted(((engagement.merchant_id, mentor), (engagement.mentor_id, merchant))):
        _tell(session, engagement, user_id, message, {"other": other}, path=path, now=now)


def _tell_mentor(session: Session, engagement: Engagement, message: str, *, path: str, now: datetime) -> None:
    merchant, _ = _people(session, engagement)
    _tell(session, engagement, engagement.mentor_id, message, {"merchant": merchant}, path=path, now=now)


def _tell_other(
    session: Session, engagement: Engagement, user: User, message: str, *, path: str, now: datetime
) -> None:
    """Tell the other one what ``user`` did, by a text for mentors or one for merchants where they differ."""
    merchant, mentor = _people(session, engagement)
    by_mentor = user.id == engagement.mentor_id
    user_id = engagement.merchant_id if by_mentor else engagement.mentor_id
    values = {"mentor": mentor} if by_mentor else {"merchant": merchant}
    if message == "engagement-ended":
        message = f"{message}-by-{'mentor' if by_mentor else 'merchant'}"
    elif message != "engagement-handed-on":
        values = {"other": mentor if by_mentor else merchant}
    _tell(session, engagement, user_id, message, values, path=path, now=now)


def _tell(
    session: Session,
    engagement: Engagement,
    user_id: int,
    message: str,
    values: dict[str, str],
    *,
    path: str,
    now: datetime,
) -> None:
    notify(
        session,
        user_id=user_id,
        cause=f"{message}:{engagement.id}:{now:%Y%m%d%H%M%S}",
        message=message,
        values=values,
        about=about(engagement.id),
        path=path,
        now=now,
    )
