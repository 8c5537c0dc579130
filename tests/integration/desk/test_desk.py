import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock
from portal.core.clock import KST
from portal.core.roles import Role
from portal.courses.models import PracticeTry
from portal.mentoring.models import EngagementState
from portal.mentoring.visit_models import VisitState
from portal.messages.models import DeliveryState, Notice
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_candidate, make_exam, make_paper
from tests.factories import (
    make_completion,
    make_delivery,
    make_engagement,
    make_mentor,
    make_need,
    make_proposal,
    make_question,
    make_user,
    make_visit,
)

SignIn = Callable[[User], Browser]


def try_in_vain(session: Session, learner: User, times: int) -> None:
    for number in range(1, times + 1):
        session.add(
            PracticeTry(
                learner_id=learner.id,
                course_id="first-sale",
                lesson_id="why-online",
                step_id="practice-money",
                number=number,
                seed=f"{number}",
                answer={},
                passed=False,
                remarks=[],
                content_hash="",
                created_at=clock.now(),
            )
        )
    session.commit()


def test_a_visitor_sees_what_the_portal_is_and_how_to_begin(client: Browser) -> None:
    page = client.get("/").text

    assert "시작하기" in page
    assert "정부가 운영하는 곳이 아니에요" in page


def test_an_owner_sees_where_it_stands_with_her_mentor_before_a_day_is_agreed(
    session: Session, sign_in: SignIn
) -> None:
    merchant, mentor = make_user(session), make_mentor(session, name="박정호")
    browser, nothing = sign_in(merchant), "잡힌 약속이 없어요."
    assert nothing in browser.get("/").text
    need = make_need(session, merchant)
    session.commit()
    assert "멘토님을 찾고 있어요." in browser.get("/").text
    session.delete(need)
    engagement = make_engagement(session, merchant, mentor)
    session.commit()
    page = browser.get("/").text
    assert "멘토님이 만날 시간을 고르고 있어요." in page
    assert f'href="/mentoring/engagements/{engagement.id}/">약속 보기' in page
    assert nothing not in page
    visit = make_visit(session, engagement, times=(clock.now() + timedelta(days=2),))
    session.commit()
    assert f'href="/mentoring/engagements/{engagement.id}/">시간 고르기' in browser.get("/").text
    visit.state, visit.starts_at = VisitState.AGREED, clock.now() + timedelta(days=2)
    session.commit()
    assert "멘토님이 보낸 시간" not in browser.get("/").text


def test_an_exam_that_runs_comes_first_at_home(session: Session, sign_in: SignIn) -> None:
    exam = make_exam(session)
    candidate = make_candidate(session)
    user = session.get_one(User, candidate.user_id)
    attempt = make_attempt(session, make_paper(session, exam), exam, user)
    session.commit()
    browser, words = sign_in(user), "시험을 보고 있어요"

    page = browser.get("/").text
    main = page.partition("<main")[2].partition("</main>")[0]
    assert words in main
    assert main.count("button--solid") == 1
    assert f'href="/certification/exams/{exam.id}/attempt/">이어서 풀기' in main
    attempt.deadline_at = clock.now() - timedelta(seconds=1)
    session.commit()
    page = browser.get("/").text
    assert words not in page
    assert "까지 남은 것" in page


@pytest.mark.parametrize(
    ("role", "words"),
    [
        (Role.MERCHANT, ("배우기", "다음 약속", "내 질문")),
        (Role.TRAINEE, ("배우기", "다음 약속", "내 질문")),
        (Role.MENTOR, ("내가 맡은 질문", "내 약속", "멘토를 기다리는 가게")),
        (Role.TRAINER, ("발급을 제안할 분", "채점하고 승인할 것", "막힌 분")),
        (Role.OPERATOR, ("약속을 어긴 적 있는 질문", "승인을 기다리는 것", "작업 상태")),
    ],
)
def test_each_role_has_a_first_screen_of_its_own(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int], role: Role, words: tuple[str, ...]
) -> None:
    browser = sign_in(make_user(session, role))
    count_queries()

    page = browser.get("/").text

    assert count_queries() <= 15
    assert all(word in page for word in words)
    assert ("일감" in page) is (role in {Role.MENTOR, Role.TRAINER, Role.OPERATOR})


