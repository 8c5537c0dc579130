"""A mentor is asked until a deadline, then the next one is; the merchant hears it (M08 M09 M23 B29 B30)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import MentorProfile, User
from portal.core import clock, db, queue
from portal.core.clock import KST
from portal.core.errors import ConflictError
from portal.core.roles import Role
from portal.mentoring import nearby, offers, operations, standing
from portal.mentoring.match_models import Conflict
from portal.mentoring.models import Engagement, EngagementState, Need, NeedState, Offer, OfferState
from portal.mentoring.visit_models import DayOff
from tests.conftest import NOW
from tests.factories import make_engagement, make_mentor, make_need, make_user

Race = Callable[[list[Callable[[], Any]]], list[Any]]
PATHS = offers.Paths(
    offer=lambda row_id: f"/mentoring/offers/{row_id}/",
    engagement=lambda row_id: f"/mentoring/engagements/{row_id}/",
    home="/mentoring/",
    needs="/mentoring/needs/",
    own_state="/mentoring/me/",
)


def ask(session: Session, need: Need, mentors: list[User], *, now: datetime = NOW) -> Offer:
    first, *others = [mentor.id for mentor in mentors]
    offer = offers.make(session, need=need, mentor_id=first, next_mentor_ids=others, paths=PATHS, now=now)
    assert offer is not None
    session.flush()
    return offer


def sweep(session: Session, now: datetime) -> int:
    due = offers.list_due_ids(session, now)
    for offer_id in due:
        offers.look_after(session, offer_id, paths=PATHS, now=now)
        session.flush()
    return len(due)


def whom(session: Session, need: Need) -> int | None:
    offer = offers.find_open(session, need.id)
    return offer.mentor_id if offer else None


@pytest.fixture
def need(session: Session, merchant: User) -> Need:
    return make_need(session, merchant)


def test_m09_a_mentor_has_two_working_days_and_hears_until_when(
    session: Session, need: Need, mentor: User, told: Callable[[User], list[str]]
) -> None:
    friday = datetime(2026, 11, 27, 10, 20, tzinfo=KST)

    offer = ask(session, need, [mentor], now=friday)

    assert offer.answer_by == datetime(2026, 12, 1, 11, tzinfo=KST)
    assert told(mentor) == ["‘휴대전화 다루기’ 부탁이 왔어요. 12월 1일(화) 오전 11시까지 맡을지 알려 주세요."]
    assert ask(session, need, [mentor], now=friday) is offer


def test_m09_a_request_unanswered_goes_to_the_next_mentor_and_the_merchant_hears_it(
    session: Session, need: Need, merchant: User, mentor: User, told: Callable[[User], list[str]]
) -> None:
    second, third = make_mentor(session), make_mentor(session)
    first = ask(session, need, [mentor, second, third])

    before = sweep(session, first.answer_by - timedelta(minutes=1))
    after = [sweep(session, first.answer_by + timedelta(days=days)) for days in (0, 0)]

    assert (before, after) == (0, [1, 0])
    assert (first.state, whom(session, need)) == (OfferState.EXPIRED, second.id)
    standing_offer = offers.find_open(session, need.id)
    assert standing_offer is not None
    assert json.loads(standing_offer.next_mentor_ids) == [third.id]
    assert told(merchant) == [
        "먼저 여쭌 멘토님이 이번에는 어려워 다음 멘토님께 부탁했어요. 그대로 기다리시면 돼요."
    ]


def test_m09_with_nobody_left_the_operators_hear_it_and_every_mentor_may_take_it(
    session: Session, need: Need, merchant: User, mentor: User, told: Callable[[User], list[str]]
) -> None:
    operator, other = make_user(session, Role.OPERATOR), make_mentor(session)
    offer = ask(session, need, [mentor])
    hidden = nearby.list_open_needs(session, other)

    sweep(session, offer.answer_by)

    assert (hidden, whom(session, need), need.state) == ([], None, NeedState.OPEN)
    assert told(operator) == ["‘휴대전화 다루기’ 부탁을 맡을 멘토님이 없어요. 맡을 분을 찾아 주세요."]
    assert told(merchant) == ["맡을 멘토님을 운영자가 함께 찾고 있어요. 그대로 기다리시면 돼요."]
    assert [card.id for card in nearby.list_open_needs(session, other)] == [need.id]


def test_the_next_mentor_is_one_who_can_be_asked(session: Session, need: Need, mentor: User) -> None:
    merchant = session.get_one(User, need.merchant_id)
    paused, full, clashing = (
        make_mentor(session, paused_at=NOW),
        make_mentor(session, capacity=0),
        make_mentor(session),
    )
    before, away, able = make_mentor(session), make_mentor(session), make_mentor(session)
    session.add(
        Conflict(
            mentor_id=clashing.id,
            merchant_id=merchant.id,
            reason="이웃 가게",
            made_by_id=able.id,
            made_at=NOW,
        )
    )
    old = make_engagement(session, merchant, before, state=EngagementState.ENDED)
    need.follows_id = old.need_id
    today = NOW.astimezone(KST).date()
    session.add(DayOff(mentor_id=away.id, starts_on=today, ends_on=today + timedelta(days=7)))
    everybody = [mentor, paused, full, clashing, before, away, able]
    first = ask(session, need, everybody)

    offers.decline(session, first, reason="가게가 바빠요", paths=PATHS, now=NOW)

    assert (whom(session, need), first.declined_reason) == (able.id, "가게가 바빠요")


def test_an_offer_taken_is_an_engagement_to_try_out(
    session: Session, need: Need, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    offer = ask(session, need, [mentor], now=clock.now())
    his = sign_in(mentor)
    page = his.get(f"/mentoring/offers/{offer.id}/").text

    answers = [his.send(f"/mentoring/offers/{offer.id}/accept") for _ in range(2)]

    assert "왜 멘토님께 부탁드릴까요" in page
    assert "김순자" not in page
    engagement = session.scalars(select(Engagement)).one()
    assert [answer.location for answer in answers] == [f"/mentoring/engagements/{engagement.id}/"] * 2
    assert (engagement.state, engagement.mentor_id) == (EngagementState.TRIAL, mentor.id)
    session.refresh(offer)
    assert (offer.state, offer.due_at) == (OfferState.ACCEPTED, None)


def test_while_one_mentor_is_asked_no_other_takes_the_need(
    session: Session, need: Need, mentor: User
) -> None:
    ask(session, need, [mentor])

    with pytest.raises(ConflictError, match="먼저 부탁해 두었어요"):
        operations.accept_need(session, need, make_mentor(session), link=PATHS.engagement, now=NOW)
    with pytest.raises(ConflictError, match="이미 다른 멘토님께"):
        offers.make(session, need=need, mentor_id=make_mentor(session).id, paths=PATHS, now=NOW)


def test_a_need_taken_back_asks_nobody_any_more(session: Session, need: Need, mentor: User) -> None:
    offer = ask(session, need, [mentor])

    operations.withdraw(session, need, now=NOW)
    sweep(session, offer.answer_by)

    assert (offer.state, whom(session, need)) == (OfferState.WITHDRAWN, None)


def test_only_the_mentor_asked_sees_and_answers_it(
    session: Session, need: Need, merchant: User, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    address = f"/mentoring/offers/{ask(session, need, [mentor]).id}/"
    others = [sign_in(user) for user in (make_mentor(session), merchant, make_user(session, Role.OPERATOR))]

    assert [browser.get(address).status_code for browser in others] == [404, 403, 403]
    assert [browser.send(f"{address}accept").status_code for browser in others] == [404, 403, 403]
    assert [browser.get(f"{address}decline").status_code for browser in others] == [404, 403, 403]


def test_a_reason_for_saying_no_is_shown_to_nobody_but_operators(
    session: Session, need: Need, merchant: User, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    offer = ask(session, need, [mentor], now=clock.now())

    answer = sign_in(mentor).send(f"/mentoring/offers/{offer.id}/decline", {"reason": "가게가 멀어요"})

    assert answer.status_code == 302
    session.refresh(offer)
    assert (offer.state, offer.declined_reason) == (OfferState.DECLINED, "가게가 멀어요")
    assert "가게가 멀어요" not in sign_in(merchant).get("/mentoring/").text


def test_m23_a_mentor_who_misses_three_in_a_row_is_paused_and_told_why(
    session: Session, mentor: User, told: Callable[[User], list[str]]
) -> None:
    now, profile = NOW, session.get_one(MentorProfile, mentor.id)
    paused = []
    for _ in range(3):
        offer = ask(session, make_need(session, make_user(session)), [mentor], now=now)
        sweep(session, now := offer.answer_by)
        paused.append(profile.paused_at is not None)

    assert paused == [False, False, True]
    assert told(mentor)[-1] == (
        "부탁 세 번에 답이 없어 새 부탁을 잠시 보내지 않아요. 눌러서 바로 다시 시작하실 수 있어요."
    )
    assert standing.get_standing(session, mentor).misses == 3
    standing.come_back(session, mentor, path=PATHS.own_state, now=now)
    assert (profile.paused_at, offers.misses_in_a_row(session, profile)) == (None, 0)


def test_m23_answering_once_breaks_the_row_and_one_deadline_counts_once(
    session: Session, mentor: User
) -> None:
    now, profile = NOW, session.get_one(MentorProfile, mentor.id)
    for answers in ((), ("no",), (), ()):
        offer = ask(session, make_need(session, make_user(session)), [mentor], now=now)
        also = ask(session, make_need(session, make_user(session)), [mentor], now=now)
        for _ in answers:
            offers.decline(session, also, reason="", paths=PATHS, now=now)
        sweep(session, now := offer.answer_by)

    assert (offers.misses_in_a_row(session, profile), profile.paused_at) == (2, None)


def test_a_mentor_who_rests_lets_what_was_asked_go_on_at_once(
    session: Session, need: Need, mentor: User, run_jobs: Callable[[], None]
) -> None:
    second = make_mentor(session)
    offer = ask(session, need, [mentor, second], now=clock.now())
    with db.transaction() as writing:
        standing.pause(writing, mentor, now=clock.now())

    run_jobs()

    session.expire_all()
    assert (offer.state, whom(session, need)) == (OfferState.WITHDRAWN, second.id)


def test_b29_a_worker_that_was_down_only_comes_late(
    session: Session, need: Need, mentor: User, run_jobs: Callable[[], None]
) -> None:
    second = make_mentor(session)
    offer = ask(session, need, [mentor, second], now=clock.now() - timedelta(days=10))
    session.commit()

    queue.sweep(now=clock.now())
    run_jobs()

    session.expire_all()
    assert (offer.state, whom(session, need)) == (OfferState.EXPIRED, second.id)


def test_the_last_seat_taken_lets_the_other_offers_go_on(
    session: Session, need: Need, run_jobs: Callable[[], None]
) -> None:
    one_seat, second = make_mentor(session, capacity=2), make_mentor(session)
    other = ask(session, make_need(session, make_user(session)), [one_seat, second], now=clock.now())
    mine = ask(session, need, [one_seat], now=clock.now())
    session.get_one(MentorProfile, one_seat.id).capacity = 1
    session.commit()
    with db.transaction() as writing:
        offers.accept(writing, mine, one_seat, paths=PATHS, now=clock.now())

    run_jobs()

    session.expire_all()
    assert other.state == OfferState.WITHDRAWN
    assert session.scalar(select(Offer.mentor_id).where(Offer.state == OfferState.OPEN)) == second.id


def test_a_mentor_says_goodbye_once_no_shop_is_left(
    session: Session, mentor: User, engagement: Engagement, sign_in: Callable[[User], Any]
) -> None:
    his = sign_in(mentor)
    refused, page = his.send("/mentoring/me/goodbye"), his.get("/mentoring/me/goodbye").text
    engagement.state, engagement.ended_at = EngagementState.ENDED, clock.now()
    session.commit()

    gone = his.send("/mentoring/me/goodbye")

    assert (refused.status_code, gone.status_code) == (409, 302)
    assert "김순자 사장님" in page
    profile = session.get_one(MentorProfile, mentor.id)
    assert standing.state_of(profile) == standing.State.LEFT
    assert mentor.name not in sign_in(make_user(session)).get("/mentoring/mentors/").text
    with pytest.raises(ConflictError):
        operations.accept_need(
            session, make_need(session, make_user(session)), mentor, link=PATHS.engagement, now=NOW
        )


def test_m08_eight_answers_never_take_more_seats_than_there_are(committed: Session, race: Race) -> None:
    mentor = make_mentor(committed, capacity=8)
    needs = [make_need(committed, make_user(committed)) for _ in range(8)]
    ids = [ask(committed, each, [mentor], now=clock.now()).id for each in needs]
    committed.get_one(MentorProfile, mentor.id).capacity = 3
    committed.commit()

    def answer(offer_id: int) -> Callable[[], int]:
        def call() -> int:
            with db.transaction() as session:
                offer = session.get_one(Offer, offer_id)
                return offers.accept(session, offer, mentor, paths=PATHS, now=clock.now()).seat_no

        return call

    results = race([answer(offer_id) for offer_id in ids])

    assert sorted(result for result in results if isinstance(result, int)) == [1, 2, 3]
    assert sum(isinstance(result, ConflictError) for result in results) == 5
    assert committed.scalar(select(func.count()).select_from(Engagement)) == 3


def test_m09_eight_workers_pass_an_offer_on_once(committed: Session, race: Race) -> None:
    mentors = [make_mentor(committed) for _ in range(3)]
    need = make_need(committed, make_user(committed))
    offer_id = ask(committed, need, mentors, now=clock.now() - timedelta(days=10)).id
    committed.commit()

    def work() -> int:
        with db.transaction() as session:
            offers.look_after(session, offer_id, paths=PATHS, now=clock.now())
        return 1

    results = race([work] * 8)

    assert results == [1] * 8
    committed.expire_all()
    rows = committed.execute(select(Offer.mentor_id, Offer.state).order_by(Offer.id)).all()
    assert [tuple(row) for row in rows] == [
        (mentors[0].id, OfferState.EXPIRED),
        (mentors[1].id, OfferState.OPEN),
    ]


def test_an_offer_is_accepted_or_passed_on_but_never_both(committed: Session, race: Race) -> None:
    first, second = make_mentor(committed), make_mentor(committed)
    need = make_need(committed, make_user(committed))
    offer_id = ask(committed, need, [first, second], now=clock.now() - timedelta(days=10)).id
    committed.commit()

    def accept() -> str:
        with db.transaction() as session:
            offers.accept(session, session.get_one(Offer, offer_id), first, paths=PATHS, now=clock.now())
        return "accepted"

    def pass_on() -> str:
        with db.transaction() as session:
            offers.look_after(session, offer_id, paths=PATHS, now=clock.now())
        return "looked"

    results = race([accept, pass_on] * 4)

    taken = committed.scalar(select(func.count()).select_from(Engagement))
    is_open = committed.scalar(select(func.count()).select_from(Offer).where(Offer.state == OfferState.OPEN))
    assert (taken, is_open) in {(1, 0), (0, 1)}
    assert (results.count("accepted") == 4) == (taken == 1)


def test_m25_who_is_kept_apart_neither_sees_nor_takes_the_need(
    session: Session, sign_in: Callable[[User], Any]
) -> None:
    merchant, mentor, operator = make_user(session), make_mentor(session), make_user(session, Role.OPERATOR)
    need = make_need(session, merchant, detail="택배 상자가 자꾸 찌그러져요.")
    browser = sign_in(mentor)
    before = browser.get("/mentoring/needs/").text
    session.add(
        Conflict(
            mentor_id=mentor.id,
            merchant_id=merchant.id,
            reason="이웃 가게예요.",
            made_by_id=operator.id,
            made_at=clock.now(),
        )
    )
    session.commit()

    assert "찌그러져요" in before
    assert "찌그러져요" not in browser.get("/mentoring/needs/").text
    assert browser.send(f"/mentoring/needs/{need.id}/accept").status_code == 409
    assert session.scalars(select(Engagement)).all() == []


def test_m20_the_mentor_before_does_not_take_the_same_need_again(
    session: Session, sign_in: Callable[[User], Any]
) -> None:
    merchant, mentor = make_user(session), make_mentor(session)
    engagement = make_engagement(session, merchant, mentor, state=EngagementState.ENDED)
    need = make_need(session, merchant, detail="다른 분과 해 보고 싶어요.")
    need.follows_id = engagement.need_id
    session.commit()
    browser = sign_in(mentor)

    assert "다른 분과" not in browser.get("/mentoring/needs/").text
    assert browser.send(f"/mentoring/needs/{need.id}/accept").status_code == 409


def test_the_last_seat_taken_from_the_list_lets_other_offers_go_on_unmissed(
    session: Session, sign_in: Callable[[User], Any], run_jobs: Callable[[], None]
) -> None:
    mentor = make_mentor(session, capacity=1)
    asked, listed = make_need(session, make_user(session)), make_need(session, make_user(session))
    offer = offers.make(session, need=asked, mentor_id=mentor.id, paths=PATHS, now=clock.now())
    assert offer is not None
    session.commit()

    sign_in(mentor).send(f"/mentoring/needs/{listed.id}/accept")
    run_jobs()

    session.refresh(offer)
    assert offer.state == OfferState.WITHDRAWN
