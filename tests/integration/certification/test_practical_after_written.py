"""필기 then 실기 (domain.md 2.4): whoever applies for the practical exam has passed the written one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import sessions
from portal.certification.exam_models import AttemptState, Exam, ExamResult, Medium
from portal.certification.qualification_models import Candidate
from portal.certification.qualifications import Qualification
from portal.core import clock
from portal.core.errors import ForbiddenError
from tests.candidate_factories import waive
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_candidate, make_exam, make_paper
from tests.marking_factories import PRACTICAL

SignIn = Callable[[User], Browser]


@pytest.fixture
def candidate(session: Session, learner: User) -> Candidate:
    return make_candidate(session, learner)


@pytest.fixture
def practical(session: Session, candidate: Candidate, registered: Qualification) -> Exam:
    return make_exam(session, blueprint=PRACTICAL, apply_until=clock.now() + timedelta(days=1))


def sit_written(
    session: Session, user: User, *, passed: bool = True, is_released: bool = True, **columns: Any
) -> None:
    exam = make_exam(session, **columns)
    attempt = make_attempt(session, make_paper(session, exam), exam, user, state=AttemptState.SUBMITTED)
    result = ExamResult(
        attempt_id=attempt.id,
        seq=1,
        subjects={},
        total=120,
        passed=passed,
        cause="marking",
        at=clock.now(),
    )
    session.add(result)
    if is_released:
        exam.released_at, exam.released_by_id = clock.now(), exam.made_by_id
    session.flush()


def why_not(session: Session, exam: Exam, user: User) -> str:
    return sessions.why_not(session, exam, user, now=clock.now())


def test_without_the_written_exam_nobody_applies_and_the_page_says_so_first(
    session: Session, sign_in: SignIn, learner: User, practical: Exam
) -> None:
    session.commit()
    browser, path = sign_in(learner), f"/certification/exams/{practical.id}/"

    page = browser.get(path).text
    sent = browser.send(path, {"medium": "online"})

    assert "실기는 필기에 합격한 분이 접수해요." in page
    assert "접수하기</button>" not in page
    assert sent.status_code == 403
    assert sessions.find_application(session, practical.id, learner.id) is None
    assert "실기는 필기에 합격한 다음에 접수해요." in browser.get("/certification/designer-2/").text
    rows = browser.get("/certification/exams/").text
    assert "필기 먼저</span>" in rows
    assert "접수 받는 중" not in rows
    sit_written(session, learner)
    session.commit()
    assert "접수 받는 중</span>" in browser.get("/certification/exams/").text


@pytest.mark.parametrize(
    ("written", "is_open"),
    [
        ({}, True),
        ({"passed": False}, False),
        ({"is_released": False}, False),
        ({"is_mock": True}, False),
        ({"qualification_id": "designer-1"}, False),
    ],
)
def test_only_a_released_pass_of_the_same_qualification_opens_it(
    session: Session, learner: User, practical: Exam, written: dict[str, Any], is_open: bool
) -> None:
    sit_written(session, learner, **written)

    assert (why_not(session, practical, learner) == "") is is_open


def test_a_mock_written_exam_opens_a_mock_practical_one(
    session: Session, learner: User, practical: Exam
) -> None:
    sit_written(session, learner, is_mock=True)
    practical.is_mock = True

    assert why_not(session, practical, learner) == ""


def test_who_need_not_sit_the_written_exam_applies(
    session: Session, learner: User, candidate: Candidate, practical: Exam
) -> None:
    waive(session, candidate, "written")

    assert why_not(session, practical, learner) == ""


def test_who_need_not_sit_the_practical_exam_is_sent_to_no_other(
    session: Session, sign_in: SignIn, learner: User, candidate: Candidate, practical: Exam
) -> None:
    waive(session, candidate, "practical")
    session.commit()

    browser = sign_in(learner)
    page = browser.get(f"/certification/exams/{practical.id}/").text
    rows = browser.get("/certification/exams/").text

    assert "이 시험은 면제되셨어요. 보지 않아도 돼요." in page
    assert "면제</span>" in rows
    assert "접수 받는 중" not in rows
    assert "필기에 합격" not in page
    assert "접수하기</button>" not in page


def test_the_written_exam_asks_for_no_other(session: Session, learner: User, candidate: Candidate) -> None:
    written = make_exam(session, apply_until=clock.now() + timedelta(days=1))

    assert why_not(session, written, learner) == ""


def test_the_rule_holds_at_the_press_too(session: Session, learner: User, practical: Exam) -> None:
    with pytest.raises(ForbiddenError, match="필기에 합격"):
        sessions.apply(
            session, practical, learner, medium=Medium.ONLINE, wants_more_time=False, now=clock.now()
        )