@pytest.mark.parametrize("path", ["/", "/desk/work/certificates"])
@pytest.mark.parametrize("role", [Role.TRAINER, Role.OPERATOR])
@pytest.mark.parametrize("waits", ["to propose", "to approve", "both"])
def test_staff_have_one_main_button_for_what_waits(
    session: Session, sign_in: SignIn, role: Role, waits: str, path: str
) -> None:
    staff, other = make_user(session, role), make_user(session, Role.TRAINER)
    for _ in range(2):
        if waits != "to approve":
            make_completion(session, make_user(session))
        if waits != "to propose":
            make_proposal(session, trainer=other)
    session.commit()

    main = sign_in(staff).get(path).text.partition("<main")[2].partition("</main>")[0]

    may_act = role is Role.TRAINER or waits != "to propose"
    assert main.count("button--solid") == may_act, waits


def test_a_mentor_is_told_which_shops_wait_for_times(session: Session, sign_in: SignIn) -> None:
    mentor, now = make_mentor(session), clock.now()
    names = ("오래전에", "고르는중", "정해졌음", "쉬고있음", "끝났어요", "막시작했", "돌봄기간")
    met, choosing, agreed, _paused, _ended, new, after = (
        make_engagement(session, make_user(session, name=name), mentor, seat_no=seat_no, state=state)
        for seat_no, (name, state) in enumerate(
            zip(
                names,
                [EngagementState.ACTIVE] * 3
                + [EngagementState.PAUSED, EngagementState.ENDED]
                + [EngagementState.ACTIVE] * 2,
                strict=True,
            ),
            start=1,
        )
    )
    make_visit(session, choosing, times=(now + timedelta(days=1),))
    make_visit(session, agreed, starts_at=now + timedelta(days=2))
    met.started_at = now - timedelta(days=300)
    make_visit(session, met, starts_at=now - timedelta(days=1), log="만났어요.")
    new.started_at = now - timedelta(days=2)
    make_visit(session, new, starts_at=now - timedelta(hours=3), state=VisitState.CANCELLED)
    after.follow_up_until = (now + timedelta(days=20)).date()
    make_engagement(session, make_user(session, name="남의가게"), make_mentor(session))
    session.commit()

    page = sign_in(mentor).get("/").text

    card = page.split("만날 시간을 보낼 가게", 1)[1].split("</section>", 1)[0]
    found = sorted((card.index(name), name) for name in (*names, "남의가게") if name in card)
    assert [name for _, name in found] == ["막시작했", "오래전에"]
    assert f'href="/mentoring/engagements/{new.id}/propose"' in card
    assert "막시작했 사장님께 만날 시간 보내기</a>" in card
    assert page.count("button--solid") == 1


@pytest.mark.parametrize("days", [20, -1])
def test_after_the_four_meetings_nobody_is_told_that_times_are_coming(
    session: Session, sign_in: SignIn, days: int
) -> None:
    merchant, mentor = make_user(session), make_mentor(session)
    engagement = make_engagement(session, merchant, mentor)
    engagement.goal = "첫 상품 올리기"
    engagement.follow_up_until = (clock.now() + timedelta(days=days)).astimezone(KST).date()
    session.commit()
    hers, shared = sign_in(merchant), f"/mentoring/engagements/{engagement.id}/"

    for page in (hers.get("/").text, hers.get("/mentoring/").text, hers.get(shared).text):
        assert "정한 만남을 모두 마쳤어요." in page
        assert "만날 시간" not in page
    assert ("까지 한 달 동안 멘토님이 안부를 여쭤요." in hers.get(shared).text) is (days > 0)
    assert "만날 시간 보내기</a>" in sign_in(mentor).get(shared).text


