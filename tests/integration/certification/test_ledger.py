"""The ledger: lines that are only added, and what they say together (K11 B10 Q02 Q04 Q05)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import candidates, ledger, ledger_jobs, operations, standings
from portal.certification.exam_models import AttemptState, ExamApplication, ExamResult, Medium
from portal.certification.marking_models import MarkingSheet
from portal.certification.models import ProposalState
from portal.certification.qualification_models import (
    Candidate,
    LedgerEntry,
    LedgerKind,
    LogKind,
)
from portal.certification.qualifications import Qualification
from portal.certification.standings import Line, State
from portal.core import clock, queue
from portal.core.errors import ConflictError, DomainError
from portal.courses import catalogue
from portal.courses.models import Enrolment, StepCompletion
from portal.messages.models import Notice
from tests.candidate_factories import entries_of, make_log, user_of, waive
from tests.exam_factories import make_attempt, make_candidate, make_exam, make_paper
from tests.factories import make_completion, make_mentor, make_user
from tests.integration.certification.test_way import with_second_version

Race = Callable[[list[Callable[[], Any]]], list[Any]]
PATH = "/certification/candidates/1/"


def record(session: Session, candidate: Candidate, now: datetime | None = None) -> list[str]:
    """Look through the ledger and return which requirements became met."""
    made = ledger.record(session, candidate, path=PATH, now=now or clock.now())
    return [entry.requirement for entry in made]


def line_of(session: Session, candidate: Candidate, key: str) -> Line:
    return next(each for each in standings.status(session, candidate) if each.requirement.key == key)


def decide(
    session: Session, candidate: Candidate, by: User, key: str, kind: LedgerKind, reason: str = "까닭이에요."
) -> None:
    ledger.decide(
        session, candidate, by, requirement=key, kind=kind, reason=reason, path=PATH, now=clock.now()
    )


def release(session: Session, user: User, *, passed: bool, points: int = 80, **exam: Any) -> int:
    """Return the id of an attempt whose result is released."""
    made = make_exam(session, **exam)
    attempt = make_attempt(session, make_paper(session, made, []), made, user, state=AttemptState.SUBMITTED)
    subjects = {"platform": points, "law": points}
    session.add(
        ExamResult(
            attempt_id=attempt.id, seq=1, subjects=subjects, total=points, passed=passed, cause="marking",
            at=clock.now(),
        )
    )  # fmt: skip
    made.released_at, made.released_by_id = clock.now(), made.made_by_id
    session.flush()
    return attempt.id


# ── the lines and what they say ──


def test_k11_replaying_the_lines_gives_the_status_whatever_was_done(
    isolated: Flask, session: Session, operator: User, registered: Qualification
) -> None:
    """Acts of everybody in every order; after each the page says what the rows alone say, read anew."""
    candidate = make_candidate(session)
    mentor = make_mentor(session)
    with_second_version(isolated, entries=2)
    acts: list[Callable[[], Any]] = [
        *(
            lambda key=key, kind=kind: decide(session, candidate, operator, key, kind)
            for key in ("course", "practice", "log", "written")
            for kind in (LedgerKind.WAIVED, LedgerKind.REJECTED, LedgerKind.REOPENED)
        ),
        lambda: make_completion(session, user_of(session, candidate), course_id="designer-2"),
        lambda: make_log(session, candidate, confirmed_by=mentor, minutes=90),
        lambda: candidates.move(
            session, candidate, operator, number=2, reason="새 기준", path=PATH, now=clock.now()
        ),
    ]
    seen: list[tuple[Any, ...]] = []
    for number in range(4 * len(acts)):
        with suppress(DomainError, IntegrityError), session.begin_nested():  # refused acts write nothing
            acts[number * 7 % len(acts)]()
        record(session, candidate)
        rows = entries_of(session, candidate)
        versions = candidates.all_rules(session, candidate.qualification_id)
        replayed = {
            each.requirement.key: each.is_settled
            for each in standings.replay(reversed(rows), versions, candidate.version_id)
        }
        shown = {each.requirement.key: each.is_settled for each in standings.status(session, candidate)}
        assert replayed == shown
        columns = [tuple(getattr(row, c.key) for c in LedgerEntry.__table__.columns) for row in rows]
        assert columns[: len(seen)] == seen  # nothing written before has changed
        seen = columns
    assert len(seen) > 10


def test_k11_a_rule_change_leaves_old_lines_alone_and_asks_again_only_for_what_changed(
    isolated: Flask, session: Session, operator: User, registered: Qualification
) -> None:
    candidate, mentor = make_candidate(session), make_mentor(session)
    make_completion(session, user_of(session, candidate), course_id="designer-2")
    for _ in range(3):
        make_log(session, candidate, confirmed_by=mentor)
    assert set(record(session, candidate)) == {"course", "practice", "log"}
    before = [(row.id, row.kind, row.version_id, row.evidence) for row in entries_of(session, candidate)]
    with_second_version(isolated, entries=4)

    candidates.move(session, candidate, operator, number=2, reason="새 기준", path=PATH, now=clock.now())

    assert line_of(session, candidate, "course").state is State.MET
    assert line_of(session, candidate, "log").state is State.NOT_YET
    assert [(row.id, row.kind, row.version_id, row.evidence) for row in entries_of(session, candidate)][
        :3
    ] == before
    make_log(session, candidate, confirmed_by=mentor)
    assert record(session, candidate) == ["log"]


def test_b18_what_was_granted_is_not_taken_away_when_its_course_changes_or_goes(
    isolated: Flask, session: Session
) -> None:
    """A completion counts though the course has steps today that nobody had done then."""
    candidate = make_candidate(session)
    make_completion(session, user_of(session, candidate), course_id="designer-2")

    assert set(record(session, candidate)) == {"course", "practice"}

    kept = catalogue.current()
    groups = tuple(
        replace(group, courses=tuple(course for course in group.courses if course.id != "designer-2"))
        for group in kept.groups
    )
    isolated.extensions["portal_catalogue"] = replace(kept, groups=groups)
    try:
        assert line_of(session, candidate, "course").state is State.MET
        assert record(session, candidate) == []
    finally:
        isolated.extensions["portal_catalogue"] = kept


def test_b10_every_screen_says_what_the_ledger_says(
    session: Session, sign_in: Callable[[User], Any], trainer: User, registered: Qualification
) -> None:
    candidate = make_candidate(session, make_user(session, name="홍길동"))
    waive(session, candidate)
    browser = sign_in(user_of(session, candidate))

    assert "5가지 가운데 5가지" in browser.get("/").text
    assert "다 했어요!" in browser.get(f"/certification/candidates/{candidate.id}/").text
    assert "발급 제안하기" in sign_in(trainer).get("/").text


def test_k11_eight_sweeps_at_once_write_one_line(app: Flask, committed: Session, race: Race) -> None:
    candidate = make_candidate(committed)
    make_completion(committed, committed.get_one(User, candidate.user_id), course_id="designer-2")
    committed.commit()

    assert race([lambda: ledger_jobs.check(candidate.id)] * 8) == [None] * 8

    lines = select(func.count(LedgerEntry.id)).where(LedgerEntry.requirement == "course")
    assert committed.scalar(lines) == 1


# ── what staff decide ──


def test_q02_a_waived_requirement_says_who_did_it_when_and_why_and_is_told_once(
    session: Session, sign_in: Callable[[User], Any], operator: User, learner: User
) -> None:
    candidate = make_candidate(session, learner)
    theirs, path = sign_in(operator), f"/certification/candidates/{candidate.id}/"

    blank = theirs.send(f"{path}decide/practical", {"kind": "waived", "reason": " "})
    theirs.send(f"{path}decide/practical", {"kind": "waived", "reason": "시범 실기에 합격했어요."})

    assert blank.status_code == 422
    page = sign_in(learner).get(path).text
    assert "시범 실기에 합격했어요." in page
    assert "정하늘 님이 정함" in page
    assert "면제" in page
    notices = session.scalars(select(Notice).where(Notice.user_id == learner.id)).all()
    assert [notice.message for notice in notices] == ["requirement-decided"]


def test_q02_what_was_taken_back_needs_new_evidence_or_to_be_opened_again(
    session: Session, operator: User
) -> None:
    candidate = make_candidate(session)
    make_completion(session, user_of(session, candidate), course_id="designer-2")
    record(session, candidate)

    decide(session, candidate, operator, "course", LedgerKind.REJECTED, "다른 분이 대신 들었어요.")

    assert record(session, candidate) == []
    line = line_of(session, candidate, "course")
    assert (line.state, line.is_rejected, line.note) == (State.NOT_YET, True, "다른 분이 대신 들었어요.")
    decide(session, candidate, operator, "course", LedgerKind.REOPENED)
    assert record(session, candidate) == ["course"]
    assert record(session, candidate) == []
    kinds = [entry.kind for entry in entries_of(session, candidate) if entry.requirement == "course"]
    assert kinds == [LedgerKind.MET, LedgerKind.REJECTED, LedgerKind.REOPENED, LedgerKind.MET]


def test_q02_new_evidence_counts_after_the_old_was_taken_back(
    session: Session, operator: User, registered: Qualification
) -> None:
    candidate = make_candidate(session)
    first = release(session, user_of(session, candidate), passed=True)
    record(session, candidate)
    decide(session, candidate, operator, "written", LedgerKind.REJECTED)
    assert record(session, candidate) == []

    second = release(session, user_of(session, candidate), passed=True)

    assert record(session, candidate) == ["written"]
    assert line_of(session, candidate, "written").evidence == (f"exam_attempt:{second}",)
    assert second != first


def test_nothing_is_taken_back_while_a_proposal_stands(
    session: Session, operator: User, trainer: User, registered: Qualification
) -> None:
    candidate = make_candidate(session)
    waive(session, candidate)
    proposal = operations.propose_candidate(session, candidate, trainer, path=PATH, now=clock.now())

    with pytest.raises(ConflictError, match="제안부터 돌려보내"):
        decide(session, candidate, operator, "course", LedgerKind.REOPENED)
    proposal.state, proposal.decline_reason = ProposalState.DECLINED, "다시 봐요."
    proposal.decided_by_id, proposal.decided_at = operator.id, clock.now()
    decide(session, candidate, operator, "course", LedgerKind.REOPENED)

    assert not line_of(session, candidate, "course").is_settled


# ── time and sweeps ──


def test_q05_passing_of_time_meets_nothing(session: Session, registered: Qualification) -> None:
    """A log nobody confirmed and an exam nobody released are as far as they were, a year later."""
    candidate = make_candidate(session)
    for _ in range(3):
        make_log(session, candidate)
    exam = make_exam(session)
    make_attempt(
        session,
        make_paper(session, exam, []),
        exam,
        user_of(session, candidate),
        state=AttemptState.SUBMITTED,
    )

    for days in (1, 30, 365):
        assert record(session, candidate, clock.now() + timedelta(days=days)) == []

    assert line_of(session, candidate, "log").state is State.WAITING
    assert line_of(session, candidate, "written").state is State.WAITING


def test_three_visits_to_one_shop_are_not_three_shops(
    session: Session, registered: Qualification, sign_in: Callable[[User], Any]
) -> None:
    candidate, mentor = make_candidate(session), make_mentor(session)
    for shop in ("반찬가게", "반찬 가게", "반찬가게"):
        make_log(session, candidate, shop=shop, confirmed_by=mentor, minutes=90)
    session.commit()

    line = line_of(session, candidate, "log")
    assert line.state is State.NOT_YET
    assert line.words == "확인받은 일지로는 다른 가게 2곳과 함께한 일이 더 있어야 해요."
    page = sign_in(user_of(session, candidate)).get(f"/certification/candidates/{candidate.id}/log").text
    assert f"세 가게와 함께한 일을 적고 확인받아요: {line.words}" in page

    for shop in ("떡집", "꽃집"):
        make_log(session, candidate, shop=shop, confirmed_by=mentor)
    session.commit()
    ledger.record(session, candidate, path="/", now=clock.now())

    line = line_of(session, candidate, "log")
    assert line.state is State.MET
    assert line.words == "확인받은 일지가 5개, 가게가 3곳, 모두 6시간 30분이에요."


def test_a_log_sent_back_has_a_way_on_while_others_wait(
    session: Session, registered: Qualification, sign_in: Callable[[User], Any]
) -> None:
    """Enough other lines wait to be confirmed: hers to mend is named still, with the way to it."""
    candidate = make_candidate(session)
    for _ in range(3):
        make_log(session, candidate)
    user, path = user_of(session, candidate), f"/certification/candidates/{candidate.id}/log"
    session.commit()
    before = sign_in(user).get(f"/certification/candidates/{candidate.id}/").text
    assert f'href="{path}">하러 가기' not in before

    make_log(session, candidate, remark="언제 만나셨는지 적어 주세요.")
    session.commit()

    line = line_of(session, candidate, "log")
    assert line.state is State.WAITING
    assert "고쳐 쓸 일지가 1개 있어요." in line.words
    after = sign_in(user).get(f"/certification/candidates/{candidate.id}/").text
    assert f'href="{path}">하러 가기' in after


def test_the_sweep_finds_what_became_met_and_comes_back_within_the_hour(
    isolated: Flask, session: Session, run_jobs: Callable[[], None]
) -> None:
    candidates_made = [make_candidate(session) for _ in range(3)]
    make_completion(session, user_of(session, candidates_made[0]), course_id="designer-2")
    session.commit()

    queue.sweep(now=clock.now())
    run_jobs()

    session.expire_all()
    assert [entry.requirement for entry in entries_of(session, candidates_made[0])] == ["course", "practice"]
    moments = [candidate.check_at for candidate in candidates_made]
    assert all(at and timedelta(0) < at - clock.now() <= timedelta(hours=1) for at in moments)
    assert len({at and at.replace(microsecond=0) for at in moments}) == 3
    assert ledger.list_due_ids(session, clock.now()) == []


def test_who_has_met_everything_is_told_once_and_looked_at_no_more(session: Session, learner: User) -> None:
    candidate = make_candidate(session, learner)
    waive(session, candidate, "log", "written", "practical")
    make_completion(session, learner, course_id="designer-2")

    record(session, candidate)
    record(session, candidate)

    assert candidate.check_at is None
    told = select(func.count(Notice.id)).where(
        Notice.user_id == learner.id, Notice.message == "candidate-ready"
    )
    assert session.scalar(told) == 1


# ── the kinds ──


def test_q03_a_course_says_how_far_and_leads_to_the_very_step(session: Session) -> None:
    candidate, course = make_candidate(session), catalogue.current().course("designer-2")
    assert "아직 시작하지 않았어요" in line_of(session, candidate, "course").words
    first, second = course.places[:2]
    now = clock.now()
    session.add(
        Enrolment(
            learner_id=candidate.user_id, course_id=course.id, started_at=now, moved_at=now,
            lesson_id=first.lesson.id, step_id=first.step.id,
        )
    )  # fmt: skip
    session.add(
        StepCompletion(
            learner_id=candidate.user_id, course_id=course.id, lesson_id=first.lesson.id,
            step_id=first.step.id, content_hash="x", completed_at=now,
        )
    )  # fmt: skip
    session.flush()

    line = line_of(session, candidate, "course")

    assert f"{len(course.places)}단계 가운데 1단계" in line.words
    assert line.next is not None
    assert (line.next.lesson_id, line.next.step_id) == (second.lesson.id, second.step.id)


@pytest.mark.parametrize(
    ("confirmed", "waiting", "state", "words"),
    [
        (0, 0, State.NOT_YET, "가게 3곳과 함께한 일, 3시간이 더 있어야"),
        (1, 1, State.NOT_YET, "다른 가게 2곳과 함께한 일, 2시간이 더 있어야"),
        (2, 1, State.WAITING, "일지 1개를"),
        (3, 0, State.IN_REVIEW, "확인받은 일지가 3개, 가게가 3곳, 모두 3시간"),
    ],
)
def test_q30_the_log_counts_confirmed_lines_and_minutes(
    session: Session, confirmed: int, waiting: int, state: State, words: str
) -> None:
    candidate, mentor = make_candidate(session), make_mentor(session)
    for number in range(confirmed + waiting):
        make_log(session, candidate, confirmed_by=mentor if number < confirmed else None)

    line = line_of(session, candidate, "log")

    assert (line.state, words in line.words) == (state, True), line.words


def test_q30_least_numbers_of_each_sort_are_asked_for_where_they_are_written(
    isolated: Flask, session: Session, operator: User, registered: Qualification
) -> None:
    candidate, mentor = make_candidate(session), make_mentor(session)
    with_second_version(isolated, reflections=1, cases=1)
    candidates.move(session, candidate, operator, number=2, reason="새 기준", path=PATH, now=clock.now())
    for _ in range(3):
        make_log(session, candidate, confirmed_by=mentor)
    assert "맡은 사례 1개, 돌아본 일 1개가 더" in line_of(session, candidate, "log").words

    make_log(session, candidate, confirmed_by=mentor, kind=LogKind.CASE)
    make_log(session, candidate, confirmed_by=mentor, kind=LogKind.REFLECTION, minutes=15)

    assert record(session, candidate) == ["log"]


def test_q04_an_exam_goes_from_not_yet_over_waiting_and_being_looked_at_to_met(
    session: Session, sign_in: Callable[[User], Any], registered: Qualification
) -> None:
    candidate = make_candidate(session)

    def practical() -> Line:
        return line_of(session, candidate, "practical")

    assert practical().state is State.NOT_YET
    exam = make_exam(session, kind="practical")
    session.add(
        ExamApplication(
            exam_id=exam.id, user_id=candidate.user_id, medium=Medium.ONLINE, wants_more_time=False,
            applied_at=clock.now(),
        )
    )  # fmt: skip
    session.flush()
    assert "실기를 신청했어요" in practical().words
    attempt = make_attempt(
        session,
        make_paper(session, exam, []),
        exam,
        user_of(session, candidate),
        state=AttemptState.SUBMITTED,
    )
    assert practical().state is State.WAITING
    now = clock.now()
    session.add(
        MarkingSheet(
            attempt_id=attempt.id, slot=1, marker_id=make_user(session).id, lease_until=now, points={},
            started_at=now,
        )
    )  # fmt: skip
    session.flush()
    assert practical().state is State.IN_REVIEW
    result = ExamResult(
        attempt_id=attempt.id,
        seq=1,
        subjects={"a": 71, "b": 60},
        total=131,
        passed=True,
        cause="marking",
        at=now,
    )
    session.add(result)
    exam.released_at, exam.released_by_id = now, exam.made_by_id
    session.flush()
    assert record(session, candidate) == ["practical"]
    assert practical().state is State.MET
    assert "평균 65.5점" in practical().words
    assert practical().by_name
    page = sign_in(user_of(session, candidate)).get(f"/certification/candidates/{candidate.id}/").text
    assert f"/certification/exams/attempts/{attempt.id}/" in page
    assert 'href="/certification/exams/"' in page  # where the written one is applied for


def test_a_failed_exam_says_its_average_without_rounding_up(
    session: Session, registered: Qualification
) -> None:
    candidate = make_candidate(session)
    release(session, user_of(session, candidate), passed=False, points=59)

    line = line_of(session, candidate, "written")

    assert line.state is State.NOT_YET
    assert "지난 필기는 합격하지 못했어요. 평균 59점이에요." in line.words


def test_q27_a_mock_exam_counts_until_the_qualification_is_registered(
    isolated: Flask, session: Session
) -> None:
    candidate = make_candidate(session)
    release(session, user_of(session, candidate), passed=True, is_mock=True)
    assert record(session, candidate) == ["written"]
    read = isolated.extensions["portal_qualifications"]
    found = read.get("designer-2")
    others = tuple(
        replace(each, registration_number="2027-001234") if each.id == found.id else each for each in read.all
    )

    isolated.extensions["portal_qualifications"] = replace(read, all=others)
    try:
        assert line_of(session, candidate, "written").state is State.NOT_YET
        release(session, user_of(session, candidate), passed=True)
        assert record(session, candidate) == ["written"]
    finally:
        isolated.extensions["portal_qualifications"] = read
