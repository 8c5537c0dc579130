"""A mentor is asked to take a need, until a moment; then the next one is asked, and nobody waits unseen.

Whatever an offer needs follows from its row (`list_due_ids`): a worker that was down only comes late. Every
step holds the need; accepting and running out of time hold the mentor's profile before it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, RoleGrant, User
from portal.accounts.vocabulary import TOPIC_NAMES
from portal.core import db, korean, queue, work, working_time
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring import asking, operations
from portal.mentoring.match_models import MatchPair
from portal.mentoring.models import Engagement, Need, NeedState, Offer, OfferState
from portal.messages.operations import notify
from portal.messages.operations import withdraw as withdraw_notice

ANSWER_WORKING_HOURS = 18
"""Two working days: a mentor has a shop of their own, and the one who asked hears within the same week."""

MISSES_MAX = 3
"""Once is an accident and twice a bad week. The third in a row says that others would wait in vain too."""


@dataclass(frozen=True)
class Paths:
    """Where notices lead: offer, engagement, the merchant's page, open needs, a mentor's own state."""

    offer: Callable[[int], str]
    engagement: Callable[[int], str]
    home: str
    needs: str
    own_state: str


def make(
    session: Session,
    *,
    need: Need,
    mentor_id: int,
    run_id: int | None = None,
    reasons: Sequence[str] = (),
    next_mentor_ids: Sequence[int] = (),
    paths: Paths,
    now: datetime,
) -> Offer | None:
    """Ask a mentor to take a need, and tell them until when to answer.

    Who cannot be asked now (paused, gone, full, in conflict) is passed over for the next of
    ``next_mentor_ids``; None when nobody can be, and then nobody is told. The same again gives the same
    offer. Raises ConflictError when the need has a mentor, was taken back, or another mentor is being asked.
    Holds the need; a caller with many needs gives each a transaction of its own.
    """
    need = db.lock(session, Need, need.id)
    if need.state != NeedState.OPEN:
        raise ConflictError("그사이에 멘토님이 정해졌거나 사장님이 부탁을 거두셨어요.")
    standing = find_open(session, need.id)
    if standing is not None and standing.mentor_id == mentor_id:
        return standing
    if standing is not None:
        raise ConflictError("이미 다른 멘토님께 부탁하고 답을 기다리고 있어요.")
    choice = (mentor_id, *next_mentor_ids)
    offer = _ask_first(session, need, choice, run_id=run_id, paths=paths, now=now)
    if offer is not None and offer.mentor_id == mentor_id:
        offer.reasons = json.dumps(list(reasons), ensure_ascii=False)
    return offer


def make_of_run(session: Session, pairs: Sequence[MatchPair], *, now: datetime) -> None:
    """Open an offer for every pair of a run, for a caller that holds the needs and looked at the seats.

    The worker tells the mentors, one offer a job, so that a run of thousands is published in one short
    transaction; lost jobs are found again, since the offers are due.
    """
    asked = [
        Offer(
            need_id=pair.need_id,
            mentor_id=pair.mentor_id,
            run_id=pair.run_id,
            reasons=json.dumps([reason["words"] for reason in json.loads(pair.reasons)], ensure_ascii=False),
            next_mentor_ids=pair.next_mentor_ids,
            offered_at=now,
            answer_by=answer_by_of(now),
            due_at=now,
        )
        for pair in pairs
    ]
    session.add_all(asked)
    session.flush()  # the jobs need the ids
    for offer in asked:
        queue.enqueue(session, LOOK_AFTER, offer.id)


def find_open(session: Session, need_id: int) -> Offer | None:
    """Return the offer of a need that waits for its mentor's answer, for callers that hold the need."""
    return session.scalar(select(Offer).where(Offer.need_id == need_id, Offer.state == OfferState.OPEN))


def accept(session: Session, offer: Offer, mentor: User, *, paths: Paths, now: datetime) -> Engagement:
    """Take the need one was asked to take. Raises as `operations.accept_need` does; holds as it does."""
    need = session.get_one(Need, offer.need_id)
    engagement = operations.accept_need(session, need, mentor, link=paths.engagement, now=now)
    let_others_go_on(session, mentor.id, now=now)
    return engagement