@pytest.mark.parametrize("path", ["/desk/", "/desk/jobs", "/desk/style"])
def test_the_desk_is_for_staff(session: Session, sign_in: SignIn, path: str) -> None:
    assert sign_in(make_user(session)).get(path).status_code == 403


def test_a_mentors_questions_stand_in_the_order_of_their_promises(session: Session, sign_in: SignIn) -> None:
    mentor, asker = make_mentor(session), make_user(session)
    now = clock.now()
    make_question(session, asker=asker, owner=mentor, title="나중 질문", promised_at=now + timedelta(hours=9))
    make_question(session, asker=asker, owner=mentor, title="먼저 질문", promised_at=now + timedelta(hours=1))

    page = sign_in(mentor).get("/").text

    assert page.index("먼저 질문") < page.index("나중 질문")


def test_an_operator_sees_broken_promises(session: Session, sign_in: SignIn) -> None:
    now = clock.now()
    make_question(
        session, title="늦은 질문", at=now - timedelta(hours=9), promised_at=now - timedelta(hours=1)
    )

    assert "늦은 질문" in sign_in(make_user(session, Role.OPERATOR)).get("/desk/work/questions").text


@pytest.mark.parametrize(("tries", "is_listed"), [(2, False), (3, True)])
def test_a_trainer_sees_who_is_stuck_after_three_tries(
    session: Session, sign_in: SignIn, tries: int, is_listed: bool
) -> None:
    try_in_vain(session, make_user(session, name="막힌이"), tries)

    page = sign_in(make_user(session, Role.TRAINER)).get("/desk/work/learning").text

    assert ("막힌이" in page) is is_listed


def test_an_operator_sees_why_a_notice_did_not_leave_and_sends_it_again(
    session: Session, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    delivery = make_delivery(
        session, state=DeliveryState.FAILED, due_in=timedelta(hours=1), attempts=3, last_error="SMTP away"
    )
    notice = session.get_one(Notice, delivery.notice_id)
    browser = sign_in(make_user(session, Role.OPERATOR))
    assert "SMTP away" in browser.get("/desk/jobs").text

    browser.send(f"/messages/deliveries/{delivery.id}/retry")
    run_jobs()

    assert notice.sent_at is not None
    assert "모두 보냈어요" in browser.get("/desk/jobs").text


def test_only_an_operator_sends_again(session: Session, sign_in: SignIn) -> None:
    assert sign_in(make_user(session, Role.TRAINER)).send("/messages/deliveries/1/retry").status_code == 403


def test_readyz_names_what_is_missing(isolated: Flask, client: Browser, session: Session) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.get_json()["parts"] == {
        "database": True,
        "redis": True,
        "worker": False,
        "storage": True,
        "fonts": True,
    }


def test_a_trainer_turns_over_every_fact_to_look_up_again(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session, Role.TRAINER))
    counted = re.search(r"다시 확인할 사실 (\d+)개", browser.get("/desk/").text)

    rows, address = 0, "/desk/facts"
    while address:
        page = browser.get(address).text
        rows += page.count("기준일")
        further = re.search(r'href="(/desk/facts\?after=\d+)"', page)
        address = further[1] if further else ""

    assert counted is not None
    assert rows == int(counted[1]) > 0


@pytest.mark.parametrize("after", ["999999", "-1", "x"])
def test_a_place_past_the_last_fact_shows_none_and_breaks_nothing(
    session: Session, sign_in: SignIn, after: str
) -> None:
    assert sign_in(make_user(session, Role.TRAINER)).get(f"/desk/facts?after={after}").status_code == 200


def test_a_shop_owner_does_not_see_the_facts_to_look_up(session: Session, sign_in: SignIn) -> None:
    assert sign_in(make_user(session, Role.MERCHANT)).get("/desk/facts").status_code == 403
