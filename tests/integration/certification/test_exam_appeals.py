"""E28, E19, B24: who sat an exam asks to look again, and somebody who did not mark it answers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import exam_appeals, releasing, result_page, scoring
from portal.certification.exam_models import AttemptState, Exam, ExamAttempt, ItemMark, MarkCause
from portal.certification.qualification_models import Appeal, AppealState
from portal.core import clock
from portal.core.errors import ConflictError, DomainError, ForbiddenError
from portal.messages.models import Notice
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_exam, make_paper
from tests.factories import make_user
from tests.marking_factories import make_answer, make_practical, make_script, mark, points_of

SignIn = Callable[[User], Browser]


@pytest.fixture
def released(session: Session, learner: User, trainer: User) -> ExamAttempt:
    """Return the learner's attempt with five of ten right, 100 of 200 points, released."""
    exam = make_exam(session, starts=clock.now() - timedelta(days=2))
    paper = make_paper(session, exam)
    attempt = make_attempt(session, paper, exam, learner, state=AttemptState.SUBMITTED)
    for place in scoring.places(session, paper.id):
        make_answer(session, attempt, place.item_id, chosen=["a" if place.place % 2 else "b"])
    scoring.mark_by_rules(session, attempt, now=clock.now())
    scoring.settle(session, attempt, cause="marking", now=clock.now())
    release(session, exam, trainer)
    session.commit()
    return attempt


def release(session: Session, exam: Exam, by: User) -> None:
    releasing.release(session, exam, by, absent=0, path="/", own_path="/own", now=clock.now())


def file(session: Session, user: User, attempt: ExamAttempt, **values: Any) -> Appeal:
    shown = result_page.get_own(session, user, attempt.id)
    told = {"text": "2번을 다시 봐 주세요.", "path": "/", "now": clock.now(), **values}
    return exam_appeals.file(session, user, shown, **told)


def answer(session: Session, by: User, appeal: Appeal, **values: Any) -> None:
    case = exam_appeals.get_case(session, by, appeal.id)
    told: dict[str, Any] = {
        "is_upheld": True,
        "words": "말씀이 맞아요.",
        "points": {},
        "path": "/",
        "now": clock.now(),
    }
    exam_appeals.answer(session, case, by, **(told | values))


def test_e28_from_asking_to_another_result(
    session: Session, sign_in: SignIn, learner: User, approver: User, released: ExamAttempt
) -> None:
    hers, theirs = sign_in(learner), sign_in(approver)
    own = f"/certification/exams/attempts/{released.id}/"
    lines = result_page.get_own(session, learner, released.id).answers
    wrong = [line.number for line in lines if line.points == 0][:2]

    assert "이의 신청하기" in hers.get(own).text
    assert hers.send(f"{own}appeal", {"text": " "}).status_code == 422
    assert hers.send(f"{own}appeal", {"text": "2번이 이상해요."}).status_code == 302
    assert "채점하지 않은 다른 분이 보고 있어요" in hers.get(own).text
    appeal = session.scalars(select(Appeal)).one()
    page = theirs.get(f"/desk/exam-appeals/{appeal.id}").text
    assert "2번이 이상해요." in page
    assert learner.name not in page
    assert [line.stem for line in lines] == sorted((line.stem for line in lines), key=page.index)
    sent = theirs.send(
        f"/desk/exam-appeals/{appeal.id}",
        {"verdict": "upheld", "points": f"{wrong[0]}번 20점, {wrong[1]}번 20점", "answer": "맞아요."},
    )

    assert sent.status_code == 302
    assert "합격했어요" in hers.get(own).text
    assert "이의 신청으로 결과가 바뀌었어요" in hers.get(own).text
    result = scoring.result_of(session, released.id)
    assert result is not None
    assert (result.total, result.cause) == (140, f"appeal:{appeal.id}")
    told = session.scalars(select(Notice.message).where(Notice.user_id == learner.id)).all()
    assert list(told) == ["exam-released", "certification-appeal-upheld"]


def test_e28_the_answer_is_promised_within_seven_working_days(
    session: Session, learner: User, released: ExamAttempt
) -> None:
    appeal = file(session, learner, released)

    assert timedelta(days=7) <= appeal.answer_by - appeal.filed_at < timedelta(days=20)
    assert file(session, learner, released) is appeal


def test_e28_only_within_a_week_and_only_once(
    session: Session, learner: User, approver: User, released: ExamAttempt
) -> None:
    with pytest.raises(ConflictError, match="7일"):
        file(session, learner, released, now=clock.now() + timedelta(days=7, minutes=1))
    appeal = file(session, learner, released, now=clock.now() + timedelta(days=6))
    answer(session, approver, appeal, is_upheld=False, words="그대로예요.")

    with pytest.raises(ConflictError, match="이미"):
        file(session, learner, released)


