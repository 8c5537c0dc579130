"""How far two people have come: the four visits, the month after, what they agreed on, and the goal."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import korean
from portal.core.clock import KST
from portal.mentoring import guides
from portal.mentoring.models import Engagement, EngagementState, GoalJudge
from portal.mentoring.visit_models import ActionItem, Visit, VisitState
from portal.mentoring.vocabulary import STEP_NAMES, VisitStep

FOUR = (VisitStep.DIAGNOSE, VisitStep.MAKE, VisitStep.ALONE, VisitStep.CHECK)
STATE_NAMES = {
    EngagementState.TRIAL: "처음 만나 보기",
    EngagementState.ACTIVE: "함께하는 중",
    EngagementState.PAUSED: "쉬는 중",
    EngagementState.ENDED: "끝난 멘토링",
}


@dataclass(frozen=True)
class Goal:
    """What the two work towards, who judges it, and how far it is."""

    words: str
    is_judged_by_items: bool
    done: int
    total: int
    #: When the mentor said so, or that everything is done; empty until reached.
    reached: str

    @property
    def is_reached(self) -> bool:
        """Tell whether the goal is reached."""
        return bool(self.reached)


@dataclass(frozen=True)
class Journey:
    """Where an engagement stands, as one of its two people or an operator sees it."""

    state: EngagementState
    state_name: str
    #: Name, address (none) and state of each of the four visits.
    steps: tuple[tuple[str, None, str], ...]
    #: The last day of the month after the visits, in words; empty before it begins and once it is over.
    follow_up_until: str
    #: The two have met and this reader has not said yet whether to go on.
    is_to_decide: bool
    #: The reader has said yes and the other one has not answered.
    waits_for_other: bool
    #: Who rests and until when they look again; empty unless paused.
    pause: str
    #: What the reader has to do about the agreement: write, confirm, wait, or nothing.
    agreement: str
    goal: Goal


def next_step(session: Session, engagement: Engagement) -> VisitStep:
    """Return the first of the four visits not yet held, and after them the month that follows."""
    held = _held_steps(session, engagement)
    return next((step for step in FOUR if step not in held), VisitStep.FOLLOW_UP)


def read(session: Session, user: User, engagement: Engagement, *, now: datetime) -> Journey:
    """Return how far an engagement has come; for callers that loaded it by its policy, with its people."""
    held = _held_steps(session, engagement)
    is_mentor, is_merchant = user.id == engagement.mentor_id, user.id == engagement.merchant_id
    mine = engagement.mentor_goes_on_at if is_mentor else engagement.merchant_goes_on_at
    is_trial = engagement.state == EngagementState.TRIAL and (is_mentor or is_merchant)
    until = engagement.follow_up_until
    today = now.astimezone(KST).date()
    return Journey(
        state=engagement.state,
        state_name=STATE_NAMES[engagement.state],
        steps=_steps(held),
        follow_up_until=f"{until.month}월 {until.day}일" if until and today <= until else "",
        is_to_decide=is_trial and bool(held) and mine is None,
        waits_for_other=is_trial and mine is not None,
        pause=_pause(engagement, user),
        agreement=_agreement(engagement, is_mentor=is_mentor, is_merchant=is_merchant),
        goal=_goal(session, engagement, now=now),
    )


def _held_steps(session: Session, engagement: Engagement) -> set[VisitStep | None]:
    """Return the steps of the visits that were held; None stands for those in between."""
    held = select(Visit.step).where(Visit.engagement_id == engagement.id, Visit.state == VisitState.HELD)
    return set(session.scalars(held.distinct()))


def _steps(held: set[VisitStep | None]) -> tuple[tuple[str, None, str], ...]:
    now = next((step for step in FOUR if step not in held), None)
    return tuple(
        (STEP_NAMES[step], None, "done" if step in held else "now" if step == now else "todo")
        for step in FOUR
    )


def _pause(engagement: Engagement, user: User) -> str:
    if engagement.state != EngagementState.PAUSED:
        return ""
    by_mentor = engagement.paused_by_id == engagement.mentor_id
    who = f"{engagement.mentor.name} 멘토님" if by_mentor else f"{engagement.merchant.name} 사장님"
    said = "내가" if engagement.paused_by_id == user.id else korean.with_particle(who, "이/가")
    day = engagement.look_again_on
    again = f" {day.month}월 {day.day}일에 다시 보기로 했어요." if day else ""
    return f"{said} 쉬어 가자고 했어요.{again}"


def _agreement(engagement: Engagement, *, is_mentor: bool, is_merchant: bool) -> str:
    if engagement.state == EngagementState.ENDED or not (is_mentor or is_merchant):
        return "nothing"
    if not engagement.agreement_version:
        return "write" if is_mentor else "nothing"
    if is_merchant and engagement.merchant_agreed_at is None:
        return "confirm"
    return "wait" if engagement.merchant_agreed_at is None else "nothing"


def _goal(session: Session, engagement: Engagement, *, now: datetime) -> Goal:
    by_items = engagement.goal_judge == GoalJudge.ITEMS
    done, total = session.execute(
        select(func.count(ActionItem.done_at), func.count(ActionItem.id))
        .join(Visit, Visit.id == ActionItem.visit_id)
        .where(Visit.engagement_id == engagement.id, ActionItem.is_mentors.is_(False))
    ).one()
    reached = engagement.goal_reached_at
    day = ""
    if by_items and total and done == total:
        day = "모두 했어요"
    elif not by_items and reached is not None:
        day = korean.dated_time(reached.astimezone(KST), now=now)
    return Goal(engagement.goal, by_items, done, total, day)


def guide_text(engagement: Engagement) -> guides.AgreementText:
    """Return the text the two agreed to, or the present one before they have."""
    return guides.current().text_of(engagement.agreement_version)
