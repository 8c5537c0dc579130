"""E18, E21, E22, B27: results are looked over, released by somebody or on a day, and read by their person."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import release_jobs, releasing, scoring
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamApplication,
    ExamAttempt,
    ExamPaper,
    Medium,
    PaperItem,
)
from portal.certification.qualification_models import Candidate
from portal.core import clock, db
from portal.core.errors import ConflictError, DomainError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.conftest import NOW, Browser
from tests.exam_factories import make_attempt, make_candidate, make_exam, make_item, make_paper
from tests.factories import make_user
from tests.marking_factories import make_answer, make_practical, make_script, mark, points_of

Race = Callable[[list[Callable[[], Any]]], list[Any]]
SignIn = Callable[[User], Browser]


def make_over(session: Session, **columns: Any) -> tuple[Exam, ExamPaper]:
    """Return a written session that is over, and its one paper."""
    exam = make_exam(session, starts=clock.now() - timedelta(days=2), **columns)
    return exam, make_paper(session, exam)


def sit(
    session: Session,
    exam: Exam,
    paper: ExamPaper,
    user: User | None = None,
    *,
    right: int = 10,
    **columns: Any,
) -> ExamAttempt:
    """Return an attempt that was handed in with so many of its ten answers right, marked by the rules."""
    attempt = make_attempt(session, paper, exam, user, state=AttemptState.SUBMITTED, **columns)
    for place in scoring.places(session, paper.id):
        key = "a" if place.place <= right else "b"
        make_answer(session, attempt, place.item_id, chosen=[key])
    scoring.mark_by_rules(session, attempt, now=clock.now())
    scoring.settle(session, attempt, cause="marking", now=clock.now())
    return attempt


def release(session: Session, exam: Exam, by: User, *, absent: int = 0) -> None:
    own = f"/certification/exams/{exam.id}/result"
    releasing.release(session, exam, by, absent=absent, path="/", own_path=own, now=clock.now())


def apply(session: Session, exam: Exam, user: User) -> None:
    session.add(
        ExamApplication(
            exam_id=exam.id, user_id=user.id, medium=Medium.ONLINE, wants_more_time=False, applied_at=NOW
        )
    )
    session.flush()


def test_e21_nothing_is_shown_before_the_release_and_everything_after(
    session: Session, sign_in: SignIn, learner: User, trainer: User
) -> None:
    exam, paper = make_over(session)
    attempt = sit(session, exam, paper, learner, right=7)
    session.commit()
    hers, theirs = sign_in(learner), sign_in(trainer)
    address = f"/certification/exams/attempts/{attempt.id}/"

    before = hers.get(address).text
    sent = theirs.send(f"/desk/exams/{exam.id}/results", {"absent": "0"})
    after = hers.get(address).text

    assert "채점하고 있어요" in before
    assert "맞는 답" not in before
    assert "합격" not in before
    assert sent.status_code == 302
    assert "합격했어요" in after
    assert "맞는 답" in after
    assert hers.get(f"/certification/exams/{exam.id}/result").headers["Location"].endswith(address)
    assert theirs.get(address).status_code == 404


def test_e21_the_release_is_told_once_and_starts_the_ledger(
    session: Session, learner: User, trainer: User, operator: User
) -> None:
    exam, paper = make_over(session)
    later = clock.now() + timedelta(days=9)
    candidate = make_candidate(session, learner, check_at=later)
    sit(session, exam, paper, learner, right=5)
    sit(session, exam, paper, learner, attempt_no=2)

    release(session, exam, trainer)
    release(session, exam, operator)

    told = session.scalars(select(Notice).where(Notice.user_id == learner.id)).all()
    assert [notice.message for notice in told] == ["exam-released"]
    session.refresh(exam)
    assert exam.released_by_id == trainer.id
    session.expire(candidate)
    check_at = session.get_one(Candidate, candidate.id).check_at
    assert check_at is not None
    assert check_at < later


def test_e22_who_sat_twice_reads_both_results(
    session: Session, sign_in: SignIn, learner: User, trainer: User
) -> None:
    exam, paper = make_over(session)
    make_candidate(session, learner)
    first = sit(session, exam, paper, learner, right=5)
    second = sit(session, exam, paper, learner, attempt_no=2)
    release(session, exam, trainer)
    session.commit()
    browser = sign_in(learner)

    page = browser.get(f"/certification/exams/{exam.id}/").text
    newest = browser.get(f"/certification/exams/{exam.id}/result")

    assert newest.headers["Location"] == f"/certification/exams/attempts/{second.id}/"
    assert f"/certification/exams/attempts/{first.id}/" in page
    assert "1번째로 본 결과" in page


def test_e18_an_unmarked_script_is_in_the_way(
    session: Session, sign_in: SignIn, trainer: User, approver: User
) -> None:
    exam, paper = make_practical(session)
    attempt = make_script(session, exam, paper, make_user(session, name="나응시"))
    session.commit()
    browser = sign_in(trainer)
    page = browser.get(f"/desk/exams/{exam.id}/results").text

    refused = browser.send(f"/desk/exams/{exam.id}/results", {"absent": "0"})

    assert "나응시" in page
    assert "아직 발표할 수 없어요" in page
    assert refused.status_code == 409
    for marker in (trainer, approver):
        mark(session, attempt, marker, points_of(), now=clock.now(), comment="판단이 또렷해요.")
    session.commit()
    assert browser.send(f"/desk/exams/{exam.id}/results", {"absent": "0"}).status_code == 302
    user = session.get_one(User, attempt.user_id)
    shown = sign_in(user).get(f"/certification/exams/attempts/{attempt.id}/").text
    assert "합격했어요" in shown
    assert shown.count("판단이 또렷해요.") == 2
    assert trainer.name not in shown


def test_e21_an_attempt_under_way_is_in_the_way(session: Session, trainer: User) -> None:
    exam, paper = make_over(session)
    make_attempt(session, paper, exam)

    with pytest.raises(ConflictError, match="끝나지 않은 답안이 1개"):
        release(session, exam, trainer)


def test_e21_nothing_is_released_while_the_session_is_open(session: Session, trainer: User) -> None:
    exam = make_exam(session)
    sit(session, exam, make_paper(session, exam))

    with pytest.raises(ConflictError, match="닫혀요"):
        release(session, exam, trainer)


def test_e21_who_never_began_is_left_out_only_when_somebody_says_so(
    session: Session, sign_in: SignIn, trainer: User
) -> None:
    exam, paper = make_over(session)
    sit(session, exam, paper)
    apply(session, exam, make_user(session, name="한결석"))
    session.commit()
    browser = sign_in(trainer)

    unsure = browser.send(f"/desk/exams/{exam.id}/results", {"absent": "1"})
    wrong = browser.send(f"/desk/exams/{exam.id}/results", {"absent": "0"})
    sure = browser.send(f"/desk/exams/{exam.id}/results", {"absent": "1", "sure": "y"})

    assert (unsure.status_code, wrong.status_code, sure.status_code) == (422, 409, 302)
    assert "한결석" in browser.get(f"/desk/exams/{exam.id}/results").text


def test_e21_nobody_releases_an_exam_of_their_own(session: Session, sign_in: SignIn) -> None:
    both = make_user(session, Role.TRAINER, Role.TRAINEE)
    exam, paper = make_over(session)
    sit(session, exam, paper, both)
    session.commit()

    assert sign_in(both).send(f"/desk/exams/{exam.id}/results", {"absent": "0"}).status_code == 403


def test_e21_a_worker_releases_on_the_day(session: Session, trainer: User) -> None:
    exam, paper = make_over(session)
    sit(session, exam, paper)
    with pytest.raises(DomainError):
        releasing.set_day(session, exam, trainer, day=NOW - timedelta(days=9), absent=0, now=NOW)
    now = clock.now()
    releasing.set_day(session, exam, trainer, day=now + timedelta(hours=1), absent=0, now=now)
    assert releasing.list_due_ids(session, now) == []

    later = now + timedelta(hours=2)
    assert releasing.list_due_ids(session, later) == [exam.id]
    exam.release_at = now - timedelta(minutes=1)
    session.commit()
    release_jobs.release(exam.id)
    release_jobs.release(exam.id)

    session.refresh(exam)
    assert exam.released_by_id == trainer.id
    assert len(session.scalars(select(Notice)).all()) == 1


def test_e21_what_is_not_marked_by_the_day_is_said_to_who_set_it(session: Session, trainer: User) -> None:
    exam, paper = make_practical(session)
    make_script(session, exam, paper)
    exam.release_at, exam.release_set_by_id = clock.now() - timedelta(minutes=1), trainer.id
    session.commit()

    release_jobs.release(exam.id)
    release_jobs.release(exam.id)

    kept = session.execute(select(Exam.released_at, Exam.release_at).where(Exam.id == exam.id)).one()
    assert tuple(kept) == (None, None)
    told = session.scalars(select(Notice).where(Notice.user_id == trainer.id)).all()
    assert [notice.message for notice in told] == ["exam-release-held"]


def test_e21_eight_presses_release_once(committed: Session, race: Race) -> None:
    exam, paper = make_over(committed)
    for _ in range(3):
        sit(committed, exam, paper)
    trainers = [make_user(committed, Role.TRAINER) for _ in range(8)]
    committed.commit()

    def press(by: User) -> Callable[[], None]:
        def call() -> None:
            with db.transaction() as session:
                release(session, session.get_one(Exam, exam.id), by)

        return call

    assert race([press(by) for by in trainers]) == [None] * 8
    assert len(committed.scalars(select(Notice)).all()) == 3


def test_e22_points_by_subject_and_what_to_study_next_with_links(
    session: Session, sign_in: SignIn, learner: User, trainer: User
) -> None:
    exam = make_exam(session, starts=clock.now() - timedelta(days=2))
    step = "first-sale/settlement"
    choices = [{"key": key, "text": f"보기 {key}", "feedback": ""} for key in "abcd"]
    content = {
        "stem": "정산은 언제 오나요?",
        "choices": choices,
        "key": ["a"],
        "why": "세어 봐요.",
        "step": step,
    }
    items = [make_item(session, subject="platform", content=content) for _ in range(5)]
    items += [make_item(session, subject="law") for _ in range(5)]
    paper = make_paper(session, exam, items)
    attempt = make_attempt(session, paper, exam, learner, state=AttemptState.SUBMITTED)
    wrong = session.scalars(select(PaperItem.item_id).where(PaperItem.subject == "platform")).all()
    for item in items:
        make_answer(session, attempt, item.id, chosen=["c" if item.id in wrong else "a"])
    scoring.mark_by_rules(session, attempt, now=NOW)
    scoring.settle(session, attempt, cause="marking", now=NOW)
    release(session, exam, trainer)
    session.commit()

    page = sign_in(learner).get(f"/certification/exams/attempts/{attempt.id}/").text

    assert "이번에는 합격하지 못했어요" in page
    assert "40점보다 낮은 과목이 있어요: 유통과 플랫폼." in page
    assert "0점" in page
    assert "100점" in page
    assert page.count('href="/courses/first-sale/settlement/') == 1
    assert "보기 c" in page
    assert "세어 봐요." in page


def test_e27_the_answers_stand_in_the_attempts_own_order(
    session: Session, sign_in: SignIn, learner: User, trainer: User
) -> None:
    exam, paper = make_over(session)
    attempt = sit(session, exam, paper, learner)
    release(session, exam, trainer)
    session.commit()
    browser = sign_in(learner)

    pages = [browser.get(f"/certification/exams/attempts/{attempt.id}/").text for _ in range(2)]

    stems = [place.item.content["stem"] for place in scoring.places(session, paper.id)]
    orders = [sorted(stems, key=page.index) for page in pages]
    assert orders[0] == orders[1]
    assert orders[0] != stems
