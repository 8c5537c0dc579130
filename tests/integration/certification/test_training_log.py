"""The training log, who confirms it, and the portfolio it becomes (Q30)."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.certification import portfolio_jobs, portfolios, training_log
from portal.certification.qualification_models import Candidate, Portfolio, TrainingLog
from portal.core import clock
from portal.core.errors import ConflictError, ForbiddenError
from portal.core.roles import Role
from portal.core.storage import Storage, storage
from portal.messages.models import Notice
from tests.candidate_factories import entries_of, make_log, user_of
from tests.conftest import Browser
from tests.exam_factories import make_candidate
from tests.factories import make_mentor, make_user

SignIn = Callable[[User], Browser]
LINE = {
    "kind": "visit",
    "day": "2026-11-20",
    "minutes": "90",
    "shop": "반찬가게",
    "text": "사장님이 사진을 다시 찍으셨어요.",
    "form_key": "a-key-of-one-showing",
}


def log_of(candidate: Candidate) -> str:
    return f"/certification/candidates/{candidate.id}/log"


def test_q30_a_line_is_written_on_the_telephone_and_a_second_press_writes_no_second(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    candidate, browser = make_candidate(session, learner), sign_in(learner)

    first = browser.send(f"{log_of(candidate)}/new", LINE)
    browser.send(f"{log_of(candidate)}/new", LINE)

    assert first.status_code == 302
    line = session.scalars(select(TrainingLog)).one()
    assert (line.minutes, line.shop, line.confirmed_at) == (90, "반찬가게", None)
    assert "확인을 기다려요" in browser.get(log_of(candidate)).text


def test_q30_a_line_that_is_refused_keeps_what_was_typed(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    candidate, browser = make_candidate(session, learner), sign_in(learner)

    later = browser.send(f"{log_of(candidate)}/new", {**LINE, "day": "2099-01-01"})
    without = browser.send(f"{log_of(candidate)}/new", {**LINE, "day": ""})

    for answer in (later, without):
        assert answer.status_code == 422
        assert LINE["text"] in answer.text
    assert "오늘까지만 적을 수 있어요" in later.text


def test_q30_a_half_written_line_is_there_again_and_gone_once_it_is_written(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    candidate, browser = make_candidate(session, learner), sign_in(learner)

    kept = browser.send(f"{log_of(candidate)}/draft", {**LINE, "text": "반쯤 적은 말", "extra": "x"})

    assert kept.status_code == 204
    page = browser.get(f"{log_of(candidate)}/new").text
    assert "반쯤 적은 말" in page
    assert 'value="2026-11-20"' in page
    browser.send(f"{log_of(candidate)}/new", LINE)
    assert "반쯤 적은 말" not in browser.get(f"{log_of(candidate)}/new").text
    assert sign_in(make_user(session)).send(f"{log_of(candidate)}/draft", LINE).status_code == 404


def test_q30_a_mentor_confirms_a_line_and_its_writer_is_told_once(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    candidate, mentor = make_candidate(session, learner), make_mentor(session)
    line = make_log(session, candidate)
    browser = sign_in(mentor)
    assert "홍길동" in browser.get("/desk/training-logs/").text
    assert "확인할 일지 1건" in browser.get("/desk/").text

    browser.send(f"/desk/training-logs/{line.id}", {"verdict": "confirmed"})
    browser.send(f"/desk/training-logs/{line.id}", {"verdict": "confirmed"})

    session.refresh(line)
    assert line.confirmed_by_id == mentor.id
    assert f"/desk/training-logs/{line.id}" not in browser.get("/desk/training-logs/").text
    told = session.scalars(select(Notice).where(Notice.user_id == learner.id)).all()
    assert [notice.message for notice in told] == ["training-log-confirmed"]


def test_q30_a_line_sent_back_waits_again_once_it_is_mended(
    session: Session, sign_in: SignIn, learner: User, trainer: User
) -> None:
    candidate = make_candidate(session, learner)
    line = make_log(session, candidate)
    theirs, own = sign_in(trainer), sign_in(learner)

    blank = theirs.send(f"/desk/training-logs/{line.id}", {"verdict": "returned", "remark": " "})
    theirs.send(f"/desk/training-logs/{line.id}", {"verdict": "returned", "remark": "시간을 적어 주세요."})
    page = own.get(f"/certification/logs/{line.id}").text
    own.send(f"/certification/logs/{line.id}", {**LINE, "text": "두 시간 동안 함께 찍었어요."})

    assert blank.status_code == 422
    assert "시간을 적어 주세요." in page
    session.refresh(line)
    assert (line.is_mended, line.text) == (True, "두 시간 동안 함께 찍었어요.")
    assert [each.id for each in training_log.list_to_read(session, trainer)] == [line.id]
    assert "고침" in theirs.get("/desk/training-logs/").text
    assert "고쳐 주세요" not in own.get(log_of(candidate)).text


def test_q30_who_reads_a_mended_line_sees_what_was_asked_and_by_whom(
    session: Session, sign_in: SignIn, learner: User, trainer: User
) -> None:
    candidate = make_candidate(session, learner)
    line = make_log(session, candidate)
    page, own = f"/desk/training-logs/{line.id}", sign_in(learner)
    sign_in(trainer).send(page, {"verdict": "returned", "remark": "시간을 적어 주세요."})
    own.send(f"/certification/logs/{line.id}", {**LINE, "text": "두 시간 동안 함께 찍었어요."})
    other = sign_in(make_mentor(session))

    asked = other.get(page).text
    other.send(page, {"verdict": "confirmed", "remark": "또박또박 적어 주셨어요."})

    assert "부탁받고 고친 일지예요" in asked
    assert "시간을 적어 주세요." in asked
    assert trainer.title in asked
    shown = own.get(log_of(candidate)).text
    assert "또박또박 적어 주셨어요." in shown
    assert "시간을 적어 주세요." not in shown
    assert "또박또박 적어 주셨어요." in sign_in(trainer).get(page).text


def test_q30_a_line_names_its_shop_and_nobodys_number(
    session: Session, sign_in: SignIn, learner: User
) -> None:
    candidate, browser = make_candidate(session, learner), sign_in(learner)
    page = f"{log_of(candidate)}/new"

    nameless = browser.send(page, {**LINE, "shop": " ", "text": ""})
    number = browser.send(page, {**LINE, "text": "사장님 번호는 010-1234-5678이에요."})
    learnt = browser.send(page, {**LINE, "kind": "reflection", "shop": ""})

    assert nameless.status_code == 422
    assert "어떤 가게였는지 적어 주세요." in nameless.text
    assert "무엇을 했는지 한 줄이라도 적어 주세요." in nameless.text
    assert number.status_code == 422
    assert "전화번호, 계좌번호나 집 주소가 있어요." in number.text
    assert learnt.status_code == 302
    browser.send(page, {**LINE, "form_key": "the-key-of-another-showing"})
    line = session.scalars(select(TrainingLog).where(TrainingLog.shop != "")).one()
    assert "지금까지 적은 가게: 반찬가게" in browser.get(page).text
    mended = browser.send(f"/certification/logs/{line.id}", {**LINE, "text": "010-1234-5678로 불러요."})
    assert mended.status_code == 422


def test_q30_nobody_confirms_their_own_line_or_changes_a_confirmed_one(
    session: Session, sign_in: SignIn
) -> None:
    both = make_user(session, Role.TRAINEE, Role.MENTOR, Role.TRAINER)
    candidate = make_candidate(session, both)
    own, other = make_log(session, candidate), make_mentor(session)
    confirmed = make_log(session, candidate, confirmed_by=other)
    now = clock.now()

    assert sign_in(both).get(f"/desk/training-logs/{own.id}").status_code == 404
    with pytest.raises(ForbiddenError):
        training_log.confirm(session, own, both, path="/", now=now)
    with pytest.raises(ForbiddenError):
        training_log.confirm(session, own, make_user(session, Role.OPERATOR), path="/", now=now)
    answer = sign_in(both).send(f"/certification/logs/{confirmed.id}", LINE)
    assert answer.status_code == 409
    with pytest.raises(ConflictError):
        training_log.send_back(session, confirmed, other, remark="더", path="/", now=now)


def test_q30_confirming_lets_the_ledger_be_looked_through_at_once(
    session: Session, run_jobs: Callable[[], None], mentor_of: User
) -> None:
    candidate = make_candidate(session, check_at=clock.now() + timedelta(hours=1))
    lines = [make_log(session, candidate) for _ in range(3)]
    for line in lines:
        training_log.confirm(session, line, mentor_of, path="/", now=clock.now())

    assert candidate.check_at is not None
    assert candidate.check_at <= clock.now()


@pytest.fixture
def mentor_of(session: Session) -> User:
    return make_mentor(session, name="박정호")


def test_q30_the_portfolio_holds_confirmed_lines_and_their_totals_by_sort(
    isolated: Flask, session: Session, sign_in: SignIn, learner: User, mentor_of: User,
    run_jobs: Callable[[], None],
) -> None:  # fmt: skip
    candidate = make_candidate(session, learner)
    make_log(session, candidate, confirmed_by=mentor_of, minutes=90, text="첫 상품을 함께 올렸어요.")
    make_log(session, candidate, confirmed_by=mentor_of, minutes=45)
    make_log(session, candidate, text="아직 확인받지 않은 일이에요.")
    browser = sign_in(learner)

    browser.send(f"/certification/candidates/{candidate.id}/portfolio")
    browser.send(f"/certification/candidates/{candidate.id}/portfolio")
    run_jobs()

    made = session.scalars(select(Portfolio)).one()
    answer = browser.get(f"/certification/portfolios/{made.id}.pdf")
    assert answer.mimetype == "application/pdf"
    with pikepdf.open(io.BytesIO(answer.data)) as pdf:
        assert pdf.Root.MarkInfo.Marked
    text = re.sub(r"<[^>]+>", "", portfolios.write(session, candidate.id).markup.html)
    for words in (
        "홍길동",
        "찾아간 일: 2개, 2시간 15분",
        "첫 상품을 함께 올렸어요.",
        "박정호 멘토님이 확인했어요.",
    ):
        assert words in text
    assert "아직 확인받지 않은" not in text
    told = select(func.count(Notice.id)).where(Notice.message == "portfolio-ready")
    assert session.scalar(told) == 1
    assert browser.get(f"/certification/portfolios/{made.id}/").status_code == 200
    assert sign_in(make_user(session)).get(f"/certification/portfolios/{made.id}.pdf").status_code == 404


def test_q30_a_portfolio_whose_log_grew_meanwhile_is_not_drawn_and_can_be_asked_for_again(
    isolated: Flask, session: Session, mentor_of: User
) -> None:
    candidate = make_candidate(session)
    with pytest.raises(ConflictError):
        portfolios.order(session, candidate, now=clock.now())
    make_log(session, candidate, confirmed_by=mentor_of)
    old = portfolios.order(session, candidate, now=clock.now())
    make_log(session, candidate, confirmed_by=mentor_of)
    session.commit()

    with isolated.app_context():
        portfolio_jobs.make(old.id)
    new = portfolios.order(session, candidate, now=clock.now())
    session.commit()
    with isolated.app_context():
        portfolio_jobs.make(new.id)
        portfolio_jobs.make(new.id)

    session.expire_all()
    assert (old.document_key, old.due_at) == (None, None)
    assert new.document_key is not None
    with isolated.app_context():
        assert storage().get(new.document_key).startswith(b"%PDF")
    assert entries_of(session, candidate) == []
    assert user_of(session, candidate).name


def test_q30_a_failed_portfolio_stands_on_the_page_of_jobs_with_its_cause(
    isolated: Flask, session: Session, sign_in: SignIn, operator: User, mentor_of: User, tmp_path: Path
) -> None:
    candidate = make_candidate(session)
    make_log(session, candidate, confirmed_by=mentor_of)
    made = portfolios.order(session, candidate, now=clock.now())
    session.commit()
    good, in_the_way = isolated.extensions["portal_storage"], tmp_path / "not-a-folder"
    in_the_way.write_text("x")
    isolated.extensions["portal_storage"] = Storage(in_the_way)
    try:
        with isolated.app_context(), pytest.raises(OSError, match="not-a-folder"):
            portfolio_jobs.make(made.id)
    finally:
        isolated.extensions["portal_storage"] = good

    page = sign_in(operator).get("/desk/jobs").text
    assert "not-a-folder" in page
    assert f"/certification/portfolios/{made.id}/retry" in page
    sign_in(operator).send(f"/certification/portfolios/{made.id}/retry")
    session.refresh(made)
    assert made.due_at is not None
    assert made.due_at <= clock.now()
