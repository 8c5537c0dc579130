"""An engagement is tried out, gone on with, paused, ended, and asked for anew (M19, M20, B32)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.accounts.operations import withdraw_role
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import ConflictError, DomainError
from portal.core.roles import Role
from portal.mentoring import journey, logs, nearby, offers, operations, queries, together
from portal.mentoring.models import Engagement, EngagementState, Need, NeedState, NeedTime
from portal.mentoring.visit_models import VisitSlot, VisitState
from portal.mentoring.vocabulary import DayPart, Manner, VisitKind, VisitStep
from portal.messages.models import Notice, Preference
from portal.messages.vocabulary import Channel, Kind, Pace
from tests.conftest import NOW
from tests.factories import make_engagement, make_mentor, make_need, make_user, make_visit
from tests.integration.mentoring.conftest import in_days
from tests.integration.mentoring.test_offers import PATHS

Race = Callable[[list[Callable[[], Any]]], list[Any]]
PATH = "/mentoring/engagements/1/"


@pytest.fixture
def trial(session: Session, merchant: User, mentor: User) -> Engagement:
    return make_engagement(session, merchant, mentor, state=EngagementState.TRIAL)


def today() -> date:
    return clock.now().astimezone(KST).date()


def test_it_is_a_trial_until_both_have_said_after_the_first_visit_that_they_go_on(
    session: Session,
    trial: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
) -> None:
    hers, his = sign_in(merchant), sign_in(mentor)
    page = f"/mentoring/engagements/{trial.id}/"
    early, before = hers.send(f"{page}go-on"), hers.get(page).text
    make_visit(session, trial, starts_at=in_days(-1), log="사진을 돌렸어요.")
    states = []
    for browser in (hers, hers, his):
        assert "앞으로도 함께할까요" in browser.get(page).text
        assert browser.send(f"{page}go-on").status_code == 302
        session.refresh(trial)
        states.append(trial.state)

    assert early.status_code == 409
    assert "처음 만나 보기" in before
    assert "앞으로도 함께할까요" not in before
    assert states == [EngagementState.TRIAL, EngagementState.TRIAL, EngagementState.ACTIVE]
    assert told(merchant) == ["박정호 멘토님과 앞으로도 함께하기로 했어요."]
    assert told(mentor) == ["김순자 사장님과 앞으로도 함께하기로 했어요."]
    assert "앞으로도 함께할까요" not in hers.get(page).text


@pytest.mark.parametrize("side", ["merchant", "mentor"])
def test_m19_either_leaves_the_trial_and_the_other_is_shown_no_reason(
    session: Session,
    trial: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
    side: str,
) -> None:
    make_visit(session, trial, starts_at=in_days(-1), log="이야기했어요.")
    leaver, other = (merchant, mentor) if side == "merchant" else (mentor, merchant)
    page = f"/mentoring/engagements/{trial.id}/"

    bare = sign_in(leaver).send(f"{page}end", {"reason": "말이 너무 빨랐어요."})

    assert bare.status_code == 302
    session.refresh(trial)
    assert (trial.state, trial.ended_reason) == (EngagementState.ENDED, "말이 너무 빨랐어요.")
    assert "말이 너무" not in sign_in(other).get(page).text
    assert not any("말이 너무" in sentence for sentence in told(other))
    assert "말이 너무" in sign_in(make_user(session, Role.OPERATOR)).get(page).text


def test_a_reason_is_never_needed(trial: Engagement, merchant: User, sign_in: Callable[[User], Any]) -> None:
    assert sign_in(merchant).send(f"/mentoring/engagements/{trial.id}/end").status_code == 302


def test_while_it_rests_no_new_times_are_sent_and_either_begins_again(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(3))
    session.flush()
    hers, his = sign_in(merchant), sign_in(mentor)
    page, day = f"/mentoring/engagements/{engagement.id}/", today() + timedelta(days=20)

    paused = hers.send(f"{page}pause", {"look_again_on": day.isoformat()})
    refused = his.send(f"{page}propose", {"date_1": f"{in_days(5):%Y-%m-%d}", "kind": "visit"})

    session.refresh(engagement)
    session.refresh(visit)
    assert (paused.status_code, refused.status_code) == (302, 409)
    assert (engagement.state, engagement.look_again_on) == (EngagementState.PAUSED, day)
    assert visit.state == VisitState.CANCELLED
    assert session.scalar(select(func.count()).select_from(VisitSlot)) == 0
    assert told(mentor) == ["김순자 사장님과 잠시 쉬었다가 다시 해요. 그동안 새 약속은 잡지 않아요."]
    assert f"김순자 사장님이 쉬어 가자고 했어요. {day.month}월 {day.day}일" in his.get(page).text
    assert "잠시 쉬는 중이에요." in his.get("/mentoring/").text
    assert his.send(f"{page}resume").status_code == 302
    session.refresh(engagement)
    assert (engagement.state, engagement.due_at) == (EngagementState.ACTIVE, None)
    assert told(merchant) == ["박정호 멘토님과 다시 시작해요. 이제 약속을 잡을 수 있어요."]


def test_a_pause_in_the_trial_stays_a_trial(session: Session, trial: Engagement, merchant: User) -> None:
    now = clock.now()
    together.pause(session, trial, merchant, look_again_on=today() + timedelta(days=3), path=PATH, now=now)
    together.resume(session, trial, merchant, path=PATH, now=now)

    assert trial.state == EngagementState.TRIAL


@pytest.mark.parametrize("days", [-1, 0, 93])
def test_a_pause_has_a_day_to_look_again_within_three_months(
    session: Session, engagement: Engagement, merchant: User, days: int
) -> None:
    with pytest.raises(DomainError, match="석 달 안의 날"):
        together.pause(
            session,
            engagement,
            merchant,
            look_again_on=today() + timedelta(days=days),
            path=PATH,
            now=clock.now(),
        )


def test_on_the_day_to_look_again_both_are_asked_once(
    session: Session, engagement: Engagement, merchant: User, mentor: User, told: Callable[[User], list[str]]
) -> None:
    together.pause(session, engagement, merchant, look_again_on=date(2026, 11, 30), path=PATH, now=NOW)
    morning = datetime(2026, 11, 30, 10, tzinfo=KST)
    early = together.list_due_ids(session, morning - timedelta(minutes=1))

    for _ in range(2):
        together.look_after(session, engagement.id, path=PATH, now=morning)

    assert (early, together.list_due_ids(session, morning)) == ([], [])
    assert told(merchant) == ["박정호 멘토님과 쉬기로 한 날까지 왔어요. 다시 시작할지 골라 주세요."]
    assert told(mentor)[1:] == ["김순자 사장님과 쉬기로 한 날까지 왔어요. 다시 시작할지 골라 주세요."]


def test_m20_another_mentor_is_asked_for_with_one_private_reason_and_the_history_stays(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
) -> None:
    need = session.get_one(Need, engagement.need_id)
    need.manner, need.market = Manner.STEP_BY_STEP, "망원시장"
    session.add(NeedTime(need_id=need.id, weekday=2, part=DayPart.AFTERNOON))
    make_visit(session, engagement, starts_at=in_days(-1), log="사진을 돌렸어요.")
    hers, page = sign_in(merchant), f"/mentoring/engagements/{engagement.id}/"
    unsaid = hers.send(f"{page}another", {"words": "시장이 멀어요."})
    form = {"reason": "times", "words": "시장이 멀어요.", "key": "another-of-a-test"}

    answers = [hers.send(f"{page}another", form) for _ in range(2)]

    assert (unsaid.status_code, [answer.status_code for answer in answers]) == (422, [302, 302])
    session.refresh(engagement)
    again = session.scalars(select(Need).where(Need.follows_id == need.id)).one()
    assert (again.state, again.detail, again.manner) == (NeedState.OPEN, need.detail, Manner.STEP_BY_STEP)
    assert again.market == "망원시장"
    assert session.scalars(select(NeedTime.part).where(NeedTime.need_id == again.id)).all() == ["afternoon"]
    assert engagement.ended_reason == "만날 시간이 잘 맞지 않았어요. 시장이 멀어요."
    assert "사진을 돌렸어요." in hers.get(page).text
    assert told(mentor) == ["김순자 사장님과 함께하는 일이 끝났어요. 고맙습니다."]
    assert "만날 시간이 잘" not in sign_in(mentor).get(page).text


def test_m20_the_mentor_before_is_not_asked_again(
    session: Session, engagement: Engagement, merchant: User, mentor: User
) -> None:
    need = together.ask_for_another(
        session, engagement, merchant, reason="", form_key="k", path=PATH, home="/", now=NOW
    )
    other = make_mentor(session)

    offer = offers.make(
        session, need=need, mentor_id=mentor.id, next_mentor_ids=[other.id], paths=PATHS, now=NOW
    )

    assert offer is not None
    assert offer.mentor_id == other.id


def test_a_mentor_hands_a_shop_on_and_its_owner_hears_it(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
) -> None:
    answer = sign_in(mentor).send(f"/mentoring/engagements/{engagement.id}/another", {"reason": "이사해요."})

    assert answer.status_code == 302
    assert told(merchant) == [
        "박정호 멘토님이 이어 가기 어려워 다른 멘토님을 찾고 있어요. 그대로 기다리시면 돼요."
    ]
    assert "멘토님을 찾고 있어요" in sign_in(merchant).get("/mentoring/").text
    assert "이사해요." not in sign_in(merchant).get(f"/mentoring/engagements/{engagement.id}/").text


def test_the_fourth_visit_begins_a_month_in_which_the_mentor_is_reminded_each_week(
    session: Session, engagement: Engagement, mentor: User, told: Callable[[User], list[str]]
) -> None:
    steps = []
    for number, step in enumerate(journey.FOUR, start=1):
        steps.append(journey.next_step(session, engagement))
        visit = make_visit(session, engagement, starts_at=NOW - timedelta(days=9 - number))
        logs.write_log(session, visit, logs.Written(log="했어요.", step=step), path=PATH, now=NOW)
        session.flush()
    now = NOW
    for _ in range(10):
        due = engagement.due_at
        if due is None:
            break
        together.look_after(session, engagement.id, path=PATH, now=(now := due))

    assert steps == list(journey.FOUR)
    assert journey.next_step(session, engagement) == VisitStep.FOLLOW_UP
    assert engagement.follow_up_until == date(2026, 12, 23)
    assert told(mentor) == [
        *["김순자 사장님이 잘하고 계신지 이번 주에 한 번 여쭤봐 주세요."] * 4,
        "김순자 사장님과 함께한 한 달 살펴보기가 끝났어요. 마치거나 더 이어 갈 수 있어요.",
    ]
    assert now == datetime(2026, 12, 24, 10, tzinfo=KST)


def test_the_page_shows_the_four_visits_with_ticks(
    session: Session, engagement: Engagement, merchant: User, sign_in: Callable[[User], Any]
) -> None:
    make_visit(session, engagement, starts_at=in_days(-8), log="봤어요.", step=VisitStep.DIAGNOSE)
    page = sign_in(merchant).get(f"/mentoring/engagements/{engagement.id}/").text

    way = journey.read(session, merchant, queries.get_engagement(session, merchant, engagement.id), now=NOW)

    assert [state for _, _, state in way.steps] == ["done", "now", "todo", "todo"]
    assert all(name in page for name in ("진단", "함께 만들기", "혼자 해보기", "점검"))


def test_b32_a_mentor_looks_after_several_shops_and_may_be_looked_after(
    session: Session, mentor: User, engagement: Engagement
) -> None:
    mentors_mentor = make_mentor(session)
    second = make_need(session, make_user(session))
    taken = operations.accept_need(session, second, mentor, link=PATHS.engagement, now=NOW)
    own = operations.ask(
        session,
        mentor,
        topic=second.topic,
        detail="도와주세요.",
        wants=VisitKind.PHONE,
        region=None,
        form_key="k",
        now=NOW,
    )
    session.flush()
    helped = operations.accept_need(session, own, mentors_mentor, link=PATHS.engagement, now=NOW)

    assert (engagement.seat_no, taken.seat_no, helped.seat_no) == (1, 2, 1)
    room = nearby.find_room(session, mentor)
    assert room is not None
    assert room.taken == 2


def test_eight_presses_ask_for_another_mentor_once(committed: Session, race: Race) -> None:
    merchant, mentor = make_user(committed), make_mentor(committed)
    engagement_id = make_engagement(committed, merchant, mentor).id
    committed.commit()

    def press() -> int:
        with db.transaction() as session:
            engagement = queries.get_own_engagement(session, merchant, engagement_id)
            return together.ask_for_another(
                session,
                engagement,
                merchant,
                reason="",
                form_key="same",
                path=PATH,
                home="/",
                now=clock.now(),
            ).id

    results = race([press] * 8)

    assert len(set(results)) == 1
    assert committed.scalar(select(func.count()).select_from(Need)) == 2
    assert committed.scalar(select(func.count()).select_from(Notice)) == 1


def test_eight_presses_to_rest_and_to_end_leave_one_state(committed: Session, race: Race) -> None:
    merchant, mentor = make_user(committed), make_mentor(committed)
    engagement_id = make_engagement(committed, merchant, mentor).id
    committed.commit()

    def press(act: str) -> Callable[[], str]:
        def call() -> str:
            with db.transaction() as session:
                engagement = queries.get_own_engagement(session, merchant, engagement_id)
                if act == "end":
                    together.end(session, engagement, merchant, reason="", path=PATH, now=clock.now())
                else:
                    day = today() + timedelta(days=3)
                    together.pause(
                        session, engagement, merchant, look_again_on=day, path=PATH, now=clock.now()
                    )
            return act

        return call

    results = race([press("end"), press("pause")] * 4)

    committed.expire_all()
    engagement = committed.get_one(Engagement, engagement_id)
    assert engagement.state == EngagementState.ENDED
    assert engagement.due_at is None
    assert all(isinstance(result, str | ConflictError) for result in results)
    assert committed.scalar(select(func.count()).select_from(Notice)) in {1, 2}


def test_an_invitation_is_taken_back_when_the_engagement_ends(
    session: Session, engagement: Engagement, merchant: User, sign_in: Callable[[User], Any]
) -> None:
    merchant.email = "sunja@example.com"
    session.add(Preference(user_id=merchant.id, kind=Kind.VISITS, channel=Channel.EMAIL, pace=Pace.NOW))
    visit = make_visit(session, engagement, starts_at=in_days(3))
    session.commit()

    sign_in(merchant).send(f"/mentoring/engagements/{engagement.id}/end", {"reason": ""})

    taken_back = session.scalars(select(Notice).where(Notice.cause == f"visit:{visit.id}:let-go")).one()
    assert taken_back.user_id == merchant.id
    assert "METHOD:CANCEL" in taken_back.calendar
    session.refresh(visit)
    assert visit.state == VisitState.CANCELLED


def test_an_operator_ends_for_both_what_neither_can_end(
    session: Session,
    engagement: Engagement,
    merchant: User,
    mentor: User,
    sign_in: Callable[[User], Any],
    told: Callable[[User], list[str]],
) -> None:
    visit = make_visit(session, engagement, starts_at=in_days(3))
    browser = sign_in(make_user(session, Role.OPERATOR))
    page = f"/mentoring/engagements/{engagement.id}/"
    assert "두 분을 대신해 끝내기" in browser.get(page).text

    for _ in range(2):
        browser.send(f"{page}end", {"reason": "멘토님과 연락이 되지 않아요."})

    session.refresh(engagement)
    session.refresh(visit)
    assert (engagement.state, visit.state) == (EngagementState.ENDED, VisitState.CANCELLED)
    assert told(merchant) == [
        "박정호 멘토님과 함께하는 일을 운영자가 마쳤어요. 궁금한 점은 전화로 물어봐 주세요."
    ]
    assert len(told(mentor)) == 1


def test_who_is_no_mentor_any_more_reads_nothing_of_the_shop(
    session: Session, engagement: Engagement, mentor: User, sign_in: Callable[[User], Any]
) -> None:
    before = sign_in(mentor).get(f"/mentoring/engagements/{engagement.id}/").status_code
    withdraw_role(session, mentor, Role.MENTOR, now=clock.now())
    session.commit()

    assert (before, sign_in(mentor).get(f"/mentoring/engagements/{engagement.id}/").status_code) == (200, 404)
