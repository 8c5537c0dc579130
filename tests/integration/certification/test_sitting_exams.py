"""E01–E10, E27, E29, E30 and B21–B25: from an application to a closed attempt."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import allowances, answering, attempts, exam_jobs, exam_queries, scoring, sessions
from portal.certification.allowances import More
from portal.certification.exam_models import (
    AttemptState,
    Exam,
    ExamAnswer,
    ExamApplication,
    ExamAttempt,
    ExamResult,
    ItemKind,
    ItemMark,
    MarkCause,
    Medium,
)
from portal.core import clock, db, queue
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_candidate, make_exam, make_item, make_paper
from tests.factories import make_association, make_member, make_user

SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]


@pytest.fixture
def trainee(session: Session) -> User:
    return make_user(session, Role.TRAINEE, name="최은영")


@pytest.fixture
def exam(session: Session, trainee: User) -> Exam:
    """Give a session of ten items that is open now and that the trainee may apply for."""
    make_candidate(session, trainee)
    exam = make_exam(session, apply_until=clock.now() + timedelta(hours=5))
    make_paper(session, exam)
    session.commit()
    return exam


def applied(session: Session, exam: Exam, user: User, **columns: Any) -> ExamApplication:
    values = {"medium": Medium.ONLINE, "wants_more_time": False, **columns}
    return sessions.apply(session, exam, user, now=clock.now(), **values)


def started(session: Session, exam: Exam, user: User) -> ExamAttempt:
    applied(session, exam, user)
    return attempts.start(session, exam, user, now=clock.now())


def rights(session: Session, attempt: ExamAttempt) -> None:
    """Answer every question of an attempt rightly."""
    for question in exam_queries.sheet_of(session, attempt).questions:
        answer(session, attempt, question.item.id, "a")


def answer(session: Session, attempt: ExamAttempt, item_id: int, key: str, **when: Any) -> ExamAnswer | None:
    moments = {"client_at": None, "now": clock.now(), **when}
    return answering.save(session, attempt, item_id, {"chosen": [key]}, **moments)


def test_e30_the_whole_exam_goes_without_javascript(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    browser, page = sign_in(trainee), f"/certification/exams/{exam.id}/"

    assert "접수하기" in browser.get(page).text
    assert browser.send(page, {"medium": "online"}).status_code == 302
    assert "시험 시작하기" in browser.get(page).text
    assert browser.send(f"{page}start").status_code == 302
    for number in range(1, 11):
        question = browser.get(f"{page}attempt/?q={number}").text
        assert f"{number}번 문제" in question
        assert "에 끝나요" in question
        sent = browser.send(
            f"{page}attempt/?q={number}", {"attempt_no": 1, "answer": "a", "to": str(number + 1)}
        )
        assert sent.headers["Location"].endswith(f"q={number + 1}")
    assert "모두 답했어요" in browser.get(f"{page}attempt/review").text
    assert browser.send(f"{page}attempt/submit").status_code == 302
    shown = browser.get(page).text

    result = session.scalars(select(ExamResult)).one()
    assert (result.total, result.passed, result.cause) == (200, True, "marking")
    assert "채점 중" in shown
    assert not re.search("200점|합격하셨|100점", shown)


def test_e01_the_attempt_stands_from_its_start_with_the_servers_end(
    session: Session, exam: Exam, trainee: User
) -> None:
    now = clock.now()
    applied(session, exam, trainee)

    attempt = attempts.start(session, exam, trainee, now=now)

    assert (attempt.state, attempt.attempt_no, attempt.finished_at) == (AttemptState.OPEN, 1, None)
    assert attempt.deadline_at == now + timedelta(minutes=30)
    assert attempt.paper_id


def test_e02_a_reload_and_a_second_tab_go_on_with_the_same_attempt(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    first = started(session, exam, trainee)
    again = attempts.start(session, exam, trainee, now=clock.now() + timedelta(minutes=5))
    session.commit()
    pages = {sign_in(trainee).get(f"/certification/exams/{exam.id}/attempt/?q=3").text for _ in range(2)}

    assert again.id == first.id
    assert again.deadline_at == first.deadline_at
    stems = [re.findall(r"\d+번 문제예요", page) for page in pages]
    assert stems[0] == stems[-1]


def test_e03_b22_eight_starts_at_once_make_one_attempt(race: Race, committed: Session) -> None:
    trainee = make_user(committed, Role.TRAINEE)
    make_candidate(committed, trainee)
    exam = make_exam(committed, apply_until=clock.now() + timedelta(hours=5))
    make_paper(committed, exam)
    applied(committed, exam, trainee)
    committed.commit()

    def start() -> int:
        with db.transaction() as session:
            return attempts.start(session, exam, trainee, now=clock.now()).id

    made = race([start] * 8)

    assert len(set(made)) == 1
    assert committed.scalar(select(func.count()).select_from(ExamAttempt)) == 1


def test_e03_eight_second_starts_at_once_never_pass_the_limit(race: Race, committed: Session) -> None:
    trainee = make_user(committed, Role.TRAINEE)
    make_candidate(committed, trainee)
    exam = make_exam(committed, attempts_max=1, apply_until=clock.now() + timedelta(hours=5))
    paper = make_paper(committed, exam)
    applied(committed, exam, trainee)
    make_attempt(committed, paper, exam, trainee, state=AttemptState.SUBMITTED)
    committed.commit()

    def start() -> int:
        with db.transaction() as session:
            return attempts.start(session, exam, trainee, now=clock.now()).id

    made = race([start] * 8)

    assert all(isinstance(each, ConflictError) for each in made)
    assert committed.scalar(select(func.count()).select_from(ExamAttempt)) == 1


def test_e03_attempts_are_counted_and_a_void_one_is_not(session: Session, exam: Exam, trainee: User) -> None:
    first = started(session, exam, trainee)
    attempts.submit(session, first, now=clock.now())
    second = attempts.start(session, exam, trainee, now=clock.now())
    attempts.finish(session, second, AttemptState.VOID, now=clock.now())
    third = attempts.start(session, exam, trainee, now=clock.now())
    attempts.submit(session, third, now=clock.now())

    with pytest.raises(ConflictError, match="2번까지"):
        attempts.start(session, exam, trainee, now=clock.now())
    assert [first.attempt_no, second.attempt_no, third.attempt_no] == [1, 2, 3]


def test_e04_saving_a_marked_attempt_again_changes_nothing_and_counts_no_attempt(
    session: Session, exam: Exam, trainee: User
) -> None:
    attempt = started(session, exam, trainee)
    rights(session, attempt)
    attempts.submit(session, attempt, now=clock.now())
    before = session.scalar(select(func.count()).select_from(ItemMark))

    again = attempts.submit(session, attempt, now=clock.now())
    scoring.mark_by_rules(session, attempt, now=clock.now())
    scoring.settle(session, attempt, cause="again", now=clock.now())

    assert again.attempt_no == 1
    assert session.scalar(select(func.count()).select_from(ItemMark)) == before
    assert session.scalar(select(func.count()).select_from(ExamResult)) == 1
    assert attempts.start(session, exam, trainee, now=clock.now()).attempt_no == 2


def test_e05_b23_a_job_closes_what_was_left_open_with_the_answers_it_has(
    session: Session, exam: Exam, trainee: User
) -> None:
    attempt = started(session, exam, trainee)
    rights(session, attempt)
    past = clock.now() - timedelta(minutes=10)
    attempt.deadline_at = past
    session.commit()

    assert attempts.list_overdue_ids(session, past + timedelta(seconds=60)) == []  # the grace
    assert attempts.list_overdue_ids(session, clock.now()) == [attempt.id]
    exam_jobs.close(attempt.id)
    exam_jobs.close(attempt.id)

    session.refresh(attempt)
    assert (attempt.state, attempt.finished_at) == (AttemptState.CLOSED, past + timedelta(seconds=120))
    assert session.scalars(select(ExamResult.total)).all() == [200]
    assert attempts.list_overdue_ids(session, clock.now()) == []


def test_e05_the_sweep_finds_the_overdue_by_itself(
    session: Session, exam: Exam, trainee: User, run_jobs: Callable[[], None]
) -> None:
    attempt = started(session, exam, trainee)
    attempt.deadline_at = clock.now() - timedelta(minutes=10)
    session.commit()

    queue.sweep(now=clock.now())
    run_jobs()

    session.refresh(attempt)
    assert attempt.state is AttemptState.CLOSED


def test_e06_every_answer_is_a_row_and_the_last_counts(session: Session, exam: Exam, trainee: User) -> None:
    attempt = started(session, exam, trainee)
    item = exam_queries.sheet_of(session, attempt).questions[0].item
    for key in ("b", "b", "c", "a"):
        answer(session, attempt, item.id, key)

    rows = session.scalars(select(ExamAnswer).order_by(ExamAnswer.seq)).all()
    assert [(row.seq, row.response) for row in rows] == [
        (1, {"chosen": ["b"]}),
        (2, {"chosen": ["c"]}),
        (3, {"chosen": ["a"]}),
    ]
    assert scoring.last_answers(session, attempt.id)[item.id].seq == 3


def test_e07_late_inside_the_grace_counts_and_says_when_the_device_answered(
    session: Session, exam: Exam, trainee: User
) -> None:
    attempt = started(session, exam, trainee)
    item = exam_queries.sheet_of(session, attempt).questions[0].item
    late, said = attempt.deadline_at + timedelta(seconds=90), attempt.deadline_at - timedelta(seconds=5)

    kept = answer(session, attempt, item.id, "a", now=late, client_at=said)

    assert kept is not None
    assert (kept.is_late, kept.client_at, kept.saved_at) == (True, said, late)


def test_e07_after_the_grace_it_is_refused_with_a_telephone_number(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    attempt = started(session, exam, trainee)
    attempt.deadline_at = clock.now() - timedelta(seconds=121)
    session.commit()
    browser, page = sign_in(trainee), f"/certification/exams/{exam.id}/"

    refused = browser.send(f"{page}attempt/?q=1", {"attempt_no": 1, "answer": "a", "to": "2"})
    given_up = browser.send(f"{page}attempt/answer?q=1&a=1", {"attempt_no": 1, "answer": "a"})
    shown = browser.get(page)

    assert refused.status_code == 409
    assert "시험 시간이 끝나" in refused.text
    assert "02-000-0000" in refused.text
    assert given_up.status_code == 404  # the device stops sending it
    assert "시험 시간이 끝났어요" in shown.text
    assert session.scalar(select(func.count()).select_from(ExamAnswer)) == 0


def test_e07_what_a_device_kept_of_another_attempt_is_not_taken(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    first = started(session, exam, trainee)
    attempts.submit(session, first, now=clock.now())
    attempts.start(session, exam, trainee, now=clock.now())
    session.commit()

    sent = sign_in(trainee).send(
        f"/certification/exams/{exam.id}/attempt/answer?q=1&a=1", {"attempt_no": 1, "answer": "a"}
    )

    assert sent.status_code == 404
    assert session.scalar(select(func.count()).select_from(ExamAnswer)) == 0


def test_e07_autosave_keeps_an_answer_with_the_devices_time(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    started(session, exam, trainee)
    session.commit()
    path = f"/certification/exams/{exam.id}/attempt/answer?q=2&a=1"
    fields = {"attempt_no": 1, "answer": "b", "client_at": "2026-11-23T10:00:00.000Z"}

    sent = sign_in(trainee).send(path, fields)

    kept = session.scalars(select(ExamAnswer)).one()
    assert sent.status_code == 204
    assert kept.response == {"chosen": ["b"]}
    assert kept.client_at is not None
    assert (kept.client_at.hour, kept.is_late) == (10, False)


def test_e08_time_and_attempts_by_person_and_by_association(session: Session, exam: Exam) -> None:
    manager, one, other = (make_user(session) for _ in range(3))
    association = make_association(session, manager=manager)
    make_member(session, association, one)
    trainer, now = make_user(session, Role.TRAINER), clock.now()
    later = exam.closes_at + timedelta(hours=3)
    allowances.give(
        session, exam, trainer, association_id=association.id, more=More(20, 0, later), reason="장날", now=now
    )
    allowances.give(session, exam, trainer, user_id=one.id, more=More(100, 1), reason="손을 다침", now=now)

    mine = allowances.terms_of(session, exam, one.id, None)
    theirs = allowances.terms_of(session, exam, manager.id, None)
    plain = allowances.terms_of(session, exam, other.id, None)

    assert (mine.minutes, mine.attempts, mine.closes_at) == (60, 3, later)
    assert (theirs.minutes, theirs.attempts, theirs.closes_at) == (36, 2, later)
    assert (plain.minutes, plain.attempts, plain.closes_at) == (30, 2, exam.closes_at)


def test_e09_whoever_ticks_the_box_gets_more_time_and_nobody_asks_why(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    page = f"/certification/exams/{exam.id}/"
    form = sign_in(trainee).get(page).text
    sign_in(trainee).send(page, {"medium": "online", "wants_more_time": "y"})
    sign_in(trainee).send(f"{page}start")

    attempt = session.scalars(select(ExamAttempt)).one()
    assert attempt.deadline_at - attempt.started_at == timedelta(minutes=45)
    assert "15분을 더 드려요" in form
    assert not re.search("나이|생년|진단서|장애", form)


def test_who_asked_for_more_time_keeps_it_when_changing_something_else(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    page, browser = f"/certification/exams/{exam.id}/", sign_in(trainee)
    browser.send(page, {"medium": "online", "wants_more_time": "y"})

    shown = browser.get(page).text

    (box,) = re.findall(r'<input[^>]*name="wants_more_time"[^>]*>', shown)
    (online,) = re.findall(r'<input[^>]*name="medium"[^>]*value="online"[^>]*>', shown)
    assert "checked" in box
    assert "checked" in online


@pytest.mark.parametrize("path", ["attempt/", "attempt/?q=2", "attempt/review"])
def test_who_goes_back_after_handing_in_sees_the_exam(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User, path: str
) -> None:
    page, browser = f"/certification/exams/{exam.id}/", sign_in(trainee)
    before = browser.get(f"{page}{path}")
    browser.send(page, {"medium": "online"})
    browser.send(f"{page}start")
    browser.send(f"{page}attempt/submit")

    back = browser.get(f"{page}{path}", follow_redirects=True)

    assert before.status_code == 404
    assert (back.status_code, back.request.path) == (200, page)


def test_nobody_goes_on_past_the_closing_but_for_the_minutes_they_have_more(
    session: Session, exam: Exam, trainee: User
) -> None:
    plain = allowances.terms_of(session, exam, trainee.id, None)
    longer = allowances.terms_of(
        session, exam, trainee.id, applied(session, exam, trainee, wants_more_time=True)
    )
    just_before = exam.closes_at - timedelta(minutes=5)

    assert plain.deadline(just_before) == exam.closes_at
    assert longer.deadline(just_before) == exam.closes_at + timedelta(minutes=15)


def test_e10_an_attempt_keeps_the_version_it_showed(session: Session, exam: Exam, trainee: User) -> None:
    attempt = started(session, exam, trainee)
    shown = exam_queries.sheet_of(session, attempt).questions[0]
    shown.item.retired_at = clock.now()
    session.flush()
    make_item(session, name=shown.item.name, version=2, content={**shown.item.content, "stem": "새 글"})
    session.expire_all()

    again = exam_queries.sheet_of(session, attempt).questions[0]

    assert (again.item.id, again.item.version, again.stem) == (shown.item.id, 1, shown.stem)


def test_e27_the_order_is_the_attempts_own_and_stays(session: Session, exam: Exam, trainee: User) -> None:
    attempt = started(session, exam, trainee)

    def order(seed: int) -> list[tuple[int, list[str]]]:
        attempt.seed = seed
        sheet = exam_queries.sheet_of(session, attempt)
        return [(each.item.id, [choice["key"] for choice in each.choices]) for each in sheet.questions]

    first = order(7)
    attempts.submit(session, attempt, now=clock.now())

    assert order(7) == first  # reloaded, and after the end as an appeal shows it
    assert order(8) != first
    assert sorted(item for item, _ in order(8)) == sorted(item for item, _ in first)
    subjects = [each.subject for each in exam_queries.sheet_of(session, attempt).questions]
    assert subjects == ["유통과 플랫폼"] * 5 + ["관련 법규"] * 5


def test_e29_each_question_has_its_own_page_and_a_list_of_what_is_unanswered(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    started(session, exam, trainee)
    session.commit()
    browser, page = sign_in(trainee), f"/certification/exams/{exam.id}/attempt/"
    sent = browser.send(f"{page}?q=4", {"attempt_no": 1, "answer": "b", "to": "list"})
    review = browser.get(f"{page}review").text
    question = browser.get(f"{page}?q=4").text

    assert sent.headers["Location"].endswith("/attempt/review")
    assert "답하지 않은 문제가 9개" in review
    assert ">4번</a>" in review.split("답한 문제 다시 보기")[1]
    assert ">4번</a>" not in review.split("답안 내기")[0]
    assert re.search(r'value="b"\s+checked', question)
    assert question.count("<fieldset") == 1
    assert question.index(">다음<") < question.index(">앞 문제<")  # Enter goes on


def test_the_answer_on_the_page_is_saved_whichever_button_is_pressed(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    started(session, exam, trainee)
    session.commit()
    browser, page = sign_in(trainee), f"/certification/exams/{exam.id}/attempt/"
    for number, to in ((2, "1"), (3, "4"), (5, "list"), (6, "nonsense")):
        assert (
            browser.send(f"{page}?q={number}", {"attempt_no": 1, "answer": "a", "to": to}).status_code == 302
        )

    assert session.scalar(select(func.count()).select_from(ExamAnswer)) == 4


@pytest.mark.parametrize("fields", [{"answer": "z"}, {"answer": ["a", "b"]}, {"to": "2"}, {"answer": ""}])
def test_a_form_nobody_was_shown_saves_no_more_than_a_choice_of_the_item(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User, fields: dict[str, Any]
) -> None:
    started(session, exam, trainee)
    session.commit()
    sign_in(trainee).send(f"/certification/exams/{exam.id}/attempt/?q=1", {"attempt_no": 1, **fields})

    kept = session.scalars(select(ExamAnswer.response)).all()
    assert kept in ([], [{"chosen": ["a"]}])


def test_an_item_of_another_paper_takes_no_answer(session: Session, exam: Exam, trainee: User) -> None:
    attempt = started(session, exam, trainee)

    with pytest.raises(NotFoundError):
        answer(session, attempt, make_item(session).id, "a")


def test_a_number_nobody_can_read_is_kept_and_said_at_once(
    session: Session, sign_in: SignIn, trainee: User
) -> None:
    make_candidate(session, trainee)
    exam = make_exam(session, apply_until=clock.now() + timedelta(hours=5))
    content = {"stem": "얼마예요?", "key": [{"value": "12500", "tolerance": "0"}], "why": "", "step": ""}
    make_paper(session, exam, [make_item(session, kind=ItemKind.NUMERIC, content=content)])
    started(session, exam, trainee)
    session.commit()
    browser, page = sign_in(trainee), f"/certification/exams/{exam.id}/attempt/?q=1"

    sent = browser.send(page, {"attempt_no": 1, "answer": "만 이천 오백", "to": "list"})

    assert sent.headers["Location"].endswith("q=1")
    assert "숫자로 읽지 못했어요" in browser.get(page).text
    assert session.scalars(select(ExamAnswer.response)).all() == [{"text": "만 이천 오백"}]


def test_nobody_sits_what_they_did_not_apply_for(
    session: Session, sign_in: SignIn, exam: Exam, trainee: User
) -> None:
    page = f"/certification/exams/{exam.id}/"
    stranger = make_user(session)

    with pytest.raises(ForbiddenError, match="접수"):
        attempts.start(session, exam, trainee, now=clock.now())
    with pytest.raises(ForbiddenError, match="과정을 시작"):
        applied(session, exam, stranger)
    assert sign_in(trainee).get(f"{page}attempt/").status_code == 404
    assert sign_in(trainee).send(f"{page}attempt/submit").status_code == 404


def test_applying_twice_changes_how_and_a_cancelled_one_may_apply_anew(
    session: Session, exam: Exam, trainee: User
) -> None:
    first = applied(session, exam, trainee)
    second = applied(session, exam, trainee, medium=Medium.PAPER, wants_more_time=True)
    sessions.cancel(session, exam, trainee, now=clock.now())
    sessions.cancel(session, exam, trainee, now=clock.now())
    third = applied(session, exam, trainee)

    assert first.id == second.id != third.id
    assert (second.medium, second.wants_more_time) == (Medium.PAPER, True)


def test_whoever_began_can_neither_cancel_nor_change(session: Session, exam: Exam, trainee: User) -> None:
    started(session, exam, trainee)

    with pytest.raises(ConflictError, match="시작하셔서"):
        sessions.cancel(session, exam, trainee, now=clock.now())
    with pytest.raises(ConflictError, match="시작하셔서"):
        applied(session, exam, trainee, wants_more_time=True)


def test_outside_its_window_an_exam_does_not_start(session: Session, exam: Exam, trainee: User) -> None:
    applied(session, exam, trainee)

    with pytest.raises(ConflictError, match="아직"):
        attempts.start(session, exam, trainee, now=exam.opens_at - timedelta(seconds=1))
    with pytest.raises(ConflictError, match="닫혔어요"):
        attempts.start(session, exam, trainee, now=exam.closes_at)


def test_e19_b24_a_persons_mark_wins_for_ever(session: Session, exam: Exam, trainee: User) -> None:
    attempt = started(session, exam, trainee)
    attempts.submit(session, attempt, now=clock.now())
    item_id = scoring.places(session, attempt.paper_id)[0].item_id
    trainer = make_user(session, Role.TRAINER)

    def mark(points: int, cause: MarkCause) -> None:
        by = trainer.id if cause is MarkCause.PERSON else None
        session.add(
            ItemMark(
                attempt_id=attempt.id,
                item_id=item_id,
                points=points,
                cause=cause,
                by_id=by,
                reason="답이 둘이에요",
                at=clock.now(),
            )
        )
        session.flush()

    mark(20, MarkCause.PERSON)
    corrected = scoring.settle(session, attempt, cause="appeal:1", now=clock.now())
    mark(0, MarkCause.REGRADE)
    mark(0, MarkCause.RULES)
    scoring.mark_by_rules(session, attempt, now=clock.now())
    after = scoring.settle(session, attempt, cause="regrade:1", now=clock.now())

    assert corrected is not None
    assert after is not None
    assert (corrected.total, corrected.seq) == (20, 2)
    assert after.id == corrected.id
    mark(10, MarkCause.PERSON)
    last = scoring.settle(session, attempt, cause="appeal:2", now=clock.now())
    assert last is not None
    assert (last.total, last.seq) == (10, 3)