def decline(session: Session, offer: Offer, *, reason: str, paths: Paths, now: datetime) -> None:
    """Say no, with a reason only operators read; the next mentor is asked. A second press does nothing.

    Raises ConflictError when the offer went on by itself. Holds the need.
    """
    need, offer = _hold(session, offer.id)
    if offer.state == OfferState.DECLINED:
        return
    if offer.state != OfferState.OPEN:
        raise ConflictError("그사이에 다른 멘토님께 넘어간 부탁이에요. 마음 써 주셔서 고맙습니다.")
    _close(session, offer, OfferState.DECLINED, paths=paths, now=now)
    offer.declined_reason = reason
    _pass_on(session, need, offer, paths=paths, now=now)


def list_due_ids(session: Session, now: datetime) -> list[int]:
    """Return the offers `look_after` has something to do for, the longest waiting first."""
    return work.list_due(session, Offer, now=now)


LOOK_AFTER = queue.register(
    "mentoring.offer", run="portal.mentoring.offer_jobs.look_after", timeout_s=30, due=list_due_ids
)


def look_after(session: Session, offer_id: int, *, paths: Paths, now: datetime) -> None:
    """Tell the mentor of an offer, or let it go on to the next one: over time, or no seat is free by now.

    Run twice, the second time does nothing. Holds the mentor's profile, then the need.
    """
    mentor_id = session.get_one(Offer, offer_id).mentor_id
    profile = session.get(MentorProfile, mentor_id, with_for_update=True, populate_existing=True)
    need, offer = _hold(session, offer_id)
    if offer.state != OfferState.OPEN:
        offer.due_at = None
        return
    if profile is None or not _may_keep(session, profile) or not asking.is_allowed(session, mentor_id, need):
        _close(session, offer, OfferState.WITHDRAWN, paths=paths, now=now)
    elif offer.answer_by <= now:
        _close(session, offer, OfferState.EXPIRED, paths=paths, now=now)
        session.flush()  # the misses are counted below
        _note_miss(session, profile, paths=paths, now=now)
    else:
        _tell_mentor(session, offer, need, paths=paths, now=now)  # a published run leaves that to the worker
        offer.due_at = offer.answer_by
        return
    _pass_on(session, need, offer, paths=paths, now=now)


def let_go(session: Session, mentor_id: int, *, now: datetime) -> None:
    """Let what a mentor was asked go on at once: they pause or say goodbye. The worker does it."""
    due = select(Offer.id).where(Offer.mentor_id == mentor_id, Offer.state == OfferState.OPEN)
    for offer_id in session.scalars(due).all():
        session.execute(update(Offer).where(Offer.id == offer_id).values(due_at=now))
        queue.enqueue(session, LOOK_AFTER, offer_id)


def misses_in_a_row(session: Session, profile: MentorProfile) -> int:
    """Return how many deadlines a mentor let pass one after the other, as far as they count.

    Offers of one deadline came together and count once; what was before the last pause counts no more.
    """
    statement = (
        select(Offer.state, Offer.answer_by)
        .where(
            Offer.mentor_id == profile.user_id,
            Offer.state.in_([OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED]),
        )
        .order_by(Offer.answer_by.desc(), Offer.id.desc())
        .limit(50)
    )
    if profile.resumed_at is not None:
        statement = statement.where(Offer.offered_at >= profile.resumed_at)
    was_kept: dict[datetime, bool] = {}
    for state, answer_by in session.execute(statement):
        was_kept[answer_by] = was_kept.get(answer_by, False) or state != OfferState.EXPIRED
    return len(list(takewhile(lambda kept: not kept, was_kept.values())))


def _hold(session: Session, offer_id: int) -> tuple[Need, Offer]:
    need = db.lock(session, Need, session.get_one(Offer, offer_id).need_id)
    return need, db.lock(session, Offer, offer_id)


def _may_keep(session: Session, profile: MentorProfile) -> bool:
    """Tell whether a mentor who was asked can still say yes: there, and a seat is free."""
    room = select(MentorProfile.user_id).where(
        MentorProfile.user_id == profile.user_id, asking.is_there(), asking.has_free_seat()
    )
    return session.scalar(room) is not None


