"""The desk in groups: how much waits and since when, what is late above, and the rows a page at a time."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.core import clock, korean, pending
from portal.core.roles import Role
from portal.courses import rehearsals
from portal.courses.models import StepTask
from portal.courses.rehearsal_models import Rehearsal, RehearsalLog
from portal.desk.groups import GROUPS, PAGE_SIZE, ROWS
from portal.desk.pending import list_pending
from portal.messages.models import DeliveryState
from tests.candidate_factories import make_appeal
from tests.conftest import Browser
from tests.exam_factories import make_candidate, make_exam
from tests.factories import (
    make_completion,
    make_delivery,
    make_mentor,
    make_question,
    make_rehearsal,
    make_user,
)
from tests.integration.desk.test_desk import try_in_vain
from tests.marking_factories import make_practical, make_script

SignIn = Callable[[User], Browser]
EVERYTHING = (Role.MENTOR, Role.TRAINER, Role.OPERATOR)
PAGES = [f"/desk/work/{group.key}" for group in GROUPS if not group.endpoint]


def make_everybody(session: Session) -> User:
    return make_user(session, *EVERYTHING)


def make_much(session: Session, user: User) -> None:
    """Let something of many kinds wait, of each more than one."""
    now, asker = clock.now(), make_user(session)
    for number in range(3):
        at = now - timedelta(days=2, minutes=number)
        make_question(session, asker=asker, owner=user, at=at, promised_at=at + timedelta(hours=1))
        make_completion(session, make_user(session))
        make_delivery(session, state=DeliveryState.FAILED, due_in=timedelta(hours=1), attempts=3)
        try_in_vain(session, make_user(session), 3)


def make_rehearsals(session: Session, learner: User) -> None:
    """Let somebody rehearse as often as is wanted before a person looks."""
    first = make_rehearsal(session, learner)
    where = {"course_id": first.course_id, "lesson_id": first.lesson_id, "step_id": first.step_id}
    for number in range(1, rehearsals.TO_CHECK):
        again = Rehearsal(
            learner_id=learner.id,
            **where,
            tried=first.tried,
            started_at=first.started_at,
            form_key=f"{first.form_key}-{number}",
        )
        session.add(again)
        session.flush()
        session.add(RehearsalLog(rehearsal_id=again.id, over=[], mend="", logged_at=first.started_at))


def titles(page: str) -> list[str]:
    return [re.sub(r"\s+", " ", title).strip() for title in re.findall(r"<span>([^<]+)</span>\s*</h2>", page)]


@pytest.mark.parametrize("path", ["/", "/desk/", "/desk/jobs", *PAGES])
def test_a_page_of_the_desk_asks_at_most_fifteen_times(
    session: Session, sign_in: SignIn, count_queries: Callable[[], int], path: str
) -> None:
    user = make_everybody(session)
    make_much(session, user)
    browser = sign_in(user)
    browser.get(path)
    count_queries()

    assert browser.get(path).status_code == 200
    assert count_queries() <= 15


def test_every_kind_that_is_counted_stands_in_a_group(app: Flask, session: Session) -> None:
    counted = list_pending(session, make_everybody(session), now=clock.now())
    kinds = [kind for group in GROUPS for kind in group.kinds]

    assert sorted(counted) == sorted(kind.key for kind in kinds)
    assert {kind.endpoint for kind in kinds if kind.endpoint} <= set(app.view_functions)
    assert set(ROWS) <= set(counted)


def test_what_is_late_stands_above_with_how_much_and_since_when(session: Session, sign_in: SignIn) -> None:
    user, now = make_user(session, Role.OPERATOR, Role.MENTOR), clock.now()
    make_question(session, owner=user, promised_at=now + timedelta(hours=5))
    make_completion(session, make_user(session))
    for days in (9, 2):
        appeal = make_appeal(session, make_candidate(session))
        appeal.filed_at, appeal.answer_by = now - timedelta(days=days), now - timedelta(hours=days)
    session.commit()

    page = sign_in(user).get("/desk/").text

    # Questions stand first, but what is late stands above them.
    assert [title for title in titles(page) if "건" in title][:2] == ["자격과 증서 2건", "질문과 모임 1건"]
    assert "약속한 때를 넘긴 것이 2건 있어요." in page
    assert "늦은 것 2건" in page
    oldest = korean.ago(now - timedelta(days=9), now=now)
    assert f"{oldest}부터 기다려요" in page.replace("\u00a0", " ").replace("\u2060", "")


def test_nothing_late_is_said_and_quiet_groups_stay_within_reach(session: Session, sign_in: SignIn) -> None:
    browser = sign_in(make_user(session, Role.OPERATOR))

    page = browser.get("/desk/").text

    assert "지금 약속한 때를 넘긴 것은 없어요." in page
    assert "기다리는 것이 없는 곳" in page
    for path in PAGES:
        assert f'href="{path}"' in page
        assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.MENTOR, {"questions", "mentoring", "learning", "certificates"}),
        (Role.TRAINER, {"questions", "learning", "certificates", "exams"}),
        (Role.OPERATOR, {"questions", "mentoring", "learning", "certificates", "exams"}),
        (Role.MERCHANT, set()),
    ],
)
def test_each_role_sees_its_own_groups(session: Session, sign_in: SignIn, role: Role, seen: set[str]) -> None:
    browser = sign_in(make_user(session, role))

    opened = {path.rpartition("/")[2] for path in PAGES if browser.get(path).status_code == 200}

    assert opened == seen
    if role is not Role.MERCHANT:
        page = browser.get("/desk/").text
        assert set(re.findall(r'href="/desk/work/(\w+)"', page)) == seen


@pytest.mark.parametrize(
    ("path", "labels"),
    [
        (
            "questions",
            ("기다리는 질문 보기", "답하는 약속 보기", "상인회 보기", "살펴볼 글 보기", "이야기 보기"),
        ),
        ("mentoring", ("내가 맡은 가게", "사정 보기", "전문가 질문 보기", "가게 보기", "멘토 짝짓기")),
        ("learning", ("수업에 대한 말 보기", "사실 보기", "수업에 넣은 답 보기")),
        (
            "certificates",
            (
                *("묶음 보기", "증서 모양 바꾸기", "이의 신청 보기", "과정을 하는 분 보기", "부탁 보기"),
                *("증서 인쇄해 드리기", "확인할 일지 보기"),
            ),
        ),
        (
            "exams",
            ("채점하러 가기", "이어서 채점하기", "시험 이의 신청 보기", "시험 회차 보기", "문제 통계 보기"),
        ),
    ],
)
def test_everything_staff_do_is_within_reach_from_its_group(
    session: Session, sign_in: SignIn, path: str, labels: tuple[str, ...]
) -> None:
    page = sign_in(make_everybody(session)).get(f"/desk/work/{path}").text

    buttons = re.findall(r'<a class="button[^>]*>\s*([^<]+?)\s*</a>', page)
    assert [label for label in labels if label not in buttons] == []


@pytest.mark.parametrize("path", ["/desk/work/nothing", "/desk/work/jobs", "/desk/work/exams?kind=proofs"])
def test_what_is_no_group_is_not_found(session: Session, sign_in: SignIn, path: str) -> None:
    assert sign_in(make_everybody(session)).get(path).status_code == 404


def read_on(browser: Browser, path: str, row: str) -> list[str]:
    """Return what ``row`` finds on a page and on all that follow by its last button."""
    found: list[str] = []
    while path:
        page = browser.get(path).text
        found += re.findall(row, page)
        further = re.search(r'href="([^"]+)" rel="next"', page)
        path = further[1].replace("&amp;", "&") if further else ""
    return found


def test_a_list_longer_than_a_page_goes_on(session: Session, sign_in: SignIn) -> None:
    trainer = make_user(session, Role.TRAINER)
    for number in range(2 * PAGE_SIZE + 1):
        make_completion(session, make_user(session, name=f"배움이{number:02}"))
    browser = sign_in(trainer)

    assert f"발급을 제안할 분 {2 * PAGE_SIZE + 1}명" in browser.get("/desk/").text
    names = read_on(browser, "/desk/work/certificates", r"배움이\d\d(?= 님)")
    assert names == [f"배움이{number:02}" for number in range(2 * PAGE_SIZE + 1)]


def test_questions_and_stuck_learners_go_on_too(session: Session, sign_in: SignIn) -> None:
    user, now = make_user(session, Role.OPERATOR, Role.TRAINER), clock.now()
    asker, owner = make_user(session), make_mentor(session)
    for number in range(PAGE_SIZE + 3):
        at = now - timedelta(days=2, minutes=number)
        late, title = at + timedelta(hours=1), f"늦은 질문 {number:02}"
        make_question(session, asker=asker, owner=owner, title=title, at=at, promised_at=late)
        try_in_vain(session, make_user(session, name=f"막힌이{number:02}"), 3)
    browser = sign_in(user)

    questions = read_on(browser, "/desk/work/questions", r"늦은 질문 \d\d(?=</span></a>)")
    stuck = read_on(browser, "/desk/work/learning", r"막힌이\d\d(?= 님)")

    assert questions == [f"늦은 질문 {number:02}" for number in reversed(range(PAGE_SIZE + 3))]
    assert stuck == [f"막힌이{number:02}" for number in reversed(range(PAGE_SIZE + 3))]
    assert all(first > second for first, second in pairwise(stuck))


def test_lists_around_exams_go_on_too(session: Session, sign_in: SignIn) -> None:
    now = clock.now()
    exam, paper = make_practical(session, closes_at=now + timedelta(days=1))
    for number in range(PAGE_SIZE + 2):
        make_script(session, exam, paper, finished_at=now - timedelta(days=20, minutes=number))
        make_exam(session, session_no=100 + number, closes_at=now - timedelta(minutes=number))
    session.commit()
    browser = sign_in(make_user(session, Role.OPERATOR))

    late = read_on(browser, "/desk/work/exams?kind=late-scripts", r"답안 (\d{6})(?=</span></a>)")
    over = read_on(browser, "/desk/work/exams?kind=to-release", r"(\d{3})회(?=</span></a>)")

    assert len(late) == len(set(late)) == PAGE_SIZE + 2
    assert over == [str(100 + number) for number in reversed(range(PAGE_SIZE + 2))]


def test_rehearsals_go_on_too(session: Session, sign_in: SignIn) -> None:
    for number in range(PAGE_SIZE + 2):
        learner = make_user(session, name=f"방송이{number:02}")
        make_rehearsals(session, learner)
    session.commit()
    browser = sign_in(make_user(session, Role.TRAINER))

    whole = [f"방송이{number:02}" for number in range(PAGE_SIZE + 2)]
    assert read_on(browser, "/desk/work/learning", r"방송이\d\d(?= 님)") == whole
    assert read_on(browser, "/desk/rehearsals/", r"방송이\d\d(?= 님)") == whole


def test_counting_ends_where_nobody_works_off_more(session: Session, sign_in: SignIn) -> None:
    steps = [
        {"course_id": "a", "lesson_id": "b", "step_id": f"{n}", "content_hash": "", "opened_at": clock.now()}
        for n in range(pending.COUNTED_MAX + 5)
    ]
    session.execute(insert(StepTask), steps)
    session.commit()
    found = list_pending(session, make_user(session, Role.TRAINER), now=clock.now())

    assert len(session.scalars(select(StepTask.id)).all()) == pending.COUNTED_MAX + 5
    assert found["step-tasks"].count == pending.COUNTED_MAX + 1
    assert found["step-tasks"].shown == "1,000 넘게"