def test_e28_nothing_is_asked_before_the_release(session: Session, learner: User) -> None:
    exam = make_exam(session, starts=clock.now() - timedelta(days=2))
    attempt = make_attempt(session, make_paper(session, exam), exam, learner, state=AttemptState.SUBMITTED)

    with pytest.raises(ConflictError, match="발표"):
        file(session, learner, attempt)


def test_e28_who_marked_does_not_answer(
    session: Session, sign_in: SignIn, learner: User, trainer: User, approver: User, operator: User
) -> None:
    attempt = make_script(session, *make_practical(session), learner)
    for marker in (trainer, approver):
        mark(session, attempt, marker, points_of(plan=50), now=clock.now())
    release(session, session.get_one(Exam, attempt.exam_id), operator)
    appeal = file(session, learner, attempt)
    session.commit()

    assert sign_in(trainer).get(f"/desk/exam-appeals/{appeal.id}").status_code == 403
    assert exam_appeals.list_open(session, approver, now=clock.now()) == []
    (line,) = exam_appeals.list_open(session, operator, now=clock.now())
    assert line.appeal_id == appeal.id
    answer(session, operator, appeal, points={4: 60})
    result = scoring.result_of(session, attempt.id)
    assert result is not None
    assert result.passed


def test_e28_nobody_answers_their_own_and_strangers_see_nothing(
    session: Session, sign_in: SignIn, learner: User, released: ExamAttempt
) -> None:
    appeal = file(session, learner, released)
    session.commit()
    stranger = sign_in(make_user(session))

    assert stranger.get(f"/certification/exams/attempts/{released.id}/").status_code == 404
    assert (
        stranger.send(f"/certification/exams/attempts/{released.id}/appeal", {"text": "?"}).status_code == 404
    )
    assert sign_in(learner).get(f"/desk/exam-appeals/{appeal.id}").status_code == 403


def test_e19_the_examiners_points_stay_as_a_persons_mark_with_the_reason(
    session: Session, learner: User, approver: User, released: ExamAttempt
) -> None:
    appeal = file(session, learner, released)
    lines = result_page.get_own(session, learner, released.id).answers
    wrong = [line.number for line in lines if line.points == 0][:2]

    for _ in range(2):
        answer(session, approver, appeal, points=dict.fromkeys(wrong, 20))

    marks = session.scalars(select(ItemMark).where(ItemMark.cause == MarkCause.PERSON)).all()
    assert [(each.by_id, each.reason) for each in marks] == [(approver.id, "말씀이 맞아요.")] * 2
    scoring.mark_by_rules(session, released, now=clock.now())
    forced = scoring.marks_in_force(session, released.id)
    assert sum(each.cause is MarkCause.PERSON for each in forced.values()) == 2


@pytest.mark.parametrize(
    "values",
    [
        {"points": {11: 20}},
        {"points": {1: 21}},
        {"points": {1: 20}, "is_upheld": False},
    ],
)
def test_e28_points_there_are_not_are_refused(
    session: Session, learner: User, approver: User, released: ExamAttempt, values: dict[str, Any]
) -> None:
    appeal = file(session, learner, released)

    with pytest.raises(DomainError):
        answer(session, approver, appeal, **values)
    assert appeal.state is AppealState.OPEN


def test_e28_nothing_is_accepted_that_changes_no_points(
    session: Session, sign_in: SignIn, learner: User, approver: User, released: ExamAttempt
) -> None:
    appeal = file(session, learner, released)
    session.commit()
    stands = result_page.get_own(session, learner, released.id).answers[0]
    browser, page = sign_in(approver), f"/desk/exam-appeals/{appeal.id}"

    for points in ("", f"{stands.number}번 {stands.points}점"):
        refused = browser.send(page, {"verdict": "upheld", "points": points, "answer": "말씀이 맞아요."})

        assert refused.status_code == 422
        assert "바뀌는 점수가 없으면 ‘그대로 둬요’를 골라 주세요." in refused.text
    assert session.scalars(select(Appeal.state)).one() is AppealState.OPEN
    other = 20 - stands.points
    sent = {"verdict": "upheld", "points": f"{stands.number}번 {other}점", "answer": "말씀이 맞아요."}
    assert browser.send(page, sent).status_code == 302


def test_e28_overdue_ones_are_marked(
    session: Session, learner: User, operator: User, released: ExamAttempt
) -> None:
    appeal = file(session, learner, released)

    (line,) = exam_appeals.list_open(session, operator, now=appeal.answer_by + timedelta(hours=1))

    assert line.is_overdue


def test_e28_no_operator_answers_what_is_no_exam(
    session: Session, learner: User, released: ExamAttempt
) -> None:
    appeal = file(session, learner, released)

    with pytest.raises(ForbiddenError):
        exam_appeals.get_case(session, learner, appeal.id)