def let_others_go_on(session: Session, mentor_id: int, *, now: datetime) -> None:
    """After the last seat was taken, let what else the mentor was asked go on."""
    profile = session.get_one(MentorProfile, mentor_id)
    if not _may_keep(session, profile):
        let_go(session, mentor_id, now=now)


def _pass_on(session: Session, need: Need, offer: Offer, *, paths: Paths, now: datetime) -> None:
    """Ask the next mentor and tell the merchant; with nobody left, bring the operators in."""
    if need.state != NeedState.OPEN:
        return
    session.flush()  # one offer of a need is open at a time
    choice: list[int] = json.loads(offer.next_mentor_ids)
    following = _ask_first(session, need, choice, run_id=offer.run_id, paths=paths, now=now)
    message = "need-asked-on" if following else "need-looked-for"
    _tell(session, need.merchant_id, message, {}, cause=f"offer:{offer.id}:over", path=paths.home, now=now)
    if following is None:
        operators = select(RoleGrant.user_id).where(RoleGrant.role == Role.OPERATOR)
        values = {"topic": TOPIC_NAMES[need.topic]}
        for user_id in session.scalars(operators.order_by(RoleGrant.user_id)).all():
            cause = f"offer:{offer.id}:nobody"
            _tell(session, user_id, "need-without-mentor", values, cause=cause, path=paths.needs, now=now)


def _ask_first(
    session: Session,
    need: Need,
    choice: Sequence[int],
    *,
    run_id: int | None,
    paths: Paths,
    now: datetime,
) -> Offer | None:
    """Open an offer for the first of the choice who may be asked, and tell them; the rest come after."""
    answer_by = answer_by_of(now)
    mentor_id = asking.first_able_id(session, need, choice, answer_by=answer_by, now=now)
    if mentor_id is None:
        return None
    rest = [each for each in choice[list(choice).index(mentor_id) + 1 :] if each != mentor_id]
    offer = Offer(
        need_id=need.id,
        mentor_id=mentor_id,
        run_id=run_id,
        next_mentor_ids=json.dumps(rest),
        offered_at=now,
        answer_by=answer_by,
        due_at=answer_by,
    )
    session.add(offer)
    session.flush()  # the notice names the offer's id
    _tell_mentor(session, offer, need, paths=paths, now=now)
    return offer


def _tell_mentor(session: Session, offer: Offer, need: Need, *, paths: Paths, now: datetime) -> None:
    values = {"topic": TOPIC_NAMES[need.topic], "by": korean.dated_time(offer.answer_by, now=now)}
    path = paths.offer(offer.id)
    _tell(session, offer.mentor_id, "offer-made", values, cause=f"offer:{offer.id}", path=path, now=now)


def answer_by_of(now: datetime) -> datetime:
    """Return until when a mentor asked now may answer: two working days, up to the full hour."""
    return working_time.up_to_the_hour(working_time.add_working_hours(now, ANSWER_WORKING_HOURS))


def _close(session: Session, offer: Offer, state: OfferState, *, paths: Paths, now: datetime) -> None:
    offer.state, offer.due_at = state, None
    offer.answered_at = now if state in {OfferState.ACCEPTED, OfferState.DECLINED} else None
    withdraw_notice(session, user_id=offer.mentor_id, cause=f"offer:{offer.id}", now=now)


def _note_miss(session: Session, profile: MentorProfile, *, paths: Paths, now: datetime) -> None:
    """Pause a mentor whose third deadline in a row passed; say why and how to come back."""
    if profile.paused_at is not None or misses_in_a_row(session, profile) < MISSES_MAX:
        return
    profile.paused_at = now
    cause = f"offers-missed:{now:%Y%m%d%H%M%S}"
    _tell(session, profile.user_id, "mentor-rests", {}, cause=cause, path=paths.own_state, now=now)
    let_go(session, profile.user_id, now=now)


def _tell(
    session: Session,
    user_id: int,
    message: str,
    values: dict[str, str],
    *,
    cause: str,
    path: str,
    now: datetime,
) -> None:
    notify(session, user_id=user_id, cause=cause, message=message, values=values, path=path, now=now)
