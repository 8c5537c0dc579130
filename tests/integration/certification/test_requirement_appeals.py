"""Asking to look again at a requirement: promised, answered once, and what follows from it (K11, item 7)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import appealing, ledger
from portal.certification.appealing import About
from portal.certification.ledger import Outcome
from portal.certification.qualification_models import Appeal, AppealState, Candidate, LedgerKind
from portal.core import clock, db
from portal.core.clock import KST
from portal.core.errors import ConflictError, ForbiddenError, NotFoundError
from portal.core.roles import Role
from portal.messages.models import Notice
from tests.candidate_factories import entries_of, user_of, waive
from tests.conftest import Browser
from tests.exam_factories import make_attempt, make_candidate, make_exam, make_paper
from tests.factories import make_completion, make_user

SignIn = Callable[[User], Browser]
Race = Callable[[list[Callable[[], Any]]], list[Any]]
WORDS = "지난봄 시범 과정에서 같은 수업을 들었어요."


def ask(session: Session, candidate: Candidate, key: str = "course", now: datetime | None = None) -> Appeal:
    return ledger.file_appeal(
        session,
        candidate,
        user_of(session, candidate),
        requirement=key,
        text=WORDS,
        path="/desk/certification-appeals/",
        now=now or clock.now(),
    )


def test_an_appeal_promises_an_answer_within_seven_working_days(session: Session) -> None:
    """Asked on a Friday evening; two weekends lie between."""
    candidate = make_candidate(session)

    appeal = ask(session, candidate, now=datetime(2026, 11, 20, 22, tzinfo=KST))

    assert appeal.answer_by == datetime(2026, 12, 1, 18, tzinfo=KST)


def test_it_is_asked_on_the_page_and_told_to_operators_once(
    session: Session, sign_in: SignIn, learner: User, operator: User
) -> None:
    candidate, browser = make_candidate(session, learner), sign_in(learner)
    path = f"/certification/candidates/{candidate.id}/"

    browser.send(f"{path}appeal/course", {"text": WORDS})
    browser.send(f"{path}appeal/course", {"text": "다른 말"})

    appeal = session.scalars(select(Appeal)).one()
    assert appeal.text == WORDS
    page = browser.get(path).text
    assert "이의를 신청했어요" in page
    assert "살펴보는 중" in page
    told = session.scalars(select(Notice).where(Notice.user_id == operator.id)).all()
    assert [notice.message for notice in told] == ["certification-appeal-filed"]
    assert WORDS[:20] in sign_in(operator).get("/desk/certification-appeals/").text


@pytest.mark.parametrize(
    ("outcome", "state", "kind"),
    [
        (Outcome.REOPEN, AppealState.UPHELD, LedgerKind.REOPENED),
        (Outcome.WAIVE, AppealState.UPHELD, LedgerKind.WAIVED),
        (Outcome.NONE, AppealState.DISMISSED, None),
    ],
)
def test_the_answer_is_logged_with_what_follows_and_told_once(
    session: Session, sign_in: SignIn, learner: User, operator: User,
    outcome: Outcome, state: AppealState, kind: LedgerKind | None,
) -> None:  # fmt: skip
    candidate = make_candidate(session, learner)
    appeal = ask(session, candidate)
    browser, data = sign_in(operator), {"outcome": outcome.value, "answer": "명단을 보고 확인했어요."}

    browser.send(f"/desk/certification-appeals/{appeal.id}", data)
    browser.send(f"/desk/certification-appeals/{appeal.id}", data)

    session.refresh(appeal)
    assert (appeal.state, appeal.answer, appeal.answered_by_id) == (
        state, "명단을 보고 확인했어요.", operator.id,
    )  # fmt: skip
    entries = entries_of(session, candidate)
    assert [entry.kind for entry in entries] == ([kind] if kind else [])
    told = session.scalars(select(Notice.message).where(Notice.user_id == learner.id)).all()
    assert len(told) == 1
    assert told[0] == f"certification-appeal-{'upheld' if kind else 'dismissed'}"


def test_what_was_taken_back_counts_again_at_once_when_the_appeal_is_right(
    session: Session, operator: User
) -> None:
    candidate = make_candidate(session)
    make_completion(session, user_of(session, candidate), course_id="designer-2")
    ledger.record(session, candidate, path="/", now=clock.now())
    ledger.decide(
        session, candidate, operator, requirement="course", kind=LedgerKind.REJECTED, reason="까닭",
        path="/", now=clock.now(),
    )  # fmt: skip
    appeal = ask(session, candidate)

    ledger.answer_appeal(
        session, appeal, make_user(session, Role.TRAINER), outcome=Outcome.REOPEN, words="맞아요.", path="/",
        now=clock.now(),
    )  # fmt: skip

    kinds = [entry.kind for entry in entries_of(session, candidate) if entry.requirement == "course"]
    assert kinds[-2:] == [LedgerKind.REOPENED, LedgerKind.MET]


def test_nobody_answers_their_own_and_a_different_answer_comes_too_late(
    session: Session, operator: User
) -> None:
    both = make_user(session, Role.OPERATOR)
    candidate = make_candidate(session, both)
    appeal = ask(session, candidate)

    def answer(by: User, outcome: Outcome) -> None:
        ledger.answer_appeal(
            session, appeal, by, outcome=outcome, words="답이에요.", path="/", now=clock.now()
        )

    for by in (both, make_user(session, Role.MENTOR)):
        with pytest.raises(ForbiddenError):
            answer(by, Outcome.WAIVE)
    answer(operator, Outcome.NONE)
    with pytest.raises(ConflictError, match="먼저 답했어요"):
        answer(operator, Outcome.WAIVE)
    assert entries_of(session, candidate) == []


def test_nobody_asks_about_somebody_elses_or_about_what_is_settled(session: Session, learner: User) -> None:
    candidate = make_candidate(session)

    with pytest.raises(ForbiddenError):
        appealing.file(
            session, learner, about=About(candidate_id=candidate.id, requirement="course"), text=WORDS,
            path="/", now=clock.now(),
        )  # fmt: skip
    waive(session, candidate, "course")
    with pytest.raises(ConflictError):
        ask(session, candidate)
    with pytest.raises(NotFoundError):
        ask(session, candidate, key="no-such-key")


def test_an_answered_appeal_may_be_followed_by_another(session: Session, operator: User) -> None:
    candidate = make_candidate(session)
    first = ask(session, candidate)
    appealing.answer(
        session, first, operator, is_upheld=False, words="명단에 없어요.", path="/", now=clock.now()
    )

    second = ask(session, candidate)

    assert second.id != first.id
    assert [each.id for each in appealing.list_about(session, About(candidate_id=candidate.id))] == [
        second.id,
        first.id,
    ]


def test_a_promise_that_is_broken_stands_on_the_operators_list(
    session: Session, sign_in: SignIn, operator: User, trainer: User
) -> None:
    late = make_candidate(session, make_user(session, name="늦은이"))
    ask(session, late, now=clock.now() - timedelta(days=30))
    ask(session, make_candidate(session, make_user(session, name="방금이")))

    home = sign_in(operator).get("/").text
    listed = sign_in(trainer).get("/desk/certification-appeals/").text

    assert "늦은이 님의 이의 신청" in home
    assert "방금이" not in home
    assert "늦은이" in listed
    assert "방금이" in listed
    assert "이의 신청 2건" in sign_in(operator).get("/desk/").text


def test_eight_presses_at_once_make_one_appeal(app: Flask, committed: Session, race: Race) -> None:
    candidate = make_candidate(committed)
    committed.commit()

    def press() -> int:
        with db.transaction() as session:
            return ask(session, session.get_one(Candidate, candidate.id)).id

    assert len(set(race([press] * 8))) == 1
    assert committed.scalar(select(func.count(Appeal.id))) == 1


def test_e28_the_same_asking_serves_the_result_of_an_exam(session: Session, operator: User) -> None:
    exam = make_exam(session)
    asker = make_user(session)
    attempt = make_attempt(session, make_paper(session, exam, []), exam, asker)
    about = About(attempt_id=attempt.id)

    appeal = appealing.file(session, asker, about=about, text=WORDS, path="/", now=clock.now())

    assert appealing.find_open(session, about) is appeal
    assert appealing.get(session, asker, appeal.id) is appeal
    with pytest.raises(NotFoundError):
        appealing.get(session, make_user(session), appeal.id)
    with pytest.raises(ForbiddenError):
        appealing.get_to_answer(session, asker, appeal.id)
    assert appealing.answer(
        session, appeal, operator, is_upheld=True, words="다시 매겨요.", path="/", now=clock.now()
    )
    assert appealing.find_open(session, about) is None
